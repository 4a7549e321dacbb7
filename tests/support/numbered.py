"""Video whose every frame carries its own number, so that a lost, doubled or shifted frame shows after any encoding."""

import json
import subprocess
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support.media import tools

__all__ = [
    "HEIGHT",
    "WIDTH",
    "flashes",
    "make_numbered",
    "shown_numbers",
    "sound_starts",
    "stream_facts",
]

WIDTH, HEIGHT = 320, 180
_BITS = 10
_BAR = WIDTH // _BITS
_DARK, _BRIGHT = 16, 235


def make_numbered(output: Path, numbers: Iterable[int], rate: str, *options: str) -> Path:
    """Write a video that shows `numbers`, one a frame, as ten bars in Gray code; `options` are encoder and muxer arguments."""
    raw = b"".join(_picture(number) for number in numbers)
    _ffmpeg(
        *("-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", rate, "-i", "-"),
        *("-pix_fmt", "yuv420p", *options, str(output)),
        stdin=raw,
    )
    return output


def shown_numbers(video: Path, *options: str) -> list[int]:
    """Decode every frame of `video` (a file or a playlist) and read the numbers off it; `options` go before the input."""
    pixels = _ffmpeg(
        *(*options, "-i", str(video), "-map", "0:v", "-fps_mode", "passthrough"),
        *("-vf", f"scale={WIDTH}:{HEIGHT}:flags=area", "-f", "rawvideo", "-pix_fmt", "gray", "-"),
    )
    size = WIDTH * HEIGHT
    return [_number(pixels[start : start + size]) for start in range(0, len(pixels), size)]


def flashes(video: Path, *options: str) -> list[tuple[float, float]]:
    """Return (time, brightness 0 to 255) of every frame of `video`."""
    lines = _ffmpeg(
        *(*options, "-i", str(video), "-map", "0:v", "-fps_mode", "passthrough"),
        *("-vf", "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-", "-f", "null", "-"),
    ).decode()
    times = [float(line.partition("pts_time:")[2]) for line in lines.splitlines() if "pts_time:" in line]
    values = [float(line.partition("=")[2]) for line in lines.splitlines() if "YAVG=" in line]
    return list(zip(times, values, strict=True))


def _picture(number: int) -> bytes:
    code = number ^ number >> 1
    row = b"".join(bytes([_BRIGHT if code >> bit & 1 else _DARK]) * _BAR for bit in range(_BITS))
    return row * HEIGHT


def _number(picture: bytes) -> int:
    middle = picture[WIDTH * HEIGHT // 2 :][:WIDTH]
    code = sum(1 << bit for bit in range(_BITS) if middle[bit * _BAR + _BAR // 2] > 125)
    number = 0
    while code:
        number ^= code
        code >>= 1
    return number


def _ffmpeg(*arguments: str, stdin: bytes = b"") -> bytes:
    command = [str(tools().ffmpeg), "-v", "error", "-y", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def sound_starts(audio: Path, *options: str) -> float:
    """Return the second at which the sound of `audio` is first loud."""
    samples = _ffmpeg(
        *options, "-i", str(audio), "-map", "0:a", "-ac", "1", "-ar", "48000", "-f", "s16le", "-"
    )
    values = array("h", samples)
    return next(index for index, value in enumerate(values) if abs(value) > 1500) / 48_000


def stream_facts(video: Path, *options: str) -> dict[str, Any]:
    """Return what ffprobe says of the first video stream, "rotation" only if it is turned."""
    command = [str(tools().ffprobe), "-v", "error", *options, "-select_streams", "v:0", "-show_streams"]
    done = subprocess.run([*command, "-of", "json", str(video)], capture_output=True, timeout=60, check=True)
    stream: dict[str, Any] = json.loads(done.stdout)["streams"][0]
    turned = [data["rotation"] for data in stream.get("side_data_list", []) if "rotation" in data]
    return stream | ({"rotation": turned[0]} if turned else {})
