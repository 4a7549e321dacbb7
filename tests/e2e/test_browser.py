"""The console in a real browser (headless Chromium) against the real system: sign in, upload, watch, be refused."""

from pathlib import Path

import pytest
from tests.support.browsing import PATIENCE, Window
from tests.support.media import make_video

from academy.interfaces.cli.embedded import EmbeddedSystem

from .conftest import SECONDS, Lecture, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.xdist_group("embedded"),
]
VIDEO = "document.querySelector('video')"
PLAYER = "document.querySelector('#player')"


def play(window: Window) -> None:
    window.until(f"{VIDEO}?.readyState >= 2")
    window.page.click("button.big")
    window.until(f"{VIDEO}.currentTime > 0.5")


@pytest.mark.requirement("VID-1")
def test_a_teacher_uploads_and_sees_the_lecture_become_ready(window: Window, tmp_path: Path) -> None:
    film = make_video(tmp_path, "short", size="320x180")
    window.sign_in("teacher")
    window.page.set_input_files("input[type=file]", film)
    assert window.page.input_value("input[name=title]") == "short"
    window.page.fill("input[name=title]", "짧은 강의")
    window.page.click("form.upload button[type=submit]")
    card = "li.video:has-text('짧은 강의')"
    window.page.wait_for_selector(f"{card} .state.processing, {card}.ready", timeout=PATIENCE * 1000)
    window.page.wait_for_selector(f"{card}.ready", timeout=PATIENCE * 1000)
    window.page.wait_for_selector(f"{card} .thumb img", timeout=PATIENCE * 1000)
    assert "시청 가능" in window.page.inner_text(card)


@pytest.mark.requirement("VID-1")
def test_a_file_that_is_no_recording_leaves_a_failure_with_a_way_on(window: Window, tmp_path: Path) -> None:
    text, film = tmp_path / "notes.mp4", make_video(tmp_path, "recording", size="320x180")
    text.write_text("no recording at all " * 100)
    window.sign_in("owner")
    window.page.on("dialog", lambda dialog: dialog.accept())
    window.page.set_input_files("input[type=file]", text)
    window.page.click("form.upload button[type=submit]")
    window.page.wait_for_selector("form.upload .error:has-text('동영상이나 음성 파일이 아닙니다')")
    window.page.set_input_files("input[type=file]", film)
    assert window.page.input_value("input[name=title]") == "recording"
    assert window.page.inner_text("form.upload [role=status]") == ""
    window.page.reload()
    card = "li.video:has-text('notes')"
    window.page.wait_for_selector(f"{card} .state.failed")
    assert "다시 변환" not in window.page.inner_text(card)
    with window.page.expect_file_chooser():
        window.page.click(f"{card} button:has-text('다시 업로드')")
    assert window.page.input_value("input[name=title]") == "notes"
    window.page.click(f"{card} button:has-text('삭제')")
    window.page.wait_for_selector(card, state="detached")
    window.forget_refusal(415)


@pytest.mark.requirement("VID-1")
def test_an_upload_that_is_stopped_leaves_nothing(window: Window, tmp_path: Path) -> None:
    film = make_video(tmp_path, "stopped", size="320x180")
    window.sign_in("owner")
    window.page.route("**/*signature=*", lambda _route: None)
    window.page.set_input_files("input[type=file]", film)
    with window.page.expect_request("**/*signature=*"):
        window.page.click("form.upload button[type=submit]")
    with window.page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        window.page.click("form.upload button:has-text('중단')")
    assert deleted.value.status == 202
    window.page.reload()
    window.until("document.querySelector('.videos + p')?.textContent.includes('불러오는') === false")
    assert window.page.locator("li.video:has-text('stopped')").count() == 0


