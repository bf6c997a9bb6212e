"""`init`: a course from a template, with its name and dates, and never over anything."""

from __future__ import annotations

import shutil
import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import run

from jupyter_social.authoring.check import check_course
from jupyter_social.authoring.findings import errors
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.authoring.templates import create_course, templates
from jupyter_social.core.errors import Conflict, NotFound, Problem

WEDNESDAY = date(2026, 9, 2)
TEMPLATE_TOML = """\
title = "Our house"
description = "A template of this site."
starts = 2026-01-12
"""
COURSE_TOML = """\
[course]
name = "house"
title = "House"
timezone = "Europe/Berlin"

[assignments.a1]
title = "One"
due = 2026-01-16T23:59:00
"""


@pytest.fixture
def site_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of templates on the Jupyter data path."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "site"))
    folder = tmp_path / "site" / "social" / "templates"
    folder.mkdir(parents=True)
    return folder


def site_template(folder: Path, name: str = "house", **files: str) -> Path:
    template = folder / name
    template.mkdir()
    contents = {"template.toml": TEMPLATE_TOML, "course.toml": COURSE_TOML, **files}
    for file, content in contents.items():
        (template / file.replace("__", ".")).write_text(content)
    return template


def course_toml(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "course.toml").read_text())


def dates(folder: Path) -> list[datetime]:
    found = course_toml(folder)["assignments"].values()
    return [table[key] for table in found for key in ("due", "review_due") if key in table]


@pytest.mark.parametrize("template", sorted(templates()))
def test_a_new_course_can_be_used_at_once(tmp_path: Path, template: str) -> None:
    folder = tmp_path / "algebra-2"
    written = create_course(folder, template, today=WEDNESDAY)
    assert errors(check_course(CourseFolder(folder))) == []
    assert sorted(written) == sorted(
        path.relative_to(folder) for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("template", sorted(templates()))
def test_all_dates_move_by_the_same_whole_weeks_to_the_next_monday(
    tmp_path: Path, template: str
) -> None:
    folder = tmp_path / "course"
    create_course(folder, template, today=WEDNESDAY)
    chosen = templates()[template]
    before = dates(chosen.folder)
    (shift,) = {after - old for old, after in zip(before, dates(folder), strict=True)}
    assert chosen.starts - timedelta(days=chosen.starts.weekday()) + shift == date(2026, 9, 7)
    assert shift % timedelta(weeks=1) == timedelta()


@pytest.mark.parametrize("day", range(7, 15))
def test_the_first_monday_is_today_or_the_next_one(tmp_path: Path, day: int) -> None:
    today = date(2026, 9, day)
    create_course(tmp_path / "c", "intro-python", today=today)
    chosen = templates()["intro-python"]
    shift = min(dates(tmp_path / "c")) - min(dates(chosen.folder))
    monday = chosen.starts - timedelta(days=chosen.starts.weekday()) + shift
    assert monday.weekday() == 0
    assert timedelta() <= monday - today < timedelta(weeks=1)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("algebra-2", "algebra-2"),
        ("My Course (2026)", "My-Course-2026"),
        ("_odd_", "odd"),
        ("größe", "gr-e"),
        ("数学", "intro-python"),
        ("x" * 200, "x" * 64),
    ],
)
def test_the_course_is_called_after_its_folder(tmp_path: Path, folder: str, name: str) -> None:
    create_course(tmp_path / folder, "intro-python", today=WEDNESDAY)
    assert course_toml(tmp_path / folder)["course"]["name"] == name
    assert errors(check_course(CourseFolder(tmp_path / folder))) == []


def test_the_copy_has_a_gitignore_and_nothing_of_the_templates_own(tmp_path: Path) -> None:
    create_course(tmp_path / "c", "intro-python", today=WEDNESDAY)
    names = {path.name for path in (tmp_path / "c").iterdir()}
    assert ".gitignore" in names
    assert not names & {"gitignore", "template.toml", ".ipynb_checkpoints"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    create_course(tmp_path, "intro-python", today=WEDNESDAY)
    assert (tmp_path / "course.toml").is_file()


@pytest.mark.parametrize("beside", ["thesis.txt", ".hidden"])
def test_a_folder_that_holds_anything_is_refused_and_left(tmp_path: Path, beside: str) -> None:
    (tmp_path / beside).write_text("mine")
    with pytest.raises(Conflict, match=r"is not empty\. Choose a new folder"):
        create_course(tmp_path, "intro-python", today=WEDNESDAY)
    assert [path.name for path in tmp_path.iterdir()] == [beside]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "course").write_text("mine")
    with pytest.raises(Conflict, match="Choose a new folder"):
        create_course(tmp_path / "course", "intro-python", today=WEDNESDAY)
    assert (tmp_path / "course").read_text() == "mine"


