"""A course folder that follows its files, and stays with what was good."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from builders import COURSE_TOML

from jupyter_social.authoring.findings import InvalidFiles
from jupyter_social.authoring.watched_folder import WatchedCourseFolder

LOG = logging.getLogger("watched")
RUBRIC = """\
[[criteria]]
key = "clear"
title = "Is it clear?"
levels = [{ points = 0, title = "no" }, { points = 1, title = "yes" }]
"""


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    file = tmp_path / "course.toml"
    file.write_text(COURSE_TOML)
    return file


@pytest.fixture
def watched(toml: Path) -> WatchedCourseFolder:
    return WatchedCourseFolder(toml.parent, log=LOG)


def test_a_change_of_the_same_length_is_noticed(watched: WatchedCourseFolder, toml: Path) -> None:
    assert watched.course.title == "Testing"
    toml.write_text(COURSE_TOML.replace('title = "Testing"', 'title = "Tasting"'))
    os.utime(toml, ns=(1, 1))
    assert watched.course.title == "Tasting"


def test_an_unchanged_file_is_not_read_again(watched: WatchedCourseFolder) -> None:
    assert watched.course is watched.course


def test_a_file_that_is_put_in_place_of_another_is_noticed(
    watched: WatchedCourseFolder, toml: Path
) -> None:
    before = toml.stat()
    assert watched.course.title == "Testing"
    new = toml.with_suffix(".new")
    new.write_text(COURSE_TOML.replace("Testing", "Tasting"))
    os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
    new.replace(toml)
    assert watched.course.title == "Tasting"


@pytest.mark.parametrize("broken", ["[course", None, '[course]\nname = "testing"\nfoo = 1'])
def test_a_broken_file_changes_nothing_and_is_told_once(
    watched: WatchedCourseFolder, toml: Path, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    good = watched.course
    if broken is None:
        toml.unlink()
    else:
        toml.write_text(broken)
    assert watched.course is good
    assert watched.course is good
    assert sum("stays as it was" in record.getMessage() for record in caplog.records) == 1
    toml.write_text(COURSE_TOML.replace("Testing", "Tasting"))
    assert watched.course.title == "Tasting"


def test_a_course_that_is_broken_from_the_start_is_refused(toml: Path) -> None:
    toml.write_text("[course")
    watched = WatchedCourseFolder(toml.parent, log=LOG)
    for _ in range(2):
        with pytest.raises(InvalidFiles):
            _ = watched.course
    toml.write_text(COURSE_TOML)
    assert watched.course.name == "testing"


def test_a_new_name_is_a_new_course_and_waits_for_a_restart(
    watched: WatchedCourseFolder, toml: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert watched.course.name == "testing"
    toml.write_text(COURSE_TOML.replace('"testing"', '"another"'))
    assert watched.course.name == "testing"
    assert "started again" in caplog.text


def test_a_rubric_that_comes_later_is_noticed(watched: WatchedCourseFolder, toml: Path) -> None:
    before = watched.course
    (toml.parent / "rubric.toml").write_text("")
    assert watched.course is not before
