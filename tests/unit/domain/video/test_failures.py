"""Every failure of a video can be read by the teacher who meets it."""

import re

import pytest

from academy.domain.video.failures import VideoFailure, video_failure


@pytest.mark.requirement("VID-4")
@pytest.mark.parametrize("code", VideoFailure)
def test_every_code_has_a_sentence_in_both_languages(code: VideoFailure) -> None:
    failure = video_failure(code, stage="probe", detail="evidence")
    assert failure.code == code.value
    assert re.fullmatch(r"[A-Z][^%{}]+[.]", failure.message)
    assert re.search("[가-힣]", failure.text("ko"))
    assert failure.text("ko").endswith(".")
    assert failure.text("fr") == failure.message
    assert not re.search(r"\b(ffmpeg|ffprobe|exit|code|exception)\b", failure.message, re.IGNORECASE)


@pytest.mark.requirement("JOB-5")
def test_a_bad_file_is_permanent_and_a_full_disk_is_not() -> None:
    assert not video_failure(VideoFailure.PLAYLIST_REFUSED).retryable
    assert video_failure(VideoFailure.DISK_FULL).retryable


def test_of_a_long_detail_the_end_is_kept() -> None:
    failure = video_failure(VideoFailure.ENCODE_FAILED, detail="x" * 5000 + "the cause")
    assert len(failure.detail) == 2000
    assert failure.detail.endswith("the cause")
