"""Fixtures shared by all tests live in tests/support, one module per server."""

pytest_plugins = [
    "tests.support.no_skips_on_ci",
    "tests.support.servers.moto",
    "tests.support.servers.postgres",
    "tests.support.servers.rclone",
    "tests.support.servers.valkey",
]
