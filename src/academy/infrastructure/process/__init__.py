"""Child processes of this machine."""

from academy.infrastructure.process.local import LocalChildProcesses

__all__ = ["LocalChildProcesses"]
