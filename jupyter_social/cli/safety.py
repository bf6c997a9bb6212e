"""`reports list`, `reports decide`, `pause` and `resume`: staff look after people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from traitlets import Unicode

from jupyter_social.cli.base import BASE_FLAGS, COURSE_ALIASES, DONE, CourseCommand
from jupyter_social.cli.rehearsing import NOTHING_CHANGED, RehearsedCommand, dry_run_flag

if TYPE_CHECKING:
    from jupyter_social.reviews.safety.rules import Decision
    from jupyter_social.reviews.safety.views import ReportList, ReportRow


class _ReportsCommand(CourseCommand):
    def _show(self, answer: ReportList) -> None:
        self.output.table(
            ("report", "assignment", "work", "review", "what was decided"),
            [
                (r.report, r.assignment, r.work, r.review, r.decision.value if r.decision else "–")
                for r in answer.reports
            ],
        )
        self.output.say(
            f"{answer.waiting} waiting: jupyter social reports decide REPORT hide --note …"
            if answer.waiting
            else "No report is waiting."
        )


class ReportsList(_ReportsCommand):
    """Show which reviews were reported."""

    name = "jupyter-social-reports-list"
    description = (
        "List the reviews that their authors' readers have reported, those that wait first, each "
        "with what it says and why it was reported."
    )
    examples = "jupyter social reports list"

    def run(self) -> int:
        """List, each with its words."""
        from jupyter_social.reviews.safety.operations import REPORTS
        from jupyter_social.reviews.safety.views import ListReports

        with self.application() as app:
            answer = app.perform(REPORTS, ListReports(), caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        for report in answer.reports:
            if report.decision is None:
                self._tell(report)
        self._show(answer)
        return DONE

    def _tell(self, report: ReportRow) -> None:
        self.output.say(f"Report {report.report}: {report.reason}")
        words = [*report.body.remarks.values(), *(c.text for c in report.body.comments)]
        self.output.say(*(f"  {text}" for text in (report.body.overall, *words) if text), "")


class ReportsDecide(_ReportsCommand, RehearsedCommand):
    """Decide about a reported review."""

    name = "jupyter-social-reports-decide"
    description = (
        "Decide about REPORT: `hide` keeps the review from the author it was written to and out of "
        "their mark, `keep` shows it to them again. The note stays with staff; you can decide anew."
    )
    examples = 'jupyter social reports decide 3vQ… hide --note "It insults."'
    arguments = ("REPORT", "hide|keep")
    aliases = {**COURSE_ALIASES, "note": "ReportsDecide.note"}
    flags = {
        **BASE_FLAGS,
        **dry_run_flag(),
    }

    note = Unicode("", help="Why; it stays with staff.").tag(config=True)

    def run(self) -> int:
        """Decide."""
        from jupyter_social.reviews.safety.operations import DECIDE
        from jupyter_social.reviews.safety.views import DecideReport

        request = DecideReport(
            report=self.extra_args[0],
            decision=self._decision(),
            note=self.given_reason(self.note, option="note"),
        )
        with self.application() as app:
            answer = self.act(app, DECIDE, request)
        self.output.data(answer.model_dump(mode="json") | {"dry_run": self.dry_run})
        self._show(answer)
        if self.dry_run:
            self.output.say(NOTHING_CHANGED)
        return DONE

    def _decision(self) -> Decision:
        from jupyter_social.reviews.safety.rules import Decision

        try:
            return Decision(self.extra_args[1])
        except ValueError:
            self.wrong_use(f"A report is decided by hide or keep, not {self.extra_args[1]!r}.")


class _PauseCommand(CourseCommand):
    paused = True
    reason = Unicode("", help="Why; it is written into the audit log.").tag(config=True)

    def run(self) -> int:
        """Pause, or let go on."""
        from jupyter_social.reviews.safety.operations import PAUSE
        from jupyter_social.reviews.safety.views import PauseCourse

        request = PauseCourse(paused=self.paused, reason=self.given_reason(self.reason))
        with self.application() as app:
            answer = app.perform(PAUSE, request, caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        self.output.say(
            "The course is paused: students can neither read nor write. Let it go on: jupyter "
            "social resume --reason …"
            if answer.paused
            else "The course goes on."
        )
        return DONE


class Pause(_PauseCommand):
    """Stop the course for its students at once."""

    name = "jupyter-social-pause"
    description = (
        "Stop the course for all its students at once, while you look at what went wrong. Nothing "
        "is lost, staff go on working, and `resume` ends it."
    )
    examples = 'jupyter social pause --reason "A name stands in a review."'
    aliases = {**COURSE_ALIASES, "reason": "Pause.reason"}


class Resume(_PauseCommand):
    """Let a paused course go on."""

    name = "jupyter-social-resume"
    description = "Let a paused course go on for its students."
    examples = 'jupyter social resume --reason "It is put right."'
    aliases = {**COURSE_ALIASES, "reason": "Resume.reason"}
    paused = False
