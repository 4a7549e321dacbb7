"""A stack of answer sheets filled in and scanned, for the demonstration: what a class would bring back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from PIL import Image

from academy.application.ai.sheet_json import from_contract
from academy.contracts.omr import SheetSpecification
from academy.infrastructure.scribble.filling import fill_in
from academy.infrastructure.scribble.hand import Tool, hand_of
from academy.infrastructure.scribble.paper import rendered
from academy.infrastructure.scribble.plan import Meant
from academy.infrastructure.scribble.truth import How

__all__ = ["Answers", "scan_of"]

DPI = 200
_QUALITY = 70
_SKEW_DEGREES = 1.2
_PENCILS = (Tool.DARK_PENCIL, Tool.BLACK_PEN, Tool.DARK_PENCIL)


@dataclass(frozen=True, slots=True)
class Answers:
    """What one person answers: the choice by field; fields in `unsure` are ringed instead of filled."""

    choices: Mapping[str, str]
    unsure: frozenset[str] = field(default_factory=frozenset)


def scan_of(
    sheets: Path, specification: SheetSpecification, answers: Sequence[Answers], seed: int, target: Path
) -> None:
    """Write a PDF with a page for each of `answers` on the printed `sheets`, as a scanner makes it: on its side and a little askew.

    The identifier stands on the sheets already. Raises ValueError when there are not as many sheets as answers.
    """
    spec = from_contract(specification)
    pages = rendered(sheets, DPI)
    if len(pages) != len(answers):
        raise ValueError(f"{len(pages)} sheets for {len(answers)} people")
    rng = Random(seed)  # noqa: S311 (nothing is kept secret by it)
    scanned = []
    for page, given in zip(pages, answers, strict=True):
        hand = hand_of(rng, rng.choice(_PENCILS))
        meant = {
            name: Meant(How.RINGED if name in given.unsure else How.FILLED, choice)
            for name, choice in given.choices.items()
        }
        filled, _ = fill_in(page, spec, hand, rng.randrange(1 << 30), printed=True, meant=meant)
        scanned.append(_scanned(filled, rng))
    first, *rest = scanned
    first.save(target, "PDF", save_all=True, append_images=rest, resolution=DPI, quality=_QUALITY)


def _scanned(page: Image.Image, rng: Random) -> Image.Image:
    """Return the page as a feeder takes it in: grey, askew, on its side."""
    askew = page.rotate(
        rng.uniform(-_SKEW_DEGREES, _SKEW_DEGREES), Image.Resampling.BICUBIC, fillcolor="white"
    )
    return askew.convert("L").transpose(Image.Transpose.ROTATE_90)
