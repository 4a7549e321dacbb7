"""A player that checks everything: it fetches a stream as a browser does, decrypts and decodes it, and measures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

from academy.interfaces.cli.decode import Decoded, DecodeFailed, decode, decrypt, jpeg_size
from academy.interfaces.cli.playlists import Cue, Master, MediaPlaylist, SegmentRef, Variant, parse_cues

__all__ = ["PlaybackBroken", "Player", "Preview", "RungSeen", "StreamSeen"]

DURATION_TOLERANCE = 0.5
FRAME_TOLERANCE = 2
BANDWIDTH_TOLERANCE = 0.01
_BLOCK = 16


class PlaybackBroken(Exception):
    """A viewer would not see what they should; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class RungSeen:
    """One rung, or the audio, as it really came; rates in bits per second, audio included for a rung."""

    name: str
    width: int
    height: int
    codecs: str
    frame_rate: float
    declared_peak: int
    declared_average: int
    measured_peak: int
    measured_average: int
    segments: int
    size: int
    seconds: float
    frames: int


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """A whole stream as it really came."""

    rungs: tuple[RungSeen, ...]
    audio: RungSeen | None
    encrypted: bool
    key_frames: int
    requests: int
    first_segment_url: str
    key_url: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Poster and preview pictures as they really came."""

    poster: tuple[int, int]
    sheets: int
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True)
class _Track:
    """A fetched media playlist: sizes by segment, and the decodable whole."""

    playlist: MediaPlaylist
    sizes: tuple[int, ...]
    file: Path
    init: bytes


class Player:
    """Fetches and checks one stream. Every method raises PlaybackBroken, with the reason in a sentence."""

    def __init__(self, client: httpx2.Client, ffmpeg: Path, folder: Path) -> None:
        """Fetch with `client` (without credentials: the addresses carry them) and keep what was fetched in `folder`."""
        self._client = client
        self._ffmpeg = ffmpeg
        self._folder = folder
        self._keys: dict[str, bytes] = {}
        self._requests = 0

    def play(
        self, master_url: str, duration: float, on_step: Callable[[str], None] = lambda _step: None
    ) -> StreamSeen:
        """Fetch everything a master playlist leads to, decode every rung and the audio, and compare with `duration`."""
        on_step("master playlist")
        master = Master.parse(self.get(master_url).decode(), master_url)
        audio = self._track("audio", master.audio) if master.audio else None
        rungs = []
        tracks = []
        for variant in master.variants:
            name = f"{min(variant.width, variant.height)}p" if variant.width else "audio"
            on_step(name)
            track = self._track(name, variant.url)
            tracks.append(track)
            rungs.append(self._rung(name, variant, track, audio, duration))
        on_step("key frames")
        key_frames = sum(self._key_frames(variant) for variant in master.iframes)
        first = tracks[0].playlist.segments[0]
        return StreamSeen(
            tuple(rungs),
            self._audio(audio, duration) if audio else None,
            bool(first.key_url),
            key_frames,
            self._requests,
            first.url,
            first.key_url,
        )

    def preview(self, poster_url: str, sprites_url: str, duration: float) -> Preview:
        """Fetch the poster and every preview picture, and see that they cover the whole `duration`."""
        poster = self._picture(poster_url)
        cues = parse_cues(self.get(sprites_url).decode(), sprites_url)
        sheets = {url: self._picture(url) for url in sorted({cue.url for cue in cues})}
        for cue in cues:
            width, height = sheets[cue.url]
            if cue.x + cue.width > width or cue.y + cue.height > height:
                raise PlaybackBroken(f"the preview picture at {cue.start:.1f} s lies outside its sheet")
        # The last picture's time may reach past the end: pictures come at a fixed interval.
        if cues[0].start > 0 or not cues[-1].start < duration <= cues[-1].end + DURATION_TOLERANCE:
            raise PlaybackBroken(
                f"previews cover {cues[0].start:.1f} to {cues[-1].end:.1f} s of {duration:.1f}"
            )
        return Preview(poster, len(sheets), tuple(cues))

    def refusals(self, *urls: str) -> int:
        """See that each address is refused (403) without its token and with another one; return how many were tried."""
        tried = 0
        for url in urls:
            for bad in _forged(url):
                status = self._client.get(bad).status_code
                if status != httpx2.codes.FORBIDDEN:
                    raise PlaybackBroken(f"a forged address was answered with {status}: {_plain(bad)}")
                tried += 1
        return tried

    def get(self, url: str, span: tuple[int, int] | None = None) -> bytes:
        """Fetch an address, or the bytes from the first to the last of `span`."""
        headers = {} if span is None else {"Range": f"bytes={span[0]}-{span[1]}"}
        answer = self._client.get(url, headers=headers)
        self._requests += 1
        wanted = httpx2.codes.OK if span is None else httpx2.codes.PARTIAL_CONTENT
        if answer.status_code != wanted:
            raise PlaybackBroken(f"{_plain(url)} was answered with {answer.status_code} instead of {wanted}")
        return answer.content

    def _track(self, name: str, url: str) -> _Track:
        playlist = MediaPlaylist.parse(self.get(url).decode(), url)
        init = self.get(playlist.init_url)
        file = self._folder / f"{name}.mp4"
        sizes = []
        with file.open("wb") as out:
            out.write(init)
            for segment in playlist.segments:
                data = self.get(segment.url)
                sizes.append(len(data))
                out.write(self._plain_bytes(segment, data))
        return _Track(playlist, tuple(sizes), file, init)

    def _rung(
        self, name: str, variant: Variant, track: _Track, audio: _Track | None, duration: float
    ) -> RungSeen:
        together = [track, audio] if audio else [track]
        peak = sum(_peak(each) for each in together)
        average = sum(_average(each) for each in together)
        if peak > variant.peak * (1 + BANDWIDTH_TOLERANCE):
            raise PlaybackBroken(f"{name} declares a peak of {variant.peak} bit/s and needs {peak}")
        seen = self._decoded(name, track, duration)
        expected = round(seen.seconds * variant.frame_rate)
        if variant.width and abs(seen.frames - expected) > FRAME_TOLERANCE:
            raise PlaybackBroken(f"{name} holds {seen.frames} pictures, {expected} were expected")
        return RungSeen(
            name,
            variant.width,
            variant.height,
            variant.codecs,
            variant.frame_rate,
            variant.peak,
            variant.average,
            peak,
            average,
            len(track.sizes),
            sum(track.sizes),
            seen.seconds,
            seen.frames,
        )

    def _audio(self, track: _Track, duration: float) -> RungSeen:
        seen = self._decoded("audio", track, duration)
        peak, average = _peak(track), _average(track)
        size = sum(track.sizes)
        return RungSeen(
            "audio", 0, 0, "", 0.0, peak, average, peak, average, len(track.sizes), size, seen.seconds, 0
        )

    def _decoded(self, name: str, track: _Track, duration: float) -> Decoded:
        try:
            seen = decode(self._ffmpeg, track.file)
        except DecodeFailed as error:
            raise PlaybackBroken(f"{name} cannot be decoded: {error}") from None
        for what, seconds in (("lasts", seen.seconds), ("is announced to last", track.playlist.seconds)):
            if abs(seconds - duration) > DURATION_TOLERANCE:
                raise PlaybackBroken(f"{name} {what} {seconds:.2f} s, the video {duration:.2f} s")
        return seen

    def _key_frames(self, variant: Variant) -> int:
        """Fetch the first key frame of a list by its byte range alone, decode it, and return how many the list names."""
        playlist = MediaPlaylist.parse(self.get(variant.url).decode(), variant.url)
        first = playlist.segments[0]
        assert first.length is not None
        picture = self.get(playlist.init_url) + self._key_frame(first, first.length)
        file = self._folder / f"key-frame-{variant.height}.mp4"
        file.write_bytes(picture)
        try:
            seen = decode(self._ffmpeg, file, frames=1)
        except DecodeFailed as error:
            raise PlaybackBroken(
                f"a key frame of {variant.height} lines cannot be decoded: {error}"
            ) from None
        if seen.frames != 1:
            raise PlaybackBroken(f"a key frame of {variant.height} lines shows no picture")
        return len(playlist.segments)

    def _key_frame(self, segment: SegmentRef, length: int) -> bytes:
        if not segment.key_url:
            return self.get(segment.url, (segment.offset, segment.offset + length - 1))
        # Cipher blocks around the range; the block before them is the initialisation vector.
        first = segment.offset // _BLOCK
        last = -(-(segment.offset + length) // _BLOCK)
        data = self.get(segment.url, (max(0, first - 1) * _BLOCK, last * _BLOCK - 1))
        iv, body = (data[:_BLOCK], data[_BLOCK:]) if first else (segment.iv, data)
        plain = self._opened(self._key(segment.key_url), iv, body, padded=False)
        start = segment.offset - first * _BLOCK
        return plain[start : start + length]

    def _plain_bytes(self, segment: SegmentRef, data: bytes) -> bytes:
        if not segment.key_url:
            return data
        return self._opened(self._key(segment.key_url), segment.iv, data, padded=True)

    def _opened(self, key: bytes, iv: bytes, data: bytes, *, padded: bool) -> bytes:
        try:
            return decrypt(key, iv, data, padded=padded)
        except DecodeFailed as error:
            raise PlaybackBroken(str(error)) from None

    def _key(self, url: str) -> bytes:
        if url not in self._keys:
            self._keys[url] = self.get(url)
        return self._keys[url]

    def _picture(self, url: str) -> tuple[int, int]:
        try:
            return jpeg_size(self.get(url))
        except DecodeFailed as error:
            raise PlaybackBroken(f"{_plain(url)}: {error}") from None


def _average(track: _Track) -> int:
    return round(8 * sum(track.sizes) / track.playlist.seconds)


def _peak(track: _Track) -> int:
    """Return the largest rate over runs of segments that last half to one and a half target durations (RFC 8216, 4.1)."""
    target = track.playlist.target
    pieces = list(zip((segment.seconds for segment in track.playlist.segments), track.sizes, strict=True))
    best = 0.0
    for first in range(len(pieces)):
        span, size = 0.0, 0
        for seconds, length in pieces[first:]:
            span, size = span + seconds, size + length
            if span > 1.5 * target:
                break
            if span >= 0.5 * target:
                best = max(best, 8 * size / span)
    return round(best) or _average(track)


def _forged(url: str) -> Sequence[str]:
    """Return a media address without its token, with a spoilt signature, and with a longer life."""
    head, _, rest = url.partition("/media/")
    token, _, path = rest.partition("/")
    kid, expires, viewer, signature = token.split("~")
    spoilt = ("A" if signature[0] != "A" else "B") + signature[1:]
    later = int(expires) + 3600
    return (
        f"{head}/media/{path}",
        f"{head}/media/{kid}~{expires}~{viewer}~{spoilt}/{path}",
        f"{head}/media/{kid}~{later}~{viewer}~{signature}/{path}",
    )


def _plain(url: str) -> str:
    """Return an address without its token: reasons are shown and logged."""
    head, media, rest = url.partition("/media/")
    return f"{head}{media}…/{rest.partition('/')[2]}" if media else url.partition("?")[0]