@pytest.mark.requirement("VID-2")
def test_the_stream_plays_seeks_and_changes_its_rung(window: Window, lecture: Lecture) -> None:
    window.sign_in("student", f"/watch/{lecture.id}")
    play(window)
    box = window.page.locator("input.seek").bounding_box()
    assert box is not None
    window.page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    window.until(f"{VIDEO}.currentTime > {SECONDS * 0.55} && !{VIDEO}.seeking")
    window.page.select_option("#quality", label="360p")
    window.until(f"{PLAYER}.dataset.rung === '360p' && {VIDEO}.videoHeight === 360")
    window.page.focus("#player button.toggle")
    for _ in range(3):
        window.page.keyboard.press("ArrowLeft")
    window.page.select_option("#quality", label="480p")
    window.until(f"{PLAYER}.dataset.rung === '480p' && {VIDEO}.videoHeight === 480")


@pytest.mark.requirement("VID-3")
def test_previews_show_over_the_seek_bar(window: Window, lecture: Lecture) -> None:
    window.sign_in("student", f"/watch/{lecture.id}")
    window.until(f"{VIDEO}?.readyState >= 1")
    window.page.hover("input.seek")
    window.until("document.querySelector('.preview .picture').style.backgroundImage.includes('/media/')")
    assert window.page.inner_text(".preview") == "0:07"


@pytest.mark.requirement("VID-7")
def test_watching_to_the_end_completes_the_lecture_and_resumes_before_it(
    window: Window, system: EmbeddedSystem, lecture: Lecture
) -> None:
    window.sign_in("operator", f"/watch/{lecture.id}")
    play(window)
    window.until(f"{VIDEO}.currentTime > 4")
    # The page counts by itself; the server is told when it pauses.
    window.until("/0:0[4-9]/.test(document.querySelector('#watched').textContent)")
    window.page.click("button.toggle")
    window.until("document.querySelector('.verdict').textContent")
    assert "기록" not in window.page.inner_text(".verdict")
    window.page.reload()
    window.until(f"{VIDEO}?.readyState >= 2")
    assert 3.5 < window.read(f"{VIDEO}.currentTime") < 6
    window.page.select_option("select.speed", "2")
    play(window)
    window.until(f"{VIDEO}.ended")
    window.until("document.querySelector('#watched').classList.contains('done')")
    with signed_in(system, "teacher") as teacher:
        (seen,) = [each for each in teacher.viewers(lecture.id).items if each.name == "운영자"]
    assert seen.completed
    assert seen.share >= 0.9


@pytest.mark.requirement("VID-7")
def test_a_proctored_viewer_cannot_skip_or_hurry_and_a_blocked_one_is_stopped(
    window: Window, system: EmbeddedSystem, lecture: Lecture
) -> None:
    with signed_in(system, "teacher") as teacher:
        teacher.change_access(lecture.id, "proctored")
        try:
            window.sign_in("owner", f"/watch/{lecture.id}")
            play(window)
            assert window.page.locator("select.speed option").all_inner_texts()[-1] == "1×"
            window.page.evaluate(f"() => {{ {VIDEO}.playbackRate = 2; {VIDEO}.currentTime = 12; }}")
            window.until(f"{VIDEO}.playbackRate === 1 && {VIDEO}.currentTime < 6 && !{VIDEO}.seeking")
            teacher.change_access(lecture.id, "blocked")
            window.page.evaluate(f"() => {VIDEO}.pause()")
            window.until("document.querySelector('.verdict').dataset.code === 'blocked'")
            assert "차단" in window.page.inner_text(".verdict")
            with pytest.raises(Exception, match="blocked"):
                teacher.open_playback(lecture.id)
        finally:
            teacher.change_access(lecture.id, "free_review")


def test_a_wrong_password_is_said_and_english_is_one_click_away(window: Window) -> None:
    window.page.goto(f"{window.system.url}/watch")
    window.page.click("#language")
    window.page.fill("input[name=username]", "nobody")
    window.page.fill("input[name=password]", "wrong password")
    window.page.click("button[type=submit]")
    window.page.wait_for_selector("[role=alert]:not([hidden])")
    assert "wrong" in window.page.inner_text("[role=alert]")
    assert window.page.locator("html").get_attribute("lang") == "en"
    window.forget_refusal(401)
