"""Documents: files that people upload and that workers make."""
