"""Payloads and results of the job types that look at handwriting and homework (DOC-4)."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from academy.contracts.base import Contract

__all__ = [
    "AnalyseHandwriting",
    "AnalyseHomework",
    "HandwritingAnalysed",
    "HandwritingMeasures",
    "HandwritingPage",
    "HandwritingScores",
    "HomeworkAnalysed",
    "HomeworkPage",
    "HomeworkSource",
    "Remark",
    "Trouble",
]

_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Score = Annotated[int, Field(ge=0, le=100)]
_Share = Annotated[float, Field(ge=0, le=1)]


class Trouble(Contract):
    """What is wrong with one part; the rest is done."""

    code: str
    message: str
    message_ko: str


# ── Handwriting ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class AnalyseHandwriting(Contract):
    """`handwriting_analysis`: measure the handwriting on a scan or photo."""

    document_id: _Id
    pages: int = Field(10, ge=1, le=50, description="Looked at, from the first.")


class HandwritingScores(Contract):
    """Scores from 0 to 100, by measuring the ink alone: nothing is read, and printed text is measured like handwriting."""

    legibility: _Score = Field(description="Dark on light, of one size, on straight lines.")
    pressure: _Score = Field(description="How dark the strokes are: 0 hardly seen, 100 black.")
    slant: _Score = Field(description="100: strokes stand upright; 0: they lean by 45 degrees.")
    spacing: _Score = Field(description="How even lines and gaps are.")


class HandwritingMeasures(Contract):
    """What the scores come from."""

    marks: int = Field(description="Connected strokes.")
    darkness: float = Field(description="0: as the paper, 1: black.")
    slant_degrees: float = Field(description="Positive leans to the right.")
    size_variation: float = Field(description="Standard deviation of the height of marks, by their mean.")
    gap_variation: float = Field(description="The same of the gaps between marks of a line.")
    line_variation: float = Field(description="The same of the distances of lines; 0 for fewer than three.")
    wander: float = Field(description="How far marks stray from their line, in heights of a mark.")


class Remark(Contract):
    """A sentence about one score."""

    about: Literal["legibility", "pressure", "slant", "spacing"]
    text: str
    text_ko: str


class HandwritingPage(Contract):
    """One page, or why it has no scores."""

    page: int = Field(ge=1)
    scores: HandwritingScores | None = None
    measures: HandwritingMeasures | None = None
    remarks: tuple[Remark, ...] = Field((), strict=False)
    trouble: Trouble | None = None


class HandwritingAnalysed(Contract):
    """Result of `handwriting_analysis`."""

    pages: tuple[HandwritingPage, ...] = Field(strict=False)
    overall: HandwritingScores | None = Field(
        description="Mean over the pages by their marks; null without any."
    )
    remarks: tuple[Remark, ...] = Field((), strict=False)


# ── Homework ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class AnalyseHomework(Contract):
    """`homework_video_analysis`: find the pages in films, photos and scans of homework, and how much is written on each."""

    document_ids: tuple[_Id, ...] = Field(min_length=1, max_length=60, strict=False)
    interval_seconds: float = Field(
        1.0, ge=0.2, le=30, description="Between the frames of a film that are looked at."
    )


class HomeworkPage(Contract):
    """One page, however often it is seen."""

    number: int = Field(ge=1)
    document_id: str = Field(description="Where it is seen best.")
    seconds: float | None = Field(description="When, in a film.")
    page: int | None = Field(description="Which page of the file, otherwise.")
    looks: int = Field(ge=1, description="Frames and pictures that show it.")
    written_ratio: _Share = Field(description="Share of the page's area with writing or print on it.")
    ink_ratio: _Share = Field(description="Share that is ink.")


class HomeworkSource(Contract):
    """What came of one document."""

    document_id: str
    kind: Literal["film", "scan"]
    looked_at: int = Field(ge=0, description="Frames or pages.")
    with_page: int = Field(ge=0, description="Of these, how many show a page.")
    trouble: Trouble | None = None


class HomeworkAnalysed(Contract):
    """Result of `homework_video_analysis`."""

    pages: tuple[HomeworkPage, ...] = Field(strict=False)
    sources: tuple[HomeworkSource, ...] = Field(strict=False)
    written_ratio: _Share = Field(description="Mean over the pages; 0 without any.")
