"""Payloads and results of the microscope (GRA-6): one document under a lens, questions to it, and what its file holds."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from academy.contracts.base import Contract
from academy.contracts.graph import Key, Language, Ordered, Reported, Told, UserId

__all__ = [
    "AnswerableQuestion",
    "AskMicroscope",
    "Citation",
    "CitedSentence",
    "DocumentIngested",
    "Entity",
    "Evidence",
    "IngestDocument",
    "Mention",
    "MicroscopeAnswer",
    "MicroscopeFile",
    "ModelEntity",
    "ModelFindings",
    "ModelRelation",
    "ModelSentence",
    "ModelWords",
    "Passage",
    "RelatedQuestions",
    "RelatedQuestionsMade",
    "Relation",
    "Sentence",
    "Synthesis",
    "Synthesize",
]

DocumentId = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
EntityKind = Literal["person", "organisation", "place", "time", "quantity", "term", "work", "other"]
RelationKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
Question = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class IngestDocument(Ordered):
    """`microscope.ingest`: read one document into passages, entities and relations; again: in the place of what there was."""

    user_id: UserId
    key: Key
    document_id: str = Field("", max_length=1024, description="Empty: the key itself.")
    title: str = Field("", max_length=500)
    language: Language = "auto"


class _Asked(Ordered):
    user_id: UserId
    document_ids: tuple[DocumentId, ...] = Field(
        (), max_length=500, strict=False, description="Empty: all of the user's."
    )
    language: Language = "auto"


class AskMicroscope(_Asked):
    """`microscope.query`: answer a question out of the documents."""

    question: Question
    limit: int = Field(5, ge=1, le=20, description="Passages to answer from.")


class Synthesize(_Asked):
    """`microscope.synthesize`: what several documents say of a topic, together."""

    topic: str = Field("", max_length=500)
    sentences: int = Field(8, ge=1, le=30)


class RelatedQuestions(_Asked):
    """`microscope.related_questions`: questions that the documents answer."""

    question: str = Field(
        "", max_length=2000, description="Near this one; empty: about what is most important."
    )
    limit: int = Field(5, ge=1, le=20)


class Sentence(Contract):
    """A span of the document's text: `text[start:end]`, in code points."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Passage(Contract):
    """A run of sentences that is looked up as one."""

    id: str = Field(description='"p1", "p2", … in reading order.')
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    heading: str = Field("", max_length=500, description="Headings above it, joined by ` › `.")
    page: int = Field(0, ge=0, description="From 1; 0 where the document has no pages.")
    sentences: tuple[Sentence, ...] = Field((), strict=False)


class Mention(Contract):
    """A place where a name stands: `text[start:end]` is `surface`, letter by letter."""

    passage: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    surface: str = Field(min_length=1, max_length=200)


class Entity(Contract):
    """Something the document speaks of.

    `aliases` is a reversible layer: other entities that are the same by an explicit sign ("Operating System (OS)"); their own mentions
    stay theirs and no alias has aliases.
    """

    id: str = Field(description='"e1", "e2", …')
    name: str = Field(min_length=1, max_length=200, description="Standard form: one of its surfaces.")
    kind: EntityKind
    mentions: tuple[Mention, ...] = Field(min_length=1, strict=False)
    alias_of: str = Field("", description="Id of the entity that this one is another name of.")
    alias_sign: str = Field("", max_length=200, description="Why: the text that says so.")
    confidence: float = Field(ge=0, le=1)


class Evidence(Contract):
    """The sentence that bears something out."""

    passage: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Relation(Contract):
    """Two entities and how they stand to each other, as a sentence says it."""

    source: str
    target: str
    kind: str = Field(
        pattern=r"^[a-z][a-z_]{0,39}$",
        description="is_a, part_of, located_in, founded, uses, causes, same_as, related_to, …",
    )
    predicate: str = Field(
        "", max_length=200, description="The words of the sentence that say so, where it has some."
    )
    evidence: Evidence
    confidence: float = Field(ge=0, le=1)
    by: Literal["pattern", "morphology", "statistics", "model"]


