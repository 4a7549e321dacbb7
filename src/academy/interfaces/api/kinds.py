"""The kinds of problem that do not come from a use case."""

from academy.interfaces.api.problems import Kind

ACADEMY_NOT_FOUND = Kind(
    404,
    "academy_not_found",
    "You do not belong to the academy named in X-Academy-Tenant, or there is none.",
    "X-Academy-Tenant에 지정한 학원이 없거나 소속되어 있지 않습니다.",
)
ACADEMY_REQUIRED = Kind(
    400,
    "academy_required",
    "You belong to several academies: name one in the header X-Academy-Tenant.",
    "여러 학원에 소속되어 있습니다. X-Academy-Tenant 헤더에 학원을 지정해 주세요.",
)
BODY_TOO_SLOW = Kind(
    408,
    "body_too_slow",
    "The request body did not arrive in time; send it again.",
    "요청 본문이 제시간에 도착하지 않았습니다. 다시 보내 주세요.",
)
CURSOR_INVALID = Kind(
    400,
    "cursor_invalid",
    "The cursor is not one of ours; begin again without one.",
    "잘못된 커서입니다. 커서 없이 처음부터 다시 요청해 주세요.",
)
IDEMPOTENCY_CONFLICT = Kind(
    409,
    "idempotency_conflict",
    "This Idempotency-Key was used for another request; use a new key for a new request.",
    "이미 다른 요청에 사용된 Idempotency-Key입니다. 새 요청에는 새 키를 사용해 주세요.",
)
IDEMPOTENCY_IN_PROGRESS = Kind(
    409,
    "idempotency_in_progress",
    "The first request with this Idempotency-Key is still being carried out; repeat it later.",
    "같은 Idempotency-Key의 요청이 처리 중입니다. 잠시 후 다시 요청해 주세요.",
)
IDEMPOTENCY_KEY_INVALID = Kind(
    400,
    "idempotency_key_invalid",
    "An Idempotency-Key has 1 to 200 visible ASCII characters.",
    "Idempotency-Key는 1~200자의 ASCII 문자여야 합니다.",
)
INTERNAL = Kind(
    500,
    "internal_error",
    "Something went wrong on our side. Try again; if it stays, tell the operator the value of `instance`, by which the log can be searched.",
    "서버 오류가 발생했습니다. 다시 시도해 보고, 계속되면 관리자에게 instance 값을 알려 주세요. 로그에서 찾을 수 있습니다.",
)
INVALID = Kind(
    400,
    "invalid_request",
    "Some of what was sent is not as it should be; `errors` says what.",
    "요청에 올바르지 않은 값이 있습니다. errors를 확인해 주세요.",
)
LENGTH_REQUIRED = Kind(
    411, "length_required", "Send the header Content-Length.", "Content-Length 헤더가 필요합니다."
)
LOCKED_OUT = Kind(
    429,
    "too_many_logins",
    "Too many failed logins; wait before trying again.",
    "로그인 실패가 너무 많습니다. 잠시 후 다시 시도해 주세요.",
)
LOGIN_FAILED = Kind(
    401,
    "login_failed",
    "The name or the password is wrong.",
    "아이디 또는 비밀번호가 올바르지 않습니다.",
)
MEDIA_REFUSED = Kind(
    403,
    "media_refused",
    "This address opens nothing (any more); open the playback again.",
    "사용할 수 없는 주소입니다. 재생을 다시 시작해 주세요.",
)
METHOD_NOT_ALLOWED = Kind(
    405,
    "method_not_allowed",
    "This endpoint does not know that method; the header Allow names those it does.",
    "허용되지 않은 메서드입니다. Allow 헤더를 확인해 주세요.",
)
NOT_AUTHENTICATED = Kind(
    401,
    "not_authenticated",
    "Log in, and send the header Authorization: Bearer with the token.",
    "로그인이 필요합니다. Authorization 헤더에 토큰을 보내 주세요.",
)
NOT_FOUND = Kind(404, "not_found", "There is no such thing.", "찾을 수 없습니다.")
NOT_JSON = Kind(
    415,
    "not_json",
    "Send the body as JSON with Content-Type: application/json.",
    "본문을 JSON으로 보내고 Content-Type을 application/json으로 지정해 주세요.",
)
NO_ACADEMY = Kind(
    403,
    "no_academy",
    "You do not belong to an academy (any more).",
    "소속된 학원이 없습니다.",
)
OVERLOADED = Kind(
    503,
    "overloaded",
    "There is more to do than we can manage now; try again shortly.",
    "요청이 많아 지금은 처리할 수 없습니다. 잠시 후 다시 시도해 주세요.",
)
RANGE_INVALID = Kind(
    416, "range_not_satisfiable", "The object has no such bytes.", "요청한 범위의 데이터가 없습니다."
)
REQUEST_REFUSED = Kind(
    400,
    "bad_request",
    "The request is not one that this server understands.",
    "서버가 이해할 수 없는 요청입니다.",
)
ROLE_NOT_ALLOWED = Kind(
    403,
    "role_not_allowed",
    "Your role in this academy does not allow this.",
    "현재 권한으로는 할 수 없는 작업입니다.",
)
SIGNATURE_REFUSED = Kind(
    403,
    "signature_refused",
    "This signed address is not valid (any more); ask for a new one.",
    "서명된 주소가 유효하지 않습니다. 주소를 다시 요청해 주세요.",
)
SIZE_WRONG = Kind(
    400,
    "size_wrong",
    "The body does not have the size that this address was signed for.",
    "본문의 크기가 서명된 크기와 다릅니다.",
)
STATE_CONFLICT = Kind(
    409,
    "state_conflict",
    "The thing is in a state that does not allow this.",
    "현재 상태에서는 할 수 없는 작업입니다.",
)
TOO_MANY_LISTENERS = Kind(
    503,
    "too_many_listeners",
    "Too many listeners at once; poll the job instead, or try again shortly.",
    "동시 연결이 너무 많습니다. 작업 상태를 주기적으로 조회하거나 잠시 후 다시 시도해 주세요.",
)
TOO_MANY_REQUESTS = Kind(
    429,
    "too_many_requests",
    "Too many requests; wait before trying again.",
    "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
)
UNAVAILABLE = Kind(
    503,
    "unavailable",
    "A service that this needs cannot be reached now; nothing was changed, try again shortly.",
    "필요한 서비스에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.",
)
UPLOAD_GONE = Kind(
    409,
    "upload_gone",
    "This upload was completed or dropped; begin a new one.",
    "이미 완료되었거나 취소된 업로드입니다. 업로드를 다시 시작해 주세요.",
)


def body_too_large(most: int, *, stranger: bool = False) -> Kind:
    """Return the refusal of a body of more than `most` bytes; who shows no token may send more after a login."""
    size = f"{most >> 10:,}"
    login, login_ko = ("log in first, or ", "로그인한 뒤 보내거나 ") if stranger else ("", "")
    return Kind(
        413,
        "body_too_large",
        f"The request body is larger than {size} KiB; {login}send less at once. Files are sent to the address that their upload names.",
        f"요청 본문이 {size}KiB를 넘습니다. {login_ko}나누어 보내 주세요. 파일은 업로드 주소로 보내 주세요.",
    )
