"""Ink on paper: even light, what is darker than the paper around it, and no ruled lines."""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.infrastructure.opencv.plane import Grey

__all__ = ["Ink", "ink_of"]

_REACH = 1 / 30  # of the longer side: wider than a stroke, narrower than a shadow
_LEAST_CONTRAST = 24  # of 255: weaker differences are paper
_ASKEW = 3  # pixels that a rule may climb on its way
_RULE = 1 / 8  # of a side: straight strokes this long are ruled, not written


@dataclass(frozen=True, slots=True)
class Ink:
    """What is on a page.

    Attributes:
        mask: 255 where there is ink.
        darkness: of every pixel against the paper around it: 0 as the paper, 255 black.
    """

    mask: Grey
    darkness: Grey


def ink_of(grey: Grey) -> Ink:
    """Find the ink on a picture of paper, dark on light."""
    size = max(3, round(max(grey.shape) * _REACH)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    paper = cv2.GaussianBlur(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, kernel), (size, size), 0)
    share = cv2.divide(grey, np.maximum(paper, 1).astype(np.uint8), scale=255)
    darkness = cast("Grey", cv2.bitwise_not(share))
    threshold, _ = cv2.threshold(darkness[darkness > _LEAST_CONTRAST // 2], 0, 255, cv2.THRESH_OTSU)
    limit = max(_LEAST_CONTRAST, min(threshold, 110.0)) if threshold else _LEAST_CONTRAST
    _, mask = cv2.threshold(darkness, limit, 255, cv2.THRESH_BINARY)
    return Ink(_without_rules(cast("Grey", mask)), darkness)


def _without_rules(mask: Grey) -> Grey:
    """Take out long straight lines of notebooks and frames; strokes that cross them are closed again."""
    height, width = mask.shape
    rules: NDArray[np.uint8] = np.zeros_like(mask)
    across, down = max(20, round(width * _RULE)), max(20, round(height * _RULE))
    for length, thick in (((1, across), (_ASKEW, 1)), ((down, 1), (1, _ASKEW))):
        thicker = cv2.dilate(mask, np.ones(thick, np.uint8))
        line = cv2.morphologyEx(thicker, cv2.MORPH_OPEN, np.ones(length, np.uint8))
        rules |= cv2.dilate(line, np.ones((3, 3), np.uint8)).astype(np.uint8)
    if not rules.any():
        return mask
    rest = np.where(rules > 0, 0, mask).astype(np.uint8)
    return cast("Grey", cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)))
