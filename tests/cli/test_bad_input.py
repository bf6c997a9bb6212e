"""Bad input through the real commands: told in words, nothing lost, never a traceback."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from builders import COURSE_TOML, as_bytes, code, notebook
from command_line import Done, program, run

GOOD = as_bytes(notebook(code("answer = 42", id="q1", nbgrader={"grade_id": "q1"})))


def with_output(text: str) -> bytes:
    printed = {"output_type": "stream", "name": "stdout", "text": text}
    cell = code("print()", id="q1", outputs=[printed], nbgrader={"grade_id": "q1"})
    return as_bytes(notebook(cell))


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is not JSON"),
    "text": (b"my homework", "is not JSON"),
    "cut": (GOOD[: len(GOOD) // 2], "is not JSON"),
    "binary": (bytes(range(256)), "is not UTF-8"),
    "nul": (GOOD.replace(b"42", b"\\u0000"), "NUL"),
    "old": (b'{"nbformat": 3, "nbformat_minor": 0, "worksheets": []}', "old format 3"),
    "newer": (b'{"nbformat": 5, "nbformat_minor": 0, "cells": []}', "newer than this program"),
    "number": (b"42", "not a notebook"),
    "manycells": (as_bytes(notebook(*["x"] * 10_000)), "has 10000 cells; at most 2000"),
    "nan": (GOOD.replace(b'"metadata": {}', b'"metadata": {"x": NaN}', 1), "NaN"),
    "deep": (b"[" * 200_000, "levels deep"),
    "deeper": (b'{"a":' * 200_000, "levels deep"),
    "surrogate": (GOOD.replace(b"42", b"\\ud800"), "surrogate"),
    "twokeys": (GOOD.replace(b'"nbformat": 4', b'"nbformat": 4, "nbformat": 4'), "twice"),
    "longnumber": (GOOD.replace(b"null", b"9" * 5000), "digits"),
    "noncell": (b'{"nbformat": 4, "nbformat_minor": 5, "cells": [7]}', "Cell 1 is not an object"),
    "manysmall": (as_bytes(notebook(*["#" + "x" * 6000] * 1999)), "after cutting its outputs"),
}
REPAIRED: dict[str, tuple[bytes, str]] = {
    "largeoutput": (with_output("x" * 50_000_000), "cell 1"),
    "sameids": (
        as_bytes(notebook(*(code("x", id="same") for _ in range(3)))),
        "the cell id 'same' was used before",
    ),
    "old40": (
        b'{"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": []}',
        "lacks the cells q1",
    ),
    "bom": (b"\xef\xbb\xbf" + GOOD, ""),
}
GOODS = ("ada", "zoe")


def fill(root: Path, people: dict[str, bytes]) -> Path:
    (root / "source" / "ps1").mkdir(parents=True)
    (root / "course.toml").write_text(COURSE_TOML)
    (root / "source" / "ps1" / "work.ipynb").write_bytes(GOOD)
    lines = [f"{name},Full {name},,student," for name in people]
    (root / "roster.csv").write_text("\n".join(["username,name,email,role,group", *lines, ""]))
    for name, content in people.items():
        folder = root / "submitted" / name / "ps1"
        folder.mkdir(parents=True)
        (folder / "work.ipynb").write_bytes(content)
    assert run("roster", "import", "roster.csv", cwd=root).code == 0
    return root


@pytest.fixture(scope="module")
def bad_class(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """A class in which nearly everybody hands in something bad, imported by the real program."""
    people = {name: content for name, (content, _) in {**BROKEN, **REPAIRED}.items()}
    root = tmp_path_factory.mktemp("bad") / "course"
    fill(root, {**people, **dict.fromkeys(GOODS, GOOD)})
    return root, program("submissions", "import", "ps1", "--json", cwd=root)


def test_a_class_with_broken_work_leaves_with_one_and_no_traceback(
    bad_class: tuple[Path, Done],
) -> None:
    _, done = bad_class
    assert done.code == 1
    assert "Traceback" not in done.err
    assert len(done.json["failed"]) == len(BROKEN)
    assert len(done.json["received"]) == len(REPAIRED) + len(GOODS)


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_one_is_listed_with_its_reason(bad_class: tuple[Path, Done], name: str) -> None:
    _, done = bad_class
    (reason,) = [failed["reason"] for failed in done.json["failed"] if failed["owner"] == name]
    assert reason.startswith("work.ipynb: ")
    assert BROKEN[name][1] in reason
    assert len(reason) < 400


@pytest.mark.parametrize("name", REPAIRED)
def test_what_can_be_repaired_is_imported_with_a_note(
    bad_class: tuple[Path, Done], name: str
) -> None:
    _, done = bad_class
    (answer,) = [answer for answer in done.json["received"] if answer["owner"] == name]
    assert answer["outcome"] == "new"
    assert any(REPAIRED[name][1] in note for note in answer["notes"]) or not REPAIRED[name][1]


@pytest.mark.parametrize("name", GOODS)
def test_the_good_ones_among_them_are_imported(bad_class: tuple[Path, Done], name: str) -> None:
    _, done = bad_class
    assert (name, "new") in [(a["owner"], a["outcome"]) for a in done.json["received"]]


def test_people_are_told_the_same_in_words(bad_class: tuple[Path, Done]) -> None:
    root, _ = bad_class
    again = program("submissions", "import", "ps1", cwd=root)
    assert again.code == 1
    assert "Not imported:" in again.out
    assert "Mend these and import again" in again.out
    assert all(name in again.out for name in BROKEN)
    assert "Traceback" not in again.out + again.err


def test_nothing_broken_is_in_the_database_and_all_of_it_is_sound(
    bad_class: tuple[Path, Done],
) -> None:
    root, _ = bad_class
    assert run("db", "verify", "--json", cwd=root).json == {"problems": []}
    assert (root / ".jupyter-social" / "course.db").stat().st_size < 10_000_000
    assigned = run("reviews", "assign", "ps1", "--reviews", "2", "--json", cwd=root)
    assert assigned.json["units"] == len(REPAIRED) + len(GOODS)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return fill(tmp_path / "course", dict.fromkeys(("ada", "bob", "cyd"), GOOD))


def failures(done: Done) -> dict[str, str]:
    return {failed["owner"]: failed["reason"] for failed in done.json["failed"]}


def test_links_and_pipes_are_listed_and_the_others_imported(course: Path) -> None:
    secret = course.parent / "secret.ipynb"
    secret.write_bytes(GOOD.replace(b"42", b"4711"))
    (course / "submitted" / "ada" / "ps1" / "more.ipynb").symlink_to(secret)
    os.mkfifo(course / "submitted" / "bob" / "ps1" / "pipe.ipynb")
    done = program("submissions", "import", "ps1", "--json", cwd=course, timeout=60)
    assert done.code == 1
    assert "more.ipynb is a link" in failures(done)["ada"]
    assert "pipe.ipynb is not an ordinary file" in failures(done)["bob"]
    assert [answer["owner"] for answer in done.json["received"]] == ["cyd"]
    with closing(sqlite3.connect(course / ".jupyter-social" / "course.db")) as database:
        contents = [row[0] for row in database.execute("SELECT content FROM blob")]
    assert not [content for content in contents if b"4711" in content]


def test_people_who_are_not_in_the_roster_are_listed(course: Path) -> None:
    for name in ("mallory", "..hidden", "-rf"):
        folder = course / "submitted" / name / "ps1"
        folder.mkdir(parents=True)
        (folder / "work.ipynb").write_bytes(GOOD)
    done = run("submissions", "import", "ps1", "--json", cwd=course)
    assert failures(done) == {
        name: f"{name} is not in the roster." for name in ("mallory", "..hidden", "-rf")
    }
    assert len(done.json["received"]) == 3


@pytest.mark.parametrize("place", ["person", "file", "folder"])
def test_a_name_that_is_not_utf8_is_listed_and_the_others_imported(
    course: Path, place: str
) -> None:
    odd = os.fsdecode(b"\xff")
    folder, name = course / "submitted" / "ada" / "ps1", "work.ipynb"
    if place == "person":
        folder = course / "submitted" / odd / "ps1"
    elif place == "folder":
        folder /= odd
    else:
        name = f"{odd}.ipynb"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(GOOD)
    done = program("submissions", "import", "ps1", "--json", cwd=course)
    assert "Traceback" not in done.err
    assert done.code == 1
    assert len(done.json["failed"]) == 1
    assert {answer["owner"] for answer in done.json["received"]} >= {"bob", "cyd"}
    told = program("submissions", "import", "ps1", cwd=course)
    assert "Traceback" not in told.err
    assert told.code == 1


def test_a_file_name_of_a_thousand_letters_is_told(course: Path) -> None:
    deep = course / "submitted" / "ada" / "ps1"
    for letter in "abcdef":
        deep /= letter * 200
    deep.mkdir(parents=True)
    (deep / "more.ipynb").write_bytes(GOOD)
    done = program("submissions", "import", "ps1", "--json", cwd=course)
    assert "Traceback" not in done.err
    assert len(done.json["received"]) + len(done.json["failed"]) == 3


@pytest.mark.parametrize(
    "content",
    ["", "user;name\n", "username,name,email,role,group\na,A,,student,\na,B,,student,\n", "\0"],
)
def test_a_bad_roster_changes_nothing(course: Path, content: str) -> None:
    (course / "bad.csv").write_text(content)
    before = run("roster", "list", "--json", cwd=course).json
    done = program("roster", "import", "bad.csv", "--json", cwd=course)
    assert done.code == 1
    assert done.json["problem"]["type"] == "urn:jupyter-social:problem:invalid-files"
    assert "bad.csv" in done.err
    assert "Traceback" not in done.err
    assert run("roster", "list", "--json", cwd=course).json == before


def test_a_folder_instead_of_a_file_is_told(course: Path) -> None:
    for typed in (
        "roster import submitted",
        "anonymize submitted --roster roster.csv",
        "anonymize submitted/ada/ps1/work.ipynb --roster submitted",
        "db restore submitted --yes",
        "reviews assign ps1 --reviews 2 --conflicts submitted",
    ):
        done = program(*typed.split(), cwd=course)
        assert done.code == 1, typed
        assert done.out + done.err, typed
        assert "Traceback" not in done.err, typed


def test_broken_files_among_those_to_anonymize_are_listed(course: Path) -> None:
    (course / "broken.ipynb").write_bytes(b"nothing")
    good = course / "submitted" / "ada" / "ps1" / "work.ipynb"
    typed = ("anonymize", "broken.ipynb", "nowhere.ipynb", good, "--roster", "roster.csv")
    done = program(*typed, "--output", "out/", "--json", cwd=course)
    assert done.code == 1
    assert [failed["file"] for failed in done.json["failed"]] == ["broken.ipynb", "nowhere.ipynb"]
    assert len(done.json["files"]) == 1
    assert [path.suffix for path in (course / "out").iterdir()] == [".ipynb"]
    assert "Traceback" not in done.err


def no_file_larger_than(limit: int) -> Callable[[], None]:
    """A full disk, as far as one process can have one of its own."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@pytest.mark.parametrize("limit", [0, 1, 4096, 40_000, 300_000])
