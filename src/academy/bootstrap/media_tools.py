"""Where ffmpeg and ffprobe are, for everyone who needs them."""

import shutil

from academy.bootstrap.settings import Settings, SettingsInvalid
from academy.infrastructure.ffmpeg.tools import MediaTools

__all__ = ["media_tools"]


def media_tools(settings: Settings) -> MediaTools:
    """Return where ffmpeg and ffprobe are. Raises SettingsInvalid for one that a setting names wrongly, MediaError for one not found."""
    for variable, given in (("ACADEMY_FFMPEG", settings.ffmpeg), ("ACADEMY_FFPROBE", settings.ffprobe)):
        if given and shutil.which(given) is None:
            raise SettingsInvalid(
                f"{variable}: {given} is no program that can be run; "
                "name one, or leave the variable unset to use the one that is installed"
            )
    return MediaTools.find(ffmpeg=settings.ffmpeg or None, ffprobe=settings.ffprobe or None)
