"""Segments and playlists, as a player finds them on disk."""

import subprocess
from dataclasses import replace
from pathlib import Path

import m3u8
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from tests.support.media import AAC, ClipFactory, clip, make_video, run_ffmpeg, tone, tools
from tests.support.numbered import make_numbered, shown_numbers
from tests.support.streams import SMALL, Streams, make_streams, new_engine, no_report

from academy.application.ports.media import EncryptionKey, MediaError

__all__ = ["clip"]

KEY = EncryptionKey(bytes(range(100, 116)), "lesson.key")
B_FRAMES = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3")
COPYING = replace(SMALL, copy=True)


def numbered_with_sound(folder: Path, count: int = 150, *options: str) -> Path:
    silent = make_numbered(folder / "silent.mp4", range(count), "25", *B_FRAMES, "-g", "25", *options)
    source = folder / "source.mp4"
    run_ffmpeg(source, ["-i", str(silent), *tone(seconds=count / 25), "-c:v", "copy", *AAC])
    return source


def packets(video: Path) -> list[str]:
    """Return a digest of every coded picture in order."""
    command = [str(tools().ffmpeg), "-v", "error", "-i", str(video), "-map", "0:v", "-c", "copy"]
    command += ["-bsf:v", "h264_mp4toannexb", "-f", "framehash", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return [line.rpartition(",")[2] for line in done.stdout.splitlines() if not line.startswith("#")]


def sizes(streams: Streams, rendition: str) -> list[tuple[float, int]]:
    folder = streams.folder / rendition
    segments = m3u8.load(str(folder / "index.m3u8")).segments
    return [(segment.duration, (folder / segment.uri).stat().st_size) for segment in segments]


@pytest.mark.requirement("VID-3")
async def test_declared_bandwidths_are_those_of_the_files_sound_included(tmp_path: Path) -> None:
    streams = await make_streams(numbered_with_sound(tmp_path), tmp_path / "out")
    master = m3u8.load(str(streams.folder / "master.m3u8"))
    sound = sizes(streams, "audio")
    for variant in master.playlists:
        video = sizes(streams, variant.uri.partition("/")[0])
        together = [(size + more, seconds) for (seconds, size), (_, more) in zip(video, sound, strict=True)]
        peak = max(8 * size / seconds for size, seconds in together)
        average = 8 * sum(size for size, _ in together) / sum(seconds for _, seconds in together)
        assert variant.stream_info.bandwidth == pytest.approx(peak, rel=0.1)
        assert variant.stream_info.average_bandwidth == pytest.approx(average, rel=0.1)


@pytest.mark.requirement("VID-3")
async def test_all_renditions_are_cut_at_the_same_times(tmp_path: Path) -> None:
    streams = await make_streams(numbered_with_sound(tmp_path), tmp_path / "out")
    for rendition in streams.renditions:
        durations = [segment.duration for segment in rendition.segments]
        assert durations == pytest.approx([2.0, 2.0, 2.0], abs=1024 / 48_000)


@pytest.mark.requirement("VID-3")
async def test_an_i_frame_range_with_the_header_is_a_picture(tmp_path: Path) -> None:
    streams = await make_streams(numbered_with_sound(tmp_path), tmp_path / "out")
    folder = streams.folder / "90p"
    shown = []
    for entry in m3u8.load(str(folder / "iframes.m3u8")).segments:
        size, _, offset = entry.byterange.partition("@")
        part = (folder / entry.uri).read_bytes()[int(offset) : int(offset) + int(size)]
        picture = tmp_path / "picture.mp4"
        picture.write_bytes((folder / "init.mp4").read_bytes() + part)
        shown += shown_numbers(picture)
    assert shown == [0, 25, 50, 75, 100, 125]


@pytest.mark.requirement("VID-7")
async def test_an_encrypted_stream_plays_with_its_key_and_not_without(tmp_path: Path) -> None:
    source = numbered_with_sound(tmp_path)
    streams = await make_streams(source, tmp_path / "out", key=KEY)
    readable = ("-allowed_extensions", "ALL")
    assert shown_numbers(streams.playlist("180p"), *readable) == list(range(150))
    (streams.folder / "180p" / KEY.uri).write_bytes(bytes(16))
    with pytest.raises(AssertionError):
        shown_numbers(streams.playlist("180p"), *readable)
    segment = (streams.folder / "audio" / "00001.m4s").read_bytes()
    assert b"moof" not in segment


@pytest.mark.requirement("VID-7")
async def test_an_i_frame_of_an_encrypted_segment_can_be_read_by_widening_its_range(tmp_path: Path) -> None:
    streams = await make_streams(numbered_with_sound(tmp_path), tmp_path / "out", key=KEY)
    folder = streams.folder / "90p"
    shown = []
    for entry in m3u8.load(str(folder / "iframes.m3u8")).segments:
        size, start = (int(number) for number in entry.byterange.split("@"))
        secret = (folder / entry.uri).read_bytes()
        first = start - start % 16
        last = -(-(start + size) // 16) * 16
        iv = secret[first - 16 : first] if first else bytes.fromhex(entry.key.iv[2:])
        decryptor = Cipher(AES(KEY.key), CBC(iv)).decryptor()
        plain = decryptor.update(secret[first:last])[start - first :][:size]
        picture = tmp_path / "picture.mp4"
        picture.write_bytes((folder / "init.mp4").read_bytes() + plain)
        shown += shown_numbers(picture)
    assert shown == [0, 25, 50, 75, 100, 125]


@pytest.mark.requirement("VID-2")
async def test_a_fitting_source_is_copied_bit_for_bit_for_its_own_rung(tmp_path: Path) -> None:
    source = numbered_with_sound(tmp_path, 150, "-x264-params", "open-gop=0:scenecut=0")
    streams = await make_streams(source, tmp_path / "out", COPYING)
    assert [rung.copy for rung in streams.plan.rungs] == [True, False]
    joined = tmp_path / "joined.mp4"
    own = streams.folder / "180p"
    parts = [own / "init.mp4", *(own / segment.uri for segment in streams.renditions[0].segments)]
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert packets(joined) == packets(source)
    assert shown_numbers(streams.playlist("90p")) == list(range(150))


@pytest.mark.requirement("VID-2")
async def test_encoded_rungs_switch_where_a_copied_one_with_uneven_key_frames_does(tmp_path: Path) -> None:
    keys = "0,0.4,1,1.2,2,2.8,3.4,4.2,5.2,5.6"
    source = numbered_with_sound(tmp_path, 150, "-force_key_frames", keys, "-x264-params", "scenecut=0")
    streams = await make_streams(source, tmp_path / "out", COPYING)
    assert [rung.copy for rung in streams.plan.rungs] == [True, False]
    copied, encoded, _ = streams.renditions
    assert len(copied.segments) > 2
    assert [part.duration for part in copied.segments] == pytest.approx(
        [part.duration for part in encoded.segments], abs=0.001
    )
    for rung in ("180p", "90p"):
        assert shown_numbers(streams.playlist(rung)) == list(range(150))


@pytest.mark.requirement("VID-2")
async def test_a_lone_copied_rung_needs_no_encoder(clip: ClipFactory, tmp_path: Path) -> None:
    streams = await make_streams(clip("tiny"), tmp_path, COPYING)
    assert [(rung.name, rung.copy) for rung in streams.plan.rungs] == [("36p", True)]
    assert len(packets(streams.playlist("36p"))) == 50
    assert streams.thumbnails is not None
    assert streams.thumbnails.poster.stat().st_size > 0


@pytest.mark.requirement("VID-2")
async def test_chunks_of_two_recipes_are_never_joined(tmp_path: Path) -> None:
    source = make_video(tmp_path, "source", seconds=4, audio=None)
    streams = await make_streams(source, tmp_path / "out")
    other = make_video(tmp_path, "other", size="160x90", seconds=2, audio=None)
    first = tmp_path / "out" / "chunk-0"
    mixed = {name: (first / f"{name}.mp4", other) for name in ("180p", "90p")}
    with pytest.raises(MediaError) as raised:
        await new_engine().package(streams.plan, mixed, None, None, tmp_path / "mixed", no_report)
    assert raised.value.failure.code == "output_invalid"
    assert not (tmp_path / "mixed" / "master.m3u8").exists()
