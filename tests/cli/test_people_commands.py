"""A person's data by command: out in files, and gone."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from command_line import run


def test_everything_about_somebody_goes_into_a_folder(reviewed: Path) -> None:
    done = run("db", "export", "--user", "ada", "--output", "for-ada", cwd=reviewed)
    assert (done.code, done.err) == (0, "")
    assert "holds everything about ada" in done.out
    folder = reviewed / "for-ada"
    told = json.loads((folder / "person.json").read_text())
    assert told["tables"]["member"][0]["name"] == "Ada Lastada"
    assert len(told["tables"]["review_entry"]) == 2
    handed_in = folder / "ps1" / "submission-1" / "work.ipynb"
    assert handed_in.read_bytes() == (reviewed / "home" / "ada" / "work.ipynb").read_bytes()
    for path in folder.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = (folder / "person.json").read_text()
    assert not [name for name in ("Lastbob", "bob@uni.test", "Lastfay") if name in text]


def test_one_file_holds_all_and_is_never_written_over(reviewed: Path) -> None:
    typed = ("db", "export", "--user", "ada", "--output", "ada.json")
    done = run(*typed, "--json", cwd=reviewed)
    assert done.code == 0
    assert done.json["written"] == ["ada.json"]
    assert stat.S_IMODE((reviewed / "ada.json").stat().st_mode) == 0o600
    again = run(*typed, cwd=reviewed)
    assert again.code == 1
    assert "exists already" in again.err
    log = json.dumps(run("audit", "--json", cwd=reviewed).json)
    assert log.count("person.exported") == 1


def test_erasing_asks_and_then_nothing_is_left(released: Path) -> None:
    unasked = run("db", "erase", "--user", "ada", "--reason", "asked", cwd=released)
    assert unasked.code == 2
    assert "Erase ada for good?" in unasked.err
    marks = run("reviews", "marks", "ps1", "--json", cwd=released).json
    typed = ("db", "erase", "--user", "ada", "--reason", "they asked", "--yes")
    done = run(*typed, cwd=released)
    assert (done.code, done.err) == (0, "")
    assert "Backups made before still hold everything" in done.out
    assert run("reviews", "marks", "ps1", "--json", cwd=released).json == marks
    for file in (released / ".jupyter-social").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            for word in (b"Lastada", b"ada@uni.test", b"Ada Last"):
                assert word not in data, file
    assert run(*typed, cwd=released).code == 1, "nobody of that name is left"


@pytest.mark.parametrize(
    ("typed", "code", "says"),
    [
        ("export --output ada.json", 2, "--user NAME is missing"),
        ("export --user ada", 2, "--output FILE or folder is missing"),
        ("export --user zoe --output zoe.json", 1, "Nobody in this course"),
        ("export --user ada --output ada.json --as terry", 1, "nothing of that name"),
        ("erase --reason why --yes", 2, "--user NAME is missing"),
        ("erase --user ada --yes", 2, "--reason needs words"),
        ("erase --user zoe --reason why --yes", 1, "Nobody in this course"),
        ("erase --user ada --reason why --yes --as terry", 1, "nothing of that name"),
    ],
)
def test_wrong_use_and_refusals(new_course: Path, typed: str, code: int, says: str) -> None:
    done = run("db", *typed.split(), cwd=new_course)
    assert done.code == code, done
    assert says in done.err
    assert not list(new_course.glob("*.json"))
    assert set(run("db", *typed.split(), "--json", cwd=new_course).json) == {"problem"}
