"""The one sound track: loudness, channels, length."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.media import AAC, ClipFactory, clip, picture, run_ffmpeg, tools
from tests.support.streams import SMALL, make_streams

__all__ = ["clip"]

pytestmark = pytest.mark.requirement("VID-2")

PLAIN_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25")


def loudness(sound: Path) -> tuple[float, float]:
    """Return integrated loudness (LUFS) and true peak (dBFS)."""
    command = [str(tools().ffmpeg), "-nostats", "-i", str(sound), "-map", "0:a"]
    done = subprocess.run(
        [*command, "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    integrated = re.findall(r"I:\s*(-?[\d.]+|-inf) LUFS", done.stderr)[-1]
    peak = re.findall(r"Peak:\s*(-?[\d.]+|-inf) dBFS", done.stderr)[-1]
    return float(integrated), float(peak)


def facts(sound: Path) -> tuple[int, float]:
    """Return channels and the end of the last packet in seconds."""
    command = [str(tools().ffprobe), "-v", "error", "-select_streams", "a:0"]
    entries = ["-show_entries", "stream=channels:packet=pts_time,duration_time", "-of", "csv=p=0", str(sound)]
    done = subprocess.run([*command, *entries], capture_output=True, text=True, timeout=60, check=True)
    rows = [line.strip(",").split(",") for line in done.stdout.splitlines() if line.strip()]
    packets = [row for row in rows if len(row) > 1]
    (channels,) = {row[0] for row in rows if len(row) == 1}
    return int(channels), float(packets[-1][0]) + float(packets[-1][1])


@pytest.mark.parametrize(
    "sound",
    [
        "anoisesrc=color=pink:amplitude=0.05:d=6:seed=1:sample_rate=48000",
        "anoisesrc=color=pink:amplitude=0.9:d=6:seed=1:sample_rate=48000",
        # A quiet voice with a knock: a constant gain alone would clip.
        "aevalsrc='0.03*sin(300*2*PI*t)+if(between(mod(t,2),1,1.004),0.9*sin(900*2*PI*t),0)':s=48000:d=6",
    ],
    ids=["quiet", "loud", "quiet_with_knocks"],
)
async def test_sound_is_brought_to_one_loudness_without_clipping(tmp_path: Path, sound: str) -> None:
    source = tmp_path / "source.m4a"
    run_ffmpeg(source, ["-f", "lavfi", "-i", sound, *AAC])
    streams = await make_streams(source, tmp_path / "out")
    integrated, peak = loudness(streams.playlist("audio"))
    assert integrated == pytest.approx(-16, abs=1)
    assert peak <= -1


async def test_silence_stays_silent(clip: ClipFactory, tmp_path: Path) -> None:
    streams = await make_streams(clip("silent_audio"), tmp_path)
    _, peak = loudness(streams.playlist("audio"))
    assert peak < -80


async def test_loudness_is_left_alone_where_the_plan_says_so(clip: ClipFactory, tmp_path: Path) -> None:
    source = clip("audio_wav")
    streams = await make_streams(source, tmp_path, replace(SMALL, normalise=False))
    assert loudness(streams.playlist("audio"))[0] == pytest.approx(loudness(source)[0], abs=0.5)


@pytest.mark.parametrize(("kind", "channels"), [("surround_audio", 2), ("mono_audio", 1), ("plain", 2)])
async def test_every_layout_becomes_stereo_or_mono(
    clip: ClipFactory, tmp_path: Path, kind: str, channels: int
) -> None:
    streams = await make_streams(clip(kind), tmp_path)
    assert facts(streams.playlist("audio"))[0] == channels
    assert streams.renditions[-1].channels == channels


async def test_ten_channels_of_no_known_layout_are_heard(tmp_path: Path) -> None:
    source = tmp_path / "recorder.mkv"
    waves = "|".join(f"0.3*sin({200 + 50 * n}*2*PI*t)" for n in range(10))
    run_ffmpeg(source, ["-f", "lavfi", "-i", f"aevalsrc={waves}:s=48000:d=2", "-c:a", "pcm_s16le"])
    streams = await make_streams(source, tmp_path / "out")
    assert facts(streams.playlist("audio"))[0] == 2
    assert loudness(streams.playlist("audio"))[0] == pytest.approx(-16, abs=1)


@pytest.mark.parametrize("seconds", ["1.2", "4"])
async def test_sound_lasts_as_long_as_the_picture(tmp_path: Path, seconds: str) -> None:
    source = tmp_path / "source.mkv"
    sound = f"sine=frequency=500:duration={seconds}:sample_rate=44100"
    run_ffmpeg(source, [*picture(seconds=2.5), "-f", "lavfi", "-i", sound, *PLAIN_H264, *AAC])
    streams = await make_streams(source, tmp_path / "out")
    frames = sum(chunk.frames for chunk in streams.plan.chunks)
    end = facts(streams.playlist("audio"))[1]
    assert end == pytest.approx(frames / 25, abs=1024 / 48_000)
    durations = [segment.duration for segment in streams.renditions[-1].segments]
    assert sum(durations) == pytest.approx(end, abs=0.001)


@pytest.mark.parametrize("kind", ["audio_only", "audio_mp3", "audio_flac", "audio_ogg", "cover_mp3"])
async def test_sound_alone_makes_a_stream(clip: ClipFactory, tmp_path: Path, kind: str) -> None:
    streams = await make_streams(clip(kind), tmp_path)
    assert [rendition.name for rendition in streams.renditions] == ["audio"]
    assert facts(streams.folder / "master.m3u8") == facts(streams.playlist("audio"))
