"""The ways a video can fail, each with a stable code and a sentence for the teacher who uploaded it."""

from enum import StrEnum

from academy.domain.failures import Failure

__all__ = ["VideoFailure", "video_failure"]

_DETAIL_LIMIT = 2_000
_ASK_AGAIN_KO = "잠시 후 다시 시도해 주세요."


class VideoFailure(StrEnum):
    """Codes a client may switch on; a code is never renamed or reused."""

    # The upload
    UPLOAD_NOT_FOUND = "upload_not_found"
    UPLOAD_INCOMPLETE = "upload_incomplete"
    UPLOAD_EXPIRED = "upload_expired"
    UPLOAD_TOO_LARGE = "upload_too_large"
    UPLOAD_REPLACED = "upload_replaced"
    SIZE_MISMATCH = "size_mismatch"
    CONTENT_TYPE_MISMATCH = "content_type_mismatch"
    # The file
    EMPTY_FILE = "empty_file"
    NOT_A_VIDEO = "not_a_video"
    IMAGE_NOT_VIDEO = "image_not_video"
    PLAYLIST_REFUSED = "playlist_refused"
    UNSUPPORTED_CONTAINER = "unsupported_container"
    TRUNCATED_NO_INDEX = "truncated_no_index"
    DAMAGED_FILE = "damaged_file"
    ENCRYPTED_SOURCE = "encrypted_source"
    NO_DECODABLE_STREAM = "no_decodable_stream"
    UNSUPPORTED_CODEC = "unsupported_codec"
    TOO_LARGE_DIMENSIONS = "too_large_dimensions"
    TOO_SMALL_DIMENSIONS = "too_small_dimensions"
    DURATION_TOO_LONG = "duration_too_long"
    DURATION_TOO_SHORT = "duration_too_short"
    FRAME_RATE_TOO_HIGH = "frame_rate_too_high"
    TOO_MANY_STREAMS = "too_many_streams"
    CLOCK_RESTARTS = "clock_restarts"
    TOO_MUCH_MEMORY = "too_much_memory"
    PROBE_CRASHED = "probe_crashed"
    PROBE_TIMEOUT = "probe_timeout"
    # The work
    ENCODE_FAILED = "encode_failed"
    ENCODE_CRASHED = "encode_crashed"
    ENCODE_TIMEOUT = "encode_timeout"
    ENCODE_STALLED = "encode_stalled"
    PACKAGE_FAILED = "package_failed"
    THUMBNAILS_FAILED = "thumbnails_failed"
    OUTPUT_INVALID = "output_invalid"
    # The machine
    DISK_FULL = "disk_full"
    SOURCE_VANISHED = "source_vanished"
    SOURCE_CHANGED = "source_changed"
    TOOL_MISSING = "tool_missing"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    PUBLISH_FAILED = "publish_failed"
    PURGE_FAILED = "purge_failed"


_Code = VideoFailure

