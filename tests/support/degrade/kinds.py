"""Every way in which a page gets worse, by name, and their mixtures.

A name stands for a tool too where the sheet has to be filled in for it: `light_pencil` and `erasure` change the hand, not the picture.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from PIL import Image

from tests.support.degrade.geometry import corner, crop, scale, skew, turn
from tests.support.degrade.grain import dithered, gauss, jpeg, one_bit, salt
from tests.support.degrade.light import blur, fold, low_contrast, scanned, shadow
from tests.support.degrade.lines import fax, streaks_across, streaks_down
from tests.support.degrade.photo import photo

__all__ = ["KINDS", "OF_THE_HAND", "ONE_BIT", "degraded", "mixture"]

_Change = Callable[[Image.Image, Random, float], Image.Image]

# In the order in which they happen: paper, glass, light, sensor, wire, file.
_CHANGES: Mapping[str, _Change] = {
    "scale": scale,
    "corner": corner,
    "fold": fold,
    "photo": photo,
    "skew": skew,
    "crop": crop,
    "shadow": shadow,
    "low_contrast": low_contrast,
    "blur": blur,
    "gauss": gauss,
    "salt": salt,
    "streaks_down": streaks_down,
    "streaks_across": streaks_across,
    "one_bit": one_bit,
    "dithered": dithered,
    "fax": fax,
    "turn": turn,
    "jpeg": jpeg,
}
OF_THE_HAND = frozenset({"light_pencil", "erasure"})
ONE_BIT = frozenset({"one_bit", "dithered", "fax"})
KINDS = ("clean", *_CHANGES, *sorted(OF_THE_HAND))

# What a person could not read either, or what does not happen to one page.
_APART: tuple[frozenset[str], ...] = tuple(map(frozenset, (
    {"one_bit", "dithered"}, {"one_bit", "fax"}, {"dithered", "fax"},
    {"one_bit", "light_pencil"}, {"fax", "light_pencil"}, {"dithered", "light_pencil"},
    *({bit, other} for bit in ONE_BIT for other in ("photo", "shadow", "low_contrast", "gauss", "jpeg", "blur", "fold")),
    {"photo", "skew"}, {"photo", "crop"}, {"photo", "streaks_down"}, {"photo", "streaks_across"}, {"photo", "low_contrast"},
    {"crop", "corner"}, {"crop", "scale"}, {"low_contrast", "light_pencil"}, {"shadow", "light_pencil", "gauss"},
)))  # fmt: skip


def degraded(picture: Image.Image, kinds: Sequence[str], rng: Random, strength: float) -> Image.Image:
    """Return the page (RGB or L) after `kinds`, in the order in which they happen. `strength` goes from 0 to 1."""
    worse = scale(picture, rng, strength) if "scale" in kinds else picture
    if "photo" not in kinds:
        worse = scanned(worse, rng, strength)
    for name, change in _CHANGES.items():
        if name in kinds and name != "scale":
            worse = change(worse, rng, strength)
    return worse


def mixture(rng: Random, many: int) -> tuple[str, ...]:
    """Return `many` kinds that can happen to one page."""
    while True:
        picked = rng.sample([kind for kind in KINDS if kind != "clean"], many)
        if not any(apart.issubset(picked) for apart in _APART):
            return tuple(picked)
