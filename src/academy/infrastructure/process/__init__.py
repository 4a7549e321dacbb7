"""Child processes of this machine."""

from academy.infrastructure.process.local import LocalChildProcesses
from academy.infrastructure.process.warm import WarmChildProcesses

__all__ = ["LocalChildProcesses", "WarmChildProcesses"]
