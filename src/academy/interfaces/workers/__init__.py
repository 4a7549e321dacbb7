"""The worker runtime and one main per role."""
