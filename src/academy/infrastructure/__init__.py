"""How we reach the world: one package per technology."""
