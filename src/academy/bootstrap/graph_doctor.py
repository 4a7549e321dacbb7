"""The doctor's look at what only the graph worker needs: its libraries, the place of its vectors, the models that it may ask."""

from academy.bootstrap.findings import Finding, all_of, found
from academy.bootstrap.graph_tools import graph_tool_checks, vectors_check
from academy.bootstrap.models import check_models, open_models
from academy.bootstrap.remedies import graph_remedies
from academy.bootstrap.settings import Settings

__all__ = ["look_at_graph_tools"]


async def look_at_graph_tools(settings: Settings) -> list[Finding]:
    """Ask each of them; models only where one is configured, and vectors only where there is an installation."""
    mend = graph_remedies(settings)
    asked = [found(f"graph {what}", ask(), mend[what]) for what, ask in graph_tool_checks().items()]
    if settings.installed:
        asked.append(found("graph vectors", vectors_check(settings), mend["vectors"]))
    names = {"ACADEMY_LLM_URL": settings.llm_url, "ACADEMY_EMBEDDING_URL": settings.embedding_url}
    asked += [
        found(f"model {name}", _model(settings, name), mend[name]) for name, url in names.items() if url
    ]
    return await all_of(*asked)


async def _model(settings: Settings, name: str) -> str:
    """Ask the server of one setting for its models. Raises SettingsInvalid, RuntimeError with what it said."""
    async with open_models(settings) as models:
        answers = dict(await check_models(models))
    if answers[name] != "ok":
        raise RuntimeError(answers[name])
    return "answers, and has the model"
