"""Handing in by command: what peers get is shown first, and exactly that is handed in."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from command_line import Done, run
from whole_round import application, ask, handed_in, late, work


@pytest.fixture
def opened(new_course: Path) -> Path:
    run("round", "switch", "ps1", "submission", cwd=new_course)
    return new_course


def hand_in(root: Path, *more: object, who: str = "ada") -> Done:
    typed = ("submissions", "hand-in", "ps1", f"home/{who}/work.ipynb", "--as", who)
    return run(*typed, *more, cwd=root)


def mine(root: Path, who: str = "ada"):  # type: ignore[no-untyped-def]
    with closing(application(root)) as app:
        return ask(app, "submissions.mine", who, assignment="ps1")


def test_a_rehearsal_shows_and_hands_in_nothing(opened: Path) -> None:
    done = hand_in(opened, "--dry-run", "--preview", "looked-at")
    assert (done.code, done.err) == (0, "")
    assert "Peers would get: work.ipynb." in done.out
    assert "full-names 1" in done.out
    assert "For practice" in done.out
    assert "nothing was handed in" in done.out
    looked_at = (opened / "looked-at" / "work.ipynb").read_text()
    assert "x = 3" in looked_at
    assert "Lastada" not in looked_at
    assert mine(opened).state == "missing"


def test_exactly_the_preview_is_handed_in(opened: Path) -> None:
    done = hand_in(opened, "--yes", "--preview", "looked-at", "--json")
    assert done.code == 0
    assert done.json["handed_in"]["version"] == 1
    with closing(application(opened)) as app:
        got = ask(app, "submissions.my-notebook", "ada", assignment="ps1", notebook="work.ipynb")
    assert got.content == (opened / "looked-at" / "work.ipynb").read_text()
    again = hand_in(opened, "--yes")
    assert (again.code, mine(opened).version) == (0, 1), "the same is no new version"
    assert "It would take the place of version 1." in again.out


def test_what_may_tell_is_listed(opened: Path) -> None:
    (opened / "home" / "ada" / "work.ipynb").write_bytes(work('print("Ada Lastada")'))
    done = hand_in(opened, "--dry-run")
    assert "This may still tell who wrote it:" in done.out
    assert "names-in-code" in done.out


def test_without_a_terminal_it_asks_for_yes(opened: Path) -> None:
    done = hand_in(opened)
    assert done.code == 2
    assert "Hand in ps1 as shown? There is no terminal to ask on" in done.err
    assert mine(opened).state == "missing"


def test_too_early_and_too_late_are_told_kindly(new_course: Path) -> None:
    early = hand_in(new_course, "--yes")
    assert early.code == 1
    assert "First is not open yet." in early.err
    handed_in(new_course)
    late(new_course)
    done = hand_in(new_course, "--yes")
    assert done.code == 1
    assert "The time to hand in First is over." in done.err


@pytest.mark.parametrize(
    ("typed", "code", "says"),
    [
        ("ps1 --as ada", 2, "FILE is missing."),
        ("ps1 home/ada/work.ipynb", 2, "--as NAME is missing"),
        ("ps1 none.ipynb --as ada", 1, "none.ipynb cannot be read: No such file"),
        ("ps1 home --as ada", 1, "home cannot be read: Is a directory"),
        ("ps1 roster.csv --as ada", 1, "There is no notebook (.ipynb) in it."),
        ("ps1 home/ada/work.ipynb home/bob/work.ipynb --as ada", 1, "the same name"),
        ("ps9 home/ada/work.ipynb --as ada", 1, "There is nothing of that name here"),
        ("ps1 home/ada/work.ipynb --as terry", 1, "There is nothing of that name here"),
    ],
)
def test_wrong_use_and_refusals(opened: Path, typed: str, code: int, says: str) -> None:
    done = run("submissions", "hand-in", *typed.split(), "--yes", cwd=opened)
    assert done.code == code, done
    assert says in done.err
    told = run("submissions", "hand-in", *typed.split(), "--yes", "--json", cwd=opened)
    assert set(told.json) == {"problem"}
