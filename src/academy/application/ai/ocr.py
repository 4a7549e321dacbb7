"""Job type `ocr`: the print of a paper as text with boxes, formulas and pictures as crops (DOC-1)."""

from pathlib import Path

from academy.application.ai.files import MadeFile
from academy.application.ai.papers import Papers, stem_of
from academy.application.jobs.attempt import Work
from academy.contracts.ai_documents import KeptCrop, PrintRead, ReadPrint
from academy.contracts.children.documents import ReadingAnswer
from academy.domain.document.document import DocumentPurpose

__all__ = ["OcrHandler"]


class OcrHandler:
    """A JobHandler."""

    def __init__(self, papers: Papers) -> None:
        """Take what brings and reads papers."""
        self._papers = papers

    async def run(self, work: Work) -> PrintRead:
        """Read the document that the payload names. Raises WorkFailed."""
        payload = work.payload
        assert isinstance(payload, ReadPrint)
        async with self._papers.files.folder(work) as folder:
            source, name = await self._papers.fetch(work, payload.document_id, folder)
            answer = await self._papers.ask(work, "read_print", source, folder, ReadingAnswer)
            return await self._kept(work, folder, answer, f"document:{payload.document_id}", stem_of(name))

    async def _kept(
        self, work: Work, folder: Path, answer: ReadingAnswer, subject: str, stem: str
    ) -> PrintRead:
        files = self._papers.files
        text = MadeFile(
            folder / answer.text, DocumentPurpose.EXPORT, f"{stem}.json", "application/json", subject
        )
        document = await files.keep(work, text)
        crops = []
        for number, crop in enumerate(answer.crops, start=1):
            file_name = f"{stem}-{crop.kind}-{number}.png"
            made = MadeFile(folder / crop.file, DocumentPurpose.CROP, file_name, "image/png", subject)
            kept = await files.keep(work, made)
            crops.append(KeptCrop(number=number, kind=crop.kind, box=crop.box, document=kept))
            work.report("store", number / len(answer.crops))
        work.report("store", 1.0)
        return PrintRead(
            pages=answer.pages,
            unreadable=answer.unreadable,
            words=answer.words,
            confidence=answer.confidence,
            document=document,
            crops=tuple(crops),
            crops_left_out=answer.left_out,
        )
