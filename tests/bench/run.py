"""All benches in one run, each in a process of its own; fails if any floor is missed."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

BENCHES = (
    "bench_commands.py",
    "bench_allocation.py",
    "bench_scrubbing.py",
    "bench_pages.py",
    "bench_staff_lists.py",
    "bench_startup.py",
)


def main() -> int:
    here = Path(__file__).parent
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    missed = [
        bench
        for bench in BENCHES
        if subprocess.run([sys.executable, here / bench], check=False).returncode
    ]
    print(f"\nFloors missed in: {', '.join(missed)}" if missed else "\nAll floors are kept.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
