"""Wrong-answer notes (오답노트): what stands in one, apart from how it looks."""
