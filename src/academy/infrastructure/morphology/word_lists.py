"""Short lists of words that tell what kind of thing a name is, and of words that say nothing of a text."""

import re

__all__ = [
    "COUNTED_IN",
    "ORGANISATIONS",
    "ORGANISATION_ENDS",
    "PLACES",
    "PLACE_ENDS",
    "SPACED_ENDS",
    "STOP_WORDS",
    "SURNAMES",
    "TITLES",
    "VAGUE_NOUNS",
    "VERBS",
    "word_set",
]


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, each once."""
    return frozenset(text.split())


SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진나지엄채원천방공현함변염여추도소석선설마길연위표명기반"
    "왕금옥육인맹제모탁국어은편용"
) | {"남궁", "황보", "제갈", "사공", "선우", "독고"}

TITLES = word_set(
    """
    씨 군 양 님 교수 대통령 기자 의원 장관 차관 감독 코치 선수 대표 회장 부회장 사장 부사장 박사 총리 국무총리 왕 황제 여사 후보 작가 시인 목사 신부 수녀 스님 판사 검사
    변호사 의사 장군 제독 대장 중장 소장 준장 대령 중령 소령 대위 중위 소위 원수 총장 학장 원장 부장 차장 과장 팀장 실장 국장 청장 처장 위원장 의장 이사장 이사 사무총장 총재
    지사 시장 군수 구청장 대사 앵커 아나운서 배우 가수 화가 원내대표 최고위원 대변인 비서관 비서실장 수석 공작 후작 백작 자작 남작 교황 추기경 주교 선생 편집장 연구원 대왕 공주
    왕자 왕후 왕비 태자 세자 연출 피디 프로듀서 소설가 철학자 수학자 물리학자 과학자 역사학자
    """
)

PLACES = word_set(
    """
    한국 대한민국 남한 북한 조선 미국 중국 일본 영국 프랑스 독일 이탈리아 스페인 러시아 소련 인도 캐나다 호주 브라질 멕시코 이집트 그리스 로마 터키 이란 이라크 이스라엘 베트남
    태국 필리핀 대만 홍콩 싱가포르 말레이시아 인도네시아 네덜란드 벨기에 스위스 오스트리아 스웨덴 노르웨이 덴마크 핀란드 폴란드 우크라이나 헝가리 체코 포르투갈 아르헨티나 칠레 쿠바
    유럽 아시아 아프리카 남미 북미 중동 서울 부산 대구 인천 광주 대전 울산 세종 경기 강원 충북 충남 전북 전남 경북 경남 제주 평양 개성 베이징 상하이 도쿄 오사카 교토 뉴욕
    워싱턴 런던 파리 베를린 모스크바 로스앤젤레스 캘리포니아 몽골 고조선 부여 고구려 백제 신라 가야 발해 고려 사우디아라비아 남아프리카 뉴질랜드 아일랜드 스코틀랜드 잉글랜드 Korea Japan China America
    England France Germany Italy Spain Russia India Canada Australia Brazil Mexico Egypt Europe Asia
    Africa London Paris Berlin Tokyo Seoul Beijing Moscow Rome California Texas Britain Scotland Ireland
    Israel Iran Iraq Vietnam Taiwan
    """
)

ORGANISATIONS = word_set(
    """
    국회 검찰 경찰 대법원 헌법재판소 청와대 국정원 법무부 국방부 외교부 교육부 통일부 환경부 노동부 기획재정부 국토교통부 보건복지부 행정안전부 재무부 국무부 금융위원회 한국은행 유엔
    국제연합 유럽연합 상원 하원
    """
)

ORGANISATION_ENDS = re.compile(
    r".+(?:대학교|대학원|대학|고등학교|중학교|초등학교|여고|여중|사관학교|학교|학회|협회|연맹|연합회|연합|위원회|재단|은행|증권|보험|생명|카드|"
    r"병원|회사|그룹|전자|자동차|중공업|건설|제약|통신|텔레콤|항공|신문사|신문|일보|방송국|방송|법원|검찰청|경찰서|경찰청|소방서|교육청|"
    r"시청|구청|군청|도청|국세청|특허청|기상청|병무청|조달청|관세청|연구소|연구원|평가원|진흥원|공사|공단|조합|노조|구단|정당|당|사단|군단|집단군|함대|"
    r"위원|기구|본부|센터|박물관|미술관|도서관|극장|교회|성당|수도원|학파|출판사|엔터테인먼트|스튜디오|게임즈|포럼|오케스트라|악단|클럽|유나이티드)"
)
PLACE_ENDS = re.compile(
    r"..*(?:특별시|광역시|자치도|시|도|구|군|읍|면|동|리|산|강|섬|해협|반도|제도|군도|호수|역|공항|항구|항|거리|광장|대륙|산맥|왕국|제국|공화국|"
    r"마을|사막|평야|고원|해안|현|성|궁|사원|절|대교|터널|공원|경기장|아일랜드|시티|카운티)"
)
SPACED_ENDS = word_set(
    """
    주 시 군 카운티 강 산 섬 만 해협 왕국 제국 공화국 대학교 대학 연구소 도서관 박물관 미술관 병원 학교 고등학교 중학교 초등학교 은행 그룹 공항 역 광장 호수 반도 산맥 교회
    협회 재단 위원회 센터 스튜디오 사관학교 육군사관학교 클럽 엔터테인먼트 게임즈 왕조 지방 운하 궁전 경기장 스타디움 필하모닉
    """
)

COUNTED_IN = (
    r"(?:퍼센트|킬로미터|센티미터|밀리미터|미터|킬로그램|그램|톤|리터|달러|유로|위안|파운드|배럴|바이트|비트|광년|개국|개월간|개월|개소|년간|년여|주간|주일|일간|시간|분간|"
    r"초간|학년|인분|인승|호선|번째|차례|가지|종류|마리|그루|자루|켤레|페이지|쪽|평|개|명|인|원|엔|분|초|주|세|살|배|위|회|차|번|건|곳|권|편|점|골|표|석|대|척|채|"
    r"층|도|종|장|호|조|항|승|패|연패|연승|라운드|경기|안타|홈런|타점|마력|세대|가구|필지|헥타르|[kKMGTP]i?B|[kcmn]?m[²³]?|[kKmM]?g|"
    r"[kKMGT]?Hz|[kKM]?W|[mM]?[lL]|"
    r"°C|℃|˚|°|[kK][bB]ps|[MG]bps|㎞|㎝|㎜|㎏|㎡|㎢|%|％)"
)

VAGUE_NOUNS = word_set(
    """
    것 수 때 등 중 후 전 이후 이전 경우 때문 정도 문제 부분 사람 사용 이용 가능 필요 존재 발생 진행 시작 포함 생각 방법 방식 결과 과정 상황 다음 현재 당시 처음 마지막
    자신 우리 여러 다양 모두 가장 이유 의미 내용 사실 관련 해당 각각 일반 기본 전체 일부 하나 동안 사이 가운데 위 아래 안 밖 앞 뒤 옆 대부분 기준 예 예시 참고 설명 정리
    특징 장점 단점 종류 목적 개념 역할 작업 처리 확인 설정 실행 선택 변경 추가 제공 구성 구현 동일 차이 최대 최소 이상 이하 미만 초과 값 점 번 곳 말 일 날 해 년 월 시
    분 초 명 개 이름 자리 모습 세계 시간 사이트 오늘 지금
    """
)

STOP_WORDS = word_set(
    """
    a about above after again against all also am an and any are as at be because been before being
    below between both but by can could did do does doing down during each few for from further had has
    have having he her here hers him his how i if in into is it its itself just me might more most much
    must my no nor not now of off on once only or other our out over own per said same she should so
    some such than that the their them then there these they this those through to too under until up
    upon us use used uses using very was we were what when where which while who whom whose why will
    with would you your yes however therefore thus may many one two new first within without
    """
)

_VERBS = word_set(
    """
    make take get give know see show include become provide require allow enable convert establish raise
    expect keep begin carry bring come go say tell think believe consider contain consist describe
    develop define determine depend differ discuss employ ensure exist explain follow generate happen
    identify improve indicate introduce involve let lose manage obtain occur perform prevent produce
    propose prove put receive reduce refer remain remove represent seem send serve suggest try
    understand want wrote made taken given known seen found shown became went said told thought held
    kept began brought came grew led sent spoke stood understood written lengthen add adds
    """
)
VERBS = frozenset(form for verb in _VERBS for form in (verb, f"{verb}s", f"{verb}ed", f"{verb}d"))
"""Forms of verbs that no English term has."""
