"""Fixtures shared by all tests live in tests/support, one module per server."""

from hypothesis import settings

# How long an example takes says something of the machine, not of the code.
settings.register_profile("academy", deadline=None)
settings.load_profile("academy")

pytest_plugins = [
    "tests.support.grouped",
    "tests.support.no_skips_on_ci",
    "tests.support.servers.fauxqs",
    "tests.support.servers.moto",
    "tests.support.servers.postgres",
    "tests.support.servers.rclone",
    "tests.support.servers.valkey",
]
