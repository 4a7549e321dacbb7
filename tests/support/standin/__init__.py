"""A worker of the real runtime over the real adapters, with job types made for tests and benchmarks."""
