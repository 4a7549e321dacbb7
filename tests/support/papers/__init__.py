"""Exam papers and pages of text, typeset from a seed, with the truth about what stands where; shares no code with the reader."""
