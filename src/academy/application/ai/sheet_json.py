"""A sheet's specification from its JSON contract and back."""

from academy.contracts.omr import SheetBlock, SheetCodeBox, SheetGrid, SheetMarker, SheetSpecification
from academy.domain.omr.sheet import (
    Anchor,
    Block,
    CodeBox,
    Grid,
    Marker,
    MarkerKind,
    Point,
    Purpose,
    Run,
    Shape,
    SheetSpec,
)

__all__ = ["from_contract", "to_contract"]


def from_contract(given: SheetSpecification) -> SheetSpec:
    """Return the specification that a message describes. Raises SpecInvalid when it contradicts itself."""
    code = given.code
    return SheetSpec(
        id=given.id,
        version=given.version,
        width=given.width,
        height=given.height,
        anchor=Anchor(given.anchor),
        markers=tuple(Marker(MarkerKind(m.kind), Point(m.x, m.y), m.size, m.number) for m in given.markers),
        code=None if code is None else CodeBox(Point(code.x, code.y), code.size),
        blocks=tuple(_block(block) for block in given.blocks),
    )


def to_contract(spec: SheetSpec) -> SheetSpecification:
    """Return a specification as the contract describes it; from_contract gives the same specification again."""
    code = spec.code
    return SheetSpecification(
        v=1,
        id=spec.id,
        version=spec.version,
        width=spec.width,
        height=spec.height,
        anchor=spec.anchor.value,
        markers=[
            SheetMarker(kind=m.kind.value, x=m.centre.x, y=m.centre.y, size=m.size, number=m.number)
            for m in spec.markers
        ],
        code=None if code is None else SheetCodeBox(x=code.centre.x, y=code.centre.y, size=code.size),
        blocks=[_contract_block(block) for block in spec.blocks],
    )


def _block(given: SheetBlock) -> Block:
    grid = given.grid
    return Block(
        name=given.name,
        purpose=Purpose(given.purpose),
        run=Run(given.run),
        grid=Grid(
            Point(grid.x, grid.y),
            grid.field_step,
            grid.choice_step,
            grid.width,
            grid.height,
            Shape(grid.shape),
        ),
        fields=tuple(given.fields),
        choices=tuple(given.choices),
    )


def _contract_block(block: Block) -> SheetBlock:
    grid = block.grid
    return SheetBlock(
        name=block.name,
        purpose=block.purpose.value,
        run=block.run.value,
        grid=SheetGrid(
            x=grid.first.x,
            y=grid.first.y,
            field_step=grid.field_step,
            choice_step=grid.choice_step,
            width=grid.width,
            height=grid.height,
            shape=grid.shape.value,
        ),
        fields=list(block.fields),
        choices=list(block.choices),
    )
