"""A module whose import never ends."""

import threading

lock = threading.Lock()
lock.acquire()
lock.acquire()
