"""Why a model's server wants nothing of a request, for whoever can mend it."""

from academy.domain.failures import Failure

__all__ = ["KEY_REFUSED", "MODEL_MISSING", "QUOTA_EXHAUSTED", "REQUEST_REFUSED"]

KEY_REFUSED = Failure(
    "model_key_refused",
    "The server of the model refuses our key: check the key in the settings and what it may do.",
    "AI 모델 서버가 API 키를 거부했습니다. 설정의 키와 권한을 확인해 주세요.",
)
QUOTA_EXHAUSTED = Failure(
    "model_quota_exhausted",
    "The account with the model's provider has nothing left: top it up or raise its limit, then order again.",
    "AI 모델 계정의 사용 한도가 소진되었습니다. 충전하거나 한도를 올린 뒤 다시 요청해 주세요.",
)
MODEL_MISSING = Failure(
    "model_unavailable",
    "The server does not have the model that the settings name: check the model's name and the server's address.",
    "설정에 지정한 AI 모델이 서버에 없습니다. 모델 이름과 서버 주소를 확인해 주세요.",
)
REQUEST_REFUSED = Failure(
    "model_request_refused",
    "The server of the model does not take this request: it may be too long for the model; ask for less.",
    "AI 모델 서버가 요청을 받아들이지 않았습니다. 내용이 너무 길 수 있으니 줄여서 다시 요청해 주세요.",
)
