"""Where the frames, headings and free areas of a sheet are, as its bubbles leave room for them."""

from dataclasses import dataclass

from academy.domain.omr.sheet import Block, Purpose, Run, SheetSpec

__all__ = [
    "Box",
    "Frame",
    "extent",
    "frames",
    "free_line",
    "free_room",
    "header",
    "is_free",
    "meet",
    "obstacles",
]

_NUMBER_ROOM, _SIDE = 9.3, 2.8
_HEAD, _FOOT = 8.7, 3.2
_DIGITS_HEAD, _DIGITS_SIDE, _IDENTIFIER_SIDE, _DIGITS_FOOT = 16.7, 1.4, 3.5, 3.9
_EDGE, _GAP = 10.0, 3.5
_MARGIN, _LINE, _AWAY, _FOOT_ROOM = (
    5.0,
    6.0,
    2.5,
    16.0,
)  # of a line of text that stands wherever there is room
_WIDE_LINE = 70.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in millimetres."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Return how wide it is."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Return how high it is."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Frame:
    """A framed part of the sheet: one column of questions, or one block of digits."""

    box: Box
    blocks: tuple[Block, ...]


def frames(spec: SheetSpec) -> tuple[Frame, ...]:
    """Return the frames in the order of the sheet; question blocks right below one another share one.

    Bubbles whose frame would run into others, or whose fields run another way than on our sheets, have none.
    """
    found = _grouped(spec)
    bubbles = {id(frame): [extent(block) for block in frame.blocks] for frame in found}
    marks = obstacles(spec)

    def free(frame: Frame) -> bool:
        others = [box for other in found if other is not frame for box in bubbles[id(other)]]
        box = frame.box
        on_page = box.left >= 0 and box.top >= 0 and box.right <= spec.width and box.bottom <= spec.height
        usual = (frame.blocks[0].run is Run.DOWN) is (frame.blocks[0].purpose is Purpose.CHOICE)
        return on_page and usual and not any(meet(box, other) for other in others + marks)

    return tuple(frame for frame in found if free(frame))


def _grouped(spec: SheetSpec) -> list[Frame]:
    found: list[Frame] = []
    for block in spec.blocks:
        below = found and found[-1].blocks[-1]
        if below and _same_column(below, block):
            found[-1] = _framed((*found[-1].blocks, block))
        else:
            found.append(_framed((block,)))
    return found


def _same_column(above: Block, block: Block) -> bool:
    alike = above.purpose is block.purpose is Purpose.CHOICE and above.run is block.run is Run.DOWN
    return alike and above.grid.first.x == block.grid.first.x and above.choices == block.choices


def extent(block: Block) -> Box:
    """Return the rectangle around a block's bubbles."""
    grid = block.grid
    along = (len(block.fields) - 1) * grid.field_step
    aside = (len(block.choices) - 1) * grid.choice_step
    wide, tall = (aside, along) if block.run is Run.DOWN else (along, aside)
    xs, ys = sorted((grid.first.x, grid.first.x + wide)), sorted((grid.first.y, grid.first.y + tall))
    return Box(
        xs[0] - grid.width / 2, ys[0] - grid.height / 2, xs[1] + grid.width / 2, ys[1] + grid.height / 2
    )


def _framed(blocks: tuple[Block, ...]) -> Frame:
    boxes = [extent(block) for block in blocks]
    left, top = min(b.left for b in boxes), min(b.top for b in boxes)
    right, bottom = max(b.right for b in boxes), max(b.bottom for b in boxes)
    if blocks[0].purpose is Purpose.CHOICE:
        return Frame(Box(left - _NUMBER_ROOM, top - _HEAD, right + _SIDE, bottom + _FOOT), blocks)
    side = _IDENTIFIER_SIDE if blocks[0].purpose is Purpose.IDENTIFIER else _DIGITS_SIDE
    return Frame(Box(left - side, top - _DIGITS_HEAD, right + side, bottom + _DIGITS_FOOT), blocks)


