"""What is advisory and quick, on a server that speaks the Redis protocol (Redis, Valkey)."""