@pytest.mark.parametrize("typed", ["submissions import ps1", "reviews assign ps1 --reviews 1"])
def test_a_full_disk_is_told_and_nothing_is_half(course: Path, limit: int, typed: str) -> None:
    printed = os.urandom(300_000).hex()
    file = course / "submitted" / "bob" / "ps1" / "work.ipynb"
    file.write_bytes(with_output(printed))
    if typed.startswith("reviews"):
        assert run("submissions", "import", "ps1", cwd=course).code == 0
        limit = min(limit, 4096)
    done = program(*typed.split(), "--json", cwd=course, preexec_fn=no_file_larger_than(limit))
    assert done.code == 1
    assert "Traceback" not in done.err
    assert done.json["problem"]["status"] == 503
    assert run("db", "verify", "--json", cwd=course).json == {"problems": []}
    again = run(*typed.split(), "--json", cwd=course)
    assert again.code == 0, "when there is space again, it goes on"
    state = run("reviews", "status", "ps1", "--json", cwd=course).json
    assert (state["handed_in"], state["open"]) == (3, 3 if typed.startswith("reviews") else 0)


@pytest.mark.parametrize("limit", [0, 1, 50_000])
def test_a_full_disk_while_the_database_is_made_is_told(course: Path, limit: int) -> None:
    for path in (course / ".jupyter-social").iterdir():
        path.unlink()
    (course / ".jupyter-social").rmdir()
    full = {"preexec_fn": no_file_larger_than(limit)}
    done = program("roster", "import", "roster.csv", "--json", cwd=course, **full)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert done.json["problem"]["status"] == 503
    assert run("roster", "import", "roster.csv", cwd=course).code == 0


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("db backup copy.db", "copy.db"),
        ("init new", "new"),
        ("anonymize submitted/ada/ps1/work.ipynb --roster roster.csv --output o.ipynb", "o.ipynb"),
    ],
)
def test_a_full_disk_leaves_no_half_file(course: Path, typed: str, target: str) -> None:
    before = {path.name for path in course.iterdir()}
    full = {"preexec_fn": no_file_larger_than(100)}
    done = program(*typed.split(), cwd=course, **full)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert done.out + done.err
    assert {path.name for path in course.iterdir()} == before
    assert program(*typed.split(), cwd=course).code == 0
    assert (course / target).exists()


