"""Find sheets of paper by their edge."""

import cv2
import numpy as np

from academy.infrastructure.opencv.plane import Floats, Grey, Line

__all__ = ["page_edges"]

_LEAST_SHARE = 0.08
_MOST = 3


def page_edges(grey: Grey) -> list[Floats]:
    """Return the corners (4, 2) of what may be the page, clockwise, the largest first; the whole picture comes last."""
    soft = cv2.GaussianBlur(grey, (5, 5), 0)
    level, _ = cv2.threshold(soft, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    found: list[tuple[float, Floats]] = []
    for shift in (0, -20, 20):
        _, light = cv2.threshold(soft, level + shift, 255, cv2.THRESH_BINARY)
        closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
        contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for contour in contours:
            area = float(cv2.contourArea(contour))
            if area < _LEAST_SHARE * grey.size:
                continue
            quad = _quad(contour)
            if quad is not None and not any(np.abs(quad - other).max() < 4 for _, other in found):
                found.append((area, quad))
    found.sort(key=lambda one: -one[0])
    height, width = grey.shape
    whole = np.array(((0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)), dtype=np.float64)
    return [quad for _, quad in found[:_MOST]] + [whole]


def _quad(contour: Line) -> Floats | None:
    """Return four corners from lines laid through the four sides of a contour; None when it has no four sides."""
    hull = cv2.convexHull(contour)
    around = cv2.arcLength(hull, True)
    rough: Floats | None = None
    for share in (0.02, 0.03, 0.05, 0.08):
        corners = cv2.approxPolyDP(hull, share * around, True).reshape(-1, 2)
        if len(corners) == 4:
            rough = corners.astype(np.float64)
            break
    if rough is None:
        return None
    after = np.roll(rough, -1, axis=0)
    if float(np.sum(rough[:, 0] * after[:, 1] - _crossed(after, rough))) < 0:
        rough = rough[::-1]
    points = contour.reshape(-1, 2).astype(np.float64)
    lines = [_line(points, rough[at], rough[(at + 1) % 4]) for at in range(4)]
    crossings = [_crossing(lines[at - 1], lines[at]) for at in range(4)]
    if any(one is None for one in crossings):
        return rough
    fine = np.array(crossings, dtype=np.float64)
    return fine if float(np.abs(fine - rough).max()) < 0.05 * around else rough


def _crossed(after: Floats, before: Floats) -> Floats:
    """Return the other half of the cross products of a way around."""
    return np.asarray(after[:, 0] * before[:, 1])


def _line(points: Floats, start: Floats, end: Floats) -> tuple[float, float, float, float]:
    """Return a line (direction, point) through those points of the contour that lie along a side, its ends left out."""
    side = end - start
    length = float(np.hypot(*side))
    along = ((points - start) @ side) / length**2
    off = np.abs((points[:, 0] - start[0]) * side[1] - (points[:, 1] - start[1]) * side[0]) / length
    near = points[(along > 0.06) & (along < 0.94) & (off < 0.03 * length)]
    if len(near) < 8:
        return float(side[0] / length), float(side[1] / length), float(start[0]), float(start[1])
    fitted = cv2.fitLine(near.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    return float(fitted[0]), float(fitted[1]), float(fitted[2]), float(fitted[3])


def _crossing(
    one: tuple[float, float, float, float], two: tuple[float, float, float, float]
) -> tuple[float, float] | None:
    across = one[0] * two[1] - one[1] * two[0]
    if abs(across) < 0.1:
        return None
    share = ((two[2] - one[2]) * two[1] - (two[3] - one[3]) * two[0]) / across
    return one[2] + share * one[0], one[3] + share * one[1]
