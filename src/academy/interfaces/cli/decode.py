"""Decrypt and decode what a player fetched, and read the size of a picture."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DecodeFailed", "Decoded", "decode", "decrypt", "jpeg_size"]

DECODE_SECONDS = 3600
BLOCK_BYTES = 16


class DecodeFailed(Exception):
    """ffmpeg complained, or there was nothing to decode."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came out: pictures (0 for audio) and seconds."""

    frames: int
    seconds: float


def decode(ffmpeg: Path, file: Path, *, frames: int | None = None) -> Decoded:
    """Decode a file to nothing, all of it or the first `frames`. Raises DecodeFailed at the first complaint."""
    some = () if frames is None else ("-frames:v", str(frames))
    command = [
        str(ffmpeg),
        "-nostdin",
        "-v",
        "error",
        "-xerror",
        "-protocol_whitelist",
        "file",
        "-i",
        str(file),
    ]
    command += [*some, "-f", "null", "-progress", "pipe:1", "-nostats", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DECODE_SECONDS, check=False)  # noqa: S603 - an argument list, no shell
    # A key frame alone is cut from its fragment on purpose; what ffmpeg says of the missing rest is no news.
    if done.returncode != 0 or (done.stderr.strip() and frames is None):
        raise DecodeFailed(f"{file.name}: {done.stderr.strip()[-500:] or f'exit {done.returncode}'}")
    said = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    out_time = said.get("out_time_us", "")
    if not out_time.isdigit():
        raise DecodeFailed(f"{file.name} holds nothing that can be decoded")
    return Decoded(int(said.get("frame", "0")), int(out_time) / 1e6)


def decrypt(key: bytes, iv: bytes, data: bytes, *, padded: bool) -> bytes:
    """Undo AES-128-CBC, with the padding of RFC 5652, 6.3, when the data are a whole segment. Raises DecodeFailed."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415

    if len(data) % BLOCK_BYTES or not data:
        raise DecodeFailed(f"an encrypted segment has {len(data)} bytes, not whole cipher blocks")
    decryptor = Cipher(algorithms.AES128(key), modes.CBC(iv)).decryptor()
    plain = decryptor.update(data) + decryptor.finalize()
    if not padded:
        return plain
    count = plain[-1]
    if not 1 <= count <= BLOCK_BYTES or plain[-count:] != bytes([count]) * count:
        raise DecodeFailed("a segment does not open with the key that its playlist names")
    return plain[:-count]


_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height from a JPEG's frame header (ITU-T T.81, B.2.2). Raises DecodeFailed."""
    if data[:2] != b"\xff\xd8":
        raise DecodeFailed("not a JPEG")
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        if data[at + 1] in _FRAME_HEADERS:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise DecodeFailed("a JPEG without a frame header")
