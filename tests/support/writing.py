"""Pictures of written pages, drawn with a seed: no fonts, so nothing of the product's; and photos of them on a dark desk.

page = written_page(seed=1, lean=12, ink=40)      # grey, dark on light
photo = photographed(page, seed=1)
"""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["blank_page", "desk", "photographed", "written_page"]

Grey = NDArray[np.uint8]
WIDTH, HEIGHT = 1240, 1754  # A4 at 150 dpi
PAPER = 235


def blank_page(*, ruled: bool = False) -> Grey:
    """Return a page with nothing on it, or with a notebook's lines."""
    page = np.full((HEIGHT, WIDTH), PAPER, np.uint8)
    if ruled:
        for y in range(140, HEIGHT - 80, 60):
            cv2.line(page, (0, y), (WIDTH, y), 170, 2)
    return page


def written_page(
    seed: int,
    *,
    lean: float = 0.0,
    ink: int = 40,
    mess: float = 0.0,
    share: float = 1.0,
    ruled: bool = False,
) -> Grey:
    """Return a page of signs in lines.

    Args:
        seed: of the signs.
        lean: degrees to the right.
        ink: grey of the strokes, 0 black.
        mess: 0 for one size, straight lines and even gaps; 1 for nothing of it.
        share: of the lines that are written, from the top.
        ruled: on a notebook's lines.
    """
    random = np.random.default_rng(seed)
    page = blank_page(ruled=ruled)
    rows = range(130, HEIGHT - 120, 60)
    for row in list(rows)[: round(len(rows) * share)]:
        x, base = 90.0, row + mess * random.normal(0, 14)
        while x < WIDTH - 140:
            size = 34 * float(np.exp(mess * random.normal(0, 0.45)))
            if random.random() < 0.75 or mess == 0:
                _sign(page, random, (x, base + mess * random.normal(0, 12)), size, lean, ink)
            x += size + 12 + mess * abs(random.normal(0, 35))
    return page


def _sign(
    page: Grey,
    random: np.random.Generator,
    place: tuple[float, float],
    size: float,
    lean: float,
    ink: int,
) -> None:
    """Draw a sign that is connected: an upright, and bars that start on it."""
    shear = np.tan(np.radians(lean))
    left, base = place

    def at(x: float, y: float) -> tuple[int, int]:
        return round(left + x * size + shear * y * size), round(base - y * size)

    stem = random.uniform(0.1, 0.9)
    cv2.line(page, at(stem, 0), at(stem, 1), ink, 3, cv2.LINE_AA)
    for _ in range(int(random.integers(1, 4))):
        height, reach = random.uniform(0.1, 0.9), random.choice([0.0, 1.0])
        cv2.line(page, at(stem, height), at(reach, height), ink, 3, cv2.LINE_AA)
    if random.random() < 0.5:
        other = random.uniform(0, 1)
        cv2.line(page, at(stem, 0.5), at(other, 0.5), ink, 3, cv2.LINE_AA)
        cv2.line(page, at(other, 0.5), at(other, 1.0), ink, 3, cv2.LINE_AA)


def desk(seed: int, size: tuple[int, int] = (1280, 720)) -> Grey:
    """Return a picture of a dark desk."""
    random = np.random.default_rng(seed)
    grain = random.normal(70, 8, (size[1], size[0]))
    return cv2.GaussianBlur(np.clip(grain, 0, 255).astype(np.uint8), (5, 5), 0).astype(np.uint8)


def photographed(page: Grey, seed: int, size: tuple[int, int] = (1280, 720), *, turned: bool = False) -> Grey:
    """Return a photo of a page on a desk: askew, from a slant, in uneven light, with noise."""
    random = np.random.default_rng(seed)
    width, height = size
    tall = 0.88 * height
    wide = min(tall * page.shape[1] / page.shape[0], 0.9 * width)
    corners = np.array([(-wide, -tall), (wide, -tall), (wide, tall), (-wide, tall)]) / 2
    angle = np.radians(random.uniform(-3, 3))
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    corners = corners @ turn.T + (width / 2, height / 2) + random.uniform(-0.012, 0.012, (4, 2)) * height
    source = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (page.shape[1], page.shape[0])
    if turned:
        source = np.roll(source, 2, axis=0)
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), corners.astype(np.float32))
    seen = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_AREA, borderValue=0)
    where = cv2.warpPerspective(np.full_like(page, 255), matrix, size)
    picture = np.where(where > 127, seen, desk(seed, size)).astype(np.float64)
    light = np.linspace(0.85, 1.05, width)[None, :]
    picture = picture * light + random.normal(0, 3, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)
