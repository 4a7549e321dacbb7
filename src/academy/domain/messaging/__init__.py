"""Text messages to parents: what they say, what they cost, and where each of them stands."""
