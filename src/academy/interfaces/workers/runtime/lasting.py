"""How a worker's modules are imported: once, for as long as the process lives."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["lasting_imports"]


@contextmanager
def lasting_imports() -> Iterator[None]:
    """Import without the garbage collector, and never let it look at what was imported.

    Modules, classes and models live until the process ends. Looking through them again and again while there come more of them, and
    once more at the end, is a fifth and more of what it costs to start and stop a worker; every later look would cost that, too.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
