"""Tenants, roles and the keys that keep tenants apart."""
