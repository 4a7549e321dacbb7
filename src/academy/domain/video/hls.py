"""Playlists of HTTP Live Streaming, written from what was measured (RFC 8216; newer tags: draft-pantos-hls-rfc8216bis).

Initialisation segments are never encrypted: EXT-X-MAP stands before the first EXT-X-KEY, and a key applies only to what
follows it (4.3.2.4). Every encrypted segment names its own IV, so two segments under one key never start alike.
"""

import hashlib
from collections.abc import Iterable, Sequence
from fractions import Fraction

from academy.domain.video.stream import Rendition, Segment

__all__ = [
    "FIRST_SEGMENT",
    "average_bitrate",
    "bit_rates",
    "iframe_playlist",
    "master_playlist",
    "media_playlist",
    "peak_bitrate",
    "segment_iv",
    "target_duration",
]

FIRST_SEGMENT = 1
"""Media sequence number of the first segment; segment files are named after it."""

# 7 is the lowest version for EXT-X-MAP in any playlist together with fragmented MP4 (RFC 8216, 7).
_VERSION = 7
_AUDIO_GROUP = "audio"
# A player starts with the first variant listed: one that most connections can carry.
_START_BITRATE = 2_000_000
# A window of segments counts towards the peak when it lasts half to one and a half target durations (RFC 8216, 4.1).
_SHORTEST_WINDOW = 0.5
_LONGEST_WINDOW = 1.5

_Piece = tuple[float, int]


def segment_iv(rendition: str, number: int) -> bytes:
    """Return the 16-byte initialisation vector of a segment: different for each one under the same key."""
    return hashlib.sha256(f"{rendition}/{number}".encode()).digest()[:16]


def target_duration(renditions: Iterable[Rendition]) -> int:
    """Return EXT-X-TARGETDURATION for all playlists of a video: no segment rounds to more (RFC 8216, 4.3.3.1)."""
    durations = (segment.duration for rendition in renditions for segment in rendition.segments)
    return max([1, *(_rounded(duration) for duration in durations)])


def peak_bitrate(pieces: Sequence[_Piece], target: float) -> int:
    """Return the largest bit rate of any run of consecutive pieces that lasts about a target duration (RFC 8216, 4.1).

    Args:
        pieces: (seconds, bytes) in order.
        target: seconds.

    A recording shorter than half the target counts as a whole.
    """
    peak = 0.0
    for first in range(len(pieces)):
        seconds, size = 0.0, 0
        for duration, length in pieces[first:]:
            seconds, size = seconds + duration, size + length
            if seconds > _LONGEST_WINDOW * target:
                break
            if seconds >= _SHORTEST_WINDOW * target:
                peak = max(peak, 8 * size / seconds)
    return round(peak) if peak else average_bitrate(pieces)


def average_bitrate(pieces: Sequence[_Piece]) -> int:
    """Return all bits over all seconds, 0 for nothing."""
    seconds = sum(duration for duration, _ in pieces)
    return round(8 * sum(size for _, size in pieces) / seconds) if seconds else 0


def bit_rates(together: Sequence[Rendition], target: int) -> tuple[int, int]:
    """Return measured peak and average, bits per second, of renditions that play together: the sums of theirs."""
    pieces = [[_piece(segment) for segment in rendition.segments] for rendition in together]
    return sum(peak_bitrate(each, target) for each in pieces), sum(average_bitrate(each) for each in pieces)


def media_playlist(rendition: Rendition, target: int, key_uri: str | None = None) -> str:
    """Return the playlist of one rendition; with `key_uri`, for segments under AES-128 and `segment_iv`."""
    lines = [*_head(target), f"#EXT-X-MEDIA-SEQUENCE:{FIRST_SEGMENT}", "#EXT-X-PLAYLIST-TYPE:VOD"]
    lines += ["#EXT-X-INDEPENDENT-SEGMENTS", _map(rendition)]
    for number, segment in enumerate(rendition.segments, FIRST_SEGMENT):
        lines += _key(rendition, number, key_uri)
        lines += [f"#EXTINF:{segment.duration:.6f},", segment.uri]
    return _text([*lines, "#EXT-X-ENDLIST"])


