"""Films and recordings are told from everything else by their first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.video.sniff import sniff

TS = (b"\x47" + bytes(187)) * 3
KINDS = {
    b"\x00\x00\x00\x18ftypmp42": "mp4",
    b"\x00\x00\x00\x08wide\x00\x00\x10\x00mdat": "mp4",
    b"\x00\x01\x00\x00moov": "mp4",
    b"\x1a\x45\xdf\xa3\x01": "matroska",
    b"RIFF\x00\x00\x00\x00AVI LIST": "avi",
    b"RIFF\x00\x00\x00\x00WAVEfmt ": "wav",
    b"OggS\x00\x02": "ogg",
    b"FLV\x01\x05": "flv",
    b"ID3\x04\x00": "mp3",
    b"\xff\xfb\x90\x64": "mp3",
    b"\xff\xf3\x90\x64": "mp3",
    b"\xff\xf1\x50\x80": "aac",
    b"\xff\xf9\x50\x80": "aac",
    b"fLaC\x00": "flac",
    b"\x30\x26\xb2\x75\x8e\x66": "asf",
    b"\x00\x00\x01\xba\x44": "mpegps",
    TS: "mpegts",
    (bytes(4) + b"\x47" + bytes(187)) * 3: "mpegts",
}
OTHERS = [
    b"",
    b"\xff",
    b"#EXTM3U\n#EXT-X-VERSION:3",
    b"\n  #EXTM3U",
    b"ffconcat version 1.0\nfile 'a'",
    b"<?xml version='1.0'?><MPD/>",
    b"<MPD>",
    b"v=0\r\no=- 0 0",
    b"hello, world",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0\x00\x10JFIF",
    b"\xff\xfe#\x00E\x00",
    b"PK\x03\x04",
    b"%PDF-1.7",
    b"MZ\x90\x00",
    b"RIFF\x00\x00\x00\x00WEBP",
    b"\x47" + bytes(187),
    bytes(4096),
]


@pytest.mark.requirement("VID-1")
@pytest.mark.parametrize(("head", "kind"), KINDS.items(), ids=list(KINDS.values()))
def test_a_recording_is_known_by_its_first_bytes(head: bytes, kind: str) -> None:
    assert sniff(head + bytes(64)) == kind


@pytest.mark.requirement("VID-1")
@pytest.mark.parametrize("head", OTHERS)
def test_what_is_no_recording_is_refused(head: bytes) -> None:
    assert sniff(head) == ""


@pytest.mark.requirement("VID-1")
@given(st.binary(max_size=600))
def test_any_bytes_get_an_answer(head: bytes) -> None:
    assert sniff(head) in {"", *KINDS.values()}
    assert sniff(b"#EXTM3U" + head) == ""
