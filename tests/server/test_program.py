"""The real thing: `jupyter server` in a process of its own, and the real command beside it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders import Classroom
from command_line import BIN, program

from jupyter_social.core.ownership import announced_door

ROOT = Path(__file__).parents[2]
SECONDS = 60


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    room = Classroom.new(folder, f"sqlite:///{folder / '.jupyter-social' / 'course.db'}")
    room.with_students(4).who_all_hand_in().close()
    return folder


@pytest.fixture
def installed() -> None:
    """What the wheel puts into Jupyter's configuration."""
    target = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "jupyter_server_config.d"
    shutil.copytree(ROOT / "jupyter-config" / "server-config", target)


@contextmanager
def jupyter_server(course: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    log = (course.parent / "server.log").open("wb")
    words = ["--no-browser", "--ServerApp.port=0", "--allow-root", *options]
    with (
        log,
        subprocess.Popen(
            [BIN / "jupyter-server", *words], cwd=course, stdout=log, stderr=log
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def wait_for_the_door(course: Path) -> None:
    for _ in range(SECONDS * 20):
        if announced_door(course / ".jupyter-social" / "course.db") is not None:
            return
        time.sleep(0.05)
    raise AssertionError((course.parent / "server.log").read_text())


def members(course: Path) -> int:
    done = program("roster", "list", "--json", cwd=course)
    assert done.code == 0, done
    return len(done.json["members"])


@pytest.mark.usefixtures("installed")
def test_the_extension_is_enabled_by_being_installed() -> None:
    done = subprocess.run(
        [BIN / "jupyter", "server", "extension", "list"], capture_output=True, check=True
    )
    told = re.sub(r"\x1b\[\d+m", "", (done.stdout + done.stderr).decode())
    assert re.search(r"jupyter_social\s+enabled", told)
    assert re.search(r"jupyter_social \S*\s*OK", told), told


@pytest.mark.usefixtures("installed")
def test_commands_work_beside_a_server_after_its_end_and_after_its_death(course: Path) -> None:
    note = course / ".jupyter-social" / "course.db.owner"
    with jupyter_server(course, "--IdentityProvider.token=canary-token") as server:
        wait_for_the_door(course)
        told = json.loads(note.read_text())
        assert told["pid"] == server.pid
        assert "canary" not in note.read_text()
        assert members(course) == 5
        assigned = program(
            "reviews", "assign", "ps1", "--reviews", "2", "--as", "teacher", cwd=course
        )
        assert assigned.code == 0, assigned
        verify = program("db", "verify", cwd=course)
        assert verify.code == 1
        assert f"in use by process {server.pid} (jupyter-server" in verify.err
        server.send_signal(signal.SIGTERM)
        server.wait(SECONDS)
    assert not note.exists()
    assert members(course) == 5
    with jupyter_server(course) as server:
        wait_for_the_door(course)
        server.kill()
        server.wait(SECONDS)
    assert "secret" in json.loads(note.read_text())
    assert members(course) == 5
    assert program("db", "verify", cwd=course).code == 0
    assert program("reviews", "verify", "ps1", cwd=course).code == 0


def test_a_server_that_is_not_used_for_a_course_loads_nothing_heavy() -> None:
    script = (
        "import sys; from jupyter_social import _jupyter_server_extension_points as points; "
        "points(); print([name for name in ('sqlalchemy', 'pydantic', 'numpy', 'limits', "
        "'jupyter_social.app') if name in sys.modules])"
    )
    # What Jupyter itself imports does not count.
    plain = "import sys, jupyter_server.extension.application, jupyter_server.base.handlers; "
    before = subprocess.run(
        [BIN / "python", "-c", plain + script.replace("import sys; ", "")],
        capture_output=True,
        check=True,
    )
    assert before.stdout.decode().strip() == "[]"
