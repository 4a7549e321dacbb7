"""Use cases of people and classes (ACA-1)."""
