"""Endings of Korean words: no dictionary, the collection decides what is a particle."""

import re

__all__ = ["candidates", "ends_clearly", "is_keyword", "stem_of"]

_PARTICLE = re.compile(
    r"(?:으로부터|로부터|에서부터|에게서|에서는|에서도|에서의|으로는|으로도|으로의|으로써|으로서|이라는|이라고|이라도|까지|부터|에서|에게|에는|에도"
    r"|한테|으로|로서|로써|로는|로의|처럼|보다|마다|조차|밖에|라는|라고|이나|이란|이며|이고|들이|들을|들은|들의|들과|들도|들에|와의|과의"
    r"|은|는|이|가|을|를|의|에|도|와|과|로|만|란|나|들)$"
)
_CLEAR_PARTICLE = re.compile(
    r"(?:을|를|은|는|에|에서는|에서|에게|에는|까지|부터|으로|이라는|라는|이라고|처럼|보다|들의|들이"
    r"|(?<=..)(?<![주회강정합논결동건모예토])의)$"
)
_VERBAL = re.compile(
    r"(?:[가-힣]다|니까|려고|거나|도록|지만|면서|는데|한데|라면|려면|하고|되고|있고|없고|이고|하며|되며|이며|있으며|하면|되면|이면|으면|해서|하여|되어|있어|없어|해야"
    r"|하는|되는|있는|없는|않는|않은|않고|않게|하기|되기|하게|되게|하지|되지|했던|었던|았던|적인|적으로|같은|같이|어요|아요|세요|해요|까요|죠|네요|이란|이라|이라는|하던"
    r"|[가-힣]{2}(?:한|할|된|될|던|워|려|져)|시킨|시켜|시키는|된다면|한다면|하려면|때문에|으로)$"
)
_PAST = "".join(chr(code) for code in range(ord("가") + 20, ord("힣") + 1, 28))
"""Syllables that end in ㅆ: within a word only verbs have them."""
_VERB_FORM = re.compile(
    rf"[{_PAST}][가-힣]|[가-힣]다(?:고|면|며)$|(?:(?:하|되|시키)(?:자|고|며|면|여|던|거나|도록|지만|기)"
    r"|[지치내기리키누우추꾸끼르뜨쓰크맺짓받얻잃높낮꺾찢][고면며]|[맺짓받얻잃높낮꺾찢][아어]|많이|[가-힣](?:들어|아지|어지|워지|려지|뜨려)[고면며는]?"
    r"|(?:(?:[가-힣](?<![지이영])하|[가-힣][꾸드누])|만드)는)$"
)
"""What only verbs and adverbs end in, with the particle or ending still on."""
_ONE_SYLLABLE = re.compile(r"[가-힣][의과와을를]")
_REAL = frozenset(
    re.findall(
        r"[가-힣]+",
        "강의 회의 정의 주의 합의 동의 결의 논의 문의 협의 예의 편의 모의 고의 의의 창의 토의 심의 상의 하의 유의 호의 건의 거의 "
        "결과 효과 사과 교과 학과 통과 초과 성과 경과 문과 이과 치과 외과 내과 기와 마을 가을 노을 고을",
    )
)
"""Nouns that look like one syllable and a particle."""
_SHORTEST = 2
_SAYS_NOTHING = """
그리고 그러나 그래서 그런데 하지만 또한 또는 혹은 및 때문 때문에 경우 통해 통하여 위해 위한 위하여 대한 대해 대하여 관한
관련 따라 따른 의해 의한 있다 없다 이런 그런 저런 이러한 그러한 이렇게 그렇게 어떤 어떻게 모든 다른 같은 각각 각 여러
가장 매우 아주 더욱 다시 바로 먼저 이후 이전 이때 그때 당시 현재 지금 오늘 우리 저희 자신 사람 하나 둘 정도 부분 이것
그것 저것 여기 거기 무엇 누가 언제 왜 가지 이상 이하 사이 동안 다음 모두 함께 만약 만일 예를 들어 들면 대부분 이용
사용 해당 않고 한다 된다 있음 없음 같음 그냥 정말 너무 조금 계속 아래 위의 것을 것은 것이 것이다 수도 등의 등을 등이
하는 되는 있는 없는 않는 되어 하여 하고 이라고 라고 이라는 년대 년부터 년에 년도 년까지 월에 월부터 일에 번째 이를 이는
이가 그는 그가 그의 그녀 그들 했다 였다 이다 않다 위와 반면 즉 따라서 이와 이어 후에 전에 중에 당신 제가 저는 나는
나의 내가 인한 인하여 인해 관해
"""
_STOP = frozenset(_SAYS_NOTHING.split())


def is_keyword(word: str, *, whole: bool = False) -> bool:
    """Tell whether a word says what a text is about; `whole`: its particle is still on."""
    if whole:
        bare = _ONE_SYLLABLE.fullmatch(word) is None or word in _REAL
        return word not in _STOP and bare and not _VERB_FORM.search(word)
    return len(word) >= 2 and word not in _STOP and not _VERBAL.search(word)


def ends_clearly(surface: str) -> bool:
    """Tell whether a word ends in a particle that is hardly ever a part of a noun."""
    return _CLEAR_PARTICLE.search(surface) is not None


def candidates(surface: str) -> list[str]:
    """Return what is left of a Korean word without what may be its particle, the shortest first."""
    found = _PARTICLE.search(surface, _SHORTEST)
    left = []
    while found:
        left.append(surface[: found.start()])
        found = _PARTICLE.search(surface, found.start() + 1)
    return left


def stem_of(surface: str, stems: frozenset[str]) -> str:
    """Return a Korean word without its particle; "" where what is left may be a word cut short."""
    left_over = candidates(surface)
    for left in left_over:
        if left in stems:
            return left
    if surface in stems:
        return surface
    if found := _CLEAR_PARTICLE.search(surface, _SHORTEST):
        return surface[: found.start()]
    return "" if left_over else surface
