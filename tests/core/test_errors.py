"""A refusal is a problem with a stable code, told as RFC 9457 problem details."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import jupyter_social.operations  # noqa: F401 - so that every wing's problems are known
from jupyter_social.authoring.findings import Finding, InvalidFiles
from jupyter_social.cli.base import WrongUseProblem
from jupyter_social.cli.wire import NoAnswer
from jupyter_social.core.errors import (
    Conflict,
    Failed,
    Forbidden,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    NotNow,
    Problem,
    TooLarge,
    TooMany,
    Unavailable,
    UnsupportedMedia,
    problem_told,
)
from jupyter_social.core.notebooks import InvalidNotebook
from jupyter_social.core.pauses import Paused
from jupyter_social.reviews.desk.operations import StaleVersion
from jupyter_social.reviews.rounds.trust import Untrusted
from jupyter_social.reviews.situation import ImpossibleAllocation

EXPECTED = {
    Problem: ("problem", 400),
    Invalid: ("invalid", 422),
    InvalidFiles: ("invalid-files", 422),
    InvalidNotebook: ("invalid-notebook", 422),
    NotFound: ("not-found", 404),
    Conflict: ("conflict", 409),
    ImpossibleAllocation: ("impossible-allocation", 409),
    Unavailable: ("unavailable", 503),
    WrongUseProblem: ("wrong-use", 400),
    NoAnswer: ("no-answer", 503),
    NotNow: ("not-now", 409),
    Paused: ("paused", 409),
    Untrusted: ("not-isolated", 409),
    StaleVersion: ("stale-version", 409),
    Malformed: ("malformed", 400),
    Forbidden: ("forbidden", 403),
    MethodNotAllowed: ("method-not-allowed", 405),
    TooLarge: ("too-large", 413),
    UnsupportedMedia: ("unsupported-media", 415),
    TooMany: ("too-many", 429),
    Failed: ("failed", 500),
}


def kinds(kind: type[Problem] = Problem) -> list[type[Problem]]:
    """The program's own; other tests make problems, too."""
    ours = [below for below in kind.__subclasses__() if below.__module__.startswith("jupyter_")]
    return [kind, *(below for direct in ours for below in kinds(direct))]


def test_the_codes_and_statuses_never_change() -> None:
    assert {kind: (kind.code, kind.status) for kind in kinds()} == EXPECTED


def test_no_two_kinds_share_a_code() -> None:
    codes = [kind.code for kind in kinds()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", [kind for kind in EXPECTED if kind is not InvalidFiles])
def test_a_problem_has_the_members_of_problem_json_and_no_other(kind: type[Problem]) -> None:
    details = json.loads(json.dumps(kind("Do this instead.").details()))
    assert details == {
        "type": f"urn:jupyter-social:problem:{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": "Do this instead.",
    }


@pytest.mark.parametrize("kind", list(EXPECTED))
def test_a_problem_told_by_another_process_is_the_same_here(kind: type[Problem]) -> None:
    sent = {
        "type": f"urn:jupyter-social:problem:{kind.code}",
        "status": kind.status,
        "detail": "Do this instead.",
    }
    told = problem_told(sent)
    assert (type(told), told.detail) == (kind, "Do this instead.")


def test_a_kind_of_problem_unknown_here_is_what_its_status_says() -> None:
    told = problem_told({"type": "urn:jupyter-social:problem:new", "status": 422, "detail": "No."})
    assert isinstance(told, Invalid)
    assert told.detail == "No."


def test_a_problem_reads_as_its_sentence() -> None:
    assert str(NotFound("It is not here.")) == "It is not here."


def test_broken_files_name_each_place_and_count_the_rest() -> None:
    findings = [Finding(Path("roster.csv"), line, "bad") for line in range(1, 14)]
    told = InvalidFiles(findings).details()["detail"]
    assert isinstance(told, str)
    lines = told.splitlines()
    assert lines[0] == "roster.csv:1: bad"
    assert lines[9] == "roster.csv:10: bad"
    assert lines[10].startswith("… and 3 more.")
    assert len(lines) == 11
