"""What counts as watched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.video.video import AccessMode
from academy.domain.video.watching import (
    FASTEST_RATE,
    HEARTBEAT_SECONDS,
    SEEK_TOLERANCE_SECONDS,
    Beat,
    Watched,
    judge,
)

FREE, PROCTORED, BLOCKED = AccessMode.FREE_REVIEW, AccessMode.PROCTORED, AccessMode.BLOCKED
SECONDS = st.floats(-10, 4000)
BEATS = st.builds(Beat, SECONDS, SECONDS, st.floats(-1, 20), st.floats(0, 60))
DURATION = 3600.0


def follow(mode: AccessMode, beats: list[Beat], duration: float = DURATION) -> Watched:
    watched = Watched()
    for beat in beats:
        watched = judge(mode, watched, beat, duration).watched
    return watched


@pytest.mark.requirement("VID-7")
@given(st.sampled_from([FREE, PROCTORED]), st.lists(BEATS, max_size=12), BEATS)
def test_no_beat_is_credited_more_than_the_time_that_passed(
    mode: AccessMode, before: list[Beat], beat: Beat
) -> None:
    watched = follow(mode, before)
    after = judge(mode, watched, beat, DURATION).watched
    rate = min(max(beat.rate, 0.0), FASTEST_RATE)
    tolerance = SEEK_TOLERANCE_SECONDS * min(1.0, beat.elapsed / HEARTBEAT_SECONDS)
    gained = after.seconds() - watched.seconds()
    assert -1e-6 <= gained <= beat.elapsed * rate + tolerance + 1e-6


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize("mode", [FREE, PROCTORED])
def test_a_thousand_beats_in_a_moment_earn_nothing(mode: AccessMode) -> None:
    beats = [Beat(4.0 * n, 4.0 * (n - 1), 1.0, 0.001) for n in range(1, 1000)]
    watched = follow(mode, beats)
    assert watched.seconds() < 3
    if mode is PROCTORED:
        assert watched.furthest < 3


@pytest.mark.requirement("VID-7")
@given(st.lists(BEATS, max_size=30))
def test_a_proctored_viewer_gets_no_further_than_the_time_that_passed(beats: list[Beat]) -> None:
    watched = follow(PROCTORED, beats)
    earned = sum(b.elapsed + SEEK_TOLERANCE_SECONDS * min(1.0, b.elapsed / HEARTBEAT_SECONDS) for b in beats)
    assert watched.furthest <= earned + 1e-6


@pytest.mark.requirement("VID-7")
@given(st.lists(BEATS, max_size=30), st.sampled_from([FREE, PROCTORED]))
def test_spans_are_merged_ascending_and_within_the_video(beats: list[Beat], mode: AccessMode) -> None:
    watched = follow(mode, beats)
    flat = [second for span in watched.spans for second in span]
    assert flat == sorted(flat)
    assert all(low < high for low, high in watched.spans)
    assert all(a[1] < b[0] for a, b in zip(watched.spans, watched.spans[1:], strict=False))
    assert not flat or (flat[0] >= 0 and flat[-1] <= DURATION)
    assert watched.furthest == (flat[-1] if flat else 0.0)


@pytest.mark.requirement("VID-7")
def test_a_proctored_viewer_cannot_jump_but_may_go_back() -> None:
    watched = follow(PROCTORED, [Beat(10, 0, 1, 10), Beat(20, 10, 1, 10)])
    jump = judge(PROCTORED, watched, Beat(300, 290, 1, 10), DURATION)
    assert (jump.code, jump.allowed_position, jump.watched) == ("seek_not_allowed", 20, watched)
    back = judge(PROCTORED, watched, Beat(12, 2, 1, 10), DURATION)
    assert (back.code, back.watched, back.allowed_position) == ("ok", watched, 20)
    on = judge(PROCTORED, watched, Beat(30, 20, 1, 10), DURATION)
    assert (on.code, on.allowed_position) == ("ok", 30)


@pytest.mark.requirement("VID-7")
def test_a_proctored_viewer_cannot_play_faster() -> None:
    verdict = judge(PROCTORED, Watched(), Beat(20, 0, 2.0, 10), DURATION)
    assert (verdict.code, verdict.watched) == ("rate_not_allowed", Watched())


@pytest.mark.requirement("VID-7")
def test_a_free_viewer_may_jump_and_play_at_double_speed() -> None:
    verdict = judge(FREE, Watched(), Beat(1020, 1000, 2.0, 10), DURATION)
    assert (verdict.code, verdict.watched.spans, verdict.allowed_position) == (
        "ok",
        ((1000, 1020),),
        DURATION,
    )


@pytest.mark.requirement("VID-7")
@given(BEATS)
def test_a_blocked_viewer_is_credited_nothing(beat: Beat) -> None:
    watched = Watched(((0.0, 30.0),), 30.0)
    verdict = judge(BLOCKED, watched, beat, DURATION)
    assert (verdict.code, verdict.watched, verdict.allowed_position) == ("blocked", watched, 30.0)


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize(("seen", "completed"), [(89.9, False), (90.0, True), (100.0, True)])
def test_a_video_is_completed_at_90_percent(seen: float, completed: bool) -> None:
    beats = [Beat(second, max(0.0, second - 10), 1, 10) for second in [*range(10, int(seen), 10), seen]]
    watched = follow(PROCTORED, beats, 100.0)
    assert watched.completed(100.0) is completed
    assert not watched.completed(0.0)


@pytest.mark.requirement("VID-7")
def test_watching_the_same_part_again_and_again_completes_nothing() -> None:
    watched = follow(FREE, [Beat(10, 0, 1, 10)] * 50, 100.0)
    assert watched.seconds() == 10
    assert not watched.completed(100.0)
