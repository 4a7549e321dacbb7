"""The pages of homework in films, photos and scans: each counted once, however often it is seen.

A film shows a page for a while; frames between two pages show hands and blur. So frames of a film that look alike, one after the other,
make a scene, and a scene of a single frame is passed over.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from academy.application.ports.sheets import ScanInvalid
from academy.contracts.ai_pictures import HomeworkPage, HomeworkSource, Trouble
from academy.contracts.children.models import HomeworkRead, ReadHomework, SourceFiles
from academy.domain.failures import Failure
from academy.infrastructure.opencv.decode import decode
from academy.infrastructure.opencv.paper import Sheet, likeness, sheet_in
from academy.infrastructure.opencv.problems import PageUnread
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.scan import open_scan

__all__ = ["read_homework"]

_LIMITS = ScanLimits(pages=300)
_SAME_SCENE = 0.4  # somebody may be writing while the film runs
_SAME_PAGE = 0.45  # photos of one page are alike from 0.6 on, of two pages up to 0.3
_BLURRED = 0.5  # of the sharpness that a film's pages usually have
_LEAST_FRAMES = 2


@dataclass(frozen=True, slots=True)
class _Look:
    """A sheet, and where it was seen: a second of a film, or a page of a file."""

    document_id: str
    sheet: Sheet
    seconds: float | None = None
    page: int | None = None


@dataclass(slots=True)
class _Page:
    """A page: its best look and how many there are."""

    best: _Look
    looks: int


def read_homework(request: ReadHomework, report: Callable[[float], None]) -> HomeworkRead:
    """Find the pages; what is wrong with one document is said there. `report`: share done."""
    pages: list[_Page] = []
    sources = []
    done, whole = 0, sum(max(1, len(source.frames)) for source in request.sources)
    for source in request.sources:
        # Bound here, so that progress within a document starts where the one before ended.
        def partly(count: int, done: int = done) -> None:
            report(min(1.0, (done + count) / whole))

        sources.append(_film(source, pages, partly) if source.frames else _scan(source, pages))
        done += max(1, len(source.frames))
        partly(0, done)
    found = tuple(_told(number, page) for number, page in enumerate(pages, 1))
    return HomeworkRead(pages=found, sources=tuple(sources))


def _film(source: SourceFiles, pages: list[_Page], report: Callable[[int], None]) -> HomeworkSource:
    looks: list[_Look | None] = []
    for number, frame in enumerate(source.frames, 1):
        sheet = _frame(Path(frame.path))
        looks.append(None if sheet is None else _Look(source.document_id, sheet, seconds=frame.seconds))
        report(number)
    usual = median([look.sheet.sharpness for look in looks if look] or [0.0])
    sharp = [look if look and look.sheet.sharpness >= _BLURRED * usual else None for look in looks]
    for scene in _scenes(sharp):
        late = scene[len(scene) // 2 :]  # what is written in front of the camera counts
        _add(pages, max(late, key=lambda look: look.sheet.sharpness), len(scene))
    shown = sum(look is not None for look in looks)
    return HomeworkSource(document_id=source.document_id, kind="film", looked_at=len(looks), with_page=shown)


def _scenes(looks: Sequence[_Look | None]) -> Iterator[list[_Look]]:
    scene: list[_Look] = []
    for look in [*looks, None]:
        if look is not None and scene and likeness(scene[-1].sheet, look.sheet) >= _SAME_SCENE:
            scene.append(look)
            continue
        if len(scene) >= _LEAST_FRAMES:
            yield scene
        scene = [] if look is None else [look]


def _scan(source: SourceFiles, pages: list[_Page]) -> HomeworkSource:
    seen = shown = 0
    trouble: Trouble | None = None
    try:
        with open_scan(Path(source.scan), _LIMITS) as scan:
            for number in range(1, scan.count + 1):
                picture = scan.picture(number)
                seen += 1
                if picture.problem is not None:
                    trouble = trouble or _trouble(picture.problem)
                    continue
                try:
                    sheet = sheet_in(decode(picture).grey)
                except PageUnread as unread:
                    trouble = trouble or _trouble(unread.failure)
                    continue
                if sheet is not None:
                    shown += 1
                    _add(pages, _Look(source.document_id, sheet, page=number), 1)
    except ScanInvalid as invalid:
        trouble = _trouble(invalid.failure)
    return HomeworkSource(
        document_id=source.document_id, kind="scan", looked_at=seen, with_page=shown, trouble=trouble
    )


def _frame(path: Path) -> Sheet | None:
    """Return the sheet in a frame; None, too, for one that ffmpeg wrote and nobody can open: the next second shows the same."""
    try:
        with open_scan(path, _LIMITS) as scan:
            picture = scan.picture(1)
            return None if picture.problem is not None else sheet_in(decode(picture).grey)
    except (PageUnread, ScanInvalid):
        return None


def _add(pages: list[_Page], look: _Look, looks: int) -> None:
    """Count a look to the page that it shows, or to a new one."""
    nearest = max(pages, key=lambda page: likeness(page.best.sheet, look.sheet), default=None)
    if nearest is None or likeness(nearest.best.sheet, look.sheet) < _SAME_PAGE:
        pages.append(_Page(look, looks))
        return
    nearest.looks += looks
    if look.sheet.sharpness > nearest.best.sheet.sharpness:
        nearest.best = look


def _told(number: int, page: _Page) -> HomeworkPage:
    best = page.best
    return HomeworkPage(
        number=number,
        document_id=best.document_id,
        seconds=best.seconds,
        page=best.page,
        looks=page.looks,
        written_ratio=round(best.sheet.written, 4),
        ink_ratio=round(best.sheet.ink, 4),
    )


def _trouble(failure: Failure) -> Trouble:
    return Trouble(code=failure.code, message=failure.message, message_ko=failure.message_ko)
