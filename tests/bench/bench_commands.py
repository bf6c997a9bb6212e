"""How long a person waits for a command, as a ratio to `nbgrader --version` in the same run.

Start-up is what people wait for: a command that reads no notebook must not pay for reading one.
The commands are run in turn, so that a machine that changes its speed changes all of them.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

ROUNDS = 7
STUDENTS = 40
FLOORS = {"jupyter-social --version": 1 / 8, f"reviews assign, {STUDENTS} students": 1 / 3}


def main() -> int:
    binaries = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as folder:
        course = class_of_forty(Path(folder))
        commands = {
            "nbgrader --version": [binaries / "nbgrader", "--version"],
            "jupyter-social --version": [binaries / "jupyter-social", "--version"],
            f"reviews assign, {STUDENTS} students": [
                binaries / "jupyter-social",
                *("reviews", "assign", "ps1", "--reviews", "3"),
            ],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(ROUNDS + 1):
            for name, command in commands.items():
                # A new seed each time: every run draws anew.
                more = ["--seed", str(turn)] if "assign" in name else []
                seconds[name].append(timed([*command, *more], course))
    return report({name: times[1:] for name, times in seconds.items()})


def class_of_forty(folder: Path) -> Path:
    from builders import Classroom

    course = folder / "course"
    database = course / ".jupyter-social" / "course.db"
    room = Classroom.new(course, f"sqlite:///{database}")
    room.with_students(STUDENTS).who_all_hand_in().close()
    return course


def timed(command: list[object], course: Path) -> float:
    environment = {k: v for k, v in os.environ.items() if k != "JUPYTER_SOCIAL_DATABASE"}
    began = time.perf_counter()
    subprocess.run(command, cwd=course, env=environment, check=True, capture_output=True)
    return time.perf_counter() - began


def report(seconds: dict[str, list[float]]) -> int:
    peer = seconds["nbgrader --version"]
    failed = 0
    print("\n| command | median s | ratio to nbgrader --version | floor |")
    print("| --- | ---: | ---: | ---: |")
    for name, times in seconds.items():
        ratio = statistics.median(mine / other for mine, other in zip(times, peer, strict=True))
        floor = FLOORS.get(name)
        failed += floor is not None and ratio > floor
        shown = f"≤ {floor:.3f}" if floor else ""
        print(f"| {name} | {statistics.median(times):.2f} | {ratio:.3f} | {shown} |")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