def test_a_full_disk_while_restoring_leaves_the_present_database(course: Path) -> None:
    assert run("db", "backup", "copy.db", cwd=course).code == 0
    assert run("submissions", "import", "ps1", cwd=course).code == 0
    full = {"preexec_fn": no_file_larger_than(10_000)}
    done = program("db", "restore", "copy.db", "--yes", "--json", cwd=course, **full)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert run("reviews", "status", "ps1", "--json", cwd=course).json["handed_in"] == 3
    assert not list((course / ".jupyter-social").glob("*.partial"))


def bound_by_permissions() -> None:
    """Let permissions bind even root: give up what overrides them."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
            if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
                raise OSError(ctypes.get_errno(), "prctl")


@pytest.fixture
def read_only(course: Path) -> Iterator[Callable[..., Path]]:
    """Make folders and files of the course read-only, until the test is over."""
    changed: list[tuple[Path, int]] = []

    def make(*paths: Path, mode: int = 0) -> Path:
        for path in paths:
            before = stat.S_IMODE(path.stat().st_mode)
            changed.append((path, before))
            path.chmod(mode or before & ~0o222)
        return course

    yield make
    for path, mode in reversed(changed):
        path.chmod(mode)


def bound(*typed: str, cwd: Path, **options: Any) -> Done:
    return program(*typed, cwd=cwd, preexec_fn=bound_by_permissions, **options)


def test_a_read_only_course_folder_is_told(course: Path, read_only: Callable[..., Path]) -> None:
    for path in (course / ".jupyter-social").iterdir():
        path.unlink()
    (course / ".jupyter-social").rmdir()
    read_only(course)
    done = bound("roster", "import", "roster.csv", "--json", cwd=course)
    assert done.code == 1
    assert done.json["problem"]["status"] == 503
    assert "cannot be written" in done.err
    assert "Traceback" not in done.err
    doctor = bound("doctor", "--json", cwd=course)
    assert {c["check"]: c["state"] for c in doctor.json["checks"]}["disk"] == "error"
    assert "Traceback" not in doctor.err


@pytest.mark.parametrize("what", ["folder", "file", "lock", "all"])
def test_a_read_only_database_is_told(
    course: Path, read_only: Callable[..., Path], what: str
) -> None:
    state = course / ".jupyter-social"
    parts = {
        "folder": [state],
        "file": [state / "course.db"],
        "lock": [state / "course.db.lock"],
        "all": [state / "course.db", state / "course.db.lock", state],
    }
    read_only(*parts[what])
    for typed in ("submissions import ps1", "roster list", "db verify", "doctor"):
        done = bound(*typed.split(), "--json", cwd=course)
        assert "Traceback" not in done.err, typed
        assert isinstance(done.json, dict), typed
        assert done.code == 1, typed


@pytest.mark.parametrize(
    "typed",
    [
        "init new",
        "db backup copy.db",
        "anonymize submitted/ada/ps1/work.ipynb --roster roster.csv --output o.ipynb",
    ],
)
def test_a_read_only_target_is_told(
    course: Path, read_only: Callable[..., Path], typed: str
) -> None:
    read_only(course)
    done = bound(*typed.split(), cwd=course)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "cannot be written" in done.err + done.out or "could not be written" in done.err


@pytest.mark.parametrize(
    "what", ["course.toml", "rubric.toml", "roster.csv", "source/ps1/work.ipynb"]
)
def test_a_course_file_that_cannot_be_read_is_told(
    course: Path, read_only: Callable[..., Path], what: str
) -> None:
    (course / "rubric.toml").touch()
    read_only(course / what, mode=0o200)
    done = bound("check", "--json", cwd=course)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert what in json.dumps(done.json)


@pytest.mark.parametrize("what", ["ps1/work.ipynb", "ps1", "."])
def test_a_hand_in_that_cannot_be_read_is_listed_and_the_others_imported(
    course: Path, read_only: Callable[..., Path], what: str
) -> None:
    read_only(course / "submitted" / "bob" / what, mode=0o200)
    done = bound("submissions", "import", "ps1", "--json", cwd=course)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "cannot be read: Permission denied" in failures(done)["bob"]
    assert [answer["owner"] for answer in done.json["received"]] == ["ada", "cyd"]


def test_a_submitted_folder_that_cannot_be_read_is_told(
    course: Path, read_only: Callable[..., Path]
) -> None:
    read_only(course / "submitted", mode=0o200)
    done = bound("submissions", "import", "ps1", "--json", cwd=course)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "cannot be read" in done.err
