"""Why a task of the graph worker ends without what was asked for; every sentence says how to mend it."""

from collections.abc import Sequence

from academy.domain.failures import Failure

__all__ = [
    "DOCUMENT_UNKNOWN",
    "FEATURES_BROKEN",
    "FOREIGN_BUCKET",
    "MADE_HERE",
    "NOTHING_NAMED",
    "NOTHING_ORDERED",
    "NOT_STUDY_MATERIAL",
    "NO_DOCUMENT",
    "NO_GRAPH",
    "NO_INPUT",
    "NO_READABLE_INPUT",
    "ONE_SOURCE",
    "OTHER_RECIPE",
    "PREFIX_WITHOUT_SLASH",
    "TASK_ID_REUSED",
    "TOO_MANY_INPUTS",
    "UPLOAD_OPEN",
    "VECTORS_LOST",
    "DocumentUnreadable",
    "several_documents",
]

_SHOWN = 5

NOTHING_NAMED = Failure(
    "nothing_named",
    "The request names no input; give s3Key, extraS3Keys or s3Prefix.",
    "요청에 입력 파일이 없습니다. s3Key, extraS3Keys 또는 s3Prefix를 지정해 주세요.",
)
NO_INPUT = Failure(
    "input_missing",
    "No object lies under the keys and prefixes of the request; upload the files first and name them as they are stored.",
    "요청에 적힌 키와 경로에 파일이 없습니다. 파일을 먼저 올리고 저장된 이름 그대로 지정해 주세요.",
)
NO_READABLE_INPUT = Failure(
    "no_readable_input",
    "None of the inputs could be read; the outcome of each says why.",
    "읽을 수 있는 입력이 없습니다. 입력별 결과에서 이유를 확인해 주세요.",
)
TOO_MANY_INPUTS = Failure(
    "too_many_inputs",
    "More than 20,000 objects lie under the keys and prefixes of the request; split them over several users or leave some out.",
    "요청에 적힌 경로에 파일이 20,000개를 넘습니다. 나누어 요청해 주세요.",
)
FOREIGN_BUCKET = Failure(
    "foreign_bucket",
    "The request names a bucket that is not this system's, so nothing is read; put the files into the system's bucket.",
    "요청에 적힌 버킷이 이 시스템의 버킷이 아니어서 읽지 않았습니다. 시스템의 버킷에 올려 주세요.",
)
MADE_HERE = Failure(
    "foreign_key",
    "A key or prefix of the request names what this system made for a user; name the files that were handed in.",
    "요청에 적힌 키가 이 시스템이 만든 파일입니다. 올린 원본 파일을 지정해 주세요.",
)
FEATURES_BROKEN = Failure(
    "features_unreadable",
    "The files of this graph cannot be read any more; send a GRAPH_GENERATION_REQUEST to make it anew.",
    "이 그래프의 파일을 읽을 수 없습니다. 그래프 생성을 다시 요청해 주세요.",
)
NO_GRAPH = Failure(
    "no_graph",
    "This user has no graph yet; send a GRAPH_GENERATION_REQUEST first.",
    "이 사용자의 그래프가 아직 없습니다. 먼저 그래프 생성을 요청해 주세요.",
)
OTHER_RECIPE = Failure(
    "recipe_mismatch",
    "The embedder that this graph was made with does not answer or is not configured; configure it, or make the graph anew.",
    "이 그래프를 만든 임베딩 모델을 사용할 수 없습니다. 모델 설정을 확인하거나 그래프를 다시 만들어 주세요.",
    retryable=True,
)
VECTORS_LOST = Failure(
    "vectors_lost",
    "The vectors of this graph are no longer in the index; send a GRAPH_GENERATION_REQUEST to make it anew, then this request again.",
    "이 그래프의 벡터가 색인에 더 이상 없습니다. 그래프 생성을 다시 요청한 뒤 이 요청을 다시 보내 주세요.",
    retryable=True,
)
NO_DOCUMENT = Failure(
    "document_not_ingested",
    "None of the documents was read under the microscope; send a MICROSCOPE_INGEST_REQUEST for them first.",
    "현미경으로 읽은 문서가 없습니다. 먼저 문서 읽기를 요청해 주세요.",
)

DOCUMENT_UNKNOWN = Failure(
    "document_unknown",
    "None of the documents in documentIds is there; send a MICROSCOPE_INGEST_REQUEST for them first, or name them by the ids of its results.",
    "documentIds에 적힌 문서가 하나도 없습니다. 먼저 문서 읽기를 요청하거나, 그 결과에 나온 id로 지정해 주세요.",
)
TASK_ID_REUSED = Failure(
    "task_id_reused",
    "Another request was sent with this taskId before, so this one was not done; give every request a taskId of its own.",
    "같은 taskId로 다른 요청이 이미 있어서 처리하지 않았습니다. 요청마다 새 taskId를 써 주세요.",
)

# Said at once to whoever orders over HTTP
NOTHING_ORDERED = Failure(
    "nothing_named",
    "The request names no input; give document_ids of uploaded documents, keys or prefixes.",
    "요청에 입력이 없습니다. 올린 문서의 document_ids나 keys, prefixes를 지정해 주세요.",
)
ONE_SOURCE = Failure(
    "one_source",
    "Give either the document_id of an uploaded document or the key of an object.",
    "올린 문서의 document_id와 파일의 key 중 하나만 지정해 주세요.",
)
PREFIX_WITHOUT_SLASH = Failure(
    "prefix_without_slash",
    "A prefix ends with `/`, so that it names a folder and nothing beside it.",
    "경로는 `/`로 끝나야 합니다. 폴더 이름 뒤에 `/`를 붙여 주세요.",
)
NOT_STUDY_MATERIAL = Failure(
    "document_wrong_purpose",
    "The document was uploaded for another purpose; upload the file again with the purpose `study`.",
    "다른 용도로 올린 문서입니다. 용도를 `study`로 하여 다시 올려 주세요.",
)
UPLOAD_OPEN = Failure(
    "document_not_ready",
    "The upload of this document has not been completed; complete it first, or upload the file again.",
    "업로드가 끝나지 않은 문서입니다. 업로드를 마치거나 다시 올려 주세요.",
)


def several_documents(found: Sequence[tuple[str, str]], wrong: str = "") -> Failure:
    """Return why none of several documents in a file is read; `found`: ids and titles, `wrong`: an id that none of them has."""
    first = "; ".join(f"{_cut(name, 200)} ({_cut(title, 60)})" for name, title in found[:_SHOWN])
    more, more_ko = (", …", " 등") if len(found) > _SHOWN else ("", "")
    none = f"none of them has the id {_cut(wrong, 200)}; " if wrong else ""
    none_ko = f"{_cut(wrong, 200)}(이)라는 id는 없습니다. " if wrong else ""
    return Failure(
        "several_documents",
        f"The file holds {len(found):,} documents; {none}name the one that is meant by its own id: documentId of a request, part over "
        f"HTTP, --part of `academy graph ask`. They are {first}{more}.",
        f"파일에 문서가 {len(found):,}개 있습니다. {none_ko}원하는 문서의 id를 지정해 주세요(요청은 documentId, HTTP는 part, academy graph ask는 "
        f"--part). 문서: {first}{more_ko}.",
    )


def _cut(text: str, most: int) -> str:
    line = "".join(letter if letter.isprintable() else " " for letter in text[: most + 1])
    return line if len(line) <= most else line[: most - 1] + "…"


class DocumentUnreadable(Exception):
    """Files give nothing to work with; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure
