"""Poster, preview sprites and the WebVTT file that maps times to them (https://www.w3.org/TR/webvtt1/)."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import contextmanager
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from academy.application.ports.media import MediaError, Report, ThumbnailFiles
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.plan import StreamPlan, ThumbnailPlan
from academy.domain.video.source import SourceInfo, Transfer, VideoTrack
from academy.infrastructure.ffmpeg.picture import preview_step, still_chain
from academy.infrastructure.ffmpeg.running import FfmpegRunner
from academy.infrastructure.ffmpeg.sources import Opening, timed_input
from academy.infrastructure.ffmpeg.tools import MediaTools
