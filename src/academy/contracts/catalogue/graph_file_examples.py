"""Examples of what the files of graphs and of documents under the microscope hold; every one is complete and valid."""

from academy.contracts.catalogue.message import Json

__all__ = ["DIGEST", "EMPTY", "FILES", "GORYEO", "JOSEON", "NOTES", "SENTENCE", "TENANT", "USER"]

TENANT = "tenants/aca1"
NOTES = f"{TENANT}/notes"
JOSEON, GORYEO = f"{NOTES}/조선.md", f"{NOTES}/고려.md"
USER = "학생-20391"
DIGEST = "3f6bd1f0a5d84c5f8b9ad0a0d8a1c9b0a7a3a2b6f4d1e8c7b6a5948372615040"
SENTENCE = "이성계는 1392년에 조선을 건국했다."
EMPTY: Json = {
    "s3Key": f"{NOTES}/빈 노트.md",
    "id": "",
    "status": "skipped",
    "code": "empty_input",
    "message": "Nothing stands in it.",
    "nodes": 0,
}

_NODE: Json = {
    "id": JOSEON,
    "kind": "note",
    "title": "조선",
    "source_key": JOSEON,
    "created_at": "",
    "updated_at": "",
    "language": "ko",
    "characters": 74,
    "digest": DIGEST,
    "keywords": ["조선", "세종대왕", "한양"],
    "cluster": "c-1",
    "subcluster": "",
    "degree": 0,
    "x": 0.0,
    "y": 0.0,
}
_EVIDENCE: Json = {"passage": "p1", "start": 6, "end": 27}

FILES: dict[str, Json] = {
    "outcome": EMPTY,
    "graph": {
        "v": 1,
        "user_id": USER,
        "recipe": {
            "vectors": "bm25+lsa/1",
            "dimension": 1,
            "metric": "cosine",
            "communities": "leiden/1",
            "keywords": "c-tf-idf/1",
            "seed": 0,
        },
        "statistics": {
            "nodes": 1,
            "edges": 0,
            "clusters": 1,
            "subclusters": 0,
            "modularity": 0.0,
            "isolated": 1,
            "languages": {"ko": 1},
            "kinds": {"note": 1},
        },
        "nodes": [_NODE],
        "edges": [],
        "clusters": [
            {
                "id": "c-1",
                "name": "조선 · 세종대왕 · 한양",
                "keywords": ["조선", "세종대왕", "한양"],
                "size": 1,
                "representatives": [JOSEON],
                "subclusters": [],
                "x": 0.0,
                "y": 0.0,
            }
        ],
        "inputs": [{"key": JOSEON, "digest": DIGEST, "nodes": 1}],
    },
    "summary": {
        "v": 1,
        "user_id": USER,
        "language": "ko",
        "headline": {
            "text": "노트 1개가 1개의 묶음을 이룹니다.",
            "node_ids": [JOSEON],
            "by": "graph",
        },
        "clusters": [
            {
                "cluster": "c-1",
                "name": "조선 · 세종대왕 · 한양",
                "size": 1,
                "share": 1.0,
                "density": 0.0,
                "keywords": ["조선", "세종대왕", "한양"],
                "claims": [{"text": SENTENCE, "node_ids": [JOSEON], "by": "extract"}],
                "first_at": "",
                "last_at": "",
            }
        ],
        "insights": [],
        "nodes": 1,
        "edges": 0,
    },
    "microscope": {
        "v": 1,
        "document_id": JOSEON,
        "title": "조선",
        "source_key": JOSEON,
        "digest": DIGEST,
        "language": "ko",
        "text": f"# 조선\n\n{SENTENCE}",
        "passages": [
            {
                "id": "p1",
                "start": 0,
                "end": 27,
                "heading": "조선",
                "page": 0,
                "sentences": [{"start": 6, "end": 27}],
            }
        ],
        "entities": [
            {
                "id": "e1",
                "name": "이성계",
                "kind": "person",
                "mentions": [{"passage": "p1", "start": 6, "end": 9, "surface": "이성계"}],
                "alias_of": "",
                "alias_sign": "",
                "confidence": 0.8,
            },
            {
                "id": "e2",
                "name": "조선",
                "kind": "place",
                "mentions": [{"passage": "p1", "start": 18, "end": 20, "surface": "조선"}],
                "alias_of": "",
                "alias_sign": "",
                "confidence": 0.6,
            },
        ],
        "relations": [
            {
                "source": "e1",
                "target": "e2",
                "kind": "founded",
                "predicate": "건국했다",
                "evidence": _EVIDENCE,
                "confidence": 0.7,
                "by": "pattern",
            }
        ],
        "keywords": ["조선"],
    },
}
"""What files hold that results name."""
