r"""Formulas in explanations: a part of TeX's notation read into a tree that holds no code (DOC-3).

Known are letters, numbers, ordinary signs, `^`, `_`, `\frac`, `\sqrt[n]{}`, `\left( \right)`, `\overline`, `\vec`, `\text`, the names in
_SIGNS and _NAMES. Everything else is no formula: the caller then shows what was typed, as it was typed.
"""

import re
from dataclasses import dataclass

__all__ = ["Fence", "Fraction", "Name", "Node", "Over", "Root", "Row", "Script", "Sign", "Words", "parse"]

_DEEPEST, _LONGEST = 12, 200
_PIECE = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)
_SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "theta": "θ", "lambda": "λ",
    "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Omega": "Ω",
    "times": "×", "div": "÷", "cdot": "·", "pm": "±", "mp": "∓", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠",
    "neq": "≠", "approx": "≈", "equiv": "≡", "sim": "∼", "infty": "∞", "in": "∈", "notin": "∉", "subset": "⊂", "cup": "∪",
    "cap": "∩", "emptyset": "∅", "to": "→", "rightarrow": "→", "Rightarrow": "⇒", "Leftrightarrow": "⇔", "therefore": "∴",
    "because": "∵", "angle": "∠", "triangle": "△", "perp": "⊥", "parallel": "∥", "circ": "∘", "degree": "°", "prime": "′",
    "cdots": "⋯", "ldots": "…", "sum": "∑", "prod": "∏", "int": "∫", "partial": "∂", "nabla": "∇", "forall": "∀",
    "exists": "∃", "{": "{", "}": "}", "%": "%", "$": "$", "|": "∥",
}  # fmt: skip
_NAMES = frozenset({"sin", "cos", "tan", "sec", "csc", "cot", "log", "ln", "lim", "max", "min", "exp", "gcd"})
_SPACES = frozenset({",", ";", ":", "!", " ", "quad", "qquad"})
_PLAIN = frozenset("+-=<>()[]|/*!?:;,.'°×÷±≤≥≠≈√∞πθ·→⇒∴∵△∠…%")
_FENCES = {"(": "(", ")": ")", "[": "[", "]": "]", "|": "|", "\\{": "{", "\\}": "}", ".": ""}


@dataclass(frozen=True, slots=True)
class Sign:
    """One character: a letter of a variable, an operator."""

    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """Upright text or a number."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A function that has a name: sin, log."""

    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """Parts beside one another."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Fraction:
    """`above` over `below`."""

    above: "Node"
    below: "Node"


@dataclass(frozen=True, slots=True)
class Root:
    """A root; `index` None for a square root."""

    body: "Node"
    index: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Script:
    """A base with something above, below or both."""

    base: "Node"
    above: "Node | None" = None
    below: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Over:
    """A body under a "line" or an "arrow"."""

    body: "Node"
    kind: str


@dataclass(frozen=True, slots=True)
class Fence:
    """A body between signs as tall as it; "" for none."""

    left: str
    body: "Node"
    right: str


Node = Sign | Words | Name | Row | Fraction | Root | Script | Over | Fence


class _Unknown(Exception):
    """Not in the notation."""


def parse(text: str) -> Node | None:
    """Return the tree of a formula; None for what is none."""
    if len(text) > _LONGEST or not text.strip():
        return None
    reader = _Reader(_PIECE.findall(text))
    try:
        return reader.all()
    except _Unknown:
        return None


class _Reader:
    """Reads pieces from the first to the last."""

    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces
        self._at = 0
        self._depth = 0

    def all(self) -> Node:
        """Return everything. Raises _Unknown."""
        found = self._row("")
        if self._at < len(self._pieces):
            raise _Unknown
        return found

    def _peek(self) -> str:
        while self._at < len(self._pieces) and self._pieces[self._at].isspace():
            self._at += 1
        return self._pieces[self._at] if self._at < len(self._pieces) else ""

    def _take(self) -> str:
        piece = self._peek()
        self._at += 1
        return piece

    def _row(self, end: str) -> Node:
        """Read up to `end`, which is not taken."""
        parts: list[Node] = []
        while (piece := self._peek()) and piece != end:
            if piece in {"}", "\\right"}:
                raise _Unknown
            if piece.startswith("\\") and piece[1:] in _SPACES:
                self._take()
                parts.append(Words(" "))
            else:
                parts.append(self._scripted())
        if end and piece != end:
            raise _Unknown
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _scripted(self) -> Node:
        base = self._one()
        found: dict[str, Node] = {}
        while (piece := self._peek()) in ("^", "_"):
            self._take()
            if piece in found:
                raise _Unknown
            found[piece] = self._one()
        return Script(base, found.get("^"), found.get("_")) if found else base

    def _one(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Unknown
        found = self._part(self._take())
        self._depth -= 1
        return found

    def _part(self, piece: str) -> Node:
        if piece == "{":
            body = self._row("}")
            self._take()
            return body
        if piece.startswith("\\"):
            return self._command(piece[1:])
        if piece[:1].isdigit():
            return Words(piece)
        if piece.isalpha() or piece in _PLAIN:
            letter = "−" if piece == "-" else "′" if piece == "'" else piece
            return Sign(letter) if piece.isascii() or piece in _PLAIN else Words(piece)
        raise _Unknown

    def _command(self, name: str) -> Node:
        match name:
            case "frac" | "dfrac" | "tfrac":
                return Fraction(self._one(), self._one())
            case "sqrt":
                return self._root()
            case "overline" | "bar":
                return Over(self._one(), "line")
            case "vec" | "overrightarrow":
                return Over(self._one(), "arrow")
            case "text" | "mathrm":
                return Words(self._verbatim())
            case "left":
                return self._fence()
        if name in _NAMES:
            return Name(name)
        if name in _SIGNS:
            return Sign(_SIGNS[name])
        raise _Unknown

    def _root(self) -> Node:
        if self._peek() != "[":
            return Root(self._one())
        self._take()
        index = self._row("]")
        self._take()
        return Root(self._one(), index)

    def _fence(self) -> Node:
        left = self._take()
        body = self._row("\\right")
        self._take()
        right = self._take()
        if left not in _FENCES or right not in _FENCES:
            raise _Unknown
        return Fence(_FENCES[left], body, _FENCES[right])

    def _verbatim(self) -> str:
        """Return what stands between braces as it is."""
        if self._take() != "{":
            raise _Unknown
        start = self._at
        while self._at < len(self._pieces) and self._pieces[self._at] not in ("{", "}"):
            self._at += 1
        if self._at == len(self._pieces) or self._pieces[self._at] == "{":
            raise _Unknown
        self._at += 1
        return "".join(self._pieces[start : self._at - 1])
