"""Fixtures shared by all tests live in tests/support, one module per server."""

pytest_plugins = ["tests.support.servers.postgres"]
