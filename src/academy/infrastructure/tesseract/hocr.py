"""Single characters with their boxes, from the program's hOCR (option hocr_char_boxes)."""

import re

from academy.domain.ocr.page import Box, Word

__all__ = ["characters_of"]

_CHARACTER = re.compile(r"x_bboxes (\d+) (\d+) (\d+) (\d+); x_conf ([0-9.]+)'>(\w)<")


def characters_of(page: str) -> tuple[Word, ...]:
    """Return each letter or digit as a word."""
    return tuple(
        Word(sign, Box(int(left), int(top), int(right), int(bottom)), min(1.0, float(sure) / 100))
        for left, top, right, bottom, sure, sign in _CHARACTER.findall(page)
    )
