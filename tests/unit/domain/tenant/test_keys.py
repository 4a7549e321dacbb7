"""Object keys that keep academies apart."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from academy.contracts.base import InvalidMessage, validate
from academy.contracts.video import PurgeVideo, SweepVideo
from academy.domain.tenant.tenant import check_id, hls_prefix, source_key, video_prefixes, work_prefix

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True).filter(lambda text: ".." not in text)


@pytest.mark.requirement("VID-5")
@given(IDS, IDS, IDS)
def test_everything_of_a_video_lies_under_its_own_prefixes(tenant: str, video: str, revision: str) -> None:
    prefixes = video_prefixes(tenant, video)
    assert all(prefix.startswith(f"tenants/{tenant}/video/") and prefix.endswith("/") for prefix in prefixes)
    for key in (source_key(tenant, video), work_prefix(tenant, video), hls_prefix(tenant, video, revision)):
        assert any(key.startswith(prefix) for prefix in prefixes)


@given(IDS, IDS, IDS, IDS)
def test_no_prefix_of_one_video_holds_an_object_of_another(t1: str, v1: str, t2: str, v2: str) -> None:
    if (t1, v1) != (t2, v2):
        theirs = [source_key(t2, v2), *(f"{prefix}x" for prefix in video_prefixes(t2, v2))]
        assert not any(key.startswith(prefix) for key in theirs for prefix in video_prefixes(t1, v1))


def test_the_published_stream_lies_where_the_delivery_network_looks() -> None:
    assert hls_prefix("t1", "v1", "r1") == "tenants/t1/video/hls/v1/r1/"
    assert hls_prefix("t1", "v1") == "tenants/t1/video/hls/v1/"


BAD = [
    "",
    ".",
    "..",
    "a/b",
    "a..b",
    "../a",
    "-a",
    "_a",
    ".a",
    "a\n",
    "\na",
    "가나다",
    "a b",
    "%2e%2e",
    "a" * 101,
]


@pytest.mark.parametrize("bad", BAD)
def test_what_could_leave_its_place_is_no_id(bad: str) -> None:
    with pytest.raises(ValueError, match="an id is"):
        check_id(bad)
    for make in (
        lambda: source_key(bad, "v"),
        lambda: source_key("t", bad),
        lambda: work_prefix("t", bad),
        lambda: hls_prefix(bad, "v"),
        lambda: video_prefixes("t", bad),
    ):
        with pytest.raises(ValueError, match="an id is"):
            make()
    if bad:
        with pytest.raises(ValueError, match="an id is"):
            hls_prefix("t", "v", bad)


@given(st.one_of(st.text(max_size=105), st.from_regex(r"[A-Za-z0-9._-]{0,103}", fullmatch=True)))
@example("a..b")
@example("a.")
@example("a\n")
def test_the_contract_of_a_video_id_and_the_rule_of_keys_are_one(text: str) -> None:
    try:
        check_id(text)
    except ValueError:
        with pytest.raises(InvalidMessage):
            validate(PurgeVideo, {"video_id": text})
        if text:
            with pytest.raises(InvalidMessage):
                validate(SweepVideo, {"video_id": "a", "keep_revision": text})
    else:
        assert validate(PurgeVideo, {"video_id": text}).video_id == text
        assert validate(SweepVideo, {"video_id": "a", "keep_revision": text}).keep_revision == text
