"""Users, what they are in an academy, and their tokens: all that Django owns."""
