"""Parent of one test server: runs it until its last user is gone, then stops it and removes its folder.

Started by `process.py` with one JSON argument; prints the server's process id. Uses the standard library only.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


def main() -> None:
    config = json.loads(sys.argv[1])
    root = Path(config["root"])
    server = subprocess.Popen(
        config["command"],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
        user=config["user"] or None,
        group="nogroup" if config["user"] == "nobody" else None,
        extra_groups=[] if config["user"] else None,
        env={**os.environ, **config["env"]},
        cwd="/",
    )
    sys.stdout.write(f"{server.pid}\n")
    sys.stdout.flush()
    sys.stdout.close()
    # Reaps the server when it dies by itself, so that its users see that the process is gone.
    threading.Thread(target=server.wait, daemon=True).start()
    try:
        wait_for_users_to_go(root)
    finally:
        stop(server, getattr(signal, config["signal"]))
        # Under another name first: whoever looks for a server while this takes its time must not find the old one's files.
        gone = root.with_name(f"{root.name}-gone-{os.getpid()}")
        root.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def wait_for_users_to_go(root: Path) -> None:
    """Return, holding the start lock, once nobody uses the server."""
    # The owner holds the start lock while it starts the server, so this also waits for its first use.
    start = os.open(root / "start.lock", os.O_RDWR | os.O_CREAT)
    users = os.open(root / "users.lock", os.O_RDWR | os.O_CREAT)
    while True:
        fcntl.flock(start, fcntl.LOCK_EX)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(start, fcntl.LOCK_UN)
        else:
            return
        # Blocks until the last user lets go; the loop then looks again under the start lock.
        fcntl.flock(users, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_UN)


def stop(server: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    """End the server's process group: politely, after 5 seconds for certain."""
    if server.poll() is None:
        server.send_signal(how)
        deadline = time.monotonic() + 5
        while server.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main()
