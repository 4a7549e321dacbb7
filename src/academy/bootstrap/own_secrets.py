"""The secrets that an embedded installation makes for itself."""

import secrets
from pathlib import Path

__all__ = ["GENERATED", "own_secrets"]

GENERATED = ("secret_key", "upload_secret", "content_secret", "playback_secrets")
_FILE = "secrets.env"


def own_secrets(folder: Path, *, keep: bool) -> dict[str, str]:
    """Return the secrets kept in `folder` by name; where there are none, new ones, written there only with `keep`.

    Raises OSError when the folder cannot be made or written.
    """
    path = folder / _FILE
    if not path.exists():
        fresh = {name: secrets.token_urlsafe(48) for name in GENERATED}
        fresh["playback_secrets"] = f"k1:{fresh['playback_secrets']}"
        if not keep:
            return fresh
        _write(path, fresh)
    pairs = (line.partition("=") for line in path.read_text().splitlines() if line)
    return {name: value for name, _, value in pairs}


def _write(path: Path, values: dict[str, str]) -> None:
    # The database and the objects lie beside it: names, phone numbers, lessons. Who opened an existing folder to others meant it.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"secrets.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    try:
        # A link never replaces: of two processes that start together, one wins and both read its file.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
