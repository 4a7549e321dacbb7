"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher

__all__ = ["Argon2id"]


class Argon2id(Argon2PasswordHasher):
    """Argon2id with the least that OWASP's "Password Storage Cheat Sheet" allows (19 MiB, 2 passes, 1 lane).

    Django's own figures take 100 MiB and 8 threads for each login: a class that begins its lesson would stop the machine.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
