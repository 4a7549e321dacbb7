"""What we do: use cases over ports."""
