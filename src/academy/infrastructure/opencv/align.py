"""Where the printed outlines really are: small local corrections of a page's map, and how well the map fits at all."""

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.infrastructure.opencv.patches import (
    ACROSS,
    COLUMNS,
    DOWN,
    REACH,
    ROWS,
    Layout,
    Patches,
    Singles,
    sample,
)
from academy.infrastructure.opencv.plane import Floats, Grey, Line

__all__ = ["aligned", "fit"]

_SEARCH = 4  # samples of a patch, each way
_TRUSTED = 0.35  # correlation from which a shift is believed
_PROBES = 120
_ENOUGH = 17  # bubbles of a chunk; prime, so that steps do not fall on one choice


def _template(*, box: bool) -> Singles:
    """Return the outline of a bubble, smaller than a patch by the search; dark is positive, and the mean is 0."""
    cut = (slice(_SEARCH, ROWS - _SEARCH), slice(_SEARCH, COLUMNS - _SEARCH))
    u, v = np.abs(ACROSS[cut]), np.abs(DOWN[cut])
    radius = np.maximum(u, v) if box else np.hypot(u, v)
    outline = np.exp(-(((radius - 1.0) / 0.16) ** 2))
    return outline.astype(np.float32)


_ELLIPSE, _BOX = _template(box=False), _template(box=True)
_STEP = np.array((2 * REACH / (COLUMNS - 1), 2 * REACH / (ROWS - 1)))


def _match(patch: Singles, *, box: bool) -> tuple[float, Floats]:
    """Return how well the outline fits (-1 to 1), and by how many half widths and half heights it is off."""
    scores = cv2.matchTemplate(patch, _BOX if box else _ELLIPSE, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    fine: Floats = np.array([x + _vertex(scores[y, :], x), y + _vertex(scores[:, x], y)])
    return float(best), (fine - _SEARCH) * _STEP


def _vertex(values: Line, at: int) -> float:
    """Return where the parabola through a maximum and its neighbours has its top, from -0.5 to 0.5."""
    if not 0 < at < len(values) - 1:
        return 0.0
    before, here, after = (float(one) for one in values[at - 1 : at + 2])
    bend = before - 2 * here + after
    return 0.0 if bend >= 0 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))


def _typical(values: Singles) -> Singles:
    """Return the patch that most are like, as darkness: neither marks nor what is printed within differ much in it."""
    at = (2 * len(values)) // 3
    typical = np.partition(values, at, axis=0)[at]
    return np.asarray(255 - typical, dtype=np.float32)


def _shifts(grey: Grey, matrix: Floats, layout: Layout) -> tuple[Floats, Floats]:
    """Return the shift of each chunk (chunks, 2) in half sizes of its bubbles, and how well each fits (chunks,)."""
    chosen = [_spread(np.flatnonzero(layout.chunk == chunk)) for chunk in range(int(layout.chunk.max()) + 1)]
    rows = np.concatenate(chosen)
    values = sample(grey, matrix, layout.centres[rows], layout.halves[rows]).values
    moved, quality = np.zeros((len(chosen), 2)), np.zeros(len(chosen))
    at = 0
    for chunk, members in enumerate(chosen):
        score, off = _match(_typical(values[at : at + len(members)]), box=bool(layout.box[members[0]]))
        at += len(members)
        quality[chunk] = score
        if score >= _TRUSTED:
            moved[chunk] = off
    return moved, quality


def _spread(members: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return a few of them from everywhere: their outlines are the same."""
    step = -(-len(members) // _ENOUGH)
    return members[step // 2 :: step]


def aligned(grey: Grey, matrix: Floats, layout: Layout) -> tuple[Patches, Floats]:
    """Return the patches of all bubbles where the outlines are, and how well each chunk fits (chunks,), -1 to 1."""
    moved, quality = _shifts(grey, matrix, layout)
    centres = layout.centres + moved[layout.chunk] * layout.halves
    return sample(grey, matrix, centres, layout.halves), quality


def fit(grey: Grey, matrix: Floats, layout: Layout) -> float:
    """Return how well the outlines of a selection of bubbles are seen where the map puts them, -1 to 1."""
    chosen = np.linspace(0, len(layout.centres) - 1, min(_PROBES, len(layout.centres))).astype(int)
    patches = sample(grey, matrix, layout.centres[chosen], layout.halves[chosen])
    scores, weights = 0.0, 0
    for box in (False, True):
        members = layout.box[chosen] == box
        if members.any():
            score, off = _match(_typical(patches.values[members]), box=box)
            scores += (score - 0.15 * float(np.abs(off).sum())) * int(members.sum())
            weights += int(members.sum())
    return scores / weights
