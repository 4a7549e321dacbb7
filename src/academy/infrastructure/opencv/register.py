"""Lay the picture of a filled sheet over the scan of the empty one."""

import cv2
import numpy as np

from academy.infrastructure.opencv.edge import page_edges
from academy.infrastructure.opencv.plane import Floats, Grey, corners_of, page_map, plausible

__all__ = ["registered"]

_FEATURES = 4_000
_FEWEST = 14  # matches that agree
_RATIO = 0.8
_TALL = 640  # pixels of the small pictures in which guesses are compared and refined
_REFINED = 3  # guesses
_STOP = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 60, 1e-4)


def registered(grey: Grey, blank: Grey, page: tuple[float, float]) -> list[Floats]:
    """Return maps from millimetres of the page (width, height) to pixels of `grey`, the likeliest first.

    The scan of the empty sheet is the page from edge to edge. Guesses come from features that match and from the edge of the paper, in
    all four turns; the best are refined until the pictures agree.
    """
    small = (round(_TALL * page[0] / page[1]), _TALL)
    to_page = np.diag((page[0] / small[0], page[1] / small[1], 1.0))
    empty = np.asarray(
        cv2.GaussianBlur(cv2.resize(blank, small, interpolation=cv2.INTER_AREA), (5, 5), 0), np.uint8
    )
    whole = corners_of(*page)
    guesses = [
        page_map(whole, np.roll(quad, turn, axis=0), 3.0) for quad in page_edges(grey) for turn in range(4)
    ]
    guesses.append(_by_features(grey, blank, page))
    size = (grey.shape[1], grey.shape[0])
    fair = [one @ to_page for one in guesses if one is not None and plausible(one, page, size)]
    soft = np.asarray(cv2.GaussianBlur(grey, (5, 5), 0), np.uint8)
    ranked = sorted(((_agreement(soft, empty, one), at) for at, one in enumerate(fair)), reverse=True)
    refined = [_refined(soft, empty, fair[at]) for _, at in ranked[:_REFINED]]
    refined.sort(key=lambda one: -one[0])
    return [np.asarray(matrix @ np.linalg.inv(to_page)) for _, matrix in refined]


def _agreement(soft: Grey, empty: Grey, matrix: Floats) -> float:
    """Return how alike the empty sheet and the picture under `matrix` are, -1 to 1."""
    height, width = empty.shape
    flat = cv2.warpPerspective(soft, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return float(cv2.matchTemplate(flat, empty, cv2.TM_CCOEFF_NORMED)[0, 0])


def _refined(soft: Grey, empty: Grey, matrix: Floats) -> tuple[float, Floats]:
    start = (matrix / matrix[2, 2]).astype(np.float32)
    try:
        agreed, fine = cv2.findTransformECC(empty, soft, start, cv2.MOTION_HOMOGRAPHY, _STOP)
    except cv2.error:  # it did not converge: the guess stands as it was
        return _agreement(soft, empty, matrix), matrix
    return agreed, np.asarray(fine, dtype=np.float64)


def _by_features(grey: Grey, blank: Grey, page: tuple[float, float]) -> Floats | None:
    finder = cv2.ORB.create(nfeatures=_FEATURES, edgeThreshold=15, patchSize=31, fastThreshold=10)
    points, marks = finder.detectAndCompute(blank, None)
    others, theirs = finder.detectAndCompute(grey, None)
    if len(points) < _FEWEST or len(others) < _FEWEST:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(marks, theirs, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < _RATIO * pair[1].distance]
    if len(good) < _FEWEST:
        return None
    source = np.array([points[one.queryIdx].pt for one in good], dtype=np.float32)
    target = np.array([others[one.trainIdx].pt for one in good], dtype=np.float32)
    found, agree = cv2.findHomography(source, target, cv2.USAC_MAGSAC, 3.0, maxIters=5_000, confidence=0.999)
    if found is None or int(np.count_nonzero(agree)) < _FEWEST:
        return None
    height, width = blank.shape
    return np.asarray(found @ np.diag((width / page[0], height / page[1], 1.0)), dtype=np.float64)
