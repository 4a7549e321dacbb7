"""Endpoints of people and classes."""
