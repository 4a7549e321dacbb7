"""Why what was asked about documents, sheets, keys and scans cannot be done as things stand, and how to mend it."""

from academy.domain.failures import Failure

__all__ = [
    "BLANK_SHEET_MISSING",
    "BLANK_SHEET_UNUSED",
    "COPIES_AND_STUDENTS",
    "DAYS_TURNED",
    "DECISION_EMPTY",
    "DECISION_TAKEN",
    "DOCUMENT_EMPTY",
    "DOCUMENT_IN_USE",
    "DOCUMENT_KIND",
    "DOCUMENT_KIND_HOMEWORK",
    "DOCUMENT_KIND_STUDY",
    "DOCUMENT_NOT_READY",
    "DOCUMENT_NOT_UPLOADED",
    "DOCUMENT_WRONG_PURPOSE",
    "EXAM_UNKNOWN",
    "JOB_TYPE_UNKNOWN",
    "KEY_ABOVE_MAX_SCORE",
    "KEY_MISSING",
    "NOT_ON_ROSTER",
    "NO_STUDENTS",
    "SCAN_CANCELLED",
    "SCAN_LOST",
    "SCAN_READING",
    "SCAN_REMOVED",
    "SCAN_SUPERSEDED",
    "SCAN_TWICE",
    "SHEET_IN_USE",
    "SHEET_KEY_MISFIT",
    "THRESHOLD",
    "TIER_NOT_ALLOWED",
    "UPLOAD_EXPIRED",
    "UPLOAD_NOT_FOUND",
    "UPLOAD_SIZE",
    "document_too_large",
    "payload_invalid",
]

