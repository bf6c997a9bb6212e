"""`jupyter social`: one command, found by Jupyter as `jupyter-social`."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from jupyter_social.cli.base import Group, NoStart


def _verb(path: str, help: str) -> tuple[str, str]:  # noqa: A002
    return (f"jupyter_social.cli.{path}", help)


class Roster(Group):
    """Who is in the course."""

    name = "jupyter-social-roster"
    description = "Who is in the course."
    subcommands: Any = {
        "import": _verb("roster.RosterImport", "Make a CSV file the course's roster."),
        "list": _verb("roster.RosterList", "Show who is in the course."),
    }


class Submissions(Group):
    """What was handed in."""

    name = "jupyter-social-submissions"
    description = "What was handed in."
    subcommands: Any = {
        "import": _verb("submissions.SubmissionsImport", "Take in nbgrader's submitted folder."),
        "list": _verb("submissions.SubmissionsList", "Show who has handed in."),
        "hand-in": _verb("handing_in.SubmissionsHandIn", "Look at what peers get, and hand in."),
        "withdraw": _verb("submissions.SubmissionsWithdraw", "Take back a hand-in."),
    }


class Round(Group):
    """The round of an assignment."""

    name = "jupyter-social-round"
    description = "The round of an assignment: set-up, submission, review, released, closed."
    subcommands: Any = {
        "show": _verb("rounds.RoundShow", "Show where the round stands, and what is to do."),
        "switch": _verb("rounds.RoundSwitch", "Go to the next phase, or back."),
        "extend": _verb("rounds.RoundExtend", "Give somebody more time."),
    }


class Reviews(Group):
    """Anonymous peer review."""

    name = "jupyter-social-reviews"
    description = "Anonymous peer review: who reviews whom, the reviews, and the marks."
    subcommands: Any = {
        "assign": _verb("reviews.ReviewsAssign", "Assign reviewers, or repair what is assigned."),
        "status": _verb("reviews.ReviewsStatus", "Show where the reviews stand."),
        "verify": _verb("reviews.ReviewsVerify", "Prove that the assignment came about fairly."),
        "show": _verb("desk.ReviewsShow", "Show the reviews you have to write, or one of them."),
        "submit": _verb("desk.ReviewsSubmit", "Submit a review from its file, or save a draft."),
        "take-back": _verb("desk.ReviewsTakeBack", "Take a submitted review back to change it."),
        "marks": _verb("marks.ReviewsMarks", "Show the marks, under pseudonyms."),
        "work": _verb("marks.ReviewsWork", "Show one work with its reviews."),
        "override": _verb("marks.ReviewsOverride", "Set marks by hand, with a reason."),
        "release": _verb("releasing.ReviewsRelease", "Release all feedback at once."),
        "take-back-release": _verb(
            "releasing.ReviewsTakeBackRelease", "Take a release back, with a reason."
        ),
        "feedback": _verb("feedback.ReviewsFeedback", "Show the feedback on your own work."),
        "export": _verb("export.ReviewsExport", "Write the marks to a file or the gradebook."),
    }


class Reports(Group):
    """Reported reviews."""

    name = "jupyter-social-reports"
    description = "Reviews that somebody has reported."
    subcommands: Any = {
        "list": _verb("safety.ReportsList", "Show which reviews were reported."),
        "decide": _verb("safety.ReportsDecide", "Hide a reported review, or keep it."),
    }


class Database(Group):
    """The database behind the course."""

    name = "jupyter-social-db"
    description = "Look after the course's database."
    subcommands: Any = {
        "upgrade": _verb("database.Upgrade", "Bring an older database up to date."),
        "backup": _verb("database.Backup", "Copy the database to a file."),
        "restore": _verb("database.Restore", "Put a backup in the database's place."),
        "verify": _verb("database.Verify", "Check that nothing is damaged."),
        "export": _verb("people.PersonExport", "Write out everything about somebody."),
        "erase": _verb("people.PersonErase", "Erase somebody."),
    }


class Social(Group):
    """The root of the command line."""

    name = "jupyter-social"
    description = (
        "A classroom full of people in Jupyter: course files, hand-ins, anonymous copies and fair "
        "peer review. Run it in a course folder, or start one with `jupyter social init`."
    )
    examples = (
        "jupyter social demo                                  # a whole class to look at\n"
        "jupyter social init my-course --template peer-review-lab\n"
        "cd my-course && jupyter social check\n"
        "jupyter social roster import roster.csv\n"
        "jupyter social submissions import ps1 submitted\n"
        "jupyter social reviews assign ps1 --reviews 3\n"
        "jupyter social round show ps1\n"
    )
    subcommands: Any = {
        "demo": _verb("demo.Demo", "Walk through the whole with a class made for it."),
        "init": _verb("course.Init", "Start a course from a template."),
        "check": _verb("course.Check", "Find what would break the course."),
        "roster": (Roster, "Who is in the course: import, list."),
        "submissions": (Submissions, "What was handed in: import, list, hand-in, withdraw."),
        "anonymize": _verb("anonymize.Anonymize", "Make notebooks anonymous, with a report."),
        "round": (Round, "Where an assignment stands: show, switch, extend."),
        "reviews": (Reviews, "Peer review: assign, status, show, submit, marks, release, export."),
        "reports": (Reports, "Reported reviews: list, decide."),
        "pause": _verb("safety.Pause", "Stop the course for its students at once."),
        "resume": _verb("safety.Resume", "Let a paused course go on."),
        "audit": _verb("audit.Audit", "Show what was done with people's data, and why."),
        "db": (
            Database,
            "The database: upgrade, backup, restore, verify; export or erase a person.",
        ),
        "where": _verb("course.Where", "Show where everything is kept."),
        "doctor": _verb("doctor.Doctor", "Check this machine and this course for trouble."),
    }


def main(argv: list[str] | None = None) -> None:
    """Run the command line; leaves with the command's exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a name shows its codes rather than a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app = Social.instance()
    try:
        app.initialize(argv)
        app.start()
    except NoStart:
        return
    except BrokenPipeError:
        # Whoever read the answer had enough of it; the work itself was done before.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
