"""Text messages and credits over HTTP."""
