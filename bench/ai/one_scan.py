"""Reads one PDF of standard sheets and says how much memory that took: python one_scan.py SCAN QUESTIONS NUMBERS."""

import json
import sys
from pathlib import Path

from academy.domain.omr.standard import standard_sheet
from academy.infrastructure.opencv.reader import OpenCvSheetReader

_KIB = 1024


def main() -> None:
    """Read every page, keep none, and print one JSON line."""
    scan, questions, numbers = sys.argv[1:4]
    spec = standard_sheet(int(questions), 5, int(numbers))
    pages = sum(page.problem is None for page in OpenCvSheetReader().read(spec, Path(scan)))
    status = Path("/proc/self/status").read_text()
    kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"pages": pages, "peak_mib": round(kib / _KIB, 1)}))


if __name__ == "__main__":
    main()
