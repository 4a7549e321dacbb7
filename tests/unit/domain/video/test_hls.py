"""Playlists as players read them, judged by the m3u8 package and by RFC 8216."""

from fractions import Fraction

import m3u8
import pytest

from academy.domain.video import hls
from academy.domain.video.stream import Fragment, Rendition, Segment

pytestmark = pytest.mark.requirement("VID-3")


def segment(number: int, seconds: float, size: int, *, groups: int = 0) -> Segment:
    each = size // groups if groups else 0
    fragments = tuple(Fragment(seconds / groups, index * each, each, each // 4) for index in range(groups))
    return Segment(f"{number:05d}.m4s", seconds, size, fragments)


def rung(name: str, size: int, *, rate: Fraction = Fraction(25), segments: int = 3) -> Rendition:
    short = int(name[:-1])
    parts = tuple(segment(number, 6.0, size * number, groups=3) for number in range(1, segments + 1))
    return Rendition(name, "avc1.64001f", short * 16 // 9, short, rate, "init.mp4", parts)


def sound(seconds: float = 6.0, count: int = 3) -> Rendition:
    parts = tuple(segment(number, seconds, 96_000) for number in range(1, count + 1))
    return Rendition("audio", "mp4a.40.2", 0, 0, Fraction(0), "init.mp4", parts, channels=2)


def test_a_variant_declares_the_measured_peak_and_average_with_the_sound_included() -> None:
    master = m3u8.loads(hls.master_playlist([rung("720p", 600_000)], sound()))
    (variant,) = master.playlists
    # Segments of 0.6, 1.2 and 1.8 MB of 6 s each; 96 kB of sound beside each.
    assert variant.stream_info.bandwidth == (1_800_000 + 96_000) * 8 // 6
    assert variant.stream_info.average_bandwidth == (1_200_000 + 96_000) * 8 // 6


def test_a_variant_names_codecs_size_and_the_sound_that_goes_with_it() -> None:
    master = m3u8.loads(hls.master_playlist([rung("720p", 600_000)], sound()))
    (variant,) = master.playlists
    assert variant.stream_info.codecs == "avc1.64001f,mp4a.40.2"
    assert variant.stream_info.resolution == (1280, 720)
    assert variant.uri == "720p/index.m3u8"
    assert master.is_independent_segments
    (media,) = variant.media
    assert (media.type, media.uri, media.channels) == ("AUDIO", "audio/index.m3u8", "2")


@pytest.mark.parametrize(
    ("rate", "declared"),
    [
        (Fraction(24_000, 1001), "23.976"),
        (Fraction(24), "24.000"),
        (Fraction(30_000, 1001), "29.970"),
        (Fraction(50), "50.000"),
        (Fraction(60_000, 1001), "59.940"),
    ],
)
def test_the_frame_rate_is_rounded_to_three_places(rate: Fraction, declared: str) -> None:
    assert f"FRAME-RATE={declared}," in hls.master_playlist([rung("720p", 600_000, rate=rate)], sound())


def test_the_variant_most_connections_can_carry_comes_first() -> None:
    rungs = [rung("1080p", 2_000_000), rung("720p", 700_000), rung("360p", 200_000)]
    master = m3u8.loads(hls.master_playlist(rungs, None))
    assert [each.uri.split("/")[0] for each in master.playlists] == ["720p", "1080p", "360p"]


def test_with_only_fast_variants_the_slowest_comes_first() -> None:
    master = m3u8.loads(hls.master_playlist([rung("1080p", 9_000_000), rung("720p", 5_000_000)], None))
    assert [each.uri.split("/")[0] for each in master.playlists] == ["720p", "1080p"]


def test_a_silent_video_names_no_sound() -> None:
    text = hls.master_playlist([rung("360p", 200_000)], None)
    assert "EXT-X-MEDIA" not in text
    assert m3u8.loads(text).playlists[0].stream_info.codecs == "avc1.64001f"


def test_sound_alone_is_a_variant_of_its_own() -> None:
    master = m3u8.loads(hls.master_playlist([], sound()))
    (variant,) = master.playlists
    assert (variant.uri, variant.stream_info.codecs) == ("audio/index.m3u8", "mp4a.40.2")
    assert variant.stream_info.resolution is None
    assert master.iframe_playlists == []


def test_every_rung_has_an_i_frame_playlist_with_its_own_bandwidth() -> None:
    master = m3u8.loads(hls.master_playlist([rung("720p", 600_000), rung("360p", 200_000)], sound()))
    assert [each.uri for each in master.iframe_playlists] == ["720p/iframes.m3u8", "360p/iframes.m3u8"]
    info = master.iframe_playlists[0].iframe_stream_info
    # The largest key frame: a quarter of a third of the third segment, shown for 2 s.
    assert info.bandwidth == 1_800_000 // 3 // 4 * 8 // 2
    assert info.codecs == "avc1.64001f"


def test_a_media_playlist_is_complete_and_starts_at_one() -> None:
    playlist = m3u8.loads(hls.media_playlist(rung("720p", 600_000), 6))
    assert [each.uri for each in playlist.segments] == ["00001.m4s", "00002.m4s", "00003.m4s"]
    assert playlist.is_endlist
    assert playlist.is_independent_segments
    assert playlist.media_sequence == hls.FIRST_SEGMENT
    assert playlist.playlist_type == "vod"
    assert {each.init_section.uri for each in playlist.segments} == {"init.mp4"}


def test_no_segment_rounds_to_more_than_the_target_duration() -> None:
    tracks = [rung("720p", 600_000), sound(seconds=6.506)]
    assert hls.target_duration(tracks) == 7
    assert hls.target_duration([sound(seconds=0.2)]) == 1


@pytest.mark.requirement("VID-7")
def test_every_encrypted_segment_names_an_initialisation_vector_of_its_own_and_the_header_stays_plain() -> (
    None
):
    text = hls.media_playlist(rung("720p", 600_000), 6, "key?id=1")
    playlist = m3u8.loads(text)
    vectors = [each.key.iv for each in playlist.segments]
    assert vectors == [f"0x{hls.segment_iv('720p', number).hex()}" for number in (1, 2, 3)]
    assert len(set(vectors)) == 3
    assert {(each.key.method, each.key.uri) for each in playlist.segments} == {("AES-128", "key?id=1")}
    assert text.index("#EXT-X-MAP") < text.index("#EXT-X-KEY")


@pytest.mark.requirement("VID-7")
def test_no_two_segments_of_a_video_share_an_initialisation_vector() -> None:
    names = ("1080p", "720p", "audio")
    assert len({hls.segment_iv(name, number) for name in names for number in range(1, 500)}) == 3 * 499


def test_an_i_frame_playlist_points_at_the_key_frames() -> None:
    playlist = m3u8.loads(hls.iframe_playlist(rung("720p", 600_000, segments=1)))
    assert playlist.is_i_frames_only
    assert [each.byterange for each in playlist.segments] == ["50000@0", "50000@200000", "50000@400000"]
    assert [each.duration for each in playlist.segments] == [2.0, 2.0, 2.0]
    assert playlist.target_duration == 2


def test_the_peak_is_taken_over_about_a_target_duration() -> None:
    # One tiny last segment at a huge rate does not count by itself, only together with the one before it.
    pieces = [(6.0, 600_000), (6.0, 600_000), (0.1, 100_000)]
    assert hls.peak_bitrate(pieces, 6) == round(8 * 700_000 / 6.1)


def test_the_peak_of_a_very_short_video_is_its_average() -> None:
    assert hls.peak_bitrate([(0.5, 50_000)], 6) == 800_000


def test_nothing_has_no_bitrate() -> None:
    assert hls.average_bitrate([]) == 0
