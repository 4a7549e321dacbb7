"""`academy bench`: our figures beside other tools', from a checkout of the sources."""

import subprocess
import sys
from pathlib import Path

import typer

from academy.interfaces.cli.console import Trouble

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Benchmarks, from a checkout of the sources.")


@app.callback()
def benchmarks() -> None:
    """Benchmarks, from a checkout of the sources."""


@app.command()
def video() -> None:
    """Run the video worker beside its peers and the bare ffmpeg command, in turn, on this machine.

    Takes some minutes and ends with one JSON line: rows of measured figures, and bars that say whether ours is good enough. Exits with
    1 when a bar is missed.

    Example: `academy bench video`
    """
    script = Path(__file__).parents[4] / "bench" / "bench_video.py"
    if not script.is_file():
        raise Trouble("the benchmarks are not part of the installed package", "Run it from a checkout.")
    done = subprocess.run([sys.executable, str(script)], check=False)  # noqa: S603 - our own file
    raise SystemExit(done.returncode)
