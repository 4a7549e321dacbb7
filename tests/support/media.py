"""Tiny clips of every kind, made with the real ffmpeg.

    path = make_clip("rotated_90", folder)        # one of KINDS; made once per folder, then found again
    path = make_video(folder, "tall", size="720x1280", seconds=3, rate="30000/1001", gop=60, audio="stereo")

In tests take the fixture `clip` (session-wide folder, shared by xdist workers, safe against races):

    def test_something(clip: ClipFactory) -> None:
        source = clip("late_audio")

A good clip lasts 2 s at 25 frames per second unless its kind says otherwise, H.264 and AAC in MP4, 320x180, a key frame
every second. `HOSTILE` maps each bad kind to the failure code a probe must give. Kinds that point elsewhere
(`hls_playlist`, `ffconcat`, …) name SECRET_NAME beside them and BAIT_URL; write your own with `write_lure` to aim them.
"""

import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest

from academy.infrastructure.ffmpeg.tools import MediaTools
from tests.support.forgery import (
    LURES,
    claiming_hours,
    lure,
    noisy,
    picture_file,
    stretched_to_hours,
    with_alias,
)

__all__ = [
    "BAIT_URL",
    "HOSTILE",
    "KINDS",
    "LURES",
    "SECRET_NAME",
    "ClipFactory",
    "clip",
    "make_clip",
    "make_video",
    "tools",
    "write_lure",
]

ClipFactory = Callable[[str], Path]
"""kind → path of the clip."""

SECRET_NAME = "secret.mp4"
BAIT_URL = "http://127.0.0.1:9/bait.mp4"
SIZE = "320x180"
SECONDS = 2

X264: Final = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
# ultrafast switches B-frames and scene cuts off; GOPs are closed unless asked otherwise.
GOP: Final = ("-g", "25", "-keyint_min", "25", "-sc_threshold", "0")
AAC: Final = ("-c:a", "aac", "-b:a", "64k")
# The clock on which most recordings give their length; by default ffmpeg takes the sound's.
MOVE: Final = ("-movflags", "+faststart", "-movie_timescale", "1000")


def tools() -> MediaTools:
    """Return the tools that the clips are made with."""
    return MediaTools.find()


def picture(size: str = SIZE, rate: str = "25", seconds: float = SECONDS) -> list[str]:
    """Input arguments: a moving test picture."""
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]


def tone(layout: str = "stereo", seconds: float = SECONDS, hertz: int = 440) -> list[str]:
    """Input arguments: a tone on every channel of a layout ("mono", "stereo", "5.1")."""
    count = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    waves = "|".join([f"0.3*sin({hertz}*2*PI*t)"] * count)
    return ["-f", "lavfi", "-i", f"aevalsrc={waves}:c={layout}:s=48000:d={seconds}"]


def silence(seconds: float = SECONDS) -> list[str]:
    """Input arguments: digital silence, stereo."""
    return ["-f", "lavfi", "-i", f"anullsrc=r=48000:cl=stereo:d={seconds}"]


