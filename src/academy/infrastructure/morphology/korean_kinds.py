"""What kind of thing a Korean name is: by its letters, and where these tell little by the words around it."""

import re

from academy.infrastructure.morphology import word_lists as lists
from academy.infrastructure.morphology.hints import kind_in_context, kind_said
from academy.infrastructure.morphology.spots import Kind

__all__ = ["is_korean_person", "korean_kind", "names_a_country", "spelled_kind"]

_NATION = re.compile(r"[가-힣]{1,3}나라")
_RULER = re.compile(
    r"[가-힣]+(?:대왕|여왕|대원군|왕비|왕후|공주|왕자|태자|부인|장군|선생|[가-힣]왕)|[가-힣](?:종|조)"
)
_TERM = re.compile(
    r"[가-힣]{1,8}(?:반응|회로|법칙|정리|이론|효과|현상|과정|작용|방정식|운동|전쟁|대첩|해전|조약|혁명|사변|정변)"
    r"|[가-힣]{2,8}(?:값|량|률|율|력)"
)
_SITE_ENDS = frozenset("도산섬궁릉포벌치암탑곡령역")
"""Last letters of names of places that hardly any given name has."""
_DOUBTFUL_ENDS = frozenset("산군")
_NEVER_LAST = _SITE_ENDS | frozenset("값량률율력법론설체막질액응음족교품물점층계류급려")
"""Last letters that no given name has."""


def korean_kind(sentence: str, start: int, end: int, *, title: bool) -> Kind:
    """Return what `sentence[start:end]` names; `title`: whether a title follows it."""
    surface = sentence[start:end]
    kind = spelled_kind(surface, title=title)
    said = kind_said(sentence, end) if kind in {"other", "person"} and not title else "other"
    if said != "other":
        return said
    if kind == "other" or (kind == "person" and not title and " " not in surface):
        told = kind_in_context(sentence, start, end)
        return told if kind == "other" or told == "place" else kind
    return kind


def spelled_kind(surface: str, *, title: bool) -> Kind:
    """Return what a name's own letters tell, "other" where they tell nothing."""
    if names_a_country(surface):
        return "place"
    if surface in lists.ORGANISATIONS or lists.ORGANISATION_ENDS.fullmatch(surface):
        return "organisation"
    if title or _RULER.fullmatch(surface):
        return "person"
    if _TERM.fullmatch(surface):
        return "term"
    if _is_site(surface):
        return "place"
    if any(map(str.isdigit, surface)):
        return "other"
    return "person" if is_korean_person(surface) or " " in surface else "other"


def names_a_country(surface: str) -> bool:
    """Whether a word is a well known place, or says itself that it is a country: "명나라"."""
    return surface in lists.PLACES or _NATION.fullmatch(surface) is not None


def is_korean_person(surface: str) -> bool:
    """Whether a word is a family name and a given one."""
    korean = 3 <= len(surface) <= 4 and all("가" <= letter <= "힣" for letter in surface)
    if not korean or surface[-1] in _NEVER_LAST:
        return False
    return (surface[0] in lists.SURNAMES and len(surface) == 3) or surface[:2] in lists.SURNAMES


def _is_site(surface: str) -> bool:
    last = surface.rsplit(" ", maxsplit=1)[-1]
    if last in {"주", "강", "산", "섬", "만"}:
        return True
    if len(surface) <= 2 or not (lists.PLACE_ENDS.fullmatch(surface) or surface[-1] in _SITE_ENDS):
        return False
    if surface[-1] in _DOUBTFUL_ENDS and len(last) > 3:  # acids, and "연산군"
        return False
    return surface[-1] == "시" or not is_korean_person(surface)
