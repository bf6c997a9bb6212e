"""`reviews export`: the marks leave the course, to a file or into nbgrader's gradebook."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Unicode

from jupyter_social.cli.base import BASE_FLAGS, COURSE_ALIASES, DONE, REFUSED
from jupyter_social.cli.files import write_file
from jupyter_social.cli.output import count, points
from jupyter_social.cli.rehearsing import RehearsedCommand, dry_run_flag

if TYPE_CHECKING:
    from jupyter_social.exchange.gradebook import Written
    from jupyter_social.reviews.marks.views import MarksExported

STANDARD_OUTPUT = "-"


class ReviewsExport(RehearsedCommand):
    """Write the marks to a file or into the gradebook."""

    name = "jupyter-social-reviews-export"
    description = (
        "Write the marks of ASSIGNMENT, with names and without texts: to a CSV file (- for "
        "standard output), into nbgrader's gradebook of the course folder, or both. In the "
        "gradebook a criterion goes to the cell of its grade_id, scaled to that cell's most "
        "points; what the autograder or a person scored stays. Doing it again brings it up to "
        "date; do it after each `nbgrader autograde --force`, which asks for a look at every "
        "manual score. Exit 1 if something could not be written."
    )
    examples = (
        "jupyter social reviews export ps1 --csv marks.csv\n"
        "jupyter social reviews export ps1 --gradebook --dry-run\n"
        "jupyter social reviews export ps1 --gradebook"
    )
    arguments = ("ASSIGNMENT",)
    aliases = {
        **COURSE_ALIASES,
        "csv": "ReviewsExport.csv",
        "gradebook-url": "ReviewsExport.gradebook_url",
    }
    flags = {
        **BASE_FLAGS,
        "gradebook": ({"ReviewsExport": {"gradebook": True}}, "Write into nbgrader's gradebook."),
        **dry_run_flag("Show what would be written; write nothing."),
    }

    csv = Unicode("", help="The CSV file to write; - is standard output.").tag(config=True)
    gradebook = Bool(False, help="Write into nbgrader's gradebook.").tag(config=True)
    gradebook_url = Unicode(
        "", help="The URL of the gradebook, if it is not gradebook.db in the course folder."
    ).tag(config=True)

    def run(self) -> int:
        """Export to where was asked."""
        from jupyter_social.reviews.marks.exporting import EXPORT
        from jupyter_social.reviews.marks.views import ExportMarks

        self._refuse_wrong_use()
        with self.application() as app:
            request = ExportMarks(assignment=self.extra_args[0])
            marks = self.act(app, EXPORT, request)
        if self.csv:
            self._write_csv(marks)
        written = self._write_gradebook(marks) if self.gradebook else None
        self.output.data(self._data(marks, written))
        if self.csv != STANDARD_OUTPUT:
            self._tell(marks, written)
        return REFUSED if written is not None and written.problems else DONE

    def _refuse_wrong_use(self) -> None:
        if self.gradebook_url:
            self.gradebook = True
        if not self.csv and not self.gradebook and not self.as_json:
            self.wrong_use("Say where to: --csv FILE, --gradebook, or both.")
        if self.csv == STANDARD_OUTPUT and (self.as_json or self.gradebook):
            self.wrong_use("--csv - writes to standard output alone: leave the rest out.")

    def _write_csv(self, marks: MarksExported) -> None:
        from jupyter_social.reviews.marks.sheet import sheet

        text = sheet(marks)
        if self.csv == STANDARD_OUTPUT:
            sys.stdout.write(text)
        elif not self.dry_run:
            write_file(Path(self.csv), text.encode())

    def _write_gradebook(self, marks: MarksExported) -> Written:
        from jupyter_social.exchange.gradebook import Part, Points, gradebook_url, write_marks

        return write_marks(
            self.gradebook_url or gradebook_url(self.folder.root),
            marks.assignment,
            [Part(criterion.key, criterion.most, criterion.cell) for criterion in marks.criteria],
            [Points(row.username, row.unrounded) for row in marks.rows],
            dry_run=self.dry_run,
        )

    def _data(self, marks: MarksExported, written: Written | None) -> dict[str, Any]:
        return marks.model_dump(mode="json") | {
            "csv": self.csv or None,
            "gradebook": None if written is None else asdict(written),
            "dry_run": self.dry_run,
        }

    def _tell(self, marks: MarksExported, written: Written | None) -> None:
        if self.csv and not self.dry_run:
            self.output.say(f"{self.csv} holds the marks of {_people(len(marks.rows))}.")
        if written is not None:
            self._tell_gradebook(written)
        if marks.practice:
            self.output.say(marks.practice)
        if self.dry_run:
            self.output.say("This was a dry run: nothing was written.")

    def _tell_gradebook(self, written: Written) -> None:
        self.output.table(
            ("who", "notebook", "cell", "before#", "now#", "of#", ""),
            [
                (s.username, s.notebook, s.cell, points(s.before), points(s.after),
                 points(s.most), s.outcome.value)
                for s in written.scores
            ],
        )  # fmt: skip
        self.output.say(*(f"Note: {note}" for note in written.notes))
        self.output.say(*written.problems)
        changed = sum(score.outcome == "written" for score in written.scores)
        self.output.say(
            f"{count(changed, 'score')} {'would be' if self.dry_run else ''} written, "
            f"{len(written.scores) - changed} left as they are.".replace("  ", " ")
        )


def _people(number: int) -> str:
    return count(number, "person", "people")
