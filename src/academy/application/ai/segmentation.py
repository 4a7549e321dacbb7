"""Job type `question_segmentation`: the questions of a paper, each with its picture (DOC-2)."""

from collections.abc import Set
from pathlib import Path

from academy.application.ai.files import MadeFile
from academy.application.ai.papers import Papers, stem_of
from academy.application.jobs.attempt import Work
from academy.contracts.ai import MadeDocument
from academy.contracts.ai_documents import FindQuestions, FoundPassage, FoundQuestion, QuestionsFound
from academy.contracts.children.documents import QuestionsAnswer
from academy.domain.document.document import DocumentPurpose
from academy.domain.ocr.numbering import LATEST_FIRST

__all__ = ["SegmentationHandler"]


class SegmentationHandler:
    """A JobHandler."""

    def __init__(self, papers: Papers) -> None:
        """Take what brings and reads papers."""
        self._papers = papers

    async def run(self, work: Work) -> QuestionsFound:
        """Find the questions of the document that the payload names. Raises WorkFailed."""
        payload = work.payload
        assert isinstance(payload, FindQuestions)
        about = f"exam:{payload.exam_id}" if payload.exam_id else f"document:{payload.document_id}"
        await self._papers.check_exam(work, payload.exam_id)
        async with self._papers.files.folder(work) as folder:
            source, name = await self._papers.fetch(work, payload.document_id, folder)
            answer = await self._papers.ask(work, "find_questions", source, folder, QuestionsAnswer)
            expected = await self._papers.questions(work, payload.exam_id)
            return await self._kept(work, folder, answer, expected, about, stem_of(name))

    async def _kept(
        self, work: Work, folder: Path, answer: QuestionsAnswer, expected: Set[int], about: str, stem: str
    ) -> QuestionsFound:
        many = len(answer.questions) + len(answer.passages)
        done = 0

        async def keep(file: str, name: str, subject: str) -> MadeDocument:
            nonlocal done
            made = MadeFile(folder / file, DocumentPurpose.CROP, f"{stem}-{name}.png", "image/png", subject)
            kept = await self._papers.files.keep(work, made)
            done += 1
            work.report("store", done / many)
            return kept

        questions = [
            FoundQuestion(
                number=each.number,
                boxes=tuple(each.boxes),
                passage=each.passage,
                document=await keep(each.file, str(each.number), f"{about}:question:{each.number}"),
            )
            for each in answer.questions
        ]
        passages = [
            FoundPassage(
                passage=each.passage,
                boxes=tuple(each.boxes),
                document=await keep(each.file, each.passage, f"{about}:passage:{each.passage}"),
            )
            for each in answer.passages
        ]
        work.report("store", 1.0)
        return QuestionsFound(
            pages=answer.pages,
            unreadable=answer.unreadable,
            questions=tuple(questions),
            passages=tuple(passages),
            missing=_missing([each.number for each in questions], expected),
        )


def _missing(numbers: list[int], expected: Set[int]) -> tuple[int, ...]:
    """Return the numbers that are not there: those of the exam's questions, or else those up to the last.

    They are counted from 1 where the first that was found is a low one, as a paper may rightly begin at 21.
    """
    first = min(numbers, default=1)
    counted = range(1 if first <= LATEST_FIRST else first, max(numbers, default=1))
    return tuple(sorted((expected or set(counted)) - set(numbers)))
