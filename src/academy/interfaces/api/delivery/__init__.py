"""Endpoints that carry bytes: signed uploads and downloads, media. Native ASGI, in constant memory."""
