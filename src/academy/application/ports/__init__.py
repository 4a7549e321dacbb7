"""What we need from the world: one module per capability."""
