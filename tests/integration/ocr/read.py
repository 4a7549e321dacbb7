"""Pages read with the real engine, as the process of a job reads them."""

from pathlib import Path

from PIL import Image

from academy.bootstrap.children.documents import find_questions, read_print
from academy.contracts.ai_documents import PrintedPages
from academy.contracts.children.documents import QuestionsAnswer, ReadingAnswer

__all__ = ["Read", "questions", "read", "saved"]


class Read:
    """What was answered, and the words in reading order."""

    def __init__(self, answer: ReadingAnswer, folder: Path) -> None:
        self.answer = answer
        self.folder = folder
        text = (folder / answer.text).read_text(encoding="utf-8")
        self.pages = PrintedPages.model_validate_json(text).pages
        self.words = [
            word.text
            for page in self.pages
            for column in page.columns
            for line in column.lines
            for word in line.words
        ]


def saved(pictures: list[Image.Image], target: Path) -> Path:
    """Write pages as a TIFF."""
    first, *rest = pictures
    first.save(target, save_all=True, append_images=rest, compression="tiff_lzw")
    return target


def read(source: Path, folder: Path, program: str = "") -> Read:
    """Read a file."""
    return Read(read_print(_request(source, folder, program), lambda _step, _done: None), folder)


def questions(source: Path, folder: Path) -> QuestionsAnswer:
    """Find the questions of a file."""
    return find_questions(_request(source, folder, ""), lambda _step, _done: None)


def _request(source: Path, folder: Path, program: str) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    return {"source": str(source), "folder": str(folder), "program": program}