# code: (English, Korean). What a person can do stands in the sentence.
_PERMANENT: dict[VideoFailure, tuple[str, str]] = {
    _Code.UPLOAD_NOT_FOUND: (
        "The uploaded file was not found. Please upload it again.",
        "업로드된 파일을 찾을 수 없습니다. 다시 업로드해 주세요.",
    ),
    _Code.UPLOAD_INCOMPLETE: (
        "The upload was not finished. Please upload the file again.",
        "업로드가 끝나지 않았습니다. 파일을 다시 업로드해 주세요.",
    ),
    _Code.UPLOAD_EXPIRED: (
        "The time for this upload has run out. Please start the upload again.",
        "업로드 가능 시간이 지났습니다. 업로드를 다시 시작해 주세요.",
    ),
    _Code.UPLOAD_REPLACED: (
        "The file was replaced after its upload had been checked. Please upload it again as a new video.",
        "업로드 확인이 끝난 뒤 파일이 바뀌었습니다. 새 동영상으로 다시 업로드해 주세요.",
    ),
    _Code.UPLOAD_TOO_LARGE: (
        "The file is larger than this academy allows. Please upload a smaller or shorter video.",
        "파일이 허용된 크기보다 큽니다. 더 작거나 짧은 동영상을 업로드해 주세요.",
    ),
    _Code.SIZE_MISMATCH: (
        "The uploaded file does not have the size that was announced. Please upload it again.",
        "업로드된 파일의 크기가 알려 준 크기와 다릅니다. 다시 업로드해 주세요.",
    ),
    _Code.CONTENT_TYPE_MISMATCH: (
        "The content of the file does not match its announced type. Please upload a video or audio file.",
        "파일 내용이 알려 준 형식과 다릅니다. 동영상 또는 음성 파일을 업로드해 주세요.",
    ),
    _Code.EMPTY_FILE: (
        "The file is empty. Please check the recording and upload it again.",
        "빈 파일입니다. 녹화 파일을 확인하고 다시 업로드해 주세요.",
    ),
    _Code.NOT_A_VIDEO: (
        "This is not a video or audio file. Please upload a recording such as MP4, MOV, MKV or WebM.",
        "동영상이나 음성 파일이 아닙니다. MP4, MOV, MKV, WebM 등의 녹화 파일을 업로드해 주세요.",
    ),
    _Code.IMAGE_NOT_VIDEO: (
        "This is a picture, not a video. Please upload the recording itself.",
        "동영상이 아니라 이미지 파일입니다. 녹화 파일을 업로드해 주세요.",
    ),
    _Code.PLAYLIST_REFUSED: (
        "This is a playlist that points to other files, not a video. Please upload the video file itself.",
        "동영상이 아니라 다른 파일을 가리키는 재생 목록입니다. 동영상 파일 자체를 업로드해 주세요.",
    ),
    _Code.UNSUPPORTED_CONTAINER: (
        "This kind of file is not supported. Please save the video as MP4 and upload it again.",
        "지원하지 않는 파일 형식입니다. 동영상을 MP4로 저장해 다시 업로드해 주세요.",
    ),
    _Code.TRUNCATED_NO_INDEX: (
        "The end of the file is missing, and its index with it. Please copy it completely and upload it again.",
        "파일의 끝부분이 없어 재생에 필요한 색인이 없습니다. 녹화 파일을 끝까지 복사한 뒤 다시 업로드해 주세요.",
    ),
    _Code.DAMAGED_FILE: (
        "The file is damaged and cannot be read. Please export or record it again.",
        "파일이 손상되어 읽을 수 없습니다. 다시 내보내거나 녹화해 주세요.",
    ),
    _Code.ENCRYPTED_SOURCE: (
        "The video is copy-protected and cannot be processed. Please upload an unprotected recording.",
        "복제 방지된 동영상이라 처리할 수 없습니다. 보호되지 않은 녹화 파일을 업로드해 주세요.",
    ),
    _Code.NO_DECODABLE_STREAM: (
        "No picture and no sound could be read from this file. Please export it as MP4 and upload it again.",
        "이 파일에서 화면도 소리도 읽을 수 없습니다. MP4로 내보내 다시 업로드해 주세요.",
    ),
    _Code.UNSUPPORTED_CODEC: (
        "The video is stored in a format we cannot decode. Please export it as MP4 (H.264) and upload it again.",
        "해독할 수 없는 형식의 동영상입니다. MP4(H.264)로 내보내 다시 업로드해 주세요.",
    ),
    _Code.TOO_LARGE_DIMENSIONS: (
        "The picture is larger than 8K. Please export the video in 4K or smaller.",
        "화면 크기가 8K보다 큽니다. 4K 이하로 내보내 주세요.",
    ),
    _Code.TOO_SMALL_DIMENSIONS: (
        "The picture is too small to be shown. Please check the recording.",
        "화면 크기가 너무 작아 표시할 수 없습니다. 녹화 파일을 확인해 주세요.",
    ),
    _Code.DURATION_TOO_LONG: (
        "The video is longer than this academy allows. Please split it into shorter parts.",
        "동영상이 허용된 길이보다 깁니다. 더 짧게 나누어 업로드해 주세요.",
    ),
    _Code.DURATION_TOO_SHORT: (
        "The video lasts no time at all. Please check the recording and upload it again.",
        "재생 시간이 없는 동영상입니다. 녹화 파일을 확인하고 다시 업로드해 주세요.",
    ),
    _Code.FRAME_RATE_TOO_HIGH: (
        "The video has more pictures per second than we can process. Please export it with 60 or fewer.",
        "초당 화면 수가 처리할 수 있는 범위를 넘습니다. 60 이하로 내보내 주세요.",
    ),
    _Code.TOO_MANY_STREAMS: (
        "The file holds too many tracks. Please export it with one video and one audio track.",
        "파일에 트랙이 너무 많습니다. 동영상 하나와 음성 하나만 담아 내보내 주세요.",
    ),
    _Code.CLOCK_RESTARTS: (
        "The file joins recordings that each count time anew. Please export it as one MP4 or upload the parts.",
        "시간이 다시 시작되는 녹화 여러 개를 이어 붙인 파일입니다. 하나의 MP4로 내보내거나 나누어 업로드해 주세요.",
    ),
    _Code.TOO_MUCH_MEMORY: (
        "Reading this file needs more memory than is allowed. Please export it as MP4 in 4K or smaller.",
        "이 파일을 읽는 데 허용된 것보다 많은 메모리가 필요합니다. 4K 이하의 MP4로 내보내 주세요.",
    ),
    _Code.PROBE_CRASHED: (
        "The file is damaged so badly that it could not be examined. Please export or record it again.",
        "파일이 심하게 손상되어 검사할 수 없습니다. 다시 내보내거나 녹화해 주세요.",
    ),
    _Code.PROBE_TIMEOUT: (
        "The file could not be examined in time; it is probably damaged. Please export it again.",
        "제한 시간 안에 파일을 검사하지 못했습니다. 손상된 파일일 수 있으니 다시 내보내 주세요.",
    ),
    _Code.ENCODE_FAILED: (
        "The video could not be converted. Please export it as MP4 (H.264) and upload it again.",
        "동영상을 변환하지 못했습니다. MP4(H.264)로 내보내 다시 업로드해 주세요.",
    ),
}

