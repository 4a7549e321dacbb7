"""Endpoints of videos and watching."""
