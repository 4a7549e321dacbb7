"""Colours that tell clusters apart, for those who are colour-blind, too."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from academy.contracts.graph_file import FileCluster

__all__ = ["COLOURS", "Style", "darker", "rgb", "styles_of"]

COLOURS = (
    *("#0072B2", "#E69F00", "#009E73", "#882255", "#88CCEE", "#D55E00"),
    *("#332288", "#B07AA1", "#DDCC77", "#7A5C3E", "#F4A6B8", "#1F4E79"),
)
"""Any two differ for eyes that see no red, no green or no blue, mostly by how light they are; the largest cluster has the first."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the nodes of a cluster look: a colour, filled or (when the colours are used up) as rings."""

    colour: str
    ring: bool = False


def styles_of(clusters: Sequence[FileCluster], *, rings: bool = True) -> dict[str, Style]:
    """Return the style of each cluster by id: colours in order; again, the farther away the better."""
    styles: dict[str, Style] = {}
    places: dict[str, list[tuple[float, float]]] = {colour: [] for colour in COLOURS}
    for at, cluster in enumerate(clusters):
        here = cluster.x, cluster.y
        if at < len(COLOURS):
            colour = COLOURS[at]
        else:
            colour = max(COLOURS, key=lambda each: (-len(places[each]), _distance(here, places[each])))
        styles[cluster.id] = Style(colour, ring=rings and len(places[colour]) % 2 == 1)
        places[colour].append(here)
    return styles


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the parts of "#RRGGBB", 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def darker(colour: str, darkest: float = 0.16) -> str:
    """Return the colour, dark enough to be read as text on white (luminance at most `darkest`, contrast at least 4.5 to 1)."""
    parts = rgb(colour)
    while _luminance(parts) > darkest:
        parts = parts[0] * 9 // 10, parts[1] * 9 // 10, parts[2] * 9 // 10
    return "#{:02X}{:02X}{:02X}".format(*parts)


def _luminance(parts: tuple[int, int, int]) -> float:
    """Relative luminance (https://www.w3.org/TR/WCAG21/#dfn-relative-luminance)."""
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _distance(here: tuple[float, float], others: Sequence[tuple[float, float]]) -> float:
    distance = min((math.dist(here, other) for other in others), default=math.inf)
    return distance if not math.isnan(distance) else 0.0
