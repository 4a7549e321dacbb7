"""Adapters in memory: they ship with the product and are what unit tests use."""
