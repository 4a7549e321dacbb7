"""Text messages through Solapi (https://developers.solapi.com)."""
