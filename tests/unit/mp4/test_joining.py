"""Chunks of separate processes become one track; tracks are cut where all of them can be."""

import itertools
from fractions import Fraction
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.mp4.synthetic import AVCC, Frame, fragment, header

from academy.infrastructure.mp4.boxes import Mp4Error
from academy.infrastructure.mp4.encryption import encrypted_segment
from academy.infrastructure.mp4.fragments import read_fragments, read_header, read_samples
from academy.infrastructure.mp4.sound import cut_audio
from academy.infrastructure.mp4.track import JoinedTrack, common_cuts, join

pytestmark = pytest.mark.requirement("VID-2")

GROUP: list[Frame] = [(100, 1000, 2000), (40, 1000, 4000), (20, 1000, 1000)]
EDIT = [(0, 2000)]


def chunk(folder: Path, name: str, groups: int, *, init: bytes | None = None) -> Path:
    """Write a file of `groups` fragments of 3,000 ticks that starts at 0."""
    parts = [fragment(number + 1, 3000 * number, GROUP) for number in range(groups)]
    path = folder / name
    path.write_bytes((init or header(edits=EDIT)) + b"".join(parts))
    return path


def joined_bytes(track: JoinedTrack) -> bytes:
    return track.header.init + b"".join(piece.data for piece in track.read(0, len(track.fragments)))


def test_joined_chunks_are_numbered_and_timed_as_one_track(tmp_path: Path) -> None:
    paths = [chunk(tmp_path, "a.mp4", 2), chunk(tmp_path, "b.mp4", 1)]
    data = joined_bytes(join(paths, [0, 6000], [6000, 3000]))
    found = list(read_fragments(data, read_header(data)))
    assert [each.decode_time for each in found] == [0, 3000, 6000]
    sequences = [int.from_bytes(data[each.offset + 20 : each.offset + 24], "big") for each in found]
    assert sequences == [1, 2, 3]


def test_nothing_but_number_and_time_changes(tmp_path: Path) -> None:
    path = chunk(tmp_path, "a.mp4", 2)
    (piece,) = join([path], [9000], [None]).read(1, 2)
    before = fragment(2, 3000, GROUP)
    assert len(piece.data) == len(before)
    assert sum(left != right for left, right in zip(piece.data, before, strict=True)) <= 2
    assert piece.data[-160:] == before[-160:]


def test_fragments_are_placed_by_when_they_are_shown(tmp_path: Path) -> None:
    track = join([chunk(tmp_path, "a.mp4", 2)], [0], [6000])
    assert [(each.start, each.duration) for each in track.fragments] == [(0, 3000), (3000, 3000)]


def test_a_chunk_with_another_edit_list_still_shows_its_first_frame_in_time(tmp_path: Path) -> None:
    plain = tmp_path / "b.mp4"
    plain.write_bytes(header(edits=[(0, 0)]) + fragment(1, 0, [(100, 1000, 0)]))
    track = join([chunk(tmp_path, "a.mp4", 1), plain], [0, 3000], [3000, 1000])
    assert [each.start for each in track.fragments] == [0, 3000]
    data = joined_bytes(track)
    last = list(read_fragments(data, read_header(data)))[-1]
    # Shown at: decode time + composition offset - what the one edit list skips.
    assert last.start - 2000 == 3000


def test_a_late_start_moves_from_the_edit_list_into_the_times(tmp_path: Path) -> None:
    path = chunk(tmp_path, "late.mp4", 1, init=header(edits=[(20, -1), (0, 2000)]))
    track = join([path], [0], [None])
    assert track.fragments[0].start == 500
    assert read_header(track.header.init).edit.delay == 0


def test_chunks_of_other_coding_parameters_do_not_join(tmp_path: Path) -> None:
    other = chunk(tmp_path, "b.mp4", 1, init=header(edits=EDIT, configuration=AVCC[:-1] + b"\x01"))
    with pytest.raises(Mp4Error, match="other parameters"):
        join([chunk(tmp_path, "a.mp4", 1), other], [0, 3000], [None, None])


def test_a_chunk_that_lost_a_frame_does_not_join(tmp_path: Path) -> None:
    with pytest.raises(Mp4Error, match="3000 ticks where 4000"):
        join([chunk(tmp_path, "a.mp4", 1)], [0], [4000])


