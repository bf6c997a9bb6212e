"""`reviews marks`, `reviews work` and `reviews override`: marks as staff see them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Bool, List, Unicode

from jupyter_social.cli.base import BASE_FLAGS, COURSE_ALIASES, DONE, CourseCommand
from jupyter_social.cli.output import count, points
from jupyter_social.cli.rehearsing import NOTHING_CHANGED, RehearsedCommand, dry_run_flag

if TYPE_CHECKING:
    from jupyter_social.core.operations import Performs
    from jupyter_social.reviews.marks.views import WorkShown


class ReviewsMarks(CourseCommand):
    """Show the marks, under pseudonyms."""

    name = "jupyter-social-reviews-marks"
    description = (
        "List the marks of ASSIGNMENT under pseudonyms, with what to look at before they count. "
        "Names stand in `reviews export` alone."
    )
    examples = "jupyter social reviews marks ps1"
    arguments = ("ASSIGNMENT",)

    def run(self) -> int:
        """List the marks."""
        from jupyter_social.reviews.marks.operations import LIST
        from jupyter_social.reviews.marks.views import ListMarks

        with self.application() as app:
            request = ListMarks(assignment=self.extra_args[0])
            answer = app.perform(LIST, request, caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        keys = list(answer.marks[0].criteria) if answer.marks else []
        self.output.table(
            ("work", "reviews#", *(f"{key}#" for key in keys), "mark#", "wrote", "look at"),
            [
                (
                    row.work,
                    row.reviews,
                    *(points(row.criteria[key]) for key in keys),
                    points(row.mark),
                    f"{row.reviews_done} of {row.reviews_expected}",
                    ", ".join(row.flags),
                )
                for row in answer.marks
            ],
        )
        self.output.say(
            f"{count(len(answer.marks), 'work')}, at most {points(answer.most)} points each; "
            f"a criterion's mark is the {answer.policy} of its reviews."
        )
        if answer.practice:
            self.output.say(answer.practice)
        return DONE


class _WorkCommand(CourseCommand):
    def _show(self, answer: WorkShown) -> None:
        from jupyter_social.cli.forms import told

        mark = points(answer.mark) or "no mark yet"
        self.output.say(f"Work {answer.work}: {mark}, of {points(answer.most)} points.")
        self.output.table(
            ("criterion", "points#", "of#", "how it came about"),
            [(c.key, points(c.mark), points(c.most), c.how) for c in answer.criteria],
        )
        if answer.override_reason:
            self.output.say(f"Set by hand: {answer.override_reason}")
        titles = {criterion.key: criterion.title for criterion in answer.rubric}
        for review in answer.reviews:
            notes = [
                *(["hidden"] if review.hidden else []),
                *(["reported"] if review.reported else []),
            ]
            about = f" ({', '.join(notes)})" if notes else ""
            self.output.say(f"Review {review.review}, by {review.by}{about}:")
            self.output.say(*told(review.body, titles))


class ReviewsWork(_WorkCommand):
    """Show one work with its reviews."""

    name = "jupyter-social-reviews-work"
    description = (
        "Show the mark and all reviews of one WORK of ASSIGNMENT, under pseudonyms. --output "
        "writes its notebooks, and a review.toml for a review of your own."
    )
    examples = (
        "jupyter social reviews work ps1 9hT…\n"
        "jupyter social reviews work ps1 9hT… --output looked-at\n"
        "jupyter social reviews submit ps1 --file looked-at/review.toml --as helper"
    )
    arguments = ("ASSIGNMENT", "WORK")
    aliases = {**COURSE_ALIASES, "output": "ReviewsWork.destination"}

    destination = Unicode(
        "", help="A folder for the work's notebooks and a review.toml to fill in."
    ).tag(config=True)

    def run(self) -> int:
        """Show the work, and write it where asked."""
        from jupyter_social.cli.forms import READ_ONLY
        from jupyter_social.reviews.marks.operations import READ_WORK
        from jupyter_social.reviews.marks.views import ReadWork

        assignment, work = self.extra_args
        with self.application() as app:
            request = ReadWork(assignment=assignment, work=work)
            answer = app.perform(READ_WORK, request, caller=self.caller)
            written = self._write(app, answer) if self.destination else []
        self.output.data(answer.model_dump(mode="json") | {"written": written})
        self._show(answer)
        if written:
            self.output.say(*(f"Written: {path}" for path in written), READ_ONLY)
        return DONE

    def _write(self, app: Performs, answer: WorkShown) -> list[str]:
        from jupyter_social.cli.forms import write_form
        from jupyter_social.reviews.desk.views import ReviewBody
        from jupyter_social.reviews.marks.operations import WORK_NOTEBOOK
        from jupyter_social.reviews.marks.views import ShowStaffWork

        notebooks = {}
        for name in answer.notebooks:
            request = ShowStaffWork(assignment=answer.assignment, work=answer.work, notebook=name)
            notebooks[name] = app.perform(WORK_NOTEBOOK, request, caller=self.caller).content
        return write_form(
            Path(self.destination),
            "work",
            answer.work,
            version=0,
            rubric=answer.rubric,
            notebooks=notebooks,
            body=ReviewBody(scores={}, remarks={}, comments=[]),
        )


class ReviewsOverride(_WorkCommand, RehearsedCommand):
    """Set marks by hand."""

    name = "jupyter-social-reviews-override"
    description = (
        "Set criteria of the mark of WORK in ASSIGNMENT by hand, in place of those set before; "
        "what reviews gave is still shown beside. The author is told the reason. --withdraw takes "
        "everything set by hand back."
    )
    examples = (
        "jupyter social reviews override ps1 9hT… --points clear=3.5 --points whole=1 "
        '--reason "Two reviews overlooked the last cell."\n'
        'jupyter social reviews override ps1 9hT… --withdraw --reason "They were right."'
    )
    arguments = ("ASSIGNMENT", "WORK")
    aliases = {
        **COURSE_ALIASES,
        "points": "ReviewsOverride.points",
        "reason": "ReviewsOverride.reason",
    }
    flags = {
        **BASE_FLAGS,
        "withdraw": (
            {"ReviewsOverride": {"withdraw": True}},
            "Take back what was set by hand.",
        ),
        **dry_run_flag(),
    }

    points = List(
        Unicode(), help="A criterion and its points, such as clear=3.5; repeat it for more."
    ).tag(config=True)
    reason = Unicode("", help="Why; the author is told.").tag(config=True)
    withdraw = Bool(False, help="Take back what was set by hand.").tag(config=True)

    def run(self) -> int:
        """Set, or take back."""
        from pydantic import ValidationError

        from jupyter_social.reviews.marks.operations import OVERRIDE
        from jupyter_social.reviews.marks.views import OverrideMark

        assignment, work = self.extra_args
        given = self._points()
        reason = self.given_reason(self.reason)
        try:
            request = OverrideMark(assignment=assignment, work=work, points=given, reason=reason)
        except ValidationError:
            self.wrong_use("--points: points go from 0 to 10000, with at most two decimals.")
        with self.application() as app:
            answer = self.act(app, OVERRIDE, request)
        self.output.data(answer.model_dump(mode="json") | {"dry_run": self.dry_run})
        self._show(answer)
        if self.dry_run:
            self.output.say(NOTHING_CHANGED)
        return DONE

    def _points(self) -> dict[str, float]:
        if bool(self.points) == self.withdraw:
            self.wrong_use("Say what to set: --points KEY=POINTS; or take it back: --withdraw.")
        found: dict[str, float] = {}
        for typed in self.points:
            key, equals, value = typed.partition("=")
            try:
                number = float(value)
            except ValueError:
                number = None
            if not key or not equals or number is None:
                self.wrong_use(f"--points takes KEY=POINTS such as clear=3.5, not {typed!r}.")
            if key in found:
                self.wrong_use(f"--points names {key} twice.")
            found[key] = number
        return found
