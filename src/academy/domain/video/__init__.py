"""Lecture video: sources, ladders, playlists, playback rules."""
