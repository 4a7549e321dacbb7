"""Forms of English verbs that statements in notes are made with, and what each is without its ending."""

from functools import cache

__all__ = ["base_of", "is_past"]

_REGULAR = """
absorb act add affect allow appear apply attack attract bind block carry cause change combine compare compose
conquer consist consume contain contribute control convert cover create cross decide declare decrease define defeat
depend derive describe design destroy determine develop differ digest discover dissolve divide dominate emit enable
end enter escape establish evolve exist expand explain explore express fight found free gain generate govern
happen heat help ignite improve include increase influence introduce invade invent join kill land lack last launch
lead lie limit link live locate lower marry mean measure melt migrate mix move multiply need obey obtain occupy
occur open oppose orbit order own oxidize paint pass perform play point power predict prevent print produce
propose protect prove publish pump raise reach react receive reduce reflect refract regulate release remain remove
repel replace require reveal rotate rule sail separate serve sign slow solve spread stand start state stop store
study suggest support surrender surround survive transfer translate transport travel trigger turn unite use vary
vibrate vote work
"""
_IRREGULAR = {
    "become": "became become", "begin": "began begun", "break": "broke broken", "bring": "brought brought",
    "build": "built built", "catch": "caught caught", "come": "came come", "draw": "drew drawn", "fall": "fell fallen",
    "feed": "fed fed", "fight": "fought fought", "find": "found found", "fly": "flew flown", "form": "formed formed",
    "get": "got got", "give": "gave given", "go": "went gone", "grow": "grew grown", "have": "had had", "hold": "held held",
    "keep": "kept kept", "know": "knew known", "lead": "led led", "leave": "left left", "lose": "lost lost",
    "make": "made made", "meet": "met met", "rise": "rose risen", "run": "ran run", "see": "saw seen", "send": "sent sent",
    "show": "showed shown", "sink": "sank sunk", "speak": "spoke spoken", "spread": "spread spread", "stand": "stood stood",
    "split": "split split", "take": "took taken", "teach": "taught taught", "tell": "told told", "think": "thought thought",
    "win": "won won", "write": "wrote written",
}  # fmt: skip


def base_of(word: str) -> str:
    """Return a verb in its plain form, "" for a word that is none of those known."""
    return _forms().get(word.lower(), ("", False))[0]


def is_past(word: str) -> bool:
    """Whether a known verb tells of what was."""
    return _forms().get(word.lower(), ("", False))[1]


@cache
def _forms() -> dict[str, tuple[str, bool]]:
    found: dict[str, tuple[str, bool]] = {}
    for base, past in _IRREGULAR.items():
        found |= {base: (base, False), _third(base): (base, False)}
        found |= {form: (base, True) for form in past.split() if form != base}
    for base in _REGULAR.split():
        if base in _IRREGULAR:
            continue
        found.setdefault(base, (base, False))
        found.setdefault(_third(base), (base, False))
        if base not in {"lie", "mean"}:
            found[_past(base)] = (base, True)
    return found


def _third(base: str) -> str:
    if base == "have":
        return "has"
    if base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ies"
    return f"{base}es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else f"{base}s"


def _past(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ied"
    doubled = base in {"stop", "occur", "repel", "emit", "control", "transfer"}
    return f"{base}{base[-1]}ed" if doubled else f"{base}ed"