class MicroscopeFile(Contract):
    """One ingested document, as a file."""

    v: Literal[1] = 1
    document_id: DocumentId
    title: str
    source_key: str
    digest: str = Field(description="SHA-256 of the text.")
    language: Literal["ko", "en", "other"]
    text: str
    passages: tuple[Passage, ...] = Field(strict=False)
    entities: tuple[Entity, ...] = Field((), strict=False)
    relations: tuple[Relation, ...] = Field((), strict=False)
    keywords: tuple[str, ...] = Field((), strict=False)


class DocumentIngested(Reported):
    """Result of `microscope.ingest`."""

    document_id: DocumentId
    result_key: Key = Field(description="MicroscopeFile.")
    title: str = Field("", max_length=500)
    language: Literal["ko", "en", "other"]
    digest: str = Field(description="SHA-256 of its text.")
    passages: int = Field(ge=0)
    entities: int = Field(ge=0)
    relations: int = Field(ge=0)
    rejected: int = Field(
        0, ge=0, description="Names a model gave that stand nowhere in their source, and were left out."
    )


class Citation(Told):
    """Where a sentence comes from: the document's own words."""

    document_id: DocumentId
    passage: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str = Field(max_length=2000)


class CitedSentence(Told):
    """A sentence of an answer; every one has at least one citation."""

    text: str = Field(max_length=2000)
    citations: tuple[Citation, ...] = Field(min_length=1, strict=False)


class MicroscopeAnswer(Reported):
    """Result of `microscope.query`. Nothing found is `sentences` empty and `found` false, never a made-up answer."""

    question: str
    found: bool
    sentences: tuple[CitedSentence, ...] = Field((), strict=False)
    answer: str = Field("", max_length=50_000, description="The sentences in one text.")
    by: Literal["extract", "model"]
    passages: tuple[Citation, ...] = Field(
        (), strict=False, description="What was looked at, the best first."
    )


class Synthesis(Reported):
    """Result of `microscope.synthesize`."""

    topic: str
    sentences: tuple[CitedSentence, ...] = Field((), strict=False)
    text: str = Field("", max_length=50_000)
    agree: tuple[str, ...] = Field(
        (), strict=False, description="Names of entities that more than one document speaks of."
    )
    by: Literal["extract", "model"]


class AnswerableQuestion(Told):
    """A question and where its answer stands."""

    question: str = Field(max_length=500)
    citations: tuple[Citation, ...] = Field(min_length=1, strict=False)


class RelatedQuestionsMade(Reported):
    """Result of `microscope.related_questions`."""

    questions: tuple[AnswerableQuestion, ...] = Field((), strict=False)
    by: Literal["extract", "model"]


class ModelSentence(Contract):
    """A sentence that a language model is asked for, with the numbers of the passages that bear it out, from 1."""

    text: str = Field(min_length=1, max_length=1000)
    passages: tuple[int, ...] = Field(min_length=1, max_length=10, strict=False)


class ModelWords(Contract):
    """What a language model is asked for: an answer in sentences, none where the passages do not answer."""

    sentences: tuple[ModelSentence, ...] = Field(max_length=20, strict=False)


class ModelEntity(Contract):
    """A named thing that a language model saw in a passage."""

    name: str = Field(min_length=1, max_length=200)
    kind: EntityKind
    passage: str = Field(max_length=20)


class ModelRelation(Contract):
    """How two named things of one passage stand to each other, as a language model read it."""

    source: str = Field(min_length=1, max_length=200)
    target: str = Field(min_length=1, max_length=200)
    kind: RelationKind
    passage: str = Field(max_length=20)


class ModelFindings(Contract):
    """What a language model is asked for of some passages."""

    entities: tuple[ModelEntity, ...] = Field(max_length=200, strict=False)
    relations: tuple[ModelRelation, ...] = Field(max_length=200, strict=False)
