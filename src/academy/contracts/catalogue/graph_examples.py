"""Examples of what graph messages hold; every one is complete and valid."""

from academy.contracts.catalogue.graph_file_examples import (
    DIGEST,
    EMPTY,
    GORYEO,
    JOSEON,
    NOTES,
    SENTENCE,
    TENANT,
    USER,
)
from academy.contracts.catalogue.message import Json

__all__ = ["COMPLETED", "FAILED", "PAYLOADS", "PROGRESS", "REFUSED"]

_PLACE = f"{TENANT}/graph/users/6d5f807e23db210bc254a28be2d6759a0f5f5d99"
_BUILD = f"{_PLACE}/builds/0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01-1"
_USAGE: Json = {
    "tokensIn": 0,
    "tokensOut": 0,
    "requests": 0,
    "estimated": False,
    "seconds": 1.482,
    "cpuSeconds": 1.207,
}
_NOTHING: Json = {"ok": 0, "skipped": 0, "failed": 0}


def _done(**told: object) -> Json:
    return {
        "status": "COMPLETED",
        "error": "",
        "errorCode": "",
        "outcomes": [],
        "outcomeCounts": _NOTHING,
        "outcomesS3Key": "",
        "degraded": [],
        "usage": _USAGE,
        **told,
    }


def _ok(key: str, name: str = "") -> Json:
    return {"s3Key": key, "id": name or key, "status": "ok", "code": "", "message": "", "nodes": 1}


def _citation(start: int, end: int, quote: str) -> Json:
    return {"documentId": JOSEON, "passage": "p1", "start": start, "end": end, "quote": quote}


_CITED: Json = {"text": SENTENCE, "citations": [_citation(6, 27, SENTENCE)]}
PAYLOADS: dict[str, Json] = {
    "GRAPH_GENERATION": {
        "userId": USER,
        "s3Key": f"{TENANT}/exports/chatgpt.zip",
        "extraS3Keys": [],
        "s3Prefix": f"{NOTES}/",
        "includeSummary": True,
        "language": "ko",
        "seed": 0,
    },
    "GRAPH_SUMMARY": {"userId": USER, "language": "ko"},
    "ADD_NODE": {"userId": USER, "s3Key": GORYEO},
    "MICROSCOPE_INGEST": {"userId": USER, "s3Key": JOSEON, "documentId": JOSEON, "title": "조선"},
    "MICROSCOPE_QUERY": {
        "userId": USER,
        "question": "조선을 건국한 사람은 누구인가?",
        "documentIds": [JOSEON],
        "limit": 5,
        "language": "auto",
    },
    "MICROSCOPE_SYNTHESIZE": {"userId": USER, "topic": "조선", "documentIds": [], "sentences": 8},
    "MICROSCOPE_RELATED_QUESTIONS": {"userId": USER, "question": "", "documentIds": [], "limit": 5},
}
"""`payload` of each request."""

COMPLETED: dict[str, Json] = {
    "GRAPH_GENERATION": _done(
        outcomes=[EMPTY, _ok(GORYEO), _ok(JOSEON)],
        outcomeCounts={"ok": 2, "skipped": 1, "failed": 0},
        outcomesS3Key=f"{_BUILD}/outcomes.jsonl",
        resultS3Key=f"{_BUILD}/graph_final.json",
        featuresS3Key=f"{_BUILD}/features.npz",
        graphmlS3Key=f"{_BUILD}/graph.graphml",
        gexfS3Key=f"{_BUILD}/graph.gexf",
        pictureS3Key=f"{_BUILD}/graph.svg",
        summaryS3Key=f"{_BUILD}/summary.json",
        nodes=2,
        edges=1,
        clusters=1,
        recipe="bm25+lsa/1",
        stages=[
            {"stage": "read", "computed": 3, "cached": 0},
            {"stage": "analyse", "computed": 1, "cached": 0},
        ],
    ),
    "GRAPH_SUMMARY": _done(
        summaryS3Key=f"{_BUILD}/summary.json",
        headline="문서 2개가 1개 묶음을 이룹니다.",
        claims=3,
        by="graph",
    ),
    "ADD_NODE": _done(
        outcomes=[_ok(GORYEO)],
        outcomeCounts={"ok": 1, "skipped": 0, "failed": 0},
        outcomesS3Key=f"{_BUILD}/outcomes.jsonl",
        resultS3Key=f"{_BUILD}/graph_final.json",
        featuresS3Key=f"{_BUILD}/features.npz",
        nodeIds=[GORYEO],
        nodes=3,
        edges=3,
        clusters=1,
        recipe="bm25+lsa/1",
    ),
    "MICROSCOPE_INGEST": _done(
        outcomes=[_ok(JOSEON)],
        outcomeCounts={"ok": 1, "skipped": 0, "failed": 0},
        documentId=JOSEON,
        resultS3Key=f"{_PLACE}/microscope/0f3b/0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01-1/microscope.json",
        title="조선",
        language="ko",
        digest=DIGEST,
        passages=1,
        entities=3,
        relations=1,
        rejected=0,
    ),
    "MICROSCOPE_QUERY": _done(
        question="조선을 건국한 사람은 누구인가?",
        found=True,
        sentences=[_CITED],
        answer=SENTENCE,
        by="extract",
        passages=[_citation(0, 27, f"# 조선\n\n{SENTENCE}")],
    ),
    "MICROSCOPE_SYNTHESIZE": _done(
        topic="조선", sentences=[_CITED], text=SENTENCE, agree=["조선"], by="extract"
    ),
    "MICROSCOPE_RELATED_QUESTIONS": _done(
        questions=[
            {
                "question": "이성계가 조선을 건국한 것은 언제인가요?",
                "citations": [_citation(6, 27, SENTENCE)],
            },
        ],
        by="extract",
    ),
}
"""What a COMPLETED result of each task tells beside `userId` and `jobId`."""

FAILED: Json = {
    "status": "FAILED",
    "error": "No object lies under the keys and prefixes of the request; upload the files first and name them as they are stored.",
    "errorCode": "input_missing",
    "errorKo": "요청에 적힌 키와 경로에 파일이 없습니다. 파일을 먼저 올리고 저장된 이름 그대로 지정해 주세요.",
    "errorStage": "fetch",
    "retryable": False,
    "outcomes": [],
    "degraded": [],
}

PROGRESS: Json = {
    "taskType": "GRAPH_GENERATION_PROGRESS",
    "taskId": "graph-generation-1",
    "timestamp": "2026-03-02T00:00:03.000Z",
    "payload": {
        "userId": USER,
        "jobId": "0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01",
        "percent": 41.5,
        "sequence": 3,
        "stage": "analyse",
        "stageNumber": 4,
        "stages": 6,
        "remainingSeconds": 4.2,
        "attempt": 1,
    },
}

REFUSED: Json = {
    "taskType": "UNKNOWN_RESULT",
    "taskId": 7,
    "resultId": "9d2a4c57-36f5-5d6c-9f5e-0d9a1f1b7c12",
    "timestamp": "2026-03-02T00:00:00.310Z",
    "payload": {
        "userId": USER,
        "jobId": None,
        "status": "FAILED",
        "error": "taskType: This field is required.",
        "errorCode": "request_invalid",
        "errorKo": "taskType: 필수 항목입니다.",
        "retryable": False,
    },
}
