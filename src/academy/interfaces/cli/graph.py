"""`academy graph`: knowledge graphs of files on this machine: build, show, ask. No server, queue or database is needed."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from academy.interfaces.cli.console import Trouble, out, print_json
from academy.interfaces.cli.messaging import AsJson

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="Knowledge graphs (지식 그래프) of chats, notes and documents on this machine: build, show, ask.",
)
_LANGUAGES = ("auto", "ko", "en")


@app.command()
def build(
    folder: Annotated[
        Path, typer.Argument(help="Folder of chats, notes and documents, folders within it too.")
    ],
    target: Annotated[Path, typer.Option("--out", help="Folder for what is made.")] = Path("graph"),
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="The same files and seed give the same graph.")
    ] = 0,
    summary: Annotated[
        bool, typer.Option("--summary", help="Also say what it holds, in numbers and words.")
    ] = False,
    language: Annotated[str, typer.Option(help="Of names and summary: auto, ko or en.")] = "auto",
    force: Annotated[
        bool, typer.Option("--force", help="Write over what an earlier build made there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a knowledge graph of a folder. 폴더의 대화, 노트, 문서로 지식 그래프를 만듭니다.

    It reads ChatGPT and Claude exports (ZIP or JSON), Notion exports, Markdown, text, PDF, DOCX, PPTX, CSV and HTML; a file that \
cannot be read is listed with the reason and stops nothing. Nothing leaves this machine, and no model is asked.

    It writes graph_final.json, graph.svg (a picture: open it in a browser), graph.graphml and graph.gexf (for Gephi, yEd, NetworkX), \
outcomes.jsonl (what became of every file), and summary.json with --summary.

    Examples: `academy graph build notes`, `academy graph build ~/Downloads/chats --out my-graph --summary --language ko`
    """
    from academy.interfaces.cli.graph_show import show_folder  # noqa: PLC0415
    from academy.interfaces.cli.graph_work import build_folder, files_in  # noqa: PLC0415

    if language not in _LANGUAGES:
        raise Trouble(f"--language {language} is none of auto, ko and en")
    if folder.is_file():
        raise Trouble(
            f"{folder} is a file", "Name the folder in which it lies: a graph is made of a whole folder."
        )
    if not folder.is_dir():
        raise Trouble(f"there is no folder {folder}", "Name a folder of notes, documents or exports.")
    _must_be_free(target, force=force)
    files, made = files_in(folder, target)
    if not files:
        raise Trouble(f"there is no file in {folder}", "Put notes, documents or exports into it.")
    if made and not as_json:
        out.print(
            f"{escape(', '.join(made))}: an earlier graph, not read 이전 결과라 읽지 않습니다", soft_wrap=True
        )
    build_folder(files, target, seed=seed, summary=summary, language=language, quiet=as_json)
    show_folder(target, as_json=as_json)
    if not as_json:
        out.print(
            f"wrote {escape(str(target))}; the picture is {escape(str(target / 'graph.svg'))}", soft_wrap=True
        )


@app.command()
def show(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `academy graph build` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Show a graph that was built: clusters, what became of the files, the summary. 만든 그래프를 표로 보여 줍니다.

    Example: `academy graph show graph`
    """
    from academy.interfaces.cli.graph_show import show_folder  # noqa: PLC0415

    show_folder(folder, as_json=as_json)


@app.command()
def ask(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Documents: one or several.")],
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In quotes, and last.")],
    sentences: Annotated[int, typer.Option(min=1, max=20, help="How many at most.")] = 3,
    part: Annotated[
        str,
        typer.Option(
            "--part", metavar="ID", help="Which one, of a file that holds several: a chat of an export."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Ask documents a question. 문서에 질문하면 답이 되는 문장을 찾아 어디에 있는지와 함께 보여 줍니다.

    The answer is sentences of the documents, each with the file and passage where it stands; where nothing answers, it says so and \
ends with exit code 1. No model is asked: what no sentence says is not made up.

    Examples: `academy graph ask notes/조선.md "조선을 건국한 사람은 누구인가?"`, \
`academy graph ask a.pdf b.docx "What is a process?" --sentences 5`, `academy graph ask chats.zip "…" --part ID`
    """
    from academy.interfaces.cli.graph_show import show_answer  # noqa: PLC0415
    from academy.interfaces.cli.graph_work import ask_files  # noqa: PLC0415

    if not question.strip() or len(question) > 2000:
        raise Trouble("a question has 1 to 2,000 characters", 'Put it last and into quotes: FILE "QUESTION".')
    if part and len(files) > 1:
        raise Trouble("--part names one document of one file", "Ask one file at a time, or leave --part out.")
    for file in files:
        if file.is_dir():
            raise Trouble(f"{file} is a folder", 'Name the documents in it: FOLDER/*.md "QUESTION".')
        if not file.is_file():
            raise Trouble(
                f"there is no file {file}", 'Name documents first, then the question: FILE "QUESTION".'
            )
    answer = ask_files(files, question, sentences, part=part, quiet=as_json)
    if as_json:
        print_json(answer.model_dump(exclude={"cpu_seconds", "questions", "agree"}))
    else:
        show_answer(answer)
    if not answer.sentences:
        raise typer.Exit(1)


def _must_be_free(target: Path, *, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise Trouble(f"{target} is a file", "Name a folder with --out.")
    if not target.parent.is_dir():
        raise Trouble(f"there is no folder {target.parent}", "Make it, or name another with --out.")
    if target.is_dir() and any(target.iterdir()) and not force:
        raise Trouble(
            f"{target} is not empty", "Name another folder with --out, or write over it with --force."
        )
