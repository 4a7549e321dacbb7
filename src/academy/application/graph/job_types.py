"""The job types of the graph worker (GRA-1): all on one request queue, all answered on one result queue.

| | asked as | what it does |
|---|---|---|
| graph.generate | GRAPH_GENERATION_REQUEST | chats, notes and documents become a user's graph |
| graph.add_node | ADD_NODE_REQUEST | documents join it without a rebuild |
| graph.summarize | GRAPH_SUMMARY_REQUEST | what it holds, in numbers and words |
| microscope.ingest | MICROSCOPE_INGEST_REQUEST | one document becomes passages, entities and relations |
| microscope.query | MICROSCOPE_QUERY_REQUEST | a question is answered out of them, every sentence cited |
| microscope.synthesize | MICROSCOPE_SYNTHESIZE_REQUEST | what several documents say of a topic |
| microscope.related_questions | MICROSCOPE_RELATED_QUESTIONS_REQUEST | questions that they answer |
| graph.search | – | nodes that are near a text are found; over HTTP only |
| graph.tend | – | what nobody can reach any more is removed, after each of these |
| graph.erase | – | everything that was made for a user is removed |
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from academy.application.graph.effects import (
    ERASE,
    TEND,
    ChangeEffects,
    EraseEffects,
    LensEffects,
    SummaryEffects,
)
from academy.application.graph.refusals import TASK_ID_REUSED
from academy.application.graph.told import progress_text, result_text
from academy.application.jobs.job_type import Answers, JobEffects, JobType, JobTypes, NoEffects, Once
from academy.contracts.base import Contract
from academy.contracts.graph import EraseGraph, TendGraph, asks_the_same
from academy.contracts.graph_search import NodesFound, SearchGraph
from academy.contracts.graph_wire import GraphTask, task_of
from academy.domain.job.progress import StepPlan
from academy.domain.job.retry import RetryPolicy

__all__ = [
    "ADD_NODE",
    "ERASE",
    "GENERATE",
    "INGEST",
    "QUERY",
    "RELATED_QUESTIONS",
    "SEARCH",
    "SUMMARIZE",
    "SYNTHESIZE",
    "TEND",
    "graph_job_types",
]

GENERATE = "graph.generate"
ADD_NODE = "graph.add_node"
SUMMARIZE = "graph.summarize"
INGEST = "microscope.ingest"
QUERY = "microscope.query"
SYNTHESIZE = "microscope.synthesize"
RELATED_QUESTIONS = "microscope.related_questions"
SEARCH = "graph.search"

_QUEUE = "graph_requests"
_ONCE = StepPlan(("remove",), (1.0,))
_TEND = StepPlan(("remove", "draw"), (1.0, 4.0))
_KEEP_TRYING = RetryPolicy(max_attempts=200, base=timedelta(seconds=2), ceiling=timedelta(minutes=10))
_MIB = 1 << 20
_LONGEST_SUBJECT = 200
_ONE_REQUEST = Once(asks_the_same, TASK_ID_REUSED)
_ANSWERS = Answers("graph_results", result_text, progress_text)
_BUILD = {
    "fetch": 2.0,
    "read": 4.0,
    "embed": 1.0,
    "analyse": 10.0,
    "summarise": 1.0,
    "ask": 1.0,
    "store": 2.0,
}
_JOIN = {"fetch": 2.0, "read": 2.0, "embed": 1.0, "analyse": 4.0, "store": 2.0}
_SUM = {"fetch": 1.0, "summarise": 5.0, "ask": 5.0, "store": 1.0}
_LENS = {"fetch": 2.0, "read": 10.0, "ask": 5.0, "store": 1.0}
_FIND = {"fetch": 2.0, "rank": 5.0}
_ASK = {"fetch": 2.0, "rank": 5.0, "answer": 5.0}


def graph_job_types(queue_names: Mapping[str, str]) -> JobTypes:
    """Return the registry; `queue_names` gives the broker's name of each logical queue."""
    change, summary, lens, nothing = ChangeEffects(), SummaryEffects(), LensEffects(), NoEffects()
    types = JobTypes(
        [
            _job_type(GENERATE, _BUILD, 1536 * _MIB, 60, change),
            _job_type(ADD_NODE, _JOIN, 1536 * _MIB, 15, change),
            _job_type(SUMMARIZE, _SUM, 1024 * _MIB, 30, summary),
            _job_type(INGEST, _LENS, 1536 * _MIB, 30, lens),
            _job_type(QUERY, _ASK, 1536 * _MIB, 10, nothing),
            _job_type(SYNTHESIZE, _ASK, 1536 * _MIB, 15, nothing),
            _job_type(RELATED_QUESTIONS, _ASK, 1536 * _MIB, 10, nothing),
            JobType(
                SEARCH,
                _QUEUE,
                SearchGraph,
                NodesFound,
                StepPlan(tuple(_FIND), tuple(_FIND.values())),
                nothing,
                time_limit=timedelta(minutes=10),
                memory_limit=1536 * _MIB,
                subject=_subject,
            ),
            JobType(
                TEND,
                _QUEUE,
                TendGraph,
                None,
                _TEND,
                nothing,
                _KEEP_TRYING,
                memory_limit=1024 * _MIB,
                follow_up=True,
                subject=_subject,
            ),
            JobType(
                ERASE,
                _QUEUE,
                EraseGraph,
                None,
                _ONCE,
                EraseEffects(),
                _KEEP_TRYING,
                follow_up=True,
                subject=_subject,
            ),
        ],
        dict(queue_names),
    )
    change.types = summary.types = lens.types = types
    return types


def _job_type(
    name: str, steps: Mapping[str, float], memory: int, minutes: int, effects: JobEffects
) -> JobType:
    task = task_of(name)
    assert isinstance(task, GraphTask)
    return JobType(
        name,
        _QUEUE,
        task.payload,
        task.result,
        StepPlan(tuple(steps), tuple(steps.values())),
        effects,
        time_limit=timedelta(minutes=minutes),
        memory_limit=memory,
        subject=_subject,
        answers=_ANSWERS,
        once=_ONE_REQUEST,
    )


def _subject(payload: Contract) -> str:
    """Return whose graph a payload is about; ids are any text, so a long one is told by its digest."""
    user_id = str(getattr(payload, "user_id", ""))
    whole = f"graph:{user_id}"
    return (
        whole
        if len(whole) <= _LONGEST_SUBJECT
        else f"graph:sha256:{hashlib.sha256(user_id.encode()).hexdigest()}"
    )
