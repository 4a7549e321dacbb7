"""Endpoints of answer sheets, documents and the AI worker."""
