"""What counts as watched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.video.video import AccessMode
from academy.domain.video.watching import (
    FASTEST_RATE,
    HEARTBEAT_SECONDS,
    LONGEST_SECONDS,
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


def earned(beat: Beat) -> float:
    """Return the most that a beat may add."""
    return min(beat.elapsed, LONGEST_SECONDS) * min(max(beat.rate, 0.0), FASTEST_RATE)


@pytest.mark.requirement("VID-7")
@given(st.sampled_from([FREE, PROCTORED]), st.lists(BEATS, max_size=12), BEATS)
def test_no_beat_is_credited_more_than_the_time_that_passed(
    mode: AccessMode, before: list[Beat], beat: Beat
) -> None:
    watched = follow(mode, before)
    after = judge(mode, watched, beat, DURATION).watched
    assert -1e-6 <= after.seconds() - watched.seconds() <= earned(beat) + 1e-6


@pytest.mark.requirement("VID-7")
@given(st.sampled_from([FREE, PROCTORED]), st.lists(BEATS, max_size=40))
def test_nobody_is_credited_more_in_all_than_the_time_that_passed(
    mode: AccessMode, beats: list[Beat]
) -> None:
    assert follow(mode, beats).seconds() <= sum(earned(beat) for beat in beats) + 1e-6


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize("ahead", [1.1, 1.46, 2.0])
@pytest.mark.parametrize("mode", [FREE, PROCTORED])
def test_claiming_more_than_passed_with_every_beat_gains_nothing(mode: AccessMode, ahead: float) -> None:
    watched, position = Watched(), 0.0
    for _ in range(60):
        verdict = judge(mode, watched, Beat(position + 10 * ahead, position, 1, 10), DURATION)
        watched = verdict.watched
        position = position + 10 * ahead if verdict.code == "ok" else verdict.allowed_position
    assert watched.seconds() <= 600 + 1e-6
    if mode is PROCTORED:
        assert position <= 600 + SEEK_TOLERANCE_SECONDS + 1e-6


@pytest.mark.requirement("VID-7")
@given(st.lists(st.tuples(st.floats(0, 8), st.floats(0, 60), st.floats(0, 40)), max_size=40))
def test_a_proctored_viewer_who_knows_the_rules_gets_no_further_than_time(
    tries: list[tuple[float, float, float]],
) -> None:
    watched, passed = Watched(), 0.0
    for skipped, claimed, elapsed in tries:
        start = watched.furthest + skipped
        verdict = judge(PROCTORED, watched, Beat(start + claimed, start, 1, elapsed), DURATION)
        watched, passed = verdict.watched, passed + min(elapsed, LONGEST_SECONDS)
        assert watched.furthest <= passed + 1e-6
        assert verdict.allowed_position <= passed + SEEK_TOLERANCE_SECONDS + 1e-6


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize(("pause", "code"), [(600.0, "seek_not_allowed"), (10.0, "ok")])
def test_a_long_pause_allows_no_long_seek(pause: float, code: str) -> None:
    watched = follow(PROCTORED, [Beat(10, 0, 1, 10)])
    verdict = judge(PROCTORED, watched, Beat(10 + pause, pause, 1, pause), DURATION)
    assert verdict.code == code


@st.composite
def honest(draw: st.DrawFn) -> list[tuple[float, float, float]]:
    """Return an honest evening: per beat (seconds played, seconds stalled or paused, seconds the beat is under way)."""
    played = st.floats(0.2, HEARTBEAT_SECONDS)
    stalled = st.one_of(st.just(0.0), st.floats(0, 900))
    late = st.floats(0, SEEK_TOLERANCE_SECONDS - 0.1)
    return draw(st.lists(st.tuples(played, stalled, late), max_size=60))


@pytest.mark.requirement("VID-7")
@given(honest(), st.sampled_from([FREE, PROCTORED]), st.sets(st.integers(0, 59), max_size=8))
def test_an_honest_viewer_is_never_stopped_and_gets_what_was_watched(
    evening: list[tuple[float, float, float]], mode: AccessMode, back: set[int]
) -> None:
    watched, seen = Watched(), Watched()
    position = clock = arrived = 0.0
    for number, (played, stalled, late) in enumerate(evening):
        start = max(0.0, position - 15) if number in back else position
        clock += played + stalled
        position = start + played
        before, arrived = arrived, max(arrived, clock + late)
        verdict = judge(mode, watched, Beat(position, start, 1, arrived - before), 1e6)
        assert verdict.code == "ok"
        assert mode is FREE or verdict.allowed_position >= position - 1e-6
        watched, seen = verdict.watched, seen.add(start, position)
    # What is missing is at most the lead of the last beat, and of those before a step back.
    steps = 1 + len([number for number in back if number < len(evening)])
    assert watched.seconds() >= seen.seconds() - steps * SEEK_TOLERANCE_SECONDS


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
    assert watched.furthest <= sum(min(beat.elapsed, LONGEST_SECONDS) for beat in beats) + 1e-6


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
