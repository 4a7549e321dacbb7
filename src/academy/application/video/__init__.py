"""Video use cases and the handler of each video job type."""
