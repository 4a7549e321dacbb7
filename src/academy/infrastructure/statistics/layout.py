"""A place on a plane for every text: clusters apart, texts near their neighbours. No chance in it."""

import numpy as np

from academy.infrastructure.statistics.arrays import Csr, Floats, Ints

__all__ = ["laid_out"]

_APART = 1.15
_PUSHES = 200
_MOST_PUSHED = 120
_SMOOTHINGS = 4
_GOLDEN = np.pi * (3 - np.sqrt(5))


def laid_out(matrix: Csr, vectors: Floats, clusters: Ints) -> tuple[Floats, Floats]:
    """Places of the texts and of the middles of their clusters, (texts, 2) and (clusters, 2).

    A disc of n texts has the radius of the root of n; discs do not overlap.
    """
    sizes = np.bincount(clusters) if len(clusters) else np.zeros(0, np.int64)
    radius = np.sqrt(sizes)
    order = np.argsort(clusters, kind="stable")
    members = np.split(order, np.cumsum(sizes)[:-1]) if len(sizes) else []
    middles = np.array([vectors[some].mean(axis=0) for some in members], np.float32).reshape(
        len(sizes), vectors.shape[1]
    )
    centres = _apart(middles, radius)
    places = np.zeros((len(clusters), 2))
    for at, some in enumerate(members):
        disc = _pair(at) if len(some) == 2 else _disc(matrix, vectors, some)
        places[some] = centres[at] + disc * radius[at] * 0.9
    return np.round(places, 4).astype(np.float32), np.round(centres, 4).astype(np.float32)


def _pair(number: int) -> Floats:
    """Two texts beside each other, every pair at an angle of its own; the first lies along, which leaves most room to write."""
    way: Floats = np.array([np.cos(number * _GOLDEN), np.sin(number * _GOLDEN)])
    return np.stack((-way, way)) * 0.6


def _disc(matrix: Csr, vectors: Floats, some: Ints) -> Floats:
    """Texts of one cluster in a disc of radius 1."""
    many = len(some)
    if many == 1:
        return np.zeros((1, 2))
    flat = _two_axes(vectors[some])
    if many > 3:
        inner = matrix[some][:, some]
        ties = np.maximum(np.asarray(inner.sum(axis=1)).ravel(), 1e-9)[:, None]
        for _ in range(_SMOOTHINGS):
            flat = _even(flat)
            flat = 0.4 * flat + 0.6 * (inner @ flat) / ties
    return _round(_even(flat))


def _two_axes(vectors: Floats) -> Floats:
    """Return the two directions in which they differ most."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, [-1, -2]]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    flat: Floats = np.round(centred @ (axes * np.where(signs == 0, 1, signs)), 6)
    return flat


def _even(flat: Floats) -> Floats:
    """By rank along both axes, from -1 to 1; equal ones, which have no order, all over the part of the square that is theirs."""
    many = len(flat)
    places = np.empty((many, 2))
    turns = np.arange(many) * _GOLDEN / (2 * np.pi)
    for axis, equal in enumerate((np.arange(many), turns % 1)):
        other = flat[:, 1 - axis]
        order = np.lexsort((equal, np.round(other, 6), np.round(flat[:, axis], 6)))
        places[order, axis] = (np.arange(many) + 0.5) * 2 / many - 1
    return places


def _round(square: Floats) -> Floats:
    """Return the square as a disc, rings kept (Shirley and Chiu, 1997)."""
    x, y = square[:, 0], square[:, 1]
    wide = np.abs(x) > np.abs(y)
    radius = np.where(wide, x, y)
    ratio = np.where(wide, y, x) / np.where(radius == 0, 1, radius)
    angle = np.where(wide, ratio * np.pi / 4, np.pi / 2 - ratio * np.pi / 4)
    return np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)


def _apart(middles: Floats, radius: Floats) -> Floats:
    """Centres of the clusters: like ones near each other, none over another, the smallest around."""
    many = len(radius)
    if many < 2:
        return np.zeros((many, 2))
    pushed = min(many, _MOST_PUSHED)
    centres = np.zeros((many, 2))
    reach = float(np.sqrt((radius[:pushed] ** 2).sum())) * 1.5
    flat = _two_axes(middles[:pushed])
    spread = np.abs(flat).max() or 1.0
    turn = np.arange(pushed) * _GOLDEN
    centres[:pushed] = flat / spread * reach + np.stack((np.cos(turn), np.sin(turn)), axis=1) * 0.05
    centres[:pushed] = _pushed(centres[:pushed], radius[:pushed])
    if pushed < many:
        rest = np.arange(many - pushed)
        area = np.cumsum((2 * _APART * radius[pushed:]) ** 2)
        start = float((np.linalg.norm(centres[:pushed], axis=1) + radius[:pushed]).max()) + 2
        away = np.sqrt(start**2 + area)
        centres[pushed:] = np.stack((np.cos(rest * _GOLDEN), np.sin(rest * _GOLDEN)), axis=1) * away[:, None]
    return centres


def _pushed(centres: Floats, radius: Floats) -> Floats:
    """Draw all towards the middle and push apart those that overlap, until none does."""
    need = (radius[:, None] + radius[None, :]) * _APART
    np.fill_diagonal(need, 0)
    for turn in range(3 * _PUSHES):
        if turn < _PUSHES:
            centres = centres * 0.98
        apart = centres[:, None, :] - centres[None, :, :]
        distance = np.maximum(np.linalg.norm(apart, axis=2), 1e-6)
        overlap = np.maximum(need - distance, 0)
        if turn >= _PUSHES and overlap.max() < 1e-3:
            break
        step = (apart / distance[:, :, None] * overlap[:, :, None]).sum(axis=1)
        crowd = np.maximum((overlap > 0).sum(axis=1), 1)[:, None]
        centres = centres + step * np.minimum(0.5, 0.9 / np.sqrt(crowd))
    return centres
