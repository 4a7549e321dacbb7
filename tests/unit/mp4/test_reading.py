"""Reading fragmented MP4: header, fragments, edit lists, codec names, and damage."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.mp4.synthetic import ESDS, fragment, header

from academy.infrastructure.mp4.boxes import Mp4Error, make_box
from academy.infrastructure.mp4.edits import Edit, with_single_edit
from academy.infrastructure.mp4.fragments import mapped, read_fragments, read_header, read_samples

pytestmark = pytest.mark.requirement("VID-2")


def test_a_header_tells_codec_and_clock() -> None:
    found = read_header(header(timescale=24_000) + fragment(1, 0, [(10, 1001, 0)]))
    assert (found.codecs, found.timescale) == ("avc1.64001f", 24_000)


def test_aac_is_named_by_its_object_type() -> None:
    assert read_header(header(codec="mp4a", timescale=48_000)).codecs == "mp4a.40.2"


def test_an_escaped_audio_object_type_is_read() -> None:
    # Type 42 (xHE-AAC): 31, then 42 - 32 in the next six bits.
    specific = (31 << 11 | (42 - 32) << 5).to_bytes(2, "big")
    configuration = ESDS.replace(bytes.fromhex("1190"), specific)
    assert read_header(header(codec="mp4a", configuration=configuration)).codecs == "mp4a.40.42"


def test_the_initialisation_segment_ends_where_the_fragments_begin() -> None:
    init = header()
    assert read_header(init + fragment(1, 0, [(10, 1000, 0)])).init == init


def test_fragments_lie_where_they_were_put() -> None:
    init, first = header(), fragment(1, 0, [(100, 1000, 0), (50, 1000, 0)])
    data = init + first + fragment(2, 2000, [(70, 1000, 0)])
    one, two = read_fragments(data, read_header(data))
    assert (one.offset, one.size, two.offset) == (len(init), len(first), len(init) + len(first))
    assert (one.decode_time, one.duration, one.count) == (0, 2000, 2)
    assert (two.decode_time, two.duration, two.count) == (2000, 1000, 1)


def test_the_key_size_covers_the_header_and_the_first_frame_only() -> None:
    data = header() + fragment(1, 0, [(100, 1000, 0), (50, 1000, 0)], fill=7)
    (one,) = read_fragments(data, read_header(data))
    key = data[one.offset : one.offset + one.key_size]
    assert key.endswith(bytes([7]) * 100)
    assert data[one.offset + one.key_size] == 8


def test_a_fragment_starts_when_its_first_frame_is_shown() -> None:
    data = header() + fragment(1, 5000, [(10, 1000, 2000), (10, 1000, -1000)])
    (one,) = read_fragments(data, read_header(data))
    assert one.start == 7000


def test_old_32_bit_decode_times_are_read() -> None:
    data = header() + fragment(1, 123_456, [(10, 1000, 0)], version=0)
    (one,) = read_fragments(data, read_header(data))
    assert one.decode_time == 123_456


def test_samples_come_with_sizes_and_durations() -> None:
    data = header() + fragment(1, 0, [(100, 1000, 0), (50, 900, 0)])
    head = read_header(data)
    (one,) = read_fragments(data, head)
    samples = read_samples(data, head, one)
    assert (samples.sizes, samples.durations) == ((100, 50), (1000, 900))


def test_an_edit_list_is_read_in_ticks_of_the_track() -> None:
    init = header(edits=[(20, -1), (0, 2000)])
    assert read_header(init).edit == Edit(delay=500, skip=2000)


def test_no_edit_list_means_no_shift() -> None:
    assert read_header(header()).edit == Edit(0, 0)


def test_a_longer_edit_list_is_refused() -> None:
    with pytest.raises(Mp4Error, match="edit list"):
        read_header(header(edits=[(500, 0), (500, 90_000)]))


def test_a_delay_is_taken_out_of_the_edit_list() -> None:
    rewritten = read_header(with_single_edit(header(edits=[(20, -1), (0, 2000)]), 2000))
    assert rewritten.edit == Edit(delay=0, skip=2000)
    assert rewritten.codecs == "avc1.64001f"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        make_box("ftyp", b"isom"),
        fragment(1, 0, [(10, 1000, 0)]),
        header(tracks=2),
        header()[:-30],
        header(timescale=0),
        header(codec="mp4a", configuration=ESDS[:20]),
    ],
    ids=["empty", "no_moov", "no_header", "two_tracks", "cut", "no_clock", "short_esds"],
)
def test_a_broken_header_is_refused(data: bytes) -> None:
    with pytest.raises(Mp4Error):
        read_header(data)


def test_a_box_larger_than_the_file_is_refused() -> None:
    data = header() + struct.pack(">I4s", 5000, b"moof")
    with pytest.raises(Mp4Error, match="claims 5000 bytes"):
        list(read_fragments(data, read_header(header())))


def test_samples_beyond_their_data_are_refused() -> None:
    whole = fragment(1, 0, [(100, 1000, 0)])
    moof = whole[: -(100 + 8)]
    data = header() + moof + make_box("mdat", bytes(50))
    with pytest.raises(Mp4Error, match="outside"):
        list(read_fragments(data, read_header(header())))


def test_a_fragment_cut_before_its_data_is_refused() -> None:
    moof = fragment(1, 0, [(100, 1000, 0)])[: -(100 + 8)]
    with pytest.raises(Mp4Error, match="no data"):
        list(read_fragments(header() + moof, read_header(header())))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    with pytest.raises(Mp4Error, match="empty"), mapped(path):
        pass


@pytest.mark.requirement("VID-4")
@given(st.data())
def test_damage_is_refused_or_harmless_but_never_a_crash(data: st.DataObject) -> None:
    whole = bytearray(
        header(edits=[(0, 2000)]) + fragment(1, 0, [(20, 1000, 0)] * 2) + fragment(2, 2000, [(9, 1000, 0)])
    )
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        head = read_header(damaged)
        found = list(read_fragments(damaged, head))
    except Mp4Error:
        return
    assert all(each.offset + each.size <= len(damaged) for each in found)
