"""Sentences for papers, of the tests' own making, and how a seed picks from them."""

from random import Random

__all__ = ["ENGLISH", "FORMULAS", "KOREAN", "STEMS", "sentences"]

KOREAN = (
    "강물은 산을 돌아 넓은 들판을 지나 마침내 바다에 이른다.",
    "우리는 매일 같은 길을 걷지만 어제와 똑같은 풍경을 만나지는 않는다.",
    "세종 25년에 만들어진 훈민정음은 스물여덟 글자로 이루어져 있었다.",
    "식물은 빛을 이용하여 이산화 탄소와 물로부터 양분을 만든다.",
    "소비자가 물건의 값을 비교할 때에는 품질과 수량을 함께 살펴야 한다.",
    "토론에서 상대의 주장을 정확히 요약하는 일은 반박보다 먼저 이루어져야 한다.",
    "할머니께서는 마당에 널어 둔 고추를 뒤집으시며 옛날이야기를 들려주셨다.",
    "지구의 자전축은 약 23.5도 기울어져 있어 계절의 변화가 나타난다.",
    "조선 후기에는 상업이 발달하면서 전국에 1000여 개의 장시가 열렸다.",
    "글쓴이는 침묵이 때로는 가장 분명한 대답이 될 수 있다고 보았다.",
    "설문에 응한 학생 480명 가운데 62퍼센트가 도서관을 더 자주 찾겠다고 답하였다.",
    "빙하가 녹으면 해수면이 높아지고 낮은 섬나라의 땅은 물에 잠기게 된다.",
    "공동체의 규칙은 구성원 모두가 지킬 때에 비로소 힘을 얻는다.",
    "그는 낡은 외투 깃을 세우고 눈 덮인 골목을 천천히 빠져나갔다.",
    "뉴런과 뉴런 사이의 좁은 틈을 시냅스라고 부른다.",
    "화폐의 가치가 떨어지면 물가는 오르고 저축한 돈의 쓸모는 줄어든다.",
    "민주 사회에서 다수의 의견이 언제나 옳은 것은 아니라는 점을 기억해야 한다.",
    "바람이 불 때마다 처마 끝의 풍경이 맑은 소리를 내며 흔들렸다.",
    "교실 창밖으로 떨어지는 은행잎을 보며 아이들은 겨울 방학을 손꼽아 기다렸다.",
    "도시의 열섬 현상은 나무와 연못이 부족한 지역에서 더욱 뚜렷하게 관찰된다.",
    "연구진은 2019년부터 5년 동안 같은 장소에서 물의 온도와 산소의 양을 측정하였다.",
    "짧은 문장은 뜻이 또렷하고 읽는 사람의 숨을 고르게 한다.",
    "뜨거운 국물을 후후 불어 가며 먹던 저녁이 오래도록 잊히지 않았다.",
    "꽃가루를 옮기는 곤충이 사라지면 과일과 채소의 수확도 크게 줄어들 것이다.",
)
ENGLISH = (
    "The river bends around the old mill and runs toward the sea.",
    "Most students finished the survey within 15 minutes.",
    "Reading aloud helps young learners notice the rhythm of a sentence.",
    "She kept a small notebook in which every bird was named and dated.",
    "Nobody expected the bridge to stand for more than 200 years.",
)
STEMS = (
    "윗글의 내용과 일치하지 않는 것은?",
    "다음 중 밑줄 친 부분의 의미로 가장 적절한 것은?",
    "글쓴이의 관점으로 알맞은 것을 고르시오.",
    "다음 설명에 해당하는 개념으로 옳은 것은?",
    "빈칸에 들어갈 말로 가장 적절한 것은?",
    "위 자료를 바탕으로 추론한 내용으로 옳은 것은?",
)
FORMULAS = (
    "integral_0^1 (3x^2 + 2x) dif x = a + b",
    "sqrt(x^2 + y^2) <= frac(a + b, 2 c)",
    "sum_(k=1)^n k^2 = frac(n(n+1)(2n+1), 6)",
    "lim_(x -> 0) frac(sin 2x, x) = 2",
    "f(x) = frac(1, 3) x^3 - 4 x^2 + sqrt(5) x",
)


def sentences(rng: Random, many: int, english: float = 0.0) -> list[str]:
    """Return `many` sentences, so large a share of them English."""
    return [rng.choice(ENGLISH if rng.random() < english else KOREAN) for _ in range(many)]
