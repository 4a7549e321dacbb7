"""Playback tokens fail closed (VID-7)."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.video.playback import Grant, PlaybackSigner, PlaybackTokenRefused, content_key

ONE, TWO = b"1" * 32, b"2" * 32
PREFIX = "tenants/t1/video/hls/v1/r1-0a1b/"
PATH = f"{PREFIX}720p/00001.m4s"
SIGNER = PlaybackSigner({"k1": ONE}, "k1")
EXPIRES = 1_800_000_000
TOKEN = SIGNER.sign(PREFIX, "viewer-1", EXPIRES)
ALPHABET = [*string.printable, "١", "０", "é", "가", "\u2028", "\x00"]  # with digits of other scripts


def refusal(token: str, path: str, now: float = EXPIRES - 1, signer: PlaybackSigner = SIGNER) -> str:
    with pytest.raises(PlaybackTokenRefused) as refused:
        signer.verify(token, path, now)
    return refused.value.code


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize(
    "name",
    ["master.m3u8", "720p/index.m3u8", "720p/00001.m4s", "720p/init.mp4", "key", "thumbnails/poster.jpg"],
)
def test_a_token_opens_everything_of_its_revision(name: str) -> None:
    assert SIGNER.verify(TOKEN, f"{PREFIX}{name}", 0) == Grant("t1", "v1", "r1-0a1b", "viewer-1", EXPIRES)


@pytest.mark.requirement("VID-7")
def test_every_changed_character_of_the_token_is_refused() -> None:
    for index, original in enumerate(TOKEN):
        for other in ALPHABET:
            if other != original:
                refusal(TOKEN[:index] + other + TOKEN[index + 1 :], PATH, now=0)


@pytest.mark.requirement("VID-7")
def test_every_added_or_missing_character_of_the_token_is_refused() -> None:
    for index in range(len(TOKEN) + 1):
        refusal(TOKEN[:index] + TOKEN[index + 1 :] if index < len(TOKEN) else TOKEN + "A", PATH, now=0)
        for other in ALPHABET:
            refusal(TOKEN[:index] + other + TOKEN[index:], PATH, now=0)


@pytest.mark.requirement("VID-7")
def test_every_changed_character_of_the_prefix_is_refused() -> None:
    for index in range(len(PREFIX)):
        for other in ALPHABET:
            if other != PATH[index]:
                refusal(TOKEN, PATH[:index] + other + PATH[index + 1 :])


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize(
    "path",
    [
        "",
        "/" + PATH,
        PREFIX,
        PREFIX + "a/b/c.m4s",
        PREFIX + "../r2/master.m3u8",
        PREFIX + "..",
        PREFIX + "720p/..",
        PREFIX + "%2e%2e/master.m3u8",
        PREFIX + "720p%2f00001.m4s",
        PREFIX + "./master.m3u8",
        PREFIX + "/master.m3u8",
        PREFIX + "master.m3u8\n",
        PREFIX + "master.m3u8\x00",
        PREFIX + "master.m3u8?x=1",
        PREFIX + "master.m3u8#x",
        PREFIX + "마스터.m3u8",
        PREFIX + "master.M3U8",
        PREFIX + "720p\\00001.m4s",
        PREFIX + "720p/٠٠٠٠١.m4s",
        "tenants/t1/video/source/v1/original",
        "tenants/t1/video/hls/v1/master.m3u8",
    ],
)
def test_a_path_that_is_not_plainly_inside_is_refused(path: str) -> None:
    assert refusal(TOKEN, path) == "malformed"


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize("part", [1, 4, 5])
def test_another_tenant_video_or_revision_is_refused(part: int) -> None:
    parts = PATH.split("/")
    parts[part] = "other"
    assert refusal(TOKEN, "/".join(parts)) == "bad_signature"


@pytest.mark.requirement("VID-7")
def test_a_token_ends_at_its_expiry() -> None:
    SIGNER.verify(TOKEN, PATH, EXPIRES - 0.001)
    assert refusal(TOKEN, PATH, EXPIRES) == "expired"


@pytest.mark.requirement("VID-7")
@given(st.text(max_size=120), st.text(max_size=120))
def test_anything_else_is_refused(token: str, path: str) -> None:
    refusal(token, PATH)
    refusal(TOKEN, path)


@pytest.mark.requirement("VID-7")
def test_keys_can_be_rotated() -> None:
    both = PlaybackSigner({"k1": ONE, "k2": TWO}, "k2")
    both.verify(TOKEN, PATH, 0)
    fresh = both.sign(PREFIX, "viewer-1", EXPIRES)
    assert fresh.startswith("k2~")
    assert refusal(fresh, PATH) == "unknown_key"
    assert refusal(TOKEN, PATH, signer=PlaybackSigner({"k2": TWO}, "k2")) == "unknown_key"
    # The id of one key with the signature of another opens nothing.
    assert refusal(TOKEN.replace("k1~", "k2~"), PATH, signer=both) == "bad_signature"
    assert refusal(TOKEN, PATH, signer=PlaybackSigner({"k1": TWO}, "k1")) == "bad_signature"


@pytest.mark.requirement("VID-7")
@given(st.from_regex(r"[A-Za-z0-9_-]{1,100}", fullmatch=True), st.integers(1, 10**12 - 1))
def test_the_format_is_constant(viewer: str, expires: int) -> None:
    token = SIGNER.sign(PREFIX, viewer, expires)
    assert re.fullmatch(r"k1~[1-9][0-9]{0,11}~[A-Za-z0-9_-]{1,100}~[A-Za-z0-9_-]{43}", token)
    assert SIGNER.verify(token, PATH, 0).viewer == viewer


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize(
    ("prefix", "viewer", "expires"),
    [
        (PREFIX, "", 1),
        (PREFIX, "a b", 1),
        (PREFIX, "홍길동", 1),
        (PREFIX, "a\n", 1),
        (PREFIX, "v", 0),
        (PREFIX, "v", -5),
        (PREFIX, "v", 10**12),
        (PREFIX.rstrip("/"), "v", 1),
        (PREFIX + "720p/", "v", 1),
        ("tenants/t1/video/hls/v1/", "v", 1),
        ("", "v", 1),
    ],
)
def test_nothing_is_signed_that_could_not_be_verified(prefix: str, viewer: str, expires: int) -> None:
    with pytest.raises(ValueError, match="cannot stand in a token"):
        SIGNER.sign(prefix, viewer, expires)


@pytest.mark.requirement("VID-7")
def test_weak_or_missing_secrets_are_refused() -> None:
    for secrets, active in (
        ({"k1": b"short"}, "k1"),
        ({"k1": ONE}, "k2"),
        ({}, ""),
        ({"k1": ONE, "k2": b""}, "k1"),
    ):
        with pytest.raises(ValueError, match="32 bytes"):
            PlaybackSigner(secrets, active)
    with pytest.raises(ValueError, match="32 bytes"):
        content_key(b"short", "t", "v", "r")


@pytest.mark.requirement("VID-7")
def test_every_revision_has_its_own_content_key() -> None:
    places = [
        ("t1", "v1", "r1"),
        ("t2", "v1", "r1"),
        ("t1", "v2", "r1"),
        ("t1", "v1", "r2"),
        ("t1", "v1r1", ""),
    ]
    keys = {content_key(ONE, *place) for place in places} | {content_key(TWO, "t1", "v1", "r1")}
    assert len(keys) == len(places) + 1
    assert {len(key) for key in keys} == {16}
    assert content_key(ONE, "t1", "v1", "r1") == content_key(ONE, "t1", "v1", "r1")
