"""`demo`: a whole class in the terminal, from an empty folder to a proven assignment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jupyter_social.cli.base import BASE_FLAGS, DONE, Command
from jupyter_social.config import DATABASE_FILE, STATE_FOLDER, sqlite_url
from jupyter_social.core.errors import Conflict, Unavailable

DEFAULT_FOLDER = "demo-course"
EXAMPLE = "grace.will"
MARK = ".made-by-jupyter-social-demo"


class Demo(Command):
    """Walk through the whole with a class made for it."""

    name = "jupyter-social-demo"
    description = (
        "Make a course with 24 students in DIR (by default demo-course), whose notebooks are "
        "really executed, and take it through import, anonymous copies and the assignment of "
        "reviewers. A demo that is there already is made anew."
    )
    examples = "jupyter social demo"
    arguments = ("[DIR]",)
    flags = BASE_FLAGS

    def run(self) -> int:
        """Make the class, then show each command and what it answers."""
        folder = Path(self.extra_args[0] if self.extra_args else DEFAULT_FOLDER)
        _make_room(folder)
        self._make_class(folder)
        steps = [
            ("A class of 24 has handed in. First, who is in it:", "roster import roster.csv"),
            (
                "One notebook as an example: what its author left in it, and what of it goes.",
                f"anonymize submitted/{EXAMPLE}/ps1/analysis.ipynb --roster roster.csv "
                "--output looked-at/",
            ),
            ("Now all of them, each with the copy that peers will get:", "submissions import ps1"),
            (
                "Everybody reviews three, nobody of their own group, drawn with a seed:",
                "reviews assign ps1 --reviews 3 --seed 7 --avoid-groups",
            ),
            ("And the proof, replayed from what is stored:", "reviews verify ps1"),
        ]
        answers = [self._step(folder, story, command) for story, command in steps]
        self.output.data({"folder": str(folder.absolute()), "steps": answers})
        self._farewell(folder)
        return DONE

    def _make_class(self, folder: Path) -> None:
        from jupyter_social.core.people import Role
        from jupyter_social.demo.classroom import hand_in_all, write_course

        self.output.say(f"Making a course in {folder} …")
        people = write_course(folder, today=datetime.now(UTC).date())
        (folder / MARK).touch()
        students = [entry.identity.username for entry in people if entry.role is Role.STUDENT]
        self.output.say(f"{len(students)} students run their notebooks (half a minute) …")
        with self.output.progress("Handing in", students) as watched:
            ticks = iter(watched)
            next(ticks)
            hand_in_all(folder, people, done=lambda _: next(ticks, None))

    def _step(self, folder: Path, story: str, command: str) -> dict[str, Any]:
        arguments = command.split() + (["--json"] if self.as_json else [])
        self.output.say("", story, f"$ jupyter social {command}")
        sys.stdout.flush()
        # Whatever database this machine is configured for, the made-up class stays out of it.
        file = folder.absolute() / STATE_FOLDER / DATABASE_FILE
        storage = f"--Storage.database={sqlite_url(file)}"
        program = [sys.executable, "-m", "jupyter_social", *arguments, storage]
        done = subprocess.run(  # noqa: S603
            program, cwd=folder, stdout=self._captured(), check=False
        )
        if done.returncode:
            raise Unavailable(f"`jupyter social {command}` ended with {done.returncode}.")

        return {"command": command, "answer": json.loads(done.stdout) if self.as_json else None}

    def _captured(self) -> int | None:
        return subprocess.PIPE if self.as_json else None

    def _farewell(self, folder: Path) -> None:
        self.output.say(
            "",
            f"That was a whole class. Look around: cd {folder}",
            "  jupyter social submissions list ps1    who has handed in",
            "  jupyter social reviews status ps1      where the reviews stand",
            '  jupyter social reviews assign ps1 --reviews 3 --reason "just looking"',
            "                                         who reviews whom: a reveal, with a reason",
            "  jupyter social audit                   … which is written down here",
        )


def _make_room(folder: Path) -> None:
    if not folder.exists():
        return
    if folder.is_dir() and (folder / MARK).exists():
        shutil.rmtree(folder)
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise Conflict(f"{folder} is there and is no demo. Choose another folder.")
