"""Vectors of texts by counting pairs of characters: no model, no network."""