# Documents
DOCUMENT_NOT_UPLOADED = Failure(
    "document_not_uploadable",
    "Files of this purpose are made by the system and cannot be uploaded; choose another purpose.",
    "시스템이 만드는 종류의 문서라서 올릴 수 없습니다. 다른 용도를 선택해 주세요.",
)
DOCUMENT_KIND = Failure(
    "document_kind",
    "Files of this kind are not taken for this purpose; upload a PDF, JPEG, PNG or TIFF of paper, XLSX, XLS, ODS or CSV of a roster.",
    "이 용도로 올릴 수 없는 파일 형식입니다. 종이는 PDF·JPEG·PNG·TIFF, 명단은 XLSX·XLS·ODS·CSV 파일로 올려 주세요.",
)
DOCUMENT_KIND_HOMEWORK = Failure(
    "document_kind",
    "Homework is a film (MP4, MOV) or pages (PDF, JPEG, PNG, TIFF); upload one of these.",
    "과제는 영상(MP4·MOV)이나 종이(PDF·JPEG·PNG·TIFF) 파일로 올려 주세요.",
)
DOCUMENT_KIND_STUDY = Failure(
    "document_kind",
    "Study material is a ZIP of an export, JSON, Markdown, text, PDF, DOCX, PPTX, CSV or HTML; upload one of these.",
    "학습 자료는 내보내기 ZIP, JSON, 마크다운, 텍스트, PDF, DOCX, PPTX, CSV, HTML 파일로 올려 주세요.",
)
DOCUMENT_EMPTY = Failure(
    "document_empty",
    "The file is empty; check it and upload it again.",
    "빈 파일입니다. 파일을 확인하고 다시 올려 주세요.",
)
UPLOAD_NOT_FOUND = Failure(
    "upload_not_found",
    "The file was not uploaded yet; send it to the addresses of the upload, then complete it.",
    "아직 올라온 파일이 없습니다. 파일을 먼저 올린 뒤 완료해 주세요.",
)
UPLOAD_EXPIRED = Failure(
    "upload_expired",
    "The time for this upload has run out; start the upload again.",
    "업로드 가능 시간이 지났습니다. 업로드를 다시 시작해 주세요.",
)
UPLOAD_SIZE = Failure(
    "size_mismatch",
    "The uploaded file does not have the size that was announced; upload it again.",
    "올라온 파일의 크기가 알려 준 크기와 다릅니다. 다시 올려 주세요.",
)
DOCUMENT_NOT_READY = Failure(
    "document_not_ready",
    "The upload of this document has not been completed; complete it first, or upload the file again.",
    "업로드가 끝나지 않은 문서입니다. 업로드를 마치거나 다시 올려 주세요.",
)
DOCUMENT_WRONG_PURPOSE = Failure(
    "document_wrong_purpose",
    "The document was uploaded for another purpose; upload the file again for this one.",
    "다른 용도로 올린 문서입니다. 이 용도로 다시 올려 주세요.",
)
DOCUMENT_IN_USE = Failure(
    "document_in_use",
    "A scan or the sheet of an exam uses this document; remove that first.",
    "스캔이나 시험 답안지에서 쓰고 있는 문서입니다. 먼저 그 사용을 없애 주세요.",
)
# Sheets and keys
THRESHOLD = Failure(
    "sheet_threshold",
    "The threshold is a number more than 0 and at most 1, such as 0.9.",
    "확신도 기준은 0보다 크고 1 이하인 수입니다(예: 0.9).",
)
BLANK_SHEET_MISSING = Failure(
    "blank_sheet_missing",
    "Pages of this specification are found by a scan of the empty sheet; name one.",
    "빈 답안지 스캔으로 페이지를 찾는 규격입니다. 빈 답안지 문서를 지정해 주세요.",
)
BLANK_SHEET_UNUSED = Failure(
    "blank_sheet_unused",
    "Pages of this specification are found without an empty sheet; leave it out.",
    "빈 답안지가 필요하지 않은 규격입니다. 빈 답안지 문서를 빼 주세요.",
)
SHEET_IN_USE = Failure(
    "sheet_in_use",
    "Scans of this exam were read with the fields of its present sheet; remove them before you change its fields.",
    "이 시험의 스캔이 지금 답안지의 칸으로 판독되었습니다. 칸을 바꾸려면 스캔을 먼저 삭제해 주세요.",
)
SHEET_KEY_MISFIT = Failure(
    "sheet_key_misfit",
    "The answer key has answers that this sheet cannot take; change or remove the key first.",
    "정답표가 이 답안지에 맞지 않습니다. 정답표를 먼저 고치거나 삭제해 주세요.",
)
KEY_ABOVE_MAX_SCORE = Failure(
    "key_above_max_score",
    "The points of this key come to more than the maximum score of the exam; lower the points, or raise the maximum first.",
    "배점의 합이 시험의 만점보다 큽니다. 배점을 낮추거나 시험의 만점을 먼저 올려 주세요.",
)
KEY_MISSING = Failure(
    "key_missing",
    "The exam has no answer key yet; give one first.",
    "아직 정답표가 없습니다. 정답표를 먼저 입력해 주세요.",
)
NOT_ON_ROSTER = Failure(
    "student_not_on_roster",
    "The student is not on the roster of this exam; enrol them in its class first, or leave them out.",
    "이 시험의 응시자 명단에 없는 학생입니다. 먼저 반에 등록하거나 목록에서 빼 주세요.",
)
NO_STUDENTS = Failure(
    "roster_empty",
    "Nobody was in the class on the day of this exam; enrol students from that day on, name them one by one, or print copies"
    " without names.",
    "시험일에 반에 있던 학생이 없습니다. 시험일 이전부터 등록하거나, 학생을 지정하거나, 이름 없는 답안지를 인쇄해 주세요.",
)
COPIES_AND_STUDENTS = Failure(
    "sheets_copies_and_students",
    "Ask for copies without names or for the sheets of students, not for both at once.",
    "이름 없는 답안지와 학생별 답안지는 한 번에 하나만 요청해 주세요.",
)
# Scans
SCAN_TWICE = Failure(
    "scan_twice",
    "This document is a scan of the exam already; read that scan again instead.",
    "이미 이 시험의 스캔으로 등록된 문서입니다. 그 스캔을 다시 판독해 주세요.",
)
SCAN_READING = Failure(
    "scan_reading",
    "The scan is being read; wait until that is done, or cancel its job.",
    "판독 중인 스캔입니다. 끝날 때까지 기다리거나 작업을 취소해 주세요.",
)
SCAN_CANCELLED = Failure(
    "scan_cancelled",
    "Reading this scan was cancelled; read it again.",
    "스캔 판독이 취소되었습니다. 다시 판독해 주세요.",
)
SCAN_LOST = Failure(
    "scan_not_read",
    "The scan could not be read; try again.",
    "스캔을 판독하지 못했습니다. 다시 시도해 주세요.",
)
SCAN_REMOVED = Failure(
    "scan_removed",
    "The scan was removed, so it is not read.",
    "삭제된 스캔이므로 판독하지 않습니다.",
)
SCAN_SUPERSEDED = Failure(
    "scan_superseded",
    "A newer job reads this scan; retry that one.",
    "이 스캔에는 더 새로운 판독 작업이 있습니다. 그 작업을 다시 시도해 주세요.",
)
# Review
DECISION_TAKEN = Failure(
    "decision_taken",
    "Somebody else has decided on this page meanwhile; look at it again, then decide.",
    "그사이 다른 사람이 이 페이지를 판정했습니다. 다시 확인한 뒤 판정해 주세요.",
)
DECISION_EMPTY = Failure(
    "decision_empty",
    "Nothing was decided; name a field or a student.",
    "판정한 내용이 없습니다. 문항이나 학생을 지정해 주세요.",
)
# Jobs
EXAM_UNKNOWN = Failure(
    "exam_unknown",
    "The academy has no exam of this id; correct it, or leave it out.",
    "이 학원에 없는 시험입니다. 시험을 고쳐 지정하거나 비워 주세요.",
)
JOB_TYPE_UNKNOWN = Failure(
    "job_type_unknown",
    "There is no job type of this name that can be ordered; choose one of the list of job types.",
    "요청할 수 없는 작업 종류입니다. 작업 종류 목록에서 선택해 주세요.",
)
TIER_NOT_ALLOWED = Failure(
    "tier_not_allowed",
    "Jobs of this type are not done in this tier; choose one that the list of job types allows, or leave it out.",
    "이 작업 종류에 허용되지 않는 등급입니다. 허용된 등급을 고르거나 비워 주세요.",
)
DAYS_TURNED = Failure(
    "days_turned",
    "The last day lies before the first one; turn them round.",
    "끝 날짜가 시작 날짜보다 빠릅니다. 날짜를 바꾸어 주세요.",
)


def payload_invalid(reason: str) -> Failure:
    """Return the failure for a job's input that does not fit; `reason` says where, in English and without its values."""
    where = ", ".join(part.partition(": ")[0] for part in reason.split("; ") if ": " in part)
    return Failure(
        "payload_invalid",
        f"The payload does not fit its job type ({reason}); correct it.",
        f"작업 내용이 작업 종류에 맞지 않습니다{f' (항목: {where})' if where else ''}. 항목 이름과 값을 고쳐서 다시 보내 주세요.",
    )


def document_too_large(most: int) -> Failure:
    """Return the failure for a file of more than `most` bytes."""
    size = f"{most >> 20:,} MiB"
    return Failure(
        "document_too_large",
        f"A file for this purpose has at most {size}; make it smaller or split it.",
        f"이 용도의 파일은 최대 {size}입니다. 줄이거나 나누어 올려 주세요.",
    )
