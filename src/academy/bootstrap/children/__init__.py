"""Functions that run in a process of their own: each composes the adapters it needs, works on local files and answers JSON."""
