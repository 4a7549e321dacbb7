"""The one AAC track: measured, brought to -16 LUFS, laid on the video's timeline.

The loudness is measured (EBU R 128) and corrected with one constant gain and a limiter for what then peaks too high: the balance
between loud and quiet stays as recorded. Where the limiter takes much away, it is measured again and the gain raised. See docs/decisions on why not the `loudnorm` filter.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from academy.application.ports.media import MediaError, Report
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.plan import AudioPlan, StreamPlan
from academy.domain.video.source import AudioTrack, SourceInfo
from academy.infrastructure.ffmpeg.running import FfmpegRunner
from academy.infrastructure.ffmpeg.sources import timed_input
from academy.infrastructure.ffmpeg.tools import MediaTools

__all__ = ["AudioEncoder"]

STAGE = "transcode"
_TARGET_LUFS = -16.0
_SILENCE_LUFS = -70.0
# Beyond this a recording holds little but hiss, which would be made painfully loud.
_LARGEST_GAIN = 30.0
# dB below full scale: room for the overshoot of lossy coding (EBU R 128, 2014: -1 dBTP at most).
_PEAK_LIMIT = -1.5
# ffmpeg's AAC encoder starts with one frame of 1,024 samples that only primes the decoder. The sound starts that much into
# the timeline, so the priming frame stands at time 0, nothing is shifted and no edit list is needed.
_PRIMING = 1024
# swresample knows how to mix down layouts of up to eight channels; of more, the first two are taken.
_MIXABLE_CHANNELS = 8
_FRAGMENTS = ("-movflags", "+delay_moov+default_base_moof+skip_trailer", "-frag_duration", "2000000")
# Of the progress; how often at most; LU that need no further correction.
_MEASURING = 0.3
_MEASUREMENTS = 3
_CLOSE_ENOUGH = 0.5
_FILE_SLACK = 16 << 20
_INTEGRATED = re.compile(r"^\s*I:\s*(-?[\d.]+|-inf|nan) LUFS", re.MULTILINE)
_PEAK = re.compile(r"^\s*Peak:\s*(-?[\d.]+|-inf|nan) dBFS", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Loudness:
    """Integrated loudness in LUFS, true peak in dBFS."""

    integrated: float
    peak: float


class AudioEncoder:
    """Encodes the audio track with ffmpeg's AAC encoder."""

    def __init__(self, runner: FfmpegRunner, tools: MediaTools) -> None:
        self._runner = runner
        self._tools = tools

    async def encode(
        self, source: Path, info: SourceInfo, plan: StreamPlan, output: Path, report: Report
    ) -> Path:
        """See `MediaEngine.encode_audio`. Raises MediaError."""
        track, wanted = info.audio, plan.audio
        if track is None or wanted is None:
            raise MediaError(
                video_failure(VideoFailure.ENCODE_FAILED, stage=STAGE, detail="no sound to encode")
            )
        seconds = _duration(plan)
        share, gain = 0.0, list[str]()
        if wanted.normalise and not track.silent:
            share = _MEASURING
            gain = await self._correction(source, info, track, wanted, report)
        samples = round(seconds * wanted.sample_rate)
        chain = [
            *_mixed(track, wanted),
            *gain,
            "apad",
            f"atrim=start_sample={_PRIMING}:end_sample={max(samples, _PRIMING + 1)}",
        ]
        arguments = [*self._opened(source, info, track), "-map", f"0:{track.index}", "-af", ",".join(chain)]
        arguments += [
            "-c:a",
            "aac",
            "-b:a",
            str(wanted.bitrate),
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
        ]
        await self._runner.run(
            self._tools.ffmpeg,
            [*arguments, *_FRAGMENTS, "-f", "mp4", f"file:{output}"],
            stage=STAGE,
            seconds=float(seconds),
            file_bytes=_FILE_SLACK + int(wanted.bitrate * seconds / 4),
            report=lambda part: report(share + (1 - share) * part),
        )
        return output

    def _opened(self, source: Path, info: SourceInfo, track: AudioTrack) -> list[str]:
        return ["-vn", "-threads", "1", *timed_input(source, info, track.start)]

    async def _correction(
        self, source: Path, info: SourceInfo, track: AudioTrack, wanted: AudioPlan, report: Report
    ) -> list[str]:
        """Return the filters that bring the track to the target; none where there is only silence."""
        filters, gain = list[str](), 0.0
        for turn in range(_MEASUREMENTS):

            def partly(part: float, left: float = 0.5**turn) -> None:
                report(_MEASURING * (1 - left * (1 - part / 2)))

            found = await self._measure(source, info, track, wanted, filters, partly)
            # Written so that "nan" counts as silence, too.
            if not found.integrated > _SILENCE_LUFS:
                return []
            missing = min(_TARGET_LUFS - found.integrated, _LARGEST_GAIN - gain)
            if turn and abs(missing) <= _CLOSE_ENOUGH:
                break
            gain += missing
            filters = _filters(gain)
            if not turn and found.peak + gain <= _PEAK_LIMIT:
                return filters[:1]
        return filters

    async def _measure(
        self,
        source: Path,
        info: SourceInfo,
        track: AudioTrack,
        wanted: AudioPlan,
        filters: list[str],
        report: Report,
    ) -> _Loudness:
        chain = ",".join([*_mixed(track, wanted), *filters, "ebur128=peak=true:framelog=quiet"])
        arguments = [
            *self._opened(source, info, track),
            "-map",
            f"0:{track.index}",
            "-af",
            chain,
            "-f",
            "null",
            "-",
        ]
        done = await self._runner.run(
            self._tools.ffmpeg,
            arguments,
            stage=STAGE,
            seconds=info.duration,
            file_bytes=_FILE_SLACK,
            report=report,
            log_level="info",
        )
        integrated, peak = _INTEGRATED.findall(done.stderr_tail), _PEAK.findall(done.stderr_tail)
        if not integrated or not peak:
            raise MediaError(video_failure(VideoFailure.ENCODE_FAILED, stage=STAGE, detail=done.stderr_tail))
        return _Loudness(float(integrated[-1]), float(peak[-1]))


def _duration(plan: StreamPlan) -> Fraction:
    """Return the seconds of the video's grid, or of the source where nothing is encoded on one."""
    frames = sum(chunk.frames for chunk in plan.chunks)
    return frames / plan.frame_rate if frames else Fraction(plan.duration)


def _mixed(track: AudioTrack, wanted: AudioPlan) -> list[str]:
    """Return the filters that bring the sound to the wanted channels and rate, gaps and a late start filled with silence."""
    layout = "mono" if wanted.channels == 1 else "stereo"
    first = [f"pan={layout}|" + "|".join(f"c{n}=c{n}" for n in range(wanted.channels))]
    return [
        *(first if track.channels > _MIXABLE_CHANNELS else []),
        f"aresample={wanted.sample_rate}:async=1:first_pts=0",
        f"aformat=sample_fmts=fltp:channel_layouts={layout}",
    ]


def _filters(gain: float) -> list[str]:
    """Return a gain in decibels and the limiter after it."""
    limit = 10 ** (_PEAK_LIMIT / 20)
    return [f"volume={gain:.2f}dB", f"alimiter=limit={limit:.4f}:level=false:latency=true"]
