"""The demonstration's player must notice whatever a viewer would: each test spoils one thing of a good stream."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from tests.support.media import ClipFactory, clip, tools

from academy.interfaces.cli.player import PlaybackBroken, Player
from academy.interfaces.cli.playlists import Master, MediaPlaylist, PlaylistInvalid, parse_cues

__all__ = ["clip"]
TOKEN = "k1~1800000000~viewer~" + "s" * 43
PATH = "tenants/t1/video/hls/v1/r1"
BASE = f"http://academy.test/media/{TOKEN}/{PATH}"
KEY, IV = bytes(range(16)), bytes(range(16, 32))
SECONDS = 2.0
MASTER = (
    "#EXTM3U\n#EXT-X-VERSION:7\n"
    '#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={peak},CODECS="avc1.64000d,mp4a.40.2",'
    "RESOLUTION=320x180,FRAME-RATE=25.000\nvideo.m3u8\n"
)
MEDIA = (
    "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n"
    '#EXT-X-MAP:URI="init.mp4"\n{key}#EXTINF:{seconds:.6f},\nsegment.m4s\n#EXT-X-ENDLIST\n'
)
KEY_TAG = f'#EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x{IV.hex()}\n'


@dataclass
class Served:
    """What a media server holds, by name."""

    files: dict[str, bytes]

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        head, _, name = request.url.path.rpartition("/")
        if head != f"/media/{TOKEN}/{PATH}":
            return httpx2.Response(403)
        return httpx2.Response(200, content=self.files[name]) if name in self.files else httpx2.Response(404)

    def player(self, folder: Path) -> Player:
        return Player(httpx2.Client(transport=httpx2.MockTransport(self.answer)), tools().ffmpeg, folder)


def sealed(data: bytes) -> bytes:
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES128(KEY), modes.CBC(IV)).encryptor()
    return encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()


@pytest.fixture
def stream(clip: ClipFactory, tmp_path: Path) -> Served:
    """A good stream of one encrypted segment, two seconds of 25 pictures each."""
    whole = tmp_path / "whole.mp4"
    move = ["-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-frag_duration", "10000000"]
    command = [str(tools().ffmpeg), "-v", "error", "-i", str(clip("plain")), "-c", "copy", *move, str(whole)]
    subprocess.run(command, check=True)
    data = whole.read_bytes()
    split = data.index(b"moof") - 4
    segment = sealed(data[split:])
    return Served(
        {
            "master.m3u8": MASTER.format(peak=len(segment) * 8 // 2 + 8).encode(),
            "video.m3u8": MEDIA.format(key=KEY_TAG, seconds=SECONDS).encode(),
            "init.mp4": data[:split],
            "segment.m4s": segment,
            "key": KEY,
        }
    )


def test_a_good_stream_is_measured(stream: Served, tmp_path: Path) -> None:
    seen = stream.player(tmp_path).play(f"{BASE}/master.m3u8", SECONDS)
    (rung,) = seen.rungs
    assert (rung.name, rung.width, rung.height, rung.segments, rung.frames) == ("180p", 320, 180, 1, 50)
    assert seen.encrypted
    assert rung.size == len(stream.files["segment.m4s"])
    assert rung.measured_average == rung.size * 4


def wrong_key(files: dict[str, bytes]) -> None:
    files["key"] = bytes(16)


def lost_segment(files: dict[str, bytes]) -> None:
    del files["segment.m4s"]


def cut_segment(files: dict[str, bytes]) -> None:
    files["segment.m4s"] = files["segment.m4s"][:-7]


def spoilt_picture(files: dict[str, bytes]) -> None:
    data = bytearray(files["segment.m4s"])
    middle = len(data) // 2
    data[middle : middle + 4096] = bytes(4096)
    files["segment.m4s"] = bytes(data)


def understated_bandwidth(files: dict[str, bytes]) -> None:
    files["master.m3u8"] = MASTER.format(peak=1000).encode()


def wrong_length(files: dict[str, bytes]) -> None:
    files["video.m3u8"] = MEDIA.format(key=KEY_TAG, seconds=9).encode()


def wrong_frame_rate(files: dict[str, bytes]) -> None:
    files["master.m3u8"] = files["master.m3u8"].replace(b"25.000", b"50.000")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (wrong_key, "does not open with the key|cannot be decoded"),
        (lost_segment, "answered with 404"),
        (cut_segment, "whole cipher blocks"),
        (spoilt_picture, "cannot be decoded"),
        (understated_bandwidth, "declares a peak of 1000"),
        (wrong_length, "announced to last 9.00 s"),
        (wrong_frame_rate, "10[0-2] were expected"),
    ],
)
def test_what_is_wrong_is_noticed(
    stream: Served, tmp_path: Path, spoil: Callable[[dict[str, bytes]], None], said: str
) -> None:
    spoil(stream.files)
    with pytest.raises(PlaybackBroken, match=said):
        stream.player(tmp_path).play(f"{BASE}/master.m3u8", SECONDS)


def test_a_forged_address_that_opens_something_is_noticed(stream: Served, tmp_path: Path) -> None:
    assert stream.player(tmp_path).refusals(f"{BASE}/master.m3u8", f"{BASE}/key") == 6

    @dataclass
    class Careless(Served):
        def answer(self, request: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(200)

    with pytest.raises(PlaybackBroken, match="answered with 200"):
        Careless(stream.files).player(tmp_path).refusals(f"{BASE}/key")


def test_previews_must_cover_the_video_and_lie_on_their_sheet(
    stream: Served, clip: ClipFactory, tmp_path: Path
) -> None:
    cue = "00:00:00.000 --> 00:00:0{end}.000\nsheet.jpg#xywh={x},0,160,90\n"
    stream.files["poster.jpg"] = stream.files["sheet.jpg"] = clip("picture_jpeg").read_bytes()
    for end, x, said in ((2, 0, None), (1, 0, "cover"), (2, 300, "outside its sheet")):
        stream.files["sprites.vtt"] = f"WEBVTT\n\n{cue.format(end=end, x=x)}".encode()
        player = stream.player(tmp_path)
        if said is None:
            assert player.preview(f"{BASE}/poster.jpg", f"{BASE}/sprites.vtt", SECONDS).poster == (320, 180)
            continue
        with pytest.raises(PlaybackBroken, match=said):
            player.preview(f"{BASE}/poster.jpg", f"{BASE}/sprites.vtt", SECONDS)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (Master.parse, "no playlist"),
        (Master.parse, "#EXTM3U\n#EXT-X-VERSION:7\n"),
        (MediaPlaylist.parse, MEDIA.format(key="", seconds=2).replace("#EXT-X-ENDLIST\n", "")),
        (MediaPlaylist.parse, "#EXTM3U\n#EXT-X-ENDLIST\n"),
        (MediaPlaylist.parse, MEDIA.format(key=KEY_TAG.replace("AES-128", "SAMPLE-AES"), seconds=2)),
        (parse_cues, "no track"),
        (parse_cues, "WEBVTT\n\n00:00.000 --> 00:02.000\nwords instead of a picture\n"),
    ],
)
def test_a_playlist_that_says_too_little_is_refused(read: Callable[[str, str], object], text: str) -> None:
    with pytest.raises(PlaylistInvalid):
        read(text, BASE)


def test_a_byte_range_list_is_read() -> None:
    listed = MEDIA.format(key=KEY_TAG, seconds=2).replace("segment", "#EXT-X-BYTERANGE:120@40\nsegment")
    (only,) = MediaPlaylist.parse(listed, f"{BASE}/video.m3u8").segments
    expected = replace(only, url=f"{BASE}/segment.m4s", offset=40, length=120, key_url=f"{BASE}/key", iv=IV)
    assert only == expected
