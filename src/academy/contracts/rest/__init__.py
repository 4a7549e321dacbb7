"""Requests and answers of the HTTP API (API-1)."""