def test_an_unknown_template_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There are: intro-python, peer-review-lab"):
        create_course(tmp_path / "c", "intro-pyton", today=WEDNESDAY)
    assert not (tmp_path / "c").exists()


def test_a_template_of_the_site_is_found_and_wins(tmp_path: Path, site_templates: Path) -> None:
    site_template(site_templates, nbgrader_config__py="c = get_config()\n")
    site_template(site_templates, "intro-python", nbgrader_config__py="c = get_config()\n")
    assert list(templates()) == ["house", "intro-python", "peer-review-lab"]
    assert templates()["intro-python"].title == "Our house"
    create_course(tmp_path / "c", "house", today=WEDNESDAY)
    assert course_toml(tmp_path / "c")["course"]["name"] == "c"
    assert dates(tmp_path / "c") == [datetime(2026, 9, 11, 23, 59)]  # noqa: DTZ001


def test_a_template_of_the_site_needs_no_nbgrader_configuration(
    tmp_path: Path, site_templates: Path
) -> None:
    site_template(site_templates)
    create_course(tmp_path / "c", "house", today=WEDNESDAY)
    assert course_toml(tmp_path / "c")["course"]["name"] == "c"


def test_a_broken_template_of_the_site_is_named(tmp_path: Path, site_templates: Path) -> None:
    site_template(site_templates, template__toml='title = "x"')
    with pytest.raises(Conflict, match=r"house.*template\.toml is not a template"):
        create_course(tmp_path / "c", "house", today=WEDNESDAY)


def test_a_broken_template_of_the_site_does_not_take_the_others_away(
    tmp_path: Path, site_templates: Path
) -> None:
    site_template(site_templates, template__toml='title = "x"')
    create_course(tmp_path / "c", "intro-python", today=WEDNESDAY)
    assert (tmp_path / "c" / "course.toml").is_file()


def test_what_cannot_be_copied_whole_is_not_left_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies, copyfile = [], shutil.copyfile

    def fails_in_the_middle(source: Path, target: Path) -> object:
        copies.append(target)
        if len(copies) == 5:
            raise OSError(28, "No space left on device")
        return copyfile(source, target)

    monkeypatch.setattr(shutil, "copyfile", fails_in_the_middle)
    with pytest.raises(Problem, match="No space left on device"):
        create_course(tmp_path / "c", "intro-python", today=WEDNESDAY)
    monkeypatch.undo()
    create_course(tmp_path / "c", "intro-python", today=WEDNESDAY)


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    done = run("init", "algebra", "--template", "intro-python", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "Next: cd algebra && jupyter social check" in done.out
    assert run("check", cwd=tmp_path / "algebra" / "source").code == 0


def test_the_command_lists_its_files_as_json(tmp_path: Path) -> None:
    answer = run("init", "algebra", "--json", cwd=tmp_path).json
    assert answer["template"] == "peer-review-lab"
    assert answer["folder"] == str(tmp_path / "algebra")
    assert all((tmp_path / "algebra" / name).is_file() for name in answer["files"])


def test_a_new_course_starts_on_a_monday_from_today_on(tmp_path: Path) -> None:
    run("init", "algebra", cwd=tmp_path)
    first = min(dates(tmp_path / "algebra"))
    assert first.date() >= datetime.now().astimezone().date() - timedelta(days=1)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("init",), 2, "DIR is missing."),
        (("init", "a", "b"), 2, "'b' is one argument too many."),
        (("init", ".", "--template", "nothing"), 1, "There is no template 'nothing'."),
        (("init", ".", "--templat", "x"), 2, "Did you mean --template?"),
    ],
)
def test_a_wrong_call_is_told(
    tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.code == code
    assert says in done.err
    assert list(tmp_path.iterdir()) == []
