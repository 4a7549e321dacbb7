"""Why a task of the graph worker ends without what was asked for; every sentence says how to mend it."""

from academy.domain.failures import Failure

__all__ = [
    "FOREIGN_BUCKET",
    "NOTHING_NAMED",
    "NO_DOCUMENT",
    "NO_GRAPH",
    "NO_INPUT",
    "NO_READABLE_INPUT",
    "TOO_MANY_INPUTS",
]

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
NO_GRAPH = Failure(
    "no_graph",
    "This user has no graph yet; send a GRAPH_GENERATION_REQUEST first.",
    "이 사용자의 그래프가 아직 없습니다. 먼저 그래프 생성을 요청해 주세요.",
)
NO_DOCUMENT = Failure(
    "document_not_ingested",
    "None of the documents was read under the microscope; send a MICROSCOPE_INGEST_REQUEST for them first.",
    "현미경으로 읽은 문서가 없습니다. 먼저 문서 읽기를 요청해 주세요.",
)
