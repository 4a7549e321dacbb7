"""The review of an exam in a real browser: scans sent, doubtful marks settled, students named, scores read."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Dialog, Route
from tests.support.browsing import PATIENCE, Window
from tests.support.exam_day import QUESTIONS, ExamDay, hold_exam

from academy.contracts.rest.exam_sheets import KeyEntry
from academy.interfaces.cli.embedded import EmbeddedSystem

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.xdist_group("embedded"),
]
NAMES = ("김하늘", "박산", "이바다", "정구름")
LEFT = ".queue .left"
Hold = Callable[[str, Sequence[str]], ExamDay]
UNDO = "button:has-text('방금 결정 취소')"
SECOND_CLICK = "() => document.querySelector('.decide .quiet').dispatchEvent(new MouseEvent('click', {detail: 2, bubbles: true}))"
PICTURE = "document.querySelector('.frame img')"


@pytest.fixture
def hold(system: EmbeddedSystem, tmp_path: Path) -> Iterator[Hold]:
    """Holds exams: `hold(title, names)`."""
    with ExitStack() as stack:
        yield lambda title, names: stack.enter_context(hold_exam(system, tmp_path, title, names))


def open_exam(window: Window, day: ExamDay, role: str = "teacher") -> None:
    window.sign_in(role, "/exams")
    window.page.click(f".exam a:has-text('{day.title}')")
    window.page.wait_for_selector(f"h1:has-text('{day.title}')")


def send_scan(window: Window, scan: Path) -> None:
    window.page.set_input_files(".send-scan input[type=file]", scan)
    window.page.click(".send-scan button[type=submit]")
    window.page.wait_for_selector(f".scans li:has-text('{scan.name}') .state.ready", timeout=PATIENCE * 1000)


def left(window: Window, text: str) -> None:
    window.page.wait_for_selector(f"{LEFT}:has-text('{text}')", state="attached")


@pytest.mark.requirement("OMR-4")
@pytest.mark.requirement("OMR-5")
def test_a_teacher_settles_what_is_doubtful_and_reads_the_scores(window: Window, hold: Hold) -> None:
    day = hold("6월 모의고사", NAMES)
    papers = [day.answers(wrong="2"), day.answers(unsure="4"), day.answers(unsure="7")]
    named = day.scan("class", NAMES[:3], papers)
    nameless = day.scan("late", [], [day.answers(wrong="5")])
    open_exam(window, day)
    window.page.wait_for_selector("[role=status]:has-text('아직 스캔이 없습니다')")
    send_scan(window, named)

    left(window, "페이지 2장 · 표시 2개")
    window.page.wait_for_selector(".review:has-text('박산') [data-field='4']")
    window.until(f"{PICTURE}.naturalWidth > 500")
    # The picture is at the field: its frame lies within what is seen of the picture.
    here, frame = window.page.locator(".here").bounding_box(), window.page.locator(".frame").bounding_box()
    assert here is not None
    assert frame is not None
    assert frame["y"] < here["y"] < here["y"] + here["height"] < frame["y"] + frame["height"]
    assert here["width"] > frame["width"] / 2
    assert "판독: 3" in window.page.inner_text("[data-field='4']")
    assert window.page.locator("[data-field='4'] [aria-pressed=true]").count() == 0
    window.page.set_viewport_size({"width": 360, "height": 740})
    assert window.read("document.documentElement.scrollWidth") <= 360
    window.page.set_viewport_size({"width": 1200, "height": 850})
    window.page.click("[data-field='4'] [data-choice='3']")
    window.page.click("button:has-text('결정하고 다음')")

    left(window, "페이지 1장 · 표시 1개")
    window.page.wait_for_selector(".review:has-text('이바다') [data-field='7']:focus")
    window.page.keyboard.press("Enter")
    window.page.wait_for_selector(".hint:has-text('먼저 선택')")
    window.page.keyboard.press("0")
    assert window.page.get_attribute("[data-field='7'] [data-choice='']", "aria-pressed") == "true"
    window.page.keyboard.press("3")
    window.page.keyboard.press("Enter")

    window.page.wait_for_selector(".results tbody tr")
    assert window.page.locator(".results tbody tr").count() == 3
    assert "정구름" in window.page.inner_text(".results")
    send_scan(window, nameless)

    left(window, "페이지 1장")
    window.page.wait_for_selector("[data-field='student']")
    window.page.wait_for_selector("[data-student]:has-text('정구름')")
    window.page.fill("input[type=search]", "구름")
    window.page.press("input[type=search]", "Enter")
    assert window.page.locator(".person[aria-pressed=true]").all_inner_texts()[0].startswith("정구름")
    window.page.keyboard.press("Enter")

    left(window, "확인할 페이지가 없습니다")
    window.page.wait_for_selector(".results tbody tr:nth-child(4)")
    rows = [each.split("\t")[1:3] for each in window.page.locator(".results tbody tr").all_inner_texts()]
    assert rows == [["박산", "80 / 80"], ["이바다", "80 / 80"], ["김하늘", "70 / 80"], ["정구름", "70 / 80"]]
    assert day.totals() == {"박산": 80, "이바다": 80, "김하늘": 70, "정구름": 70}
    window.page.click("button:has-text('성적 엑셀 만들기')")
    with window.page.expect_download() as book:
        window.page.click(".file:has-text('.xlsx')")
    assert Path(book.value.path()).read_bytes()[:2] == b"PK"
    window.page.click("button:has-text('오답노트 만들기')")
    window.page.wait_for_selector(".file:has-text('정구름')")
    assert "박산: 틀린 문항이 없습니다" in window.page.inner_text(".results")
    assert window.page.is_visible(".file:has-text('.xlsx')"), "what was made before is still there"


@pytest.mark.requirement("OMR-4")
def test_a_page_that_somebody_else_decided_is_shown_as_it_stands(window: Window, hold: Hold) -> None:
    day = hold("7월 모의고사", NAMES[:2])
    day.read(day.scan("class", NAMES[:2], [day.answers(unsure="4"), day.answers(unsure="6")]))
    open_exam(window, day, "owner")
    window.page.wait_for_selector("[data-field='4']")
    first = day.office.review(day.exam_id).items[0]
    day.office.decide(first.scan_id, first.page, {"4": ["2"]})
    window.page.keyboard.press("3")
    window.page.keyboard.press("Enter")

    window.page.wait_for_selector("[role=alert]:has-text('다른 사람')")
    window.forget_refusal(409)
    assert "이선생 · 4번 · 2" in window.page.inner_text(".log")
    window.page.click("button:has-text('다음 페이지')")
    window.page.wait_for_selector("[data-field='6']")
    assert window.page.inner_text("[role=alert]") == ""
    window.page.keyboard.press("3")
    window.page.keyboard.press("Enter")
    window.page.wait_for_selector(".results tbody tr")
    assert day.totals() == {"김하늘": 70, "박산": 80}, "the word of the first one stands"

    window.page.click("button:has-text('방금 결정 취소')")
    window.page.wait_for_selector("[data-field='6']")
    assert window.page.locator(".results").count() == 0
    assert "취소함" in (window.page.text_content(".log") or "")
    window.page.keyboard.press("1")
    window.page.keyboard.press("Enter")
    window.page.wait_for_selector(".results tbody tr")
    assert day.totals() == {"김하늘": 70, "박산": 70}


@pytest.mark.requirement("OMR-2")
@pytest.mark.requirement("OMR-4")
def test_a_page_that_cannot_be_read_says_why_and_is_set_aside_or_graded_by_hand(
    window: Window, hold: Hold, tmp_path: Path
) -> None:
    day = hold("8월 모의고사", NAMES[:1])
    white = tmp_path / "white.pdf"
    sheets = [Image.new("L", (1240, 1754), 250) for _ in range(2)]
    sheets[0].save(white, "PDF", save_all=True, append_images=sheets[1:], resolution=150)
    day.read(white)
    open_exam(window, day)
    left(window, "페이지 2장")
    window.page.click("summary:has-text('스캔')")
    assert "1번 스캔 1쪽 답안지로 보이지 않는 페이지입니다" in window.page.inner_text(".unread")
    assert "채점에서 제외해 주세요" in window.page.inner_text(".review .about")
    window.page.click("button:has-text('나중에')")
    window.page.wait_for_selector(".review:has-text('1번 스캔 2쪽')")
    window.page.click("button:has-text('채점에서 제외')")
    window.page.click("button:has-text('결정하고 다음')")

    left(window, "페이지 1장")
    window.page.wait_for_selector(".review:has-text('1번 스캔 1쪽')")
    window.page.click("button:has-text('직접 채점')")
    assert window.page.locator(".section[data-field]").count() == 9
    window.page.click("[data-student]:has-text('김하늘')")
    for question in ("1", "2", "3"):
        window.page.click(f"[data-field='{question}'] [data-choice='3']")
    window.page.click("button:has-text('결정하고 다음')")
    window.page.wait_for_selector(".results tbody tr")
    assert day.totals() == {"김하늘": 30}


@pytest.mark.requirement("OMR-4")
def test_a_decided_page_is_found_in_its_scan_and_changed(window: Window, hold: Hold) -> None:
    day = hold("3월 모의고사", NAMES[:1])
    key = [KeyEntry(question=str(at), answers=["3"], points=10.0) for at in range(1, QUESTIONS)]
    void = KeyEntry(question=str(QUESTIONS), kind="void", void="not_counted")
    day.office.set_key(day.exam_id, [*key, void])
    day.read(day.scan("class", NAMES[:1], [day.answers(unsure="4")]))
    scan = day.office.review(day.exam_id).items[0].scan_id
    day.office.decide(scan, 1, {"4": ["3"]})
    open_exam(window, day)
    window.page.wait_for_selector(".results tr:has-text('7 / 7')")
    window.page.click("summary:has-text('스캔')")
    window.page.click("summary:has-text('1쪽') >> nth=-1")
    window.page.click("[aria-label='1번 스캔 1쪽'].small")
    window.page.wait_for_selector(".review .log li:has-text('4번 · 3')")
    window.until(f"{PICTURE}.naturalWidth > 500")
    window.page.click("button:has-text('닫기')")
    window.page.wait_for_selector(".review", state="detached")
    window.until("document.activeElement.matches('.left')")

    window.page.click("[aria-label='1번 스캔 1쪽'].small")
    window.page.click("button:has-text('고치기')")
    assert "결정: 3" in window.page.inner_text("[data-field='4']")
    window.page.click("[data-field='4'] [data-choice='1']")
    window.page.keyboard.press("Enter")
    window.page.wait_for_selector(".results tr:has-text('6 / 7')")
    assert day.totals() == {"김하늘": 60}
    assert [each.marked for each in day.office.page(scan, 1).decisions] == [["3"], ["1"]]


@pytest.mark.requirement("OMR-2")
def test_a_file_that_is_no_scan_leaves_a_sentence_and_nothing_else(
    window: Window, hold: Hold, tmp_path: Path
) -> None:
    day = hold("9월 모의고사", NAMES[:1])
    text = tmp_path / "notes.pdf"
    text.write_text("no scan at all " * 100)
    open_exam(window, day)
    window.page.set_input_files(".send-scan input[type=file]", text)
    with window.page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        window.page.click(".send-scan button[type=submit]")
    assert deleted.value.status == 204
    window.page.wait_for_selector(".send-scan .error")
    window.forget_refusal(415)
    text.write_bytes(b"")
    window.page.set_input_files(".send-scan input[type=file]", text)
    window.page.click(".send-scan button[type=submit]")
    window.page.wait_for_selector(".send-scan .error:has-text('빈 파일입니다')")
    assert window.page.locator(".scans li").count() == 0
    window.forget_refusal(400)


@pytest.mark.requirement("OMR-2")
def test_an_upload_is_not_left_without_a_question_and_one_stopped_at_its_end_is_no_scan(
    window: Window, hold: Hold, tmp_path: Path
) -> None:
    day = hold("2월 모의고사", NAMES[:1])
    scan = tmp_path / "white.pdf"
    Image.new("L", (620, 877), 250).save(scan, "PDF", resolution=75)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    window.page.on("dialog", stay)
    open_exam(window, day)
    held: list[Route] = []

    def hold_up(route: Route) -> None:
        held.append(route)

    window.page.route("**/complete", hold_up)
    window.page.set_input_files(".send-scan input[type=file]", scan)
    window.page.click(".send-scan button[type=submit]")
    while not held:
        window.page.wait_for_timeout(50)
    window.page.click("#language")
    window.page.click("a:has-text('시험 목록')")
    assert ["업로드가 중단됩니다" in each for each in asked] == [True, True]
    window.page.click("button:has-text('중단')")
    held[0].continue_()
    window.page.wait_for_selector(".send-scan .error:has-text('중단했습니다')")
    window.page.click("#language")
    window.page.wait_for_selector("[role=status]:has-text('There are no scans')")
    assert len(asked) == 2


@pytest.mark.requirement("ACA-1")
def test_students_are_told_that_exams_are_not_theirs(window: Window) -> None:
    window.sign_in("student", "/exams")
    window.page.wait_for_selector("[role=status]:has-text('원장과 선생님만')")
    assert not window.page.is_visible("#pages")
    window.page.goto(f"{window.system.url}/exams/some-exam")
    window.page.wait_for_selector("[role=status]:has-text('원장과 선생님만')")


def test_the_header_leads_from_lectures_to_exams_and_a_lost_session_back_to_the_login(
    window: Window, hold: Hold
) -> None:
    day = hold("10월 모의고사", NAMES[:1])
    window.sign_in("teacher")
    window.page.click("#pages a:has-text('시험')")
    window.page.wait_for_selector(f".exam:has-text('{day.title}')")
    assert window.page.get_attribute("#pages a:has-text('시험')", "aria-current") == "page"
    window.page.click("#language")
    window.page.wait_for_selector("h1:has-text('Exams')")
    window.page.evaluate("() => sessionStorage.setItem('academy.token', 'gone')")
    window.page.click(f".exam a:has-text('{day.title}')")
    window.page.wait_for_selector("form.sign-in")
    assert "ended" in window.page.inner_text("#notice")
    window.forget_refusal(401)


@pytest.mark.requirement("OMR-1")
def test_an_exam_without_a_sheet_and_one_that_is_not_there_say_so(window: Window, hold: Hold) -> None:
    office = hold("11월 모의고사", NAMES[:1]).office
    bare = office.add_exam(office.add_class("답안지 없는 반").id, "구술 시험", 100.0)
    window.sign_in("teacher", f"/exams/{bare.id}")
    window.page.wait_for_selector("[role=status]:has-text('아직 답안지가 없습니다')")
    assert "답안지 없는 반" in window.page.inner_text("h1 + .facts")
    assert window.page.locator(".send-scan").count() == 0
    window.page.goto(f"{window.system.url}/exams/nothing")
    window.page.wait_for_selector("h1:has-text('없는 시험입니다')")
    window.forget_refusal(404)


@pytest.mark.requirement("OMR-4")
def test_what_a_lost_connection_interrupts_goes_on_where_it_was(window: Window, hold: Hold) -> None:
    day = hold("12월 모의고사", NAMES[:3])
    kept = day.scan("class", NAMES[:2], [day.answers(unsure="4"), day.answers(unsure="6")])
    day.read(kept)
    window.page.route("**/objects/**", lambda route: route.abort())
    open_exam(window, day)
    window.page.wait_for_selector(".sheet-picture:has-text('표시할 수 없습니다')")
    window.page.unroute_all()
    window.page.keyboard.press("ArrowRight")
    window.page.wait_for_selector("[data-field='6']")
    window.page.keyboard.press("ArrowLeft")
    window.page.wait_for_selector("[data-field='4']")
    window.until(f"{PICTURE}.naturalWidth > 500")

    def unanswered(route: Route) -> None:
        route.fetch()
        route.abort()

    window.page.route("**/decisions", unanswered, times=1)
    window.page.keyboard.press("3")
    window.page.keyboard.press("Enter")
    window.page.wait_for_selector("[role=alert]:has-text('연결할 수 없습니다')")
    assert window.page.get_attribute("[data-field='4'] [data-choice='3']", "aria-pressed") == "true"
    window.page.keyboard.press("Enter")
    window.page.wait_for_selector("[data-field='6']")
    assert window.page.inner_text("[role=alert]") == "", "the first word was the same person's"

    window.page.route("**/decisions", lambda route: route.abort(), times=1)
    window.page.click(UNDO)
    window.page.wait_for_selector("[role=alert]:has-text('연결할 수 없습니다')")
    window.page.click(UNDO)
    window.page.wait_for_selector("[data-field='4']")
    scan = day.office.review(day.exam_id).items[0].scan_id
    page = day.office.page(scan, 1)
    assert [each.marked for each in page.decisions] == [["3"], None]
    window.forget_refusal("net::ERR_FAILED")


@pytest.mark.requirement("OMR-4")
def test_a_held_key_and_a_double_click_decide_one_page_and_a_removed_scan_is_left(
    window: Window, hold: Hold
) -> None:
    day = hold("1월 모의고사", NAMES[:2])
    for name, unsure in zip(NAMES[:2], "46", strict=True):
        day.read(day.scan(name, [name], [day.answers(unsure=unsure)]))
    open_exam(window, day)
    window.page.wait_for_selector("[data-field='4']")
    before = day.office.review(day.exam_id).items
    window.page.keyboard.press("3")
    window.page.keyboard.down("Enter")
    window.page.wait_for_selector("[data-field='6']")
    window.page.focus("button:has-text('채점에서 제외')")
    for _ in range(3):
        window.page.keyboard.down("Enter")
    window.page.keyboard.up("Enter")
    left(window, "페이지 1장 · 표시 1개")

    window.page.click(UNDO)
    window.page.wait_for_selector("[data-field='4']")
    window.page.click("[data-field='4'] [data-choice='3']")
    window.page.click("button:has-text('결정하고 다음')")
    window.page.wait_for_selector("[data-field='6']")
    window.page.evaluate(SECOND_CLICK)
    window.page.wait_for_load_state("networkidle")
    left(window, "페이지 1장 · 표시 1개")

    day.office.remove_scan(before[1].scan_id)
    window.page.keyboard.press("3")
    window.page.keyboard.press("Enter")
    window.page.wait_for_selector("[role=alert]:has-text('삭제되었습니다')")
    left(window, "확인할 페이지가 없습니다")
    window.forget_refusal(404)


@pytest.mark.parametrize("path", ["/exams/%", "/exams/%E0%A4%A", "/watch/%"])
def test_an_address_that_nobody_can_read_is_told_so(window: Window, path: str) -> None:
    window.sign_in("teacher", path)
    window.page.wait_for_selector("main :text('없는')")
    window.forget_refusal(404)


@pytest.mark.requirement("ACA-1")
def test_skipping_to_the_content_keeps_the_page_and_the_session(window: Window) -> None:
    window.sign_in("teacher", "/exams")
    window.page.wait_for_selector("h1:has-text('시험')")
    window.page.focus(".skip")
    window.page.keyboard.press("Enter")
    window.until("document.activeElement.id === 'main'")
    window.page.reload()
    window.page.wait_for_selector("h1:has-text('시험')")
