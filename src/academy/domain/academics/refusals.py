"""Why what was said of people and classes cannot be taken as it is, and how to mend it."""

from academy.domain.failures import Failure

__all__ = [
    "ACCOUNT_TAKEN",
    "ACCOUNT_UNKNOWN",
    "CLASHES",
    "CLASS_NAME_TAKEN",
    "CLASS_NOT_FOUND",
    "IDENTIFIER_MALFORMED",
    "IDENTIFIER_MISSING",
    "IDENTIFIER_TAKEN",
    "IDENTIFIER_TWICE",
    "MAX_SCORE_BELOW_KEY",
    "MAX_SCORE_BELOW_SCORES",
    "NAME_BLANK",
    "NAME_CONTROL_CHARACTER",
    "NAME_TOO_LONG",
    "NOT_IN_CLASS",
    "PARENT_PHONE_TAKEN",
    "PARENT_TWICE",
    "SCORE_OUT_OF_RANGE",
    "SESSION_NUMBER_TAKEN",
    "STUDENT_TWICE",
]

NAME_BLANK = Failure("name_blank", "A name is needed here.", "이름을 입력해 주세요.")
NAME_TOO_LONG = Failure(
    "name_too_long", "A name has at most 100 characters; shorten it.", "이름은 100자 이하로 입력해 주세요."
)
NAME_CONTROL_CHARACTER = Failure(
    "name_control_character",
    "The name holds line breaks or other control characters; type it anew.",
    "이름에 줄바꿈이나 제어 문자가 있습니다. 다시 입력해 주세요.",
)
IDENTIFIER_MALFORMED = Failure(
    "identifier_malformed", "An identifier is 8 digits, 0 to 9.", "식별번호는 숫자 8자리로 입력해 주세요."
)
IDENTIFIER_MISSING = Failure(
    "identifier_missing",
    "An identifier follows from the phone of the student or a parent; give one of them, or 8 digits of your choice.",
    "학생이나 학부모의 휴대전화 번호가 없으면 식별번호를 만들 수 없습니다. 번호나 식별번호 8자리를 입력해 주세요.",
)
IDENTIFIER_TAKEN = Failure(
    "identifier_taken",
    "Another student of the academy, perhaps one who has left, has this identifier; give 8 other digits as `identifier`, "
    "or change that student's first.",
    "같은 식별번호를 쓰는 학생이 이미 있습니다(퇴원생 포함). 다른 8자리를 식별번호로 입력하거나 그 학생의 식별번호를 먼저 바꿔 주세요.",
)
IDENTIFIER_TWICE = Failure(
    "identifier_twice",
    "Two students of this request have the same identifier; give one of them 8 other digits as `identifier`.",
    "요청 안의 두 학생이 같은 식별번호를 씁니다. 한 명에게 다른 8자리를 식별번호로 입력해 주세요.",
)
PARENT_TWICE = Failure(
    "parent_twice",
    "This phone number stands twice among the parents of one student; leave one out.",
    "한 학생의 학부모 번호가 중복되었습니다. 하나를 빼 주세요.",
)
PARENT_PHONE_TAKEN = Failure(
    "parent_phone_taken",
    "Another parent of the academy has this number; add that parent to the student instead.",
    "이미 다른 학부모가 쓰는 번호입니다. 그 학부모를 학생에게 연결해 주세요.",
)
ACCOUNT_UNKNOWN = Failure(
    "account_unknown",
    "No member of this academy in the right role has this id; give them a login first.",
    "해당 역할로 이 학원에 소속된 계정이 아닙니다. 계정을 먼저 만들어 주세요.",
)
ACCOUNT_TAKEN = Failure(
    "account_taken",
    "This login belongs to another student or parent; take it away there first.",
    "이미 다른 학생이나 학부모에게 연결된 계정입니다. 먼저 그 연결을 해제해 주세요.",
)
CLASS_NAME_TAKEN = Failure(
    "class_name_taken",
    "The academy has a class of this name, perhaps one that has ended; choose another.",
    "같은 이름의 반이 이미 있습니다(종료된 반 포함). 다른 이름을 입력해 주세요.",
)
CLASS_NOT_FOUND = Failure(
    "class_not_found",
    "There is no active class of this name; make it first, or correct the name.",
    "이 이름의 운영 중인 반이 없습니다. 반을 먼저 만들거나 이름을 고쳐 주세요.",
)
NOT_IN_CLASS = Failure(
    "not_in_class",
    "The student is not in this class; enrol them first, or leave them out.",
    "이 반의 학생이 아닙니다. 먼저 반에 등록하거나 목록에서 빼 주세요.",
)
STUDENT_TWICE = Failure(
    "student_twice",
    "The student stands twice in this list; leave one out.",
    "목록에 같은 학생이 두 번 있습니다. 하나를 빼 주세요.",
)
SESSION_NUMBER_TAKEN = Failure(
    "session_number_taken",
    "The lecture has a session of this number; choose another, or leave it out for the next one.",
    "이미 있는 차시 번호입니다. 다른 번호를 쓰거나 번호를 비워 다음 번호를 받으세요.",
)
SCORE_OUT_OF_RANGE = Failure(
    "score_out_of_range",
    "A score is from 0 to the maximum of the exam, or null for a student who was absent.",
    "점수는 0점부터 만점까지이며, 결시는 null로 보내 주세요.",
)
MAX_SCORE_BELOW_SCORES = Failure(
    "max_score_below_scores",
    "A student has more than that already; correct the score first.",
    "이미 그보다 높은 점수가 있습니다. 점수를 먼저 고쳐 주세요.",
)
MAX_SCORE_BELOW_KEY = Failure(
    "max_score_below_key",
    "The points of the exam's answer key come to more than that; lower the points or remove the key first.",
    "정답표의 배점 합이 그보다 큽니다. 배점을 낮추거나 정답표를 먼저 삭제해 주세요.",
)
CLASHES = frozenset(
    {
        ACCOUNT_TAKEN.code,
        CLASS_NAME_TAKEN.code,
        IDENTIFIER_TAKEN.code,
        MAX_SCORE_BELOW_KEY.code,
        MAX_SCORE_BELOW_SCORES.code,
        PARENT_PHONE_TAKEN.code,
        SESSION_NUMBER_TAKEN.code,
    }
)
"""Codes of refusals that are right in themselves and clash with what the academy has."""