def run_ffmpeg(output: Path, arguments: Sequence[str]) -> None:
    """Run ffmpeg and move the result into place in one step."""
    fd, name = tempfile.mkstemp(dir=output.parent, prefix=".making-", suffix=output.suffix)
    os.close(fd)
    command = [str(tools().ffmpeg), "-nostdin", "-v", "error", "-y", *arguments, name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
        Path(name).replace(output)
    finally:
        Path(name).unlink(missing_ok=True)


def write(output: Path, data: bytes) -> None:
    """Write a file in one step."""
    fd, name = tempfile.mkstemp(dir=output.parent, prefix=".making-")
    with os.fdopen(fd, "wb") as file:
        file.write(data)
    Path(name).replace(output)


def make_video(
    folder: Path,
    name: str,
    *,
    size: str = SIZE,
    seconds: float = SECONDS,
    rate: str = "25",
    gop: int = 25,
    audio: str | None = "stereo",
    extra: Sequence[str] = (),
    suffix: str = ".mp4",
) -> Path:
    """Make an H.264 (and AAC) clip of your own; `extra` goes before the output name. Found again by `name`."""
    output = folder / f"{name}{suffix}"
    if not output.exists():
        sound = [*tone(audio, seconds), *AAC, "-shortest"] if audio else []
        inputs, codec = (sound[:4], sound[4:]) if sound else ([], [])
        keys = ("-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0")
        run_ffmpeg(output, [*picture(size, rate, seconds), *inputs, *X264, *keys, *codec, *MOVE, *extra])
    return output


# --- good clips: kind → (file suffix, ffmpeg arguments) ---------------------------------------------------------------

_AV = [*picture(), *tone()]
_ENCODED = [*X264, *GOP, *AAC, *MOVE]
_HEVC10 = [
    "-c:v",
    "libx265",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p10le",
    "-tag:v",
    "hvc1",
    "-x265-params",
]
_BT2020 = ["-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_trc"]
_FIELDS = [*picture(rate="50"), *tone(), "-vf"]


def _hdr(transfer: str) -> list[str]:
    params = f"log-level=none:keyint=25:colorprim=bt2020:colormatrix=bt2020nc:transfer={transfer}"
    return [*_AV, *_HEVC10, params, *_BT2020, transfer, *AAC, *MOVE]


def _interlaced(first: str) -> list[str]:
    mode = {"tff": "interleave_top", "bff": "interleave_bottom"}[first]
    setfield = f"tinterlace={mode},setfield={first}"
    return [
        *_FIELDS,
        setfield,
        *X264,
        *GOP,
        "-flags",
        "+ildct+ilme",
        "-x264-params",
        f"{first}=1",
        *AAC,
        *MOVE,
    ]


_GOOD: dict[str, tuple[str, list[str]]] = {
    "plain": (".mp4", [*_AV, *_ENCODED]),
    "b_frames": (".mp4", [*_AV, *_ENCODED, "-bf", "2", "-x264-params", "open-gop=0"]),
    "open_gop": (".mp4", [*_AV, *_ENCODED, "-bf", "2", "-x264-params", "open-gop=1:b-adapt=0:scenecut=0"]),
    "long_gop": (".mp4", [*_AV, *X264, "-g", "500", "-keyint_min", "500", *AAC, *MOVE]),
    "sd_360p": (".mp4", [*picture("640x360"), *tone(), *_ENCODED]),
    "hd_720p": (".mp4", [*picture("1280x720"), *tone(), *_ENCODED]),
    "portrait": (".mp4", [*picture("180x320"), *tone(), *_ENCODED]),
    "tiny": (".mp4", [*picture("64x36"), *tone(), *_ENCODED]),
    "no_audio": (".mp4", [*picture(), *_ENCODED]),
    "silent_audio": (".mp4", [*picture(), *silence(), *_ENCODED]),
    "mono_audio": (".mp4", [*picture(), *tone("mono"), *_ENCODED]),
    "surround_audio": (".mp4", [*picture(), *tone("5.1"), *_ENCODED]),
    "late_audio": (".mp4", [*picture(), "-itsoffset", "0.5", *tone(seconds=1.5), *_ENCODED]),
    "late_video": (".mkv", ["-itsoffset", "0.48", *picture(seconds=1.52), *tone(), *X264, *GOP, *AAC]),
    "short_video": (".mp4", [*picture(seconds=1), *tone(seconds=3), *_ENCODED]),
    "audio_only": (".m4a", [*tone(), *AAC, *MOVE]),
    "audio_mp3": (".mp3", [*tone(), "-c:a", "libmp3lame", "-b:a", "64k"]),
    "audio_wav": (".wav", [*tone(), "-c:a", "pcm_s16le"]),
    "audio_flac": (".flac", [*tone(), "-c:a", "flac"]),
    "audio_adts": (".aac", [*tone(), *AAC]),
    "audio_ogg": (".ogg", [*tone(), "-c:a", "opus", "-strict", "-2"]),
    "vfr": (".mp4", [*picture(rate="30"), *tone(), "-vf", "select='not(eq(mod(n,5),2)+eq(mod(n,7),3))'",
                     "-fps_mode", "vfr", *_ENCODED]),
    "slides": (".mp4", [*picture(rate="1", seconds=4), *tone(seconds=4), *X264, "-g", "2", *AAC, *MOVE]),
    "rate_120": (".mp4", [*picture(rate="120"), *tone(), *_ENCODED]),
    "rate_ntsc": (".mp4", [*picture(rate="30000/1001"), *tone(), *_ENCODED]),
    "hdr_pq": (".mp4", _hdr("smpte2084")),
    "hdr_hlg": (".mp4", _hdr("arib-std-b67")),
    "yuv444": (".mp4", [*_AV, *X264, "-pix_fmt", "yuv444p", *GOP, *AAC, *MOVE]),
    "odd_size": (".webm", [*picture("162x92"), "-vf", "crop=161:91:0:0:exact=1", "-pix_fmt", "yuv420p", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "25"]),
    "anamorphic": (".mp4", [*picture("240x180"), *tone(), "-vf", "setsar=4/3", *_ENCODED]),
    "interlaced_tff": (".mp4", _interlaced("tff")),
    "interlaced_bff": (".mp4", _interlaced("bff")),
    "many_tracks": (".mp4", [*picture("160x90"), *picture(), *tone("mono"), *tone(hertz=880),
                             *("-map", "0", "-map", "1", "-map", "2", "-map", "3"), *_ENCODED,
                             *("-disposition:v:0", "0", "-disposition:v:1", "default"),
                             *("-disposition:a:0", "0", "-disposition:a:1", "default")]),
    "matroska": (".mkv", [*_AV, *X264, *GOP, *AAC]),
    "webm": (".webm", [*_AV, *("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "25"),
                       *("-c:a", "opus", "-strict", "-2")]),
    "avi": (".avi", [*_AV, "-c:v", "mpeg4", "-g", "25", "-c:a", "libmp3lame"]),
    "transport_stream": (".ts", [*_AV, *X264, *GOP, *AAC]),
    "quicktime": (".mov", [*_AV, *_ENCODED]),
    "fragmented": (".mp4", [*_AV, *X264, *GOP, *AAC, "-movflags", "+frag_keyframe+delay_moov"]),
    "index_last": (".mp4", [*_AV, *X264, *GOP, *AAC]),
}  # fmt: skip


# --- clips derived from another one -----------------------------------------------------------------------------------

Maker = Callable[[Path, Path], None]
"""(folder of clips, output) → writes the output."""


def _rotated(degrees: int) -> Maker:
    """A clip that a player turns clockwise by `degrees` (ffmpeg counts counterclockwise)."""

    def make(folder: Path, output: Path) -> None:
        source = make_clip("plain", folder)
        run_ffmpeg(output, ["-display_rotation", str(-degrees), "-i", str(source), "-c", "copy", *MOVE])

    return make


def _with_cover(base: str) -> Maker:
    def make(folder: Path, output: Path) -> None:
        inputs = ["-i", str(make_clip(base, folder)), "-i", str(make_clip("picture_jpeg", folder))]
        cover = "1" if base == "plain" else "0"
        run_ffmpeg(
            output,
            [*inputs, "-map", "0", "-map", "1", "-c", "copy", f"-disposition:v:{cover}", "attached_pic"]
            + (["-id3v2_version", "3"] if output.suffix == ".mp3" else []),
        )

    return make


def _renamed(kind: str) -> Maker:
    def make(folder: Path, output: Path) -> None:
        write(output, make_clip(kind, folder).read_bytes())

    return make


def _cut(kind: str, fraction: float) -> Maker:
    def make(folder: Path, output: Path) -> None:
        data = make_clip(kind, folder).read_bytes()
        write(output, data[: int(len(data) * fraction)])

    return make


def _still(suffix: str) -> Maker:
    def make(_folder: Path, output: Path) -> None:
        made = output.with_name(f".{output.stem}{suffix}")
        run_ffmpeg(made, [*picture(seconds=1), "-frames:v", "1", "-update", "1"])
        made.replace(output)

    return make


def _huge(_folder: Path, output: Path) -> None:
    size = ["-f", "lavfi", "-i", "color=size=16000x9000:rate=1:duration=1"]
    run_ffmpeg(output, [*size, *X264, "-tune", "zerolatency", "-threads", "1", *MOVE])


def _forged(kind: str, forge: Callable[[bytes], bytes]) -> Maker:
    return lambda folder, output: write(output, forge(make_clip(kind, folder).read_bytes()))


def _external_reference(folder: Path, output: Path) -> None:
    """A QuickTime file whose picture samples lie "in" the secret file beside it."""
    write(output, with_alias(make_clip("index_last", folder).read_bytes(), folder / SECRET_NAME))


def _bytes(data: bytes) -> Maker:
    return lambda _folder, output: write(output, data)


def write_lure(kind: str, output: Path, secret: Path, url: str) -> Path:
    """Write a list disguised as a video that points at `secret` and at `url`; kinds: LURES."""
    write(output, lure(kind, secret, url))
    return output


def _lure(kind: str) -> Maker:
    return lambda folder, output: write(output, lure(kind, folder / SECRET_NAME, BAIT_URL))


_DERIVED: dict[str, tuple[str, Maker]] = {
    "rotated_90": (".mp4", _rotated(90)),
    "rotated_180": (".mp4", _rotated(180)),
    "rotated_270": (".mp4", _rotated(270)),
    "picture_jpeg": (".jpg", _still(".jpg")),
    "cover_mp4": (".mp4", _with_cover("plain")),
    "cover_m4a": (".m4a", _with_cover("audio_only")),
    "cover_mp3": (".mp3", _with_cover("audio_mp3")),
    "wrong_extension": (".avi", _renamed("plain")),
    "mkv_named_mp4": (".mp4", _renamed("matroska")),
    "truncated": (".mp4", _cut("plain", 0.6)),
    "claims_100_hours": (".mp4", _forged("plain", claiming_hours)),
}

_BAD: dict[str, tuple[str, Maker, str]] = {
    "empty": (".mp4", _bytes(b""), "empty_file"),
    "zeros": (".mp4", _bytes(bytes(5000)), "not_a_video"),
    "text": (".mp4", _bytes("오늘 수업은 없습니다.\nNo lesson today.\n".encode()), "not_a_video"),
    "zip": (".mp4", _bytes(b"PK\x03\x04" + bytes(range(256)) * 8), "not_a_video"),
    "pdf": (".mp4", _bytes(b"%PDF-1.7\n" + bytes(range(256)) * 8), "not_a_video"),
    "png_named_mp4": (".mp4", _bytes(picture_file()), "image_not_video"),
    "jpeg_named_mp4": (".mp4", _still(".jpg"), "image_not_video"),
    "truncated_no_index": (".mp4", _cut("index_last", 0.6), "truncated_no_index"),
    "cut_in_header": (".mp4", _cut("plain", 0.01), "truncated_no_index"),
    "noise": (".mp4", _forged("plain", noisy), "no_decodable_stream"),
    "huge": (".mp4", _huge, "too_large_dimensions"),
    "stretched_100_hours": (".mp4", _forged("no_audio", stretched_to_hours), "duration_too_long"),
    "hls_playlist": (".mp4", _lure("hls_playlist"), "playlist_refused"),
    "dash_manifest": (".mp4", _lure("dash_manifest"), "playlist_refused"),
    "ffconcat": (".mp4", _lure("ffconcat"), "playlist_refused"),
    "concat_bare": (".mp4", _lure("concat_bare"), "playlist_refused"),
    "smil": (".mp4", _lure("smil"), "playlist_refused"),
    "sdp": (".mp4", _lure("sdp"), "playlist_refused"),
    "asx": (".mp4", _lure("asx"), "playlist_refused"),
    "pls": (".mp4", _lure("pls"), "playlist_refused"),
}

HOSTILE: Final = {kind: code for kind, (_, _, code) in _BAD.items()}
"""bad kind → failure code."""
KINDS: Final = (*_GOOD, *_DERIVED, *_BAD, "external_reference")


def make_clip(kind: str, folder: Path) -> Path:
    """Make the clip of a kind in `folder`, or find it there."""
    suffix, make = _recipe(kind)
    output = folder / f"{kind}{suffix}"
    if not output.exists():
        make(folder, output)
    return output


def _recipe(kind: str) -> tuple[str, Maker]:
    if kind in _GOOD:
        suffix, arguments = _GOOD[kind]
        return suffix, lambda _folder, output: run_ffmpeg(output, arguments)
    if kind in _BAD:
        return _BAD[kind][:2]
    return (".mov", _external_reference) if kind == "external_reference" else _DERIVED[kind]


@pytest.fixture(scope="session")
def clip(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ClipFactory:
    """Clips in one folder for the whole run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "clips"
    folder.mkdir(exist_ok=True)
    return lambda kind: make_clip(kind, folder)
