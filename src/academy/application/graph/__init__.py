"""Use cases of the graph worker: read, build, join, summarise, look into, answer."""
