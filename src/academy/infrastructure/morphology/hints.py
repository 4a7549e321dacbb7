"""What a sentence tells of a name whose letters tell nothing: what it is, where it stands, who speaks, who is born."""

import re

from academy.infrastructure.morphology.spots import Kind

__all__ = ["kind_in_context", "kind_said"]

_WHERE = re.compile(
    r"(?:에서(?!(?:도|는)? ?(?:[가-힣 ]{1,24}[을를로] )?(?:일어나|진행|생성|합성|분해|방출|흡수|반응|작용|만[들든드]|얻))|에 (?:있|위치|도착|머물|살|거주|출장)|으로 (?:떠나|이동|이주|향)|로 (?:떠나|이동|이주|향)|까지|에게 함락|행(?= ))"
)
_ACTS = re.compile(r"(?:\([^()]{0,40}\))?(?:은|는|이|가|께서|도|와|과)(?=[ ,])")
_HUMAN = re.compile(
    r"말했|말하|밝혔|밝힌|주장|전했|지적했|강조했|태어|출생|사망|숨졌|죽었|죽자|결혼|졸업|입학|출연|데뷔|활동했|영입|취임|임명|당선|체포|구속|출마|은퇴|연기했|연출|"
    r"집필|저술|완성했|발견했|발명했|고안했|창제했|증명했|건국했|설계했|이끌었|세웠|무찔렀|물리쳤|생각했|고민|느꼈|믿었|아버지|어머니|아들|딸|아내|남편|형제|제자|친구|관계를|선수|감독|배우|가수|작가|왕(?=이|으로|위)|전개했|석방|피살"
)
_KIN = re.compile(
    r"의 (?:아버지|어머니|부모|아들|딸|아내|남편|형제|동생|제자|스승|친구|생애|저서|논문|유언|별명)"
)
_BODY = re.compile(
    r"밝혔|발표|설립|중계|개최|방송|출시|인수|합병|계약|조사|운영|개발했|승리|우승|영입|결정|창간|제시|소속"
)
_SAID = re.compile(
    r"(?:\([^()]{0,120}\))?[은는] (?:[^.!?]{0,100}?[ ,])?([가-힣]{1,12}?)(?:이다|이었다|였다|입니다|이며|이고|이자|다)(?=[ ,.]|$)"
)
"""What stands after a name that a sentence says the kind of: "발해는 … 나라이다"."""
_SORTS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (
        re.compile(
            r".*(?:나라|국가|왕국|제국|왕조|공화국|도시|수도|마을|지역|지방|섬|반도|대륙|산맥|사막|호수|항구)"
        ),
        "place",
    ),
    (
        re.compile(
            r".*(?:영화|소설|드라마|만화|동화|희곡|시집|수필|노래|가요|음반|앨범|교향곡|오페라|뮤지컬|게임|그림|회화)"
        ),
        "work",
    ),
    (
        re.compile(
            r".*(?:회사|기업|은행|정당|단체|조직|기관|기구|밴드|악단|대학|대학교|학교|구단|방송국|출판사|신문사)"
        ),
        "organisation",
    ),
    (
        re.compile(
            r".*(?:사람|인물|장군|정치인|작가|소설가|시인|화가|가수|배우|감독|선수|학자|과학자|철학자|음악가|작곡가|언론인|사업가|변호사|의사|군인|승려)"
        ),
        "person",
    ),
)
"""Common nouns, and what is of each sort."""
_ACRONYM = re.compile(r"[A-Z][A-Za-z&]{1,6}")


def kind_said(sentence: str, end: int) -> Kind:
    """Return the kind of a name that ends there where the sentence says what it is, else other."""
    found = _SAID.match(sentence, end)
    if found is None:
        return "other"
    return next((kind for noun, kind in _SORTS if noun.fullmatch(found[1])), "other")


def kind_in_context(sentence: str, start: int, end: int) -> Kind:
    """Return place, person or organisation where the words around say so, else other."""
    if _WHERE.match(sentence, end):
        return "place"
    korean = "가" <= sentence[start] <= "힣"
    if korean and _KIN.match(sentence, end):
        return "person"
    if not _ACTS.match(sentence, end):
        return "other"
    after = sentence[end : end + 80]
    if _ACRONYM.fullmatch(sentence[start:end]):
        return "organisation" if _BODY.search(after) else "other"
    if korean and _HUMAN.search(after):
        return "person"
    return "other"
