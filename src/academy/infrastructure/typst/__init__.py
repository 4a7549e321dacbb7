"""Typesets wrong-answer notes with typst."""

from academy.infrastructure.typst.typesetter import TypstNoteTypesetter

__all__ = ["TypstNoteTypesetter"]
