"""Tesseract 5 as an OcrEngine: a process per picture, one thread, its time and memory bounded.

Its script model for Hangul is taken alone: with a second language beside it the Hangul errors rise from 1 to 8 % on the same pages,
and it reads English and numbers, too. `preserve_interword_spaces` keeps Korean words apart. Options: tesseract(1).
"""

import resource
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from academy.domain.ocr.page import Line, Word
from academy.infrastructure.tesseract.failures import broken, too_slow, unavailable
from academy.infrastructure.tesseract.hocr import characters_of
from academy.infrastructure.tesseract.tsv import lines_of

__all__ = ["TesseractEngine"]

_MODELS = ("Hangul", "script/Hangul")
_HELPERS = ("eng", "osd")
"""Models that tell single digits, and how a page stands; without them a page would be read wrong without a word."""
_SURE = (0.4, 3.0)  # of a page's orientation, as the program counts: upside down, and lying on its side
_DOUBTFUL = 3.0  # below it, a page called upside down is first read as it stands
_READS_WELL, _ENOUGH_WORDS = 0.7, 3  # middle confidence of words: 0.9 upright, 0.4 upside down
_LAID_OUT, _RAW_LINE, _ORIENTATION = "6", "13", "0"
_HALF = 2  # quarter turns
_FEW = "Too few characters"
_MAX_OUTPUT = 64 << 20


class TesseractEngine:
    """Asks the program; synchronous."""

    def __init__(
        self,
        program: str | None = None,
        *,
        seconds: float = 60.0,
        memory_bytes: int = 1 << 30,
        search_path: str | None = None,
    ) -> None:
        """Find the program (a path or name given by the operator, else "tesseract" on PATH) and its models. Raises OcrFailed(ocr_unavailable)."""
        found = shutil.which(program or "tesseract", path=search_path)
        if found is None:
            raise unavailable(f"no program {program or 'tesseract'}")
        self._program = found
        self._seconds = seconds
        self._memory = memory_bytes
        listed = self._ask(["--list-langs"]).splitlines()
        model = next((name for name in _MODELS if name in listed), None)
        if model is None:
            raise unavailable("no script model for Hangul")
        self._model = model
        missing = [name for name in _HELPERS if name not in listed]
        if missing:
            raise unavailable(f"no model {' and '.join(missing)}")

    def recognise(self, picture: Path) -> tuple[Line, ...]:
        """See OcrEngine."""
        stem = picture.with_suffix("")
        table, text = stem.with_suffix(".tsv"), stem.with_suffix(".txt")
        spaces = ["-c", "preserve_interword_spaces=1"]
        try:
            self._ask([str(picture), str(stem), "-l", self._model, "--psm", _LAID_OUT, *spaces, "tsv", "txt"])
            return lines_of(table.read_text("utf-8", "replace"), text.read_text("utf-8", "replace"))
        except FileNotFoundError:
            raise broken("it wrote no answer") from None
        finally:
            table.unlink(missing_ok=True)
            text.unlink(missing_ok=True)

    def digits(self, picture: Path) -> tuple[Word, ...]:
        """See OcrEngine. The model `eng` alone tells single digits well."""
        only = ["-c", "tessedit_char_whitelist=0123456789", "-c", "hocr_char_boxes=1"]
        return characters_of(self._ask([str(picture), "-", "-l", "eng", "--psm", _RAW_LINE, *only, "hocr"]))

    def turns(self, picture: Path) -> int:
        """See OcrEngine."""
        told = self._ask([str(picture), "-", "-l", "osd", "--psm", _ORIENTATION], may_see_nothing=True)
        values = dict(line.split(": ", 1) for line in told.splitlines() if ": " in line)
        turns = int(values.get("Rotate", "0")) // 90 % 4
        sure = float(values.get("Orientation confidence", "0"))
        if sure < _SURE[turns % 2]:
            return 0
        return 0 if turns == _HALF and sure < _DOUBTFUL and self._reads_well(picture) else turns

    def _reads_well(self, picture: Path) -> bool:
        """Return whether a page says something as it stands."""
        sure = [word.confidence for line in self.recognise(picture) for word in line.words]
        return len(sure) >= _ENOUGH_WORDS and median(sure) >= _READS_WELL

    def _ask(self, arguments: Sequence[str], *, may_see_nothing: bool = False) -> str:
        """Run the program and return what it prints."""
        environment = {"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
        try:
            with subprocess.Popen(  # noqa: S603 - a program the operator named, arguments of ours
                [self._program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
            ) as child:
                return self._answer(child, may_see_nothing=may_see_nothing)
        except OSError as error:
            raise unavailable(error.strerror or "the program does not start") from error

    def _answer(self, child: subprocess.Popen[bytes], *, may_see_nothing: bool) -> str:
        try:
            resource.prlimit(child.pid, resource.RLIMIT_AS, (self._memory, self._memory))
            resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (_MAX_OUTPUT, _MAX_OUTPUT))
        except ProcessLookupError:
            pass  # it has ended already
        try:
            out, err = child.communicate(timeout=self._seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise too_slow(f"more than {self._seconds:g} s") from None
        except BaseException:
            child.kill()
            raise
        words = err.decode("utf-8", "replace")
        if child.returncode != 0 and not (may_see_nothing and _FEW in words):
            raise broken(f"status {child.returncode}\n{words}")
        return out.decode("utf-8", "replace")