def iframe_playlist(rendition: Rendition, key_uri: str | None = None) -> str:
    """Return the playlist of a rendition's key frames (RFC 8216, 4.3.3.6), as byte ranges of its plain segments.

    Under AES-128 a player widens a range to whole cipher blocks and takes the block before it, or at the start of the
    segment the IV given here, as initialisation vector.
    """
    fragments = [fragment for segment in rendition.segments for fragment in segment.fragments]
    target = max([1, *(_rounded(fragment.duration) for fragment in fragments)])
    lines = [*_head(target), f"#EXT-X-MEDIA-SEQUENCE:{FIRST_SEGMENT}", "#EXT-X-PLAYLIST-TYPE:VOD"]
    lines += ["#EXT-X-I-FRAMES-ONLY", _map(rendition)]
    for number, segment in enumerate(rendition.segments, FIRST_SEGMENT):
        lines += _key(rendition, number, key_uri)
        for fragment in segment.fragments:
            lines.append(f"#EXTINF:{fragment.duration:.6f},")
            lines += [f"#EXT-X-BYTERANGE:{fragment.key_size}@{fragment.offset}", segment.uri]
    return _text([*lines, "#EXT-X-ENDLIST"])


def master_playlist(video: Sequence[Rendition], audio: Rendition | None) -> str:
    """Return the master playlist: a variant per rung with the shared audio, or the audio alone.

    Playlists are named `{rendition}/index.m3u8` and `{rendition}/iframes.m3u8`. BANDWIDTH is the sum of the measured peaks
    of what plays together, AVERAGE-BANDWIDTH the sum of the averages (RFC 8216, 4.3.4.2).
    """
    renditions = [*video, *([audio] if audio else [])]
    target = target_duration(renditions)
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{_VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if audio and video:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{_AUDIO_GROUP}",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,'
            f'CHANNELS="{audio.channels}",URI="{audio.name}/index.m3u8"'
        )
    if audio and not video:
        lines += [f"#EXT-X-STREAM-INF:{_rates([audio], target)}", f"{audio.name}/index.m3u8"]
    for rung in _start_first(video):
        lines += [_variant(rung, audio, target), f"{rung.name}/index.m3u8"]
    lines += [_iframe_variant(rung) for rung in video]
    return _text(lines)


def _head(target: int) -> list[str]:
    return ["#EXTM3U", f"#EXT-X-VERSION:{_VERSION}", f"#EXT-X-TARGETDURATION:{target}"]


def _map(rendition: Rendition) -> str:
    return f'#EXT-X-MAP:URI="{rendition.init_uri}"'


def _key(rendition: Rendition, number: int, uri: str | None) -> list[str]:
    if uri is None:
        return []
    return [f'#EXT-X-KEY:METHOD=AES-128,URI="{uri}",IV=0x{segment_iv(rendition.name, number).hex()}']


def _variant(rung: Rendition, audio: Rendition | None, target: int) -> str:
    group = f',AUDIO="{_AUDIO_GROUP}"' if audio else ""
    rates = _rates([rung, *([audio] if audio else [])], target)
    frame_rate = f"FRAME-RATE={float(rung.frame_rate):.3f}"
    return f"#EXT-X-STREAM-INF:{rates},{_picture(rung)},{frame_rate}{group},CLOSED-CAPTIONS=NONE"


def _iframe_variant(rung: Rendition) -> str:
    pieces = [
        (fragment.duration, fragment.key_size) for segment in rung.segments for fragment in segment.fragments
    ]
    peak = max(round(8 * size / seconds) for seconds, size in pieces)
    rates = f'BANDWIDTH={peak},AVERAGE-BANDWIDTH={average_bitrate(pieces)},CODECS="{rung.codecs}"'
    return f'#EXT-X-I-FRAME-STREAM-INF:{rates},{_picture(rung)},URI="{rung.name}/iframes.m3u8"'


def _rates(together: Sequence[Rendition], target: int) -> str:
    peak, average = bit_rates(together, target)
    codecs = ",".join(rendition.codecs for rendition in together)
    return f'BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS="{codecs}"'


def _picture(rung: Rendition) -> str:
    return f"RESOLUTION={rung.width}x{rung.height},VIDEO-RANGE=SDR"


def _start_first(video: Sequence[Rendition]) -> list[Rendition]:
    """Put the best rung that most connections can carry first, the others after it as they come."""
    rates = {rung.name: average_bitrate([_piece(segment) for segment in rung.segments]) for rung in video}
    fitting = [rung for rung in video if rates[rung.name] <= _START_BITRATE]
    chosen = (
        max(fitting, key=lambda rung: rates[rung.name])
        if fitting
        else min(video, key=lambda rung: rates[rung.name], default=None)
    )
    return sorted(video, key=lambda rung: rung is not chosen)


def _piece(segment: Segment) -> _Piece:
    return segment.duration, segment.size


def _rounded(seconds: float) -> int:
    """Round to the nearest whole second, halves up."""
    return int(Fraction(seconds) + Fraction(1, 2))


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
