"""Where the page ends up in the picture: skew, quarter turns, print scale, margins cut off, a corner torn off."""

from random import Random

from PIL import Image, ImageDraw

__all__ = ["corner", "crop", "scale", "skew", "turn"]

_A4_MM = 297.0


def skew(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Lay the page on the glass at an angle of up to 5 degrees; what is beside it is white, grey or black."""
    angle = rng.choice((-1, 1)) * rng.uniform(0.4, 1.0) * 5 * strength
    beside = rng.choice((255, 250, 200, 60))
    return picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=_grey(picture, beside))


def turn(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Turn the picture by 90, 180 or 270 degrees."""
    way = rng.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270))
    return picture.transpose(way)


def scale(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Print the page at 100 down to 93 % of its size: about its centre or its upper left corner, on paper of the old size."""
    share = 1 - 0.07 * strength * rng.uniform(0.3, 1.0)
    small = picture.resize(
        (round(picture.width * share), round(picture.height * share)), Image.Resampling.BICUBIC
    )
    paper = Image.new(picture.mode, picture.size, _grey(picture, 255))
    room = (picture.width - small.width, picture.height - small.height)
    place = rng.choice(((room[0] // 2, room[1] // 2), (0, 0), (room[0] // 2, 0)))
    paper.paste(small, place)
    return paper


def crop(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Cut up to 5 mm off one to four sides, as a scanner's driver does that trims."""
    per_mm = max(picture.size) / _A4_MM
    sides = [rng.uniform(1, 5) * strength * per_mm if rng.random() < 0.6 else 0.0 for _ in range(4)]
    left, top, right, bottom = (round(side) for side in sides)
    return picture.crop((left, top, picture.width - right, picture.height - bottom))


def corner(picture: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Tear or fold one corner off: a triangle whose sides are up to 34 mm long; one mark of the page is lost with it."""
    per_mm = max(picture.size) / _A4_MM
    legs = [per_mm * (28 + 6 * strength * rng.random()) for _ in range(2)]
    right, low = rng.random() < 0.5, rng.random() < 0.5
    x, y = (picture.width if right else 0), (picture.height if low else 0)
    dx, dy = (-legs[0] if right else legs[0]), (-legs[1] if low else legs[1])
    torn = picture.copy()
    ImageDraw.Draw(torn).polygon(
        [(x, y), (x + dx, y), (x, y + dy)], fill=_grey(picture, rng.choice((255, 215, 40)))
    )
    return torn


def _grey(picture: Image.Image, level: int) -> int | tuple[int, int, int]:
    return (level, level, level) if picture.mode == "RGB" else level
