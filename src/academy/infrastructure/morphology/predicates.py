"""Which words between and after two names say how they stand to each other."""

import re
from typing import NamedTuple

from academy.infrastructure.morphology.word_lists import TITLES

__all__ = ["AFTER_AGENT", "BETWEEN", "KOREAN", "ROLE", "Rule"]


class Rule(NamedTuple):
    """A kind of relation, words that say so, whether they say it the other way round, and how surely."""

    kind: str
    words: re.Pattern[str]
    reverse: bool
    confidence: float


def _rule(kind: str, words: str, confidence: float, *, reverse: bool = False) -> Rule:
    return Rule(kind, re.compile(words), reverse, confidence)


_TITLE = "|".join(sorted(TITLES, key=len, reverse=True))
ROLE = re.compile(
    rf"(?:\([^()\n]{{0,60}}\))?(?: ?(?:{_TITLE}))?(?P<topic>이?란(?=[ ,])|은(?=[ ,])|는(?=[ ,])|"
    rf"도(?= ))?(?P<subject>이(?=[ ,])|가(?=[ ,])|께서)?"
)
"""What follows the name that a Korean sentence speaks of."""

KOREAN = (
    _rule(
        "same_as",
        r"['\"’”」』]?(?:이?라고도|으?로도) ?(?:부르|부른|불리|불린|불렀|한다|하며|알려)[가-힣]*",
        0.8,
    ),
    _rule("is_a", r"의 (?:하나|일종|한 종류|한 분야|한 형태)(?:이?다|입니다|이며|이?고|로서|로|인)", 0.85),
    _rule(
        "is_a",
        r"(?:이?다|입니다|이었다|였다|이었으며|이며|이자|로서|를 말한다|을 말한다|를 의미한다|을 의미한다|를 뜻한다|을 뜻한다)(?=[.,\s]|$)",
        0.75,
    ),
    _rule(
        "part_of",
        r"(?:의 (?:일부|구성 ?요소|구성원|소속|하위)|에 (?:속하|속한|속해|포함되|포함된|소속))[가-힣]*",
        0.75,
    ),
    _rule("part_of", r"(?:으?로|이|가) (?:구성|이루어|이뤄)[가-힣]*", 0.65, reverse=True),
    _rule("born_in", r"(?:에서|에)? ?(?:[가-힣\s]{0,12}(?:에서|로|으로) )?(?:태어|출생)[가-힣]*", 0.85),
    _rule("located_in", r"에 (?:위치|자리|소재|있는|있다|있으며|있었)[가-힣]*", 0.75),
    _rule("founded", r"[을를] (?:공동 ?)?(?:설립|창립|창업|창설|창간|건국|건립|세우|세운|세웠)[가-힣]*", 0.8),
    _rule(
        "made",
        r"(?: [가-힣]{2,6})?[을를] (?:[가-힣]{1,6} )?(?:개발|발명|만들|만든|제작|발표|저술|집필|작곡|출시|설계|고안|제안|발견|썼|지었)[가-힣]*",
        0.7,
    ),
    _rule(
        "causes", r"(?: [가-힣]{2,6})?[을를] (?:[가-힣]{1,6} )?(?:유발|초래|야기|일으|발생시)[가-힣]*", 0.75
    ),
    _rule(
        "uses",
        r"(?: [가-힣]{2,6})?[을를] (?:[가-힣]{1,6} )?(?:사용|이용|활용|채택|쓴다|쓰는|쓰며|썼다)[가-힣]*",
        0.65,
    ),
)
"""Tried in this order on what follows the second name; the first name is what the sentence speaks of."""

AFTER_AGENT = (
    _rule(
        "made",
        r"(?:이|가|에서|에 의해|의) ?(?:개발|발명|제작|설계|고안|만들|저술|작곡)(?:한|하여|해서|된|든|"
        r"어진)?(?: [가-힣]+[한인은는의적])?(?: [가-힣]+)? ",
        0.65,
    ),
    _rule("founded", r"(?:이|가|에 의해) ?(?:설립|창립|창업|창설|창간|세운)(?:한|된)? (?:[가-힣]+ )?", 0.7),
    _rule("located_in", r"에 (?:위치|소재|자리)[가-힣]* (?:[가-힣]+[한인은는의] )?", 0.7, reverse=True),
    _rule("causes", r"(?:으?로|에) (?:인해|인한|의해) (?:[가-힣]+[한인은는의] )?", 0.55),
    _rule("causes", r" 때문에 (?:[가-힣]+[한인은는의] )?", 0.55),
    _rule("part_of", r"의 (?:일부|구성 ?요소)(?:인|로서)? ", 0.65, reverse=True),
)
"""Fills what stands between two Korean names that follow one another."""

_BE = r"(?:is|are|was|were)"
_SOME = r"(?: [a-z][\w-]*){0,3}"
BETWEEN = (
    _rule(
        "is_a",
        rf",? (?:{_BE}|became|remains) (?:an?|the|one of the|one of|a kind of|a type of){_SOME} ?",
        0.7,
    ),
    _rule("is_a", rf" {_BE} (?:kinds|types|forms|examples) of{_SOME} ?", 0.75),
    _rule("is_a", rf",? such as{_SOME} ?", 0.55, reverse=True),
    _rule(
        "part_of",
        rf",? (?:{_BE} )?(?:an? )?(?:(?:\w+ )?part of|member of|component of|belongs to)(?: the)?{_SOME} ?",
        0.75,
    ),
    _rule(
        "part_of",
        r" (?:consists of|contains|comprises|includes|is made up of)(?: an?| the)? ?",
        0.65,
        reverse=True,
    ),
    _rule(
        "located_in",
        rf",? (?:{_BE} )?(?:located|situated|based|headquartered) (?:in|at|on|near)(?: the)? ?",
        0.8,
    ),
    _rule("born_in", rf",? (?:{_BE} )?born (?:in|on|at)(?: the)? ?", 0.85),
    _rule("founded", r",? (?:co-)?(?:founded|established|set up)(?: an?| the)? ?", 0.75),
    _rule(
        "founded",
        rf",? (?:{_BE} )?(?:co-)?(?:founded|established|set up) (?:by|in \d{{4}} by)(?: the)? ?",
        0.8,
        reverse=True,
    ),
    _rule(
        "made",
        rf",? (?:{_BE} )?(?:first )?(?:developed|invented|created|designed|written|built|made|discovered|"
        rf"published|released|proposed|directed) "
        r"by(?: the)? ?",
        0.8,
        reverse=True,
    ),
    _rule(
        "made",
        rf" (?:developed|invented|created|designed|wrote|built|made|discovered|published|released|"
        rf"proposed)(?: an?| the)?{_SOME} ?",
        0.65,
    ),
    _rule(
        "causes",
        r" (?:causes?|caused|leads? to|led to|results? in|resulted in|triggers?|triggered)(?: an?|"
        r" the)?(?: \w+)? ?",
        0.75,
    ),
    _rule("causes", rf" {_BE} (?:caused|triggered) by(?: an?| the)?(?: \w+)? ?", 0.75, reverse=True),
    _rule(
        "uses",
        r" (?:uses?|used|employs?|relies on|runs on|is based on|depends on)(?: an?| the)?(?: \w+)? ?",
        0.65,
    ),
    _rule("same_as", r",? (?:also known as|also called|or simply|a\.k\.a\.) ?", 0.85),
)
"""Fills what stands between two English names."""
