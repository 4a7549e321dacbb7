"""Video through ffmpeg, ffprobe and Shaka Packager."""
