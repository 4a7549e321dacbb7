"""Printed sheets as pictures, filled in by somebody."""

from pathlib import Path
from random import Random

import pypdfium2
from PIL import Image
from tests.integration.ai.hagwon import SPEC

from academy.infrastructure.scribble.filling import fill_in
from academy.infrastructure.scribble.hand import Habit, Hand, Tool, hand_of
from academy.infrastructure.scribble.plan import Rates
from academy.infrastructure.scribble.truth import SheetTruth

__all__ = ["filled", "pictures"]

DPI = 200


def pictures(pdf: Path) -> list[Image.Image]:
    """Return the pages of a PDF as a scanner would see them."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=DPI / 72).to_pil().convert("RGB") for page in document]


def filled(page: Image.Image, seed: int, identifier: str) -> tuple[Image.Image, SheetTruth]:
    """Return a personal sheet filled in plainly with a dark pencil, and what was meant."""
    found = hand_of(Random(seed), Tool.DARK_PENCIL)
    hand = Hand(found.tool, found.ink, found.pen, found.slop, found.reach, Habit.FILL)
    return fill_in(page, SPEC, hand, seed, identifier, printed=True, rates=Rates())
