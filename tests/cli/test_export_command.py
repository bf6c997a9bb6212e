"""Marks leave the course by command: a CSV file, or nbgrader's gradebook."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import sys
from pathlib import Path

import pytest
from command_line import run
from nbgrader.api import Gradebook
from whole_round import NAMES


@pytest.fixture
def with_gradebook(reviewed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gradebook that knows everybody but fay."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    with Gradebook(f"sqlite:///{reviewed / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment("ps1")
        gradebook.add_notebook("work", "ps1")
        gradebook.add_grade_cell("q1", "work", "ps1", max_score=2, cell_type="code")
        gradebook.add_solution_cell("q1", "work", "ps1")
        for name in NAMES[:-1]:
            gradebook.add_student(name)
            gradebook.add_submission("ps1", name)
    return reviewed


def manual(root: Path) -> list[float | None]:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return [gradebook.find_grade("q1", "work", "ps1", name).manual_score for name in NAMES[:-1]]


def test_the_csv_is_for_its_owner_alone_and_holds_everybody(reviewed: Path) -> None:
    done = run("reviews", "export", "ps1", "--csv", "marks.csv", cwd=reviewed)
    assert (done.code, done.err) == (0, "")
    assert "marks.csv holds the marks of 6 people." in done.out
    assert "For practice" in done.out
    file = reviewed / "marks.csv"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [row["username"] for row in rows] == list(NAMES)
    assert {row["clear"] for row in rows} == {"4"}
    assert rows[0]["mark"] == rows[0]["most"] == "5.5"
    log = json.dumps(run("audit", "--json", cwd=reviewed).json)
    assert log.count("marks.exported") == 1


def test_standard_output_holds_the_csv_and_nothing_else(reviewed: Path) -> None:
    done = run("reviews", "export", "ps1", "--csv", "-", cwd=reviewed)
    assert (done.code, done.err) == (0, "")
    assert len(list(csv.DictReader(io.StringIO(done.out)))) == 6


def test_a_rehearsal_writes_no_file_and_no_line_of_the_log(reviewed: Path) -> None:
    done = run("reviews", "export", "ps1", "--csv", "marks.csv", "--dry-run", cwd=reviewed)
    assert done.code == 0
    assert "nothing was written" in done.out
    assert not (reviewed / "marks.csv").exists()
    assert "marks.exported" not in json.dumps(run("audit", "--json", cwd=reviewed).json)


def test_the_gradebook_is_written_and_what_is_missing_is_told(with_gradebook: Path) -> None:
    typed = ("reviews", "export", "ps1", "--gradebook")
    tried = run(*typed, "--dry-run", cwd=with_gradebook)
    assert tried.code == 1
    assert "5 scores would be written" in tried.out
    assert manual(with_gradebook) == [None] * 5
    done = run(*typed, "--json", cwd=with_gradebook)
    assert done.code == 1
    told = done.json["gradebook"]
    assert told["problems"] == ["The gradebook does not know the student fay."]
    assert told["notes"][0].startswith("whole goes nowhere")
    assert manual(with_gradebook) == [2.0] * 5
    for row in run("reviews", "marks", "ps1", "--json", cwd=with_gradebook).json["marks"]:
        override = ("reviews", "override", "ps1", row["work"], "--points", "clear=1")
        assert run(*override, "--reason", "why", cwd=with_gradebook).code == 0
    run(*typed, cwd=with_gradebook)
    assert manual(with_gradebook) == [0.5] * 5


@pytest.mark.parametrize(
    ("typed", "code", "says"),
    [
        ("ps1", 2, "Say where to: --csv FILE, --gradebook, or both."),
        ("ps1 --csv - --gradebook", 2, "writes to standard output alone"),
        ("ps9 --csv marks.csv", 1, "Did you mean ps1?"),
        ("ps1 --csv marks.csv --as hel", 1, "There is nothing of that name here"),
        ("ps1 --gradebook", 1, "There is no gradebook.db in"),
        ("ps1 --csv source", 1, "source cannot be written"),
    ],
)
def test_wrong_use_and_refusals(new_course: Path, typed: str, code: int, says: str) -> None:
    done = run("reviews", "export", *typed.split(), cwd=new_course)
    assert done.code == code, done
    assert says in done.err
    assert "Traceback" not in done.err
    assert not (new_course / "gradebook.db").exists()
    assert not (new_course / "marks.csv").exists()


def test_a_program_gets_the_marks_as_they_are(reviewed: Path) -> None:
    done = run("reviews", "export", "ps1", "--json", cwd=reviewed)
    assert done.code == 0
    assert [row["username"] for row in done.json["rows"]] == list(NAMES)
    assert done.json["gradebook"] is None
