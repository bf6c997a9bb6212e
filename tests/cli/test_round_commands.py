"""The planner, phases, extensions, reports and the pause, as they are typed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from command_line import Done, run
from whole_round import application, ask, first_review, late, named


def planned(done: Done, what: str) -> dict[str, object]:
    found: dict[str, object] = next(t for t in done.json["tasks"] if t["what"] == what)
    return found


def test_the_planner_lists_each_phase_with_its_command(in_review: Path) -> None:
    done = run("round", "show", "ps1", cwd=in_review)
    assert (done.code, done.err) == (0, "")
    assert "First (ps1) is in the phase review." in done.out
    assert "review (now)" in done.out
    assert "6 of 6" in done.out
    assert "jupyter social reviews release ps1" in done.out
    assert "Dates (Europe/Berlin): due 2190-01-16 23:59, review due 2190-01-23 23:59." in done.out
    assert "For practice:" in done.out
    asked = run("round", "show", "ps1", "--json", cwd=in_review)
    assert planned(asked, "Hand-ins")["done"] is True
    assert planned(asked, "Reviews")["count"] == 0


def test_every_command_the_planner_names_exists(in_review: Path) -> None:
    tasks = run("round", "show", "ps1", "--json", cwd=in_review).json["tasks"]
    typed = [task["how"] for task in tasks if task["how"].startswith("jupyter social")]
    assert len(typed) >= 6
    for line in typed:
        words = line.split()[2:]
        assert run(*words[:2], "-h", cwd=in_review).code == 0, line


def test_a_phase_is_switched_and_a_rehearsal_switches_nothing(new_course: Path) -> None:
    tried = run("round", "switch", "ps1", "submission", "--dry-run", "--json", cwd=new_course)
    assert (tried.code, tried.json["phase"], tried.json["dry_run"]) == (0, "submission", True)
    assert run("round", "show", "ps1", "--json", cwd=new_course).json["phase"] == "set-up"
    assert run("round", "switch", "ps1", "submission", cwd=new_course).code == 0
    again = run("round", "switch", "ps1", "submission", cwd=new_course)
    assert again.code == 0
    assert "in the phase submission already" in again.out


@pytest.mark.parametrize(
    ("typed", "code", "says"),
    [
        ("round switch ps1 reviews", 2, "is not a phase. There are: set-up, submission"),
        ("round switch ps1", 2, "PHASE is missing."),
        ("round switch ps1 closed", 1, "next comes submission"),
        ("round switch ps9 submission", 1, "has no assignment 'ps9'. Did you mean ps1?"),
        ("round switch ps1 released", 1, "jupyter social reviews release ps1"),
        ("round switch ps1 submission --as ada", 1, "There is nothing of that name here"),
        ("round switch ps1 submission --as nobody", 1, "Nobody in this course"),
        ("round extend ps1 ada", 2, "--due TIME, --review-due TIME, or both."),
        ("round extend ps1 ada --due soon", 2, "--due takes a time such as"),
        ("round extend ps1 ada --due 1066-01-01", 2, "the year is between"),
        ("round extend ps1 ada --due 2190-10-31T02:30", 2, "the clocks change"),
        ("round extend ps1 ada --due 2026-01-01", 1, "is not later than the class's"),
        ("round extend ps1 zoe --due 2190-02-01", 1, "zoe is not in the roster."),
        ("reports decide abc remove --note why", 2, "hide or keep, not 'remove'"),
        ("reports decide abc hide", 2, "--note needs words"),
        ("reports decide abc hide --note why", 1, "There is nothing of that name here"),
        ("pause", 2, "--reason needs words"),
        ("resume --reason=", 2, "--reason needs words"),
        ("pause --reason why --as ada", 1, "There is nothing of that name here"),
        ("reviews release ps1 --yes", 1, "is in the phase 'set-up'"),
        ("reviews release ps1", 1, "is in the phase 'set-up'"),
        ("reviews take-back-release ps1", 2, "--reason needs words"),
        ("reviews take-back-release ps1 --reason why", 1, "no release of ps1"),
    ],
)
def test_what_is_refused_and_why(new_course: Path, typed: str, code: int, says: str) -> None:
    if "released" in typed:
        run("round", "switch", "ps1", "submission", cwd=new_course)
        run("round", "switch", "ps1", "review", cwd=new_course)
    before = run("audit", "--json", cwd=new_course).json
    done = run(*typed.split(), cwd=new_course)
    assert done.code == code, done
    assert says in done.err
    assert "Traceback" not in done.err
    told = run(*typed.split(), "--json", cwd=new_course)
    assert told.code == code
    assert set(told.json) == {"problem"}
    assert run("audit", "--json", cwd=new_course).json == before


def test_times_without_an_offset_are_times_of_the_course(in_review: Path) -> None:
    typed = ("round", "extend", "ps1", "ada", "--review-due")
    local = run(*typed, "2190-07-01T12:00", "--json", cwd=in_review)
    assert local.json["extensions"][0]["review_due"] == "2190-07-01T10:00:00Z"
    there = run(*typed, "2190-07-01T12:00+09:00", cwd=in_review)
    assert "ada has more time: review due 2190-07-01 05:00." in there.out
    late(in_review)
    assert run("reviews", "show", "ps1", "--as", "ada", "--json", cwd=in_review).json["can_review"]
    assert not run("reviews", "show", "ps1", "--as", "bob", "--json", cwd=in_review).json[
        "can_review"
    ]


def test_a_release_is_looked_at_made_and_taken_back(reviewed: Path) -> None:
    tried = run("reviews", "release", "ps1", "--dry-run", "--json", cwd=reviewed)
    assert (tried.code, tried.json["reviews"], tried.json["dry_run"]) == (0, 12, True)
    assert run("round", "show", "ps1", "--json", cwd=reviewed).json["phase"] == "review"
    unasked = run("reviews", "release", "ps1", cwd=reviewed)
    assert unasked.code == 2
    assert "Release the feedback on 6 works (12 reviews)? There is no terminal" in unasked.err
    made = run("reviews", "release", "ps1", "--yes", cwd=reviewed)
    assert made.code == 0
    assert "Feedback on 6 works: 12 reviews, 0 without any, 0 with few." in made.out
    assert run("reviews", "release", "ps1", "--yes", "--json", cwd=reviewed).json["number"] == 1
    back = run("round", "switch", "ps1", "review", cwd=reviewed)
    assert "jupyter social reviews take-back-release ps1 --reason" in back.err
    typed = ("reviews", "take-back-release", "ps1", "--reason", "A row was wrong.")
    assert run(*typed, "--dry-run", "--json", cwd=reviewed).json["phase"] == "review"
    assert run("round", "show", "ps1", "--json", cwd=reviewed).json["phase"] == "released"
    taken = run(*typed, cwd=reviewed)
    assert taken.code == 0
    assert "jupyter social reviews release ps1" in taken.out
    told = run("reviews", "feedback", "ps1", "--as", "ada", cwd=reviewed).out
    assert "They say: A row was wrong." in told
    assert run("reviews", "release", "ps1", "--yes", "--json", cwd=reviewed).json["number"] == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code", "phase"), [("n", 1, "review"), ("y", 0, "released")])
def test_on_a_terminal_a_release_is_asked_about(
    reviewed: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, phase: str
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
    done = run("reviews", "release", "ps1", cwd=reviewed)
    assert done.code == code, done
    assert "Release the feedback on 6 works (12 reviews)? [y/N]" in done.out + done.err
    assert run("round", "show", "ps1", "--json", cwd=reviewed).json["phase"] == phase


def test_a_release_that_half_have_opened_stays(released: Path) -> None:
    for name in ("ada", "bob", "cyd"):
        run("reviews", "feedback", "ps1", "--as", name, cwd=released)
    done = run("reviews", "take-back-release", "ps1", "--reason", "why", cwd=released)
    assert done.code == 1
    assert "3 of 6 authors have opened their feedback already" in done.err


def test_a_reported_review_is_listed_with_its_words_and_decided(released: Path) -> None:
    assert "No report is waiting." in run("reports", "list", cwd=released).out
    seen = run("reviews", "feedback", "ps1", "--as", "ada", "--json", cwd=released).json
    review = seen["reviews"][0]["review"]
    app = application(released)
    ask(app, "feedback.report", "ada", assignment="ps1", review=review, reason="It is rude.")
    app.close()
    listed = run("reports", "list", cwd=released)
    assert listed.code == 0
    assert "It is rude." in listed.out
    assert "Well told." in listed.out
    assert "1 waiting" in listed.out
    assert named(listed.out) == []
    report = run("reports", "list", "--json", cwd=released).json["reports"][0]["report"]
    typed = ("reports", "decide", report, "hide", "--note", "It is.")
    assert run(*typed, "--dry-run", "--json", cwd=released).json["waiting"] == 0
    assert run("reports", "list", "--json", cwd=released).json["waiting"] == 1
    assert run(*typed, cwd=released).code == 0
    assert run("reports", "list", "--json", cwd=released).json["reports"][0]["decision"] == "hide"


def test_a_pause_stops_students_and_nobody_else(in_review: Path) -> None:
    paused = run("pause", "--reason", "a name in a review", cwd=in_review)
    assert paused.code == 0
    refused = run("reviews", "show", "ps1", "--as", "ada", "--json", cwd=in_review)
    assert refused.code == 1
    assert refused.json["problem"]["type"].endswith(":paused")
    planner = run("round", "show", "ps1", cwd=in_review)
    assert "The course is paused." in planner.out
    resumed = run("resume", "--reason", "put right", "--json", cwd=in_review)
    assert resumed.json == {"paused": False}
    assert first_review(in_review, "ada")
    log = json.dumps(run("audit", "--json", cwd=in_review).json)
    assert "a name in a review" in log
    assert "put right" in log
