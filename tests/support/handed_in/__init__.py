"""Makers of what people hand in to the graph worker: exports, notes, documents, archives, and broken ones of each."""