def header(spec: SheetSpec, drawn: tuple[Frame, ...]) -> Box:
    """Return the area above all frames, between the marks of position and the QR code; it may be too small for anything."""
    tops = [frame.box.top for frame in drawn] + [extent(block).top for block in spec.blocks]
    bottom = min(tops) - _GAP
    left, right = _EDGE, spec.width - _EDGE
    for box in obstacles(spec):
        if box.top < min(bottom, 40):
            left = max(left, box.right + _GAP) if box.right < spec.width / 3 else left
            right = min(right, box.left - _GAP - 1) if box.left > spec.width / 2 else right
    return Box(left, _EDGE - 1, right, bottom)


def free_room(spec: SheetSpec, drawn: tuple[Frame, ...]) -> Box | None:
    """Return the larger of the free areas to the right of the identifier and below it, None where both are small."""
    for frame in drawn:
        if frame.blocks[0].purpose is Purpose.IDENTIFIER:
            box = frame.box
            aside = Box(box.right + _GAP, box.top, spec.width - _EDGE, box.bottom)
            below = Box(box.left, box.bottom + _GAP, box.right, spec.height - 21.5)
            taken = [other.box for other in drawn if other is not frame]
            rooms = [room for room in (aside, below) if _roomy(spec, room, taken)]
            return max(rooms, key=lambda room: room.width * room.height, default=None)
    return None


def free_line(spec: SheetSpec, drawn: tuple[Frame, ...]) -> Box | None:
    """Return room for a line of text across the sheet, the uppermost and else the lowest that is wide enough; None where there is none."""
    taken = [frame.box for frame in drawn] + [extent(block) for block in spec.blocks] + obstacles(spec)
    room = free_room(spec, drawn)
    taken += [room] if room is not None else []
    # The foot is left out: what sheet this is stands there.
    above = [_MARGIN + at for at in range(int(spec.height / 3))]
    below = [spec.height - _FOOT_ROOM - _LINE - at for at in range(int(spec.height / 3))]
    for top in (*above, *below):
        band = _widest(Box(_MARGIN, top, spec.width - _MARGIN, top + _LINE), taken)
        if band is not None and band.width >= min(_WIDE_LINE, spec.width / 3):
            return band
    return None


def _widest(band: Box, taken: list[Box]) -> Box | None:
    """Return the widest part of a band that keeps away from what is taken."""
    blocked = sorted(
        (box.left - _AWAY, box.right + _AWAY)
        for box in taken
        if box.top - _AWAY < band.bottom and band.top < box.bottom + _AWAY
    )
    found: list[Box] = []
    left = band.left
    for start, end in [*blocked, (band.right, band.right)]:
        if start > left:
            found.append(Box(left, band.top, min(start, band.right), band.bottom))
        left = max(left, end)
    return max(found, key=lambda box: box.width, default=None)


def _roomy(spec: SheetSpec, room: Box, taken: list[Box]) -> bool:
    return (
        min(room.width, room.height) >= 45 and is_free(spec, room) and not any(meet(room, o) for o in taken)
    )


def is_free(spec: SheetSpec, box: Box) -> bool:
    """Return whether neither bubbles nor marks are in a rectangle."""
    return not any(meet(box, other) for other in [extent(block) for block in spec.blocks] + obstacles(spec))


def obstacles(spec: SheetSpec) -> list[Box]:
    """Return where the marks of position and the QR code are."""
    found = [(marker.centre, marker.size) for marker in spec.markers]
    if spec.code is not None:
        found.append((spec.code.centre, spec.code.size))
    return [Box(at.x - size / 2, at.y - size / 2, at.x + size / 2, at.y + size / 2) for at, size in found]


def meet(one: Box, other: Box) -> bool:
    """Return whether two rectangles overlap."""
    apart = (
        one.right <= other.left
        or other.right <= one.left
        or one.bottom <= other.top
        or other.bottom <= one.top
    )
    return not apart