_RETRYABLE: dict[VideoFailure, tuple[str, str]] = {
    _Code.ENCODE_CRASHED: (
        "The conversion stopped unexpectedly.",
        "변환이 예기치 않게 중단되었습니다.",
    ),
    _Code.ENCODE_TIMEOUT: (
        "The conversion took too long and was stopped.",
        "변환이 너무 오래 걸려 중단되었습니다.",
    ),
    _Code.ENCODE_STALLED: (
        "The conversion made no progress and was stopped.",
        "변환이 진행되지 않아 중단되었습니다.",
    ),
    _Code.PACKAGE_FAILED: (
        "The converted video could not be prepared for playback.",
        "변환된 동영상을 재생용으로 준비하지 못했습니다.",
    ),
    _Code.THUMBNAILS_FAILED: (
        "The preview pictures could not be made.",
        "미리보기 이미지를 만들지 못했습니다.",
    ),
    _Code.OUTPUT_INVALID: (
        "The converted video did not pass its check.",
        "변환된 동영상이 검사를 통과하지 못했습니다.",
    ),
    _Code.DISK_FULL: (
        "The server has no space left to process the video.",
        "서버의 저장 공간이 부족합니다.",
    ),
    _Code.SOURCE_VANISHED: (
        "The uploaded file disappeared while it was being processed.",
        "처리 중에 업로드된 파일이 사라졌습니다.",
    ),
    _Code.SOURCE_CHANGED: (
        "The uploaded file changed while it was being read.",
        "읽는 동안 업로드된 파일이 바뀌었습니다.",
    ),
    _Code.TOOL_MISSING: (
        "The server is not set up to process videos. The operator has been told; please try again later.",
        f"서버에 동영상 처리 도구가 준비되지 않았습니다. 운영자에게 알렸습니다. {_ASK_AGAIN_KO}",
    ),
    _Code.STORAGE_UNAVAILABLE: (
        "The file store cannot be reached.",
        "파일 저장소에 연결할 수 없습니다.",
    ),
    _Code.PUBLISH_FAILED: (
        "The finished video could not be stored.",
        "완성된 동영상을 저장하지 못했습니다.",
    ),
    _Code.PURGE_FAILED: (
        "Some files of the deleted video could not be removed.",
        "삭제한 동영상의 일부 파일을 지우지 못했습니다.",
    ),
}


# What is wrong around the work, not with it: a person mends it, however long that takes.
_OUTAGES = frozenset({_Code.DISK_FULL, _Code.STORAGE_UNAVAILABLE})


def video_failure(code: VideoFailure, *, stage: str = "", detail: str = "") -> Failure:
    """Return the Failure for `code`; of a long `detail` the end is kept, where tools say what went wrong."""
    retryable = code in _RETRYABLE
    english, korean = _RETRYABLE[code] if retryable else _PERMANENT[code]
    evidence = detail[-_DETAIL_LIMIT:]
    return Failure(
        code.value, english, korean, retryable, stage, evidence, costs_attempt=code not in _OUTAGES
    )
