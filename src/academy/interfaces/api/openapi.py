"""Write the OpenAPI document: `python -m academy.interfaces.api.openapi [FILE]`."""

import sys
from pathlib import Path

from academy.interfaces.api.offline import configure_offline

__all__ = ["main"]

DEFAULT_FILE = Path("docs/schemas/openapi.json")


def main() -> None:
    """Write the document, to the file named or the usual one."""
    configure_offline()
    # Views can be imported only after Django was configured.
    from academy.interfaces.api.openapi_document import text  # noqa: PLC0415

    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()
