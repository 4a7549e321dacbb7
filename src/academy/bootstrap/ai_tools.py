"""What an AI worker needs of its machine beside the services: libraries of its extra, fonts."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.resources import files
from importlib.util import find_spec

from academy.bootstrap.settings import Settings

__all__ = ["ai_tool_checks", "missing_libraries"]

LIBRARIES = (
    "cv2",
    "numpy",
    "pikepdf",
    "pypdfium2",
    "python_calamine",
    "reportlab",
    "segno",
    "typst",
    "xlsxwriter",
    "zxingcpp",
)
"""Modules that the extra worker-ai brings."""
FONTS = ("NanumGothic.ttf", "NanumGothicBold.ttf")


def missing_libraries() -> list[str]:
    """Return the modules that are not installed, without loading any."""
    return [name for name in LIBRARIES if find_spec(name) is None]


def ai_tool_checks(settings: Settings) -> dict[str, Callable[[], Awaitable[str]]]:
    """Return how each tool is asked whether it can work; an answer says what there is, and raises for what is missing."""
    return {"libraries": _libraries, "fonts": _fonts, "tesseract": lambda: _tesseract(settings.tesseract)}


async def _libraries() -> str:
    missing = missing_libraries()
    if missing:
        raise RuntimeError(f"not installed: {', '.join(missing)}")
    return f"{len(LIBRARIES)} libraries of the extra worker-ai"


async def _fonts() -> str:
    folder = files("academy.infrastructure") / "fonts"
    missing = [name for name in FONTS if not (folder / name).is_file()]
    if missing:
        raise RuntimeError(f"not in the package: {', '.join(missing)}")
    return ", ".join(name.removesuffix(".ttf") for name in FONTS)


async def _tesseract(program: str) -> str:
    from academy.application.ports.ocr import OcrFailed  # noqa: PLC0415
    from academy.infrastructure.tesseract.engine import TesseractEngine  # noqa: PLC0415

    try:
        await asyncio.to_thread(TesseractEngine, program or None)
    except OcrFailed as error:
        raise RuntimeError(f"{error.failure.message} ({error.failure.detail})") from None
    return "Tesseract with its Korean model"
