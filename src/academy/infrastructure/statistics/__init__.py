"""How texts lie to each other, by counting words: no model, no network."""

from academy.infrastructure.statistics.maths import StatisticalGraphMaths

__all__ = ["StatisticalGraphMaths"]
