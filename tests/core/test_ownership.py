"""One process owns a SQLite file; a second one waits, and is told whom to ask."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import Classroom
from command_line import program

from jupyter_social.core.database import open_database
from jupyter_social.core.errors import Unavailable
from jupyter_social.core.ownership import WAIT_SECONDS, Door, Ownership, announced_door

NOW = datetime(2026, 1, 10, tzinfo=UTC)
HOLD = """\
import sys
from datetime import UTC, datetime
from jupyter_social.core.database import open_database
sys.argv = ["/usr/bin/jupyter-social", "reviews", "assign", "ps1", "--reason", "a secret reason"]
database = open_database(sys.argv_url, now=datetime(2026, 1, 10, tzinfo=UTC))
print("held", flush=True)
sys.stdin.read()
database.close()
"""


@contextmanager
def another_process(file: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that owns the file until its input ends."""
    script = HOLD.replace("sys.argv_url", repr(f"sqlite:///{file}"))
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "course.db"


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Ownership.__init__.__kwdefaults__, "wait", 0.05)  # type: ignore[arg-type]


def test_a_second_process_waits_five_seconds() -> None:
    assert WAIT_SECONDS == 5.0
    assert Ownership.__init__.__kwdefaults__["wait"] == WAIT_SECONDS  # type: ignore[index]


@pytest.mark.usefixtures("short_wait")
def test_a_second_process_is_refused_and_told_who_owns_the_file(file: Path) -> None:
    with another_process(file) as owner, pytest.raises(Unavailable) as refused:
        open_database(f"sqlite:///{file}", now=NOW)
    assert f"process {owner.pid} (jupyter-social reviews assign" in refused.value.detail
    assert "since 2026-01-10T00:00:00+00:00" in refused.value.detail
    assert "try again" in refused.value.detail


@pytest.mark.usefixtures("short_wait")
def test_what_was_typed_after_the_verb_is_not_told(file: Path) -> None:
    with another_process(file), pytest.raises(Unavailable) as refused:
        open_database(f"sqlite:///{file}", now=NOW)
    assert "a secret reason" not in refused.value.detail


def test_a_second_process_gets_in_as_soon_as_the_first_has_finished(file: Path) -> None:
    with another_process(file) as owner:
        assert owner.stdin is not None
        threading.Timer(0.2, owner.stdin.close).start()
        open_database(f"sqlite:///{file}", now=NOW).close()


@pytest.mark.usefixtures("short_wait")
def test_a_killed_owner_leaves_the_file_free(file: Path) -> None:
    with another_process(file) as owner:
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        open_database(f"sqlite:///{file}", now=NOW).close()


@pytest.mark.usefixtures("short_wait")
def test_an_owner_without_a_readable_note_is_another_process(file: Path) -> None:
    with another_process(file):
        file.with_name("course.db.owner").write_text("{")
        with pytest.raises(Unavailable, match="in use by another process"):
            open_database(f"sqlite:///{file}", now=NOW)


def test_the_note_and_the_lock_are_for_their_owner_alone(file: Path) -> None:
    ownership = Ownership(file, now=NOW)
    note = file.with_name("course.db.owner")
    assert json.loads(note.read_text())["pid"] == os.getpid()
    for beside in (note, file.with_name("course.db.lock")):
        assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    ownership.release()
    assert not note.exists()


def test_an_owner_announces_a_door_in_its_note_in_one_step(file: Path) -> None:
    note = file.with_name("course.db.owner")
    ownership = Ownership(file, now=NOW)
    assert announced_door(file) is None
    before = note.stat().st_ino
    ownership.announce(Door("http://127.0.0.1:1", "secret"))
    assert note.stat().st_ino != before
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert json.loads(note.read_text())["pid"] == os.getpid()
    assert announced_door(file) == Door("http://127.0.0.1:1", "secret")
    ownership.release()
    assert announced_door(file) is None
    assert sorted(path.name for path in file.parent.iterdir()) in ([], ["course.db.lock"])


def test_a_file_is_given_back_by_whichever_thread_closes_it(file: Path) -> None:
    ownership = Ownership(file, now=NOW)
    closing = threading.Thread(target=ownership.release)
    closing.start()
    closing.join()
    Ownership(file, now=NOW, wait=0.05).release()


def test_options_of_the_owner_are_not_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/jupyter-lab", "--IdentityProvider.token", "abc"])
    ownership = Ownership(file, now=NOW)
    note = json.loads(file.with_name("course.db.owner").read_text())
    assert note["command"] == "jupyter-lab"
    ownership.release()


def test_an_owner_that_cannot_write_its_note_does_not_keep_the_file(file: Path) -> None:
    note = file.with_name("course.db.owner")
    note.mkdir()
    with pytest.raises(Unavailable, match="cannot be written"):
        Ownership(file, now=NOW, wait=0.05)
    note.rmdir()
    Ownership(file, now=NOW, wait=0.05).release()


def test_the_real_command_names_the_owner_and_leaves_with_one(tmp_path: Path) -> None:
    room = Classroom.new(tmp_path / "course", f"sqlite:///{tmp_path / 'state' / 'course.db'}")
    room.close()
    with another_process(tmp_path / "state" / "course.db") as owner:
        done = program(
            "roster", "list", "--json", f"--database={room.url}", cwd=tmp_path / "course"
        )
    assert done.code == 1
    assert done.json["problem"]["status"] == 503
    assert f"process {owner.pid} (" in done.err
    assert "Traceback" not in done.err
