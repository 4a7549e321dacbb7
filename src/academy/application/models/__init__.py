"""Asking language models for answers that can be relied on."""
