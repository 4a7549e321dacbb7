"""An installed package has the console in it, the player's library and its licence included."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.architecture.source_rules import ROOT

CONSOLE = "academy/interfaces/api/console/static"


def test_the_wheel_holds_every_page(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, check=True, cwd=ROOT, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(CONSOLE)}
    folder = ROOT / "src" / CONSOLE
    assert packed == {f"{CONSOLE}/{path.relative_to(folder)}" for path in folder.rglob("*") if path.is_file()}
    assert {f"{CONSOLE}/vendor/hls-1.7.4.min.js", f"{CONSOLE}/vendor/hls-1.7.4.LICENSE.txt"} <= packed


def test_no_page_asks_another_host() -> None:
    own = [path for path in (ROOT / "src" / CONSOLE).glob("*") if path.is_file()]
    named = [
        path.name for path in own if "http" in path.read_text().replace("http://www.w3.org/2000/svg", "")
    ]
    assert named == []
