"""Answer sheets: what one looks like, what a scan of it says, and what that is worth (OMR-1 to OMR-5)."""
