"""PPTX into text: slide after slide, the title first, then its shapes, then its notes."""

from collections.abc import Iterable, Iterator
from typing import IO, Any

import pptx
from pptx.exc import PythonPptxError

from academy.domain.graph.source import Kind, SourceDocument
from academy.infrastructure.sources.clean import plain, titled
from academy.infrastructure.sources.limits import SourceLimits
from academy.infrastructure.sources.office import BROKEN, properties_of
from academy.infrastructure.sources.refusals import refused

__all__ = ["slides_document"]

_GROUP = 6

_Shape = Any  # of many classes, told apart as it is read


def slides_document(file: IO[bytes], name: str, title: str, limits: SourceLimits) -> SourceDocument:
    """Read a file that `check_office` let pass. Raises SourceUnreadable broken_document, input_too_large."""
    try:
        shown = pptx.Presentation(file)
        if len(shown.slides) > limits.pages:
            raise refused("input_too_large", f"{len(shown.slides):,} slides, at most {limits.pages:,}")
        told = [_slide(slide) for slide in shown.slides]
        named, *times = properties_of(shown.part.package)
    except (*BROKEN, PythonPptxError) as error:
        raise refused("broken_document", type(error).__name__) from error
    first = next((head for head, _ in told if head), "")
    text = plain("\n\n".join(body for _, body in told if body))
    return SourceDocument(name, Kind.DOCUMENT, named or first or title, text, (), *times)


def _slide(slide: Any) -> tuple[str, str]:  # noqa: ANN401 - the library has no public name for it
    """Return title and text of a slide."""
    heading = slide.shapes.title
    title = titled(heading.text_frame.text) if heading is not None else ""
    parts = [f"# {title}"] if title else []
    apart = heading.shape_id if heading is not None else None
    parts += [text for text in _shapes(slide.shapes, apart) if text]
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = plain(slide.notes_slide.notes_text_frame.text)
        parts += [notes] if notes else []
    return title, "\n\n".join(parts)


def _shapes(shapes: Iterable[_Shape], apart: int | None) -> Iterator[str]:
    for shape in shapes:
        if shape.shape_id == apart:
            continue
        if shape.shape_type == _GROUP:
            yield from _shapes(shape.shapes, apart)
        elif shape.has_text_frame:
            yield plain(shape.text_frame.text.replace("\v", "\n"))
        elif getattr(shape, "has_table", False) and shape.has_table:
            yield "\n".join(
                " | ".join(" ".join(cell.text.split()) for cell in row.cells) for row in shape.table.rows
            )
