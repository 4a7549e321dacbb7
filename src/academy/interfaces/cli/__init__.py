"""The academy command."""
