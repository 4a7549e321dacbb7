"""Write the published schemas: `python -m academy.interfaces.cli.schemas docs/schemas`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from academy.contracts.publish import documents

__all__ = ["main", "rendered"]

OPENAPI = "openapi.json"
"""Lies in the same folder; the API writes it."""


def rendered() -> dict[str, str]:
    """Return the text of every document by the name of its file."""
    return {
        name: json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        for name, document in documents().items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the documents and remove those of messages that are gone; return 0."""
    parser = argparse.ArgumentParser(description="Write JSON Schema and AsyncAPI documents of every message.")
    parser.add_argument("folder", type=Path, help="where they go")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    texts = rendered()
    for stale in folder.glob("*.json"):
        if stale.name not in {*texts, OPENAPI}:
            stale.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text)
    print(f"{len(texts)} documents in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