def test_chunks_that_overlap_do_not_join(tmp_path: Path) -> None:
    with pytest.raises(Mp4Error, match="overlap"):
        join([chunk(tmp_path, "a.mp4", 1), chunk(tmp_path, "b.mp4", 1)], [0, 0], [None, None])


def test_segments_have_the_wanted_length_where_groups_are_even() -> None:
    assert common_cuts([range(0, 500, 50)], 500, 150) == [0, 150, 300, 450, 500]


def test_all_tracks_are_cut_where_each_has_a_key_frame() -> None:
    copied, encoded = [0, 40, 100, 130, 160, 240], [0, 40, 100, 120, 160, 240]
    assert common_cuts([copied, encoded], 300, 100) == [0, 100, 160, 240, 300]


def test_a_long_group_makes_a_long_segment() -> None:
    assert common_cuts([[0, 400]], 450, 150) == [0, 400, 450]


@given(
    st.lists(st.sets(st.integers(1, 400)), min_size=1, max_size=3),
    st.integers(401, 500),
    st.integers(20, 200),
)
def test_cuts_lie_on_key_frames_of_every_track(tracks: list[set[int]], end: int, longest: int) -> None:
    starts = [sorted({0} | each) for each in tracks]
    cuts = common_cuts(starts, end, longest)
    assert cuts == sorted(set(cuts))
    assert (cuts[0], cuts[-1]) == (0, end)
    assert all(cut in each for cut in cuts[:-1] for each in starts)
    # A segment is longer than wanted only where no key frame lies within.
    shared = set.intersection(*(set(each) for each in starts))
    for first, last in itertools.pairwise(cuts):
        assert last - first <= longest or not any(first < key < last for key in shared)


def sound_file(folder: Path, frames: int, *, per_fragment: int = 10) -> Path:
    """Write an AAC file whose frame n is 10 bytes of value n."""
    path = folder / "sound.mp4"
    data = header(codec="mp4a", timescale=48_000)
    for first in range(0, frames, per_fragment):
        count = min(per_fragment, frames - first)
        data += fragment(first + 1, first * 1024, [(10, 1024, 0)] * count, fill=first)
    path.write_bytes(data)
    return path


def test_sound_is_cut_at_the_nearest_audio_frame(tmp_path: Path) -> None:
    path = sound_file(tmp_path, 94)
    segments = list(cut_audio(path, [Fraction(1)]))
    # 1 s is 46.875 frames of 1,024 samples.
    assert [segment.duration for segment in segments] == [47 * 1024, 47 * 1024]


def test_cutting_sound_loses_nothing_and_drifts_nowhere(tmp_path: Path) -> None:
    path = sound_file(tmp_path, 94)
    data = header(codec="mp4a", timescale=48_000)
    data += b"".join(segment.data for segment in cut_audio(path, [Fraction(n, 4) for n in range(1, 8)]))
    head = read_header(data)
    values, now = [], 0
    for each in read_fragments(data, head):
        assert each.decode_time == now
        now += each.duration
        position = each.offset + read_samples(data, head, each).data_offset
        values += [data[position + 10 * index] for index in range(each.count)]
    assert values == list(range(94))


def test_sound_with_a_gap_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gap.mp4"
    frames: list[Frame] = [(10, 1024, 0)]
    path.write_bytes(header(codec="mp4a") + fragment(1, 0, frames) + fragment(2, 4096, frames))
    with pytest.raises(Mp4Error, match="gap"):
        list(cut_audio(path, []))


def test_sound_that_starts_late_by_an_edit_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "late.mp4"
    path.write_bytes(header(codec="mp4a", edits=[(0, 1024)]) + fragment(1, 0, [(10, 1024, 0)]))
    with pytest.raises(Mp4Error, match="time 0"):
        list(cut_audio(path, []))


@pytest.mark.requirement("VID-7")
@given(st.binary(max_size=100))
def test_an_encrypted_segment_can_be_read_with_the_key_alone(plain: bytes) -> None:
    key, iv = bytes(range(16)), bytes(range(16, 32))
    secret = encrypted_segment(plain, key, iv)
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    padded = decryptor.update(secret) + decryptor.finalize()
    assert padded == plain + bytes([16 - len(plain) % 16]) * (16 - len(plain) % 16)
    assert len(plain) < 16 or plain not in secret
