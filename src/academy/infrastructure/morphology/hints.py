"""What a sentence tells of a name whose letters tell nothing: where it stands, who speaks, who is born."""

import re

from academy.infrastructure.morphology.spots import Kind

__all__ = ["kind_in_context"]

_WHERE = re.compile(
    r"(?:에서(?!(?:도|는)? ?(?:[가-힣 ]{1,24}[을를로] )?(?:일어나|진행|생성|합성|분해|방출|흡수|반응|작용|만[들든드]|얻))|에 (?:있|위치|도착|머물|살|거주|출장)|으로 (?:떠나|이동|이주|향)|로 (?:떠나|이동|이주|향)|까지|에게 함락|행(?= ))"
)
_ACTS = re.compile(r"(?:\([^()]{0,40}\))?(?:은|는|이|가|께서|도|와|과|의)(?=[ ,])")
_HUMAN = re.compile(
    r"말했|말하|밝혔|밝힌|주장|전했|지적했|강조했|태어|출생|사망|숨졌|죽|결혼|졸업|입학|출연|데뷔|활동했|영입|취임|임명|당선|체포|구속|출마|은퇴|연기했|연출|"
    r"집필|저술|완성했|발견했|발명했|고안했|창제했|증명했|건국했|설계했|이끌었|세웠|무찔렀|물리쳤|생각했|고민|느꼈|믿었|아버지|어머니|아들|딸|아내|남편|형제|제자|친구|관계를|선수|감독|배우|가수|작가|왕|전개했|석방|피살"
)
_BODY = re.compile(
    r"밝혔|발표|설립|중계|개최|방송|출시|인수|합병|계약|조사|운영|개발했|승리|우승|영입|결정|창간|제시|소속"
)
_ACRONYM = re.compile(r"[A-Z][A-Za-z&]{1,6}")


def kind_in_context(sentence: str, start: int, end: int) -> Kind:
    """Return place, person or organisation where the words around say so, else other."""
    if _WHERE.match(sentence, end):
        return "place"
    if not _ACTS.match(sentence, end):
        return "other"
    after = sentence[end : end + 80]
    if _ACRONYM.fullmatch(sentence[start:end]):
        return "organisation" if _BODY.search(after) else "other"
    if "가" <= sentence[start] <= "힣" and _HUMAN.search(after):
        return "person"
    return "other"
