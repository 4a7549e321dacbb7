"""The Amazon EC2 instance that a worker runs on: what its metadata announce, and stopping it."""
