"""`academy demo` as a newcomer runs it: a real process, a real film, a real stream."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.media import make_video

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def demo(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "academy.interfaces.cli.main", "demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=290, check=False)


@pytest.mark.requirement("VID-1")
@pytest.mark.requirement("VID-3")
@pytest.mark.requirement("VID-7")
@pytest.mark.requirement("API-3")
@pytest.mark.requirement("MSG-6")
@pytest.mark.requirement("CON-2")
@pytest.mark.requirement("GRA-1")
def test_the_demo_plays_writes_to_every_parent_and_makes_a_map_of_notes(tmp_path: Path) -> None:
    film = make_video(tmp_path, "clip", size="640x360", gop=50)
    shown = demo(str(film), folder=tmp_path)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "Everything works" in shown.stdout
    assert "No text message was really sent" in shown.stdout
    assert "360p" in shown.stdout
    assert "AES-128, decrypted" in shown.stdout
    assert "12 forged addresses refused (403)" in shown.stdout
    assert "40 sent exactly once, 40 called off and given back" in shown.stdout
    assert "문서 34개 documents" in shown.stdout
    assert ": 1 passage, " in shown.stdout
    assert "세마포어와 뮤텍스 joined" in shown.stdout
    assert "세종은 1443년에 훈민정음을 만들고" in shown.stdout
    made = Path(re.findall(r"stay in (\S+)", shown.stdout)[-1])
    try:
        there = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.stat().st_size}
        files = {"graph/graph_final.json", "graph/graph.svg", "graph/summary.json"}
        assert {"sheets.pdf", "scan.pdf", "note.pdf"} | files <= there
    finally:
        shutil.rmtree(made)
    # A newcomer's folder stays as it was.
    assert [path.name for path in tmp_path.iterdir()] == [film.name]


@pytest.mark.requirement("VID-4")
def test_the_demo_says_why_a_file_is_no_video_and_keeps_the_log(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("오늘 수업은 없습니다.\n" * 50)
    shown = demo(str(text), "--keep", "kept", folder=tmp_path)
    assert shown.returncode == 1
    assert "not_a_video" in shown.stderr
    assert "How to fix it" in shown.stderr
    assert (tmp_path / "kept" / "academy.log").stat().st_size > 0


def test_a_missing_film_is_named_before_anything_starts(tmp_path: Path) -> None:
    shown = demo("nowhere.mp4", folder=tmp_path)
    assert (shown.returncode, "nowhere.mp4" in shown.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []
