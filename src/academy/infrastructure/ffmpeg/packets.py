"""Walk all packets of a file once, without decoding: true durations, frame times, key frames."""

import math
from array import array
from dataclasses import dataclass, field

__all__ = ["PACKET_ENTRIES", "PacketScan", "TrackScan", "VideoScan"]

PACKET_ENTRIES = "packet=stream_index,pts_time,dts_time,duration_time,size,flags"
"""What ffprobe shall print (`-of csv=p=0`), in the order in which it prints it."""

_RESTART = 1.0  # seconds; less is untidy interleaving


@dataclass(slots=True)
class TrackScan:
    """What the packets of one track say.

    Attributes:
        packets: number of shown packets (those outside an edit list are left out).
        start, end: seconds on the file's own clock; `end` includes the last packet's duration.
        size: bytes.
        corrupt: whether the demuxer marked a packet as broken or cut off; such packets do not count.
        restarted: whether the clock starts anew somewhere, so that two stretches claim the same time.
    """

    packets: int = 0
    start: float = 0.0
    end: float = 0.0
    size: int = 0
    corrupt: bool = False
    restarted: bool = False
    _last: float = -math.inf
    _before: float = -math.inf

    def follow(self, decoded: float) -> None:
        """Note a packet's decoding time: it never falls, unless recordings were joined and the second has its own clock."""
        # One wrong time that leaps ahead is followed by a fall, too, but not below the packet before it.
        if decoded < min(self._last, self._before) - _RESTART:
            self.restarted = True
        self._before, self._last = self._last, decoded

    def add(self, time: float, duration: float, size: int) -> None:
        """Count one shown packet."""
        if self.packets == 0 or time < self.start:
            self.start = time
        self.end = max(self.end, time + duration) if self.packets else time + duration
        self.packets += 1
        self.size += size


@dataclass(slots=True)
class VideoScan(TrackScan):
    """A picture track besides.

    Attributes:
        times: presentation times in the order of the file.
        keys: presentation times of key frames.
        leading: whether a frame that follows a key frame is shown before it (an open group of pictures).
    """

    times: "array[float]" = field(default_factory=lambda: array("d"))
    keys: "array[float]" = field(default_factory=lambda: array("d"))
    leading: bool = False

    def add_frame(self, time: float, *, key: bool) -> None:
        """Note one frame, in the order of the file."""
        self.times.append(time)
        if key:
            self.keys.append(time)
        elif self.keys and time < self.keys[-1]:
            self.leading = True


class PacketScan:
    """Takes ffprobe's lines for the chosen tracks.

    Args:
        video, audio: stream indices, None for no such track.
        max_seconds: of the packets' times; more raises OverflowError at once.
    """

    def __init__(self, video: int | None, audio: int | None, max_seconds: float) -> None:
        self.video = VideoScan()
        self.audio = TrackScan()
        self._tracks: dict[str, TrackScan] = {}
        if video is not None:
            self._tracks[str(video)] = self.video
        if audio is not None:
            self._tracks[str(audio)] = self.audio
        self._max_seconds = max_seconds

    def line(self, text: str) -> None:
        """Take one line: index, pts, dts, duration, size, flags."""
        columns = text.split(",")
        track = self._tracks.get(columns[0])
        if track is None or len(columns) < 6:
            return
        time, decoded = _seconds(columns[1]), _seconds(columns[2])
        if time is None:
            time = decoded
        flags = columns[5]
        if time is None or "D" in flags:
            return
        if "C" in flags:
            track.corrupt = True
            return
        if decoded is not None:
            track.follow(decoded)
        track.add(time, _seconds(columns[3]) or 0.0, int(columns[4]))
        if track.end - track.start > self._max_seconds:
            raise OverflowError
        if track is self.video:
            self.video.add_frame(time, key="K" in flags)


def _seconds(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
