"""Read one document under the microscope, and look for answers in several, in a process of its own (GRA-6)."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Sequence
from pathlib import Path

from academy.application.graph.refusals import DocumentUnreadable, several_documents
from academy.application.graph.room import most_that_fit
from academy.application.ports.lens import Lens, Ranked
from academy.application.ports.sources import SourceReader, SourceUnreadable
from academy.contracts.base import validate
from academy.contracts.children.graph import AskDocuments, AskedAnswer, LookAnswer, LookInto
from academy.contracts.microscope import AnswerableQuestion, Citation, MicroscopeFile
from academy.domain.failures import Failure
from academy.domain.graph.source import SourceDocument

__all__ = ["MICROSCOPE_FILE", "ask_documents", "look_into"]

MICROSCOPE_FILE = "microscope.json"
_LONGEST_QUOTE = 1000
_MOST_AGREEING = 50
_ROOMS = {"passages": 100_000, "sentences": 120_000, "questions": 180_000, "agree": 20_000}
"""Bytes of JSON that each list may take; questions come alone."""
Report = Callable[[str, float], None]


def look_into(request: LookInto, reader: SourceReader, lens: Lens, report: Report) -> LookAnswer:
    """Write what stands in a document into the folder; see LookInto. Raises DocumentUnreadable."""
    document = _document(request, reader)
    report("read", 0.2)
    text = unicodedata.normalize("NFC", document.text).strip()
    found = lens.read(text)
    report("read", 0.9)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    title = (request.title or document.title)[:500]
    whole = validate(
        MicroscopeFile,
        {
            "document_id": request.document_id,
            "title": title,
            "source_key": request.source_key,
            "digest": digest,
            "language": found.language,
            "text": text,
            "passages": found.passages,
            "entities": found.entities,
            "relations": found.relations,
            "keywords": found.keywords,
        },
    )
    (Path(request.folder) / MICROSCOPE_FILE).write_text(whole.model_dump_json(), encoding="utf-8")
    report("read", 1.0)
    return LookAnswer(
        title=title,
        language=whole.language,
        digest=digest,
        passages=len(found.passages),
        entities=len(found.entities),
        relations=len(found.relations),
    )


def _document(request: LookInto, reader: SourceReader) -> SourceDocument:
    """Return the one document of a file. Several are refused: which one is meant nobody knows."""
    try:
        found = [
            thing
            for thing in reader.read(Path(request.source), request.name)
            if isinstance(thing, SourceDocument)
        ]
    except SourceUnreadable as error:
        raise DocumentUnreadable(Failure(error.code, error.message, error.korean)) from None
    named = [thing for thing in found if thing.id == request.document_id]
    if len(found) > 1 and len(named) != 1:
        wrong = "" if request.document_id == request.source_key else request.document_id
        raise DocumentUnreadable(several_documents([(each.id, each.title) for each in found], wrong))
    document = next(iter(named or found), None)
    if document is None or not document.text.strip():
        raise DocumentUnreadable(
            Failure("no_text", "The document has no text to read.", "문서에 읽을 글자가 없습니다.")
        )
    return document


def ask_documents(request: AskDocuments, lens: Lens, report: Report) -> AskedAnswer:
    """Return what the documents say to a question; see AskDocuments."""
    documents = [MicroscopeFile.model_validate_json(Path(name).read_bytes()) for name in request.files]
    report("rank", 0.2)
    if request.kind == "query":
        answer = _answered(documents, lens, request, report)
    elif request.kind == "related":
        answer = _questions(documents, lens, request)
    else:
        answer = _together(documents, lens, request)
    return _fitting(answer)


def _fitting(answer: AskedAnswer) -> AskedAnswer:
    """Return an answer that a process may give (MAX_RESULT_BYTES): of what is too long the first are kept."""
    kept = {name: getattr(answer, name) for name in _ROOMS}
    kept = {name: each[: most_that_fit(each, _ROOMS[name])] for name, each in kept.items()}
    shortened = any(len(kept[name]) < len(getattr(answer, name)) for name in _ROOMS)
    return answer.model_copy(update={**kept, "shortened": shortened})


def _answered(
    documents: Sequence[MicroscopeFile], lens: Lens, request: AskDocuments, report: Report
) -> AskedAnswer:
    ranked = lens.rank(documents, request.question, request.passages)
    report("rank", 0.8)
    found = lens.extract(documents, request.question, ranked, request.sentences)
    return AskedAnswer(
        passages=tuple(_passage(documents, each) for each in ranked),
        sentences=tuple(_cite(documents, s.document, s.passage, s.start, s.end) for s in found),
    )


def _together(documents: Sequence[MicroscopeFile], lens: Lens, request: AskDocuments) -> AskedAnswer:
    """Return the sentences that say most of a topic, or of all there is, and what more than one document names there."""
    if request.question:
        ranked = lens.rank(documents, request.question, max(request.passages, 3 * request.sentences))
        found = lens.extract(documents, request.question, ranked, request.sentences)
        cited = [_cite(documents, each.document, each.passage, each.start, each.end) for each in found]
        passages = [_passage(documents, each) for each in ranked]
        near = {(each.document, each.passage) for each in found}
        return AskedAnswer(
            passages=tuple(passages), sentences=tuple(cited), agree=tuple(_agreeing(documents, near))
        )
    chosen = lens.summarise([document.text for document in documents], request.sentences)
    cited = [
        _cite(documents, at, _passage_at(documents[at], start), start, end) for at, start, end, _ in chosen
    ]
    return AskedAnswer(sentences=tuple(cited), agree=tuple(_agreeing(documents, None)))


def _questions(documents: Sequence[MicroscopeFile], lens: Lens, request: AskDocuments) -> AskedAnswer:
    """Return questions whose answer stands in a sentence, near the one that is asked where there is one."""
    ranked: Sequence[Ranked] = ()
    if request.question:
        ranked = lens.rank(documents, request.question, 4 * request.passages)
        if not ranked:
            return AskedAnswer()
    made = [
        AnswerableQuestion(
            question=each.question,
            citations=(_cite(documents, each.document, each.passage, each.start, each.end),),
        )
        for each in lens.questions(documents, ranked, request.sentences + 1)
        if each.question != request.question
    ]
    return AskedAnswer(questions=tuple(made[: request.sentences]))


def _agreeing(documents: Sequence[MicroscopeFile], near: Container[tuple[int, str]] | None) -> list[str]:
    """Return the names that more than one document has, in these passages where some are given."""
    names = Counter(
        name
        for at, document in enumerate(documents)
        for name in {
            entity.name
            for entity in document.entities
            if near is None or any((at, mention.passage) in near for mention in entity.mentions)
        }
    )
    shared = [name for name, count in names.items() if count > 1]
    return sorted(shared, key=lambda name: (-names[name], name))[:_MOST_AGREEING]


def _passage(documents: Sequence[MicroscopeFile], ranked: Ranked) -> Citation:
    passage = next(p for p in documents[ranked.document].passages if p.id == ranked.passage)
    return _cite(documents, ranked.document, passage.id, passage.start, passage.end)


def _passage_at(document: MicroscopeFile, start: int) -> str:
    return next((p.id for p in document.passages if p.start <= start < p.end), "")


def _cite(documents: Sequence[MicroscopeFile], at: int, passage: str, start: int, end: int) -> Citation:
    document = documents[at]
    return Citation(
        document_id=document.document_id,
        passage=passage,
        start=start,
        end=end,
        quote=document.text[start:end][:_LONGEST_QUOTE],
    )
