"""Messages about papers, handwriting and models: what is read from them, and what is made of texts."""

from academy.contracts.ai_documents import FindQuestions, PrintRead, QuestionsFound, ReadPrint
from academy.contracts.ai_models import EmbedTexts, GenerateProblems, ProblemsGenerated, TextsEmbedded
from academy.contracts.ai_pictures import (
    AnalyseHandwriting,
    AnalyseHomework,
    HandwritingAnalysed,
    HomeworkAnalysed,
)
from academy.contracts.catalogue.ai_job import EXAM, ai_job, document
from academy.contracts.catalogue.message import AI_BASIC_QUEUE, AI_LITE_QUEUE, AI_PREMIUM_QUEUE, Json

__all__ = ["PAPER_MESSAGES"]

_PAPER = "0196a0d1-0000-7000-8000-0000d0c00007"
_FILM = "0196a0d1-0000-7000-8000-0000d0c00008"
_BOX: Json = {"page": 1, "left": 120, "top": 310, "right": 1180, "bottom": 742}
_SCORES: Json = {"legibility": 81, "pressure": 64, "slant": 92, "spacing": 77}
_ABOUT = {
    "about": "pressure",
    "text": "The strokes are light; press a little harder.",
    "text_ko": "획이 옅습니다. 조금 더 눌러 써 보세요.",
}
_USAGE: Json = {"tokens_in": 1_840, "tokens_out": 5_213, "requests": 2, "estimated": False}


def _crop(number: int, name: str, subject: str) -> Json:
    return document(number, "crop", f"2학기 중간-{name}.png", "image/png", 18_340, subject)


_PRINT = (
    *ai_job(
        "ocr",
        "Read print",
        "The text of a PDF, scan or photo with its places; formulas and pictures are kept as pictures.",
        AI_LITE_QUEUE,
        (ReadPrint, {"document_id": _PAPER}),
        (
            PrintRead,
            {
                "pages": 4,
                "unreadable": 0,
                "words": 1_284,
                "confidence": 0.94,
                "document": document(
                    9, "export", "2학기 중간.json", "application/json", 210_448, f"document:{_PAPER}"
                ),
                "crops": [
                    {
                        "number": 1,
                        "kind": "formula",
                        "box": _BOX,
                        "document": _crop(10, "1", f"document:{_PAPER}"),
                    }
                ],
                "crops_left_out": 0,
            },
        ),
    ),
    *ai_job(
        "question_segmentation",
        "Find the questions of a paper",
        "Each question is cut out as a picture; those of an exam come into its wrong-answer notes.",
        AI_LITE_QUEUE,
        (FindQuestions, {"document_id": _PAPER, "exam_id": EXAM}),
        (
            QuestionsFound,
            {
                "pages": 4,
                "unreadable": 0,
                "questions": [
                    {
                        "number": 1,
                        "boxes": [_BOX],
                        "passage": "1-3",
                        "document": _crop(11, "1", f"exam:{EXAM}:question:1"),
                    }
                ],
                "passages": [
                    {
                        "passage": "1-3",
                        "boxes": [_BOX],
                        "document": _crop(12, "1-3", f"exam:{EXAM}:passage:1-3"),
                    }
                ],
                "missing": [],
            },
        ),
    ),
)
_PICTURES = (
    *ai_job(
        "handwriting_analysis",
        "Measure handwriting",
        "Scores of the ink on a scan or photo; nothing is read.",
        AI_BASIC_QUEUE,
        (AnalyseHandwriting, {"document_id": _PAPER, "pages": 2}),
        (
            HandwritingAnalysed,
            {
                "pages": [
                    {
                        "page": 1,
                        "scores": _SCORES,
                        "measures": {
                            "marks": 612,
                            "darkness": 0.64,
                            "slant_degrees": 3.5,
                            "size_variation": 0.31,
                            "gap_variation": 0.42,
                            "line_variation": 0.08,
                            "wander": 0.11,
                        },
                        "remarks": [_ABOUT],
                        "trouble": None,
                    }
                ],
                "overall": _SCORES,
                "remarks": [_ABOUT],
            },
        ),
    ),
    *ai_job(
        "homework_video_analysis",
        "Look at homework",
        "The pages that films, photos and scans show, and how much is written on each.",
        AI_BASIC_QUEUE,
        (AnalyseHomework, {"document_ids": [_FILM], "interval_seconds": 1.0}),
        (
            HomeworkAnalysed,
            {
                "pages": [
                    {
                        "number": 1,
                        "document_id": _FILM,
                        "seconds": 4.0,
                        "page": None,
                        "looks": 7,
                        "written_ratio": 0.58,
                        "ink_ratio": 0.06,
                    }
                ],
                "sources": [
                    {
                        "document_id": _FILM,
                        "kind": "film",
                        "looked_at": 31,
                        "with_page": 24,
                        "trouble": None,
                    }
                ],
                "written_ratio": 0.58,
            },
        ),
    ),
)
_MODELS = (
    *ai_job(
        "embedding",
        "Make vectors of texts",
        "By the model that the operator has set, else by one that needs no server.",
        AI_BASIC_QUEUE,
        (EmbedTexts, {"texts": ["이차함수의 그래프", "삼각형의 닮음"], "format": "json"}),
        (
            TextsEmbedded,
            {
                "count": 2,
                "model": "bge-m3",
                "dimension": 1024,
                "metric": "cosine",
                "usage": {"tokens_in": 14, "tokens_out": 0, "requests": 1, "estimated": False},
                "document": document(13, "export", "embedding.json", "application/json", 42_118),
            },
        ),
    ),
    *ai_job(
        "problem_generation",
        "Write problems",
        "Problems with five choices from a text or a document, by a language model. Give either `source_text` or `document_id`.",
        AI_PREMIUM_QUEUE,
        (
            GenerateProblems,
            {
                "subject": "수학",
                "grade": "중학교 3학년",
                "count": 5,
                "difficulty": "medium",
                "source_text": "이차함수 y = ax² 의 그래프",
                "document_id": None,
                "budget_tokens": 60_000,
            },
        ),
        (
            ProblemsGenerated,
            {
                "count": 5,
                "model": "teacher-1",
                "usage": _USAGE,
                "degraded": [],
                "document": document(14, "export", "수학 중학교 3학년 5.json", "application/json", 6_204),
            },
        ),
    ),
)
PAPER_MESSAGES = (*_PRINT, *_PICTURES, *_MODELS)
