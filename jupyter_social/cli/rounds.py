"""`round show`, `round switch` and `round extend`: staff's planner of an assignment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from traitlets import Unicode

from jupyter_social.cli.base import BASE_FLAGS, COURSE_ALIASES, DONE, CourseCommand
from jupyter_social.cli.rehearsing import NOTHING_CHANGED, RehearsedCommand, dry_run_flag

if TYPE_CHECKING:
    from jupyter_social.core.phases import Phase
    from jupyter_social.reviews.rounds.views import PlannerTask, RoundShown

DATES = ("opens", "due", "review_due", "closes")


class _RoundCommand(CourseCommand):
    def _show(self, answer: RoundShown, *, dry_run: bool | None = None) -> None:
        extra = {} if dry_run is None else {"dry_run": dry_run}
        self.output.data(answer.model_dump(mode="json") | extra)
        self.output.say(f"{answer.title} ({answer.assignment}) is in the phase {answer.phase}.")
        self.output.table(
            ("phase", "what", "", "how many", "how"),
            [
                (
                    f"{task.phase} (now)" if task.phase is answer.phase else task.phase.value,
                    task.what,
                    "done" if task.done else "to do",
                    _how_many(task),
                    task.how,
                )
                for task in answer.tasks
            ],
        )
        self.output.say(*self._dates(answer))
        if answer.paused:
            self.output.say("The course is paused. Let it go on: jupyter social resume --reason …")
        self.output.say(*(f"Note: {note}" for note in answer.notes))
        if answer.practice:
            self.output.say(answer.practice)
        if dry_run:
            self.output.say(NOTHING_CHANGED)

    def _dates(self, answer: RoundShown) -> Iterator[str]:
        dates = {name: getattr(answer, name) for name in DATES}
        known = [
            f"{name.replace('_', ' ')} {self._local(date)}" for name, date in dates.items() if date
        ]
        if known:
            yield f"Dates ({self.folder.course.timezone.key}): {', '.join(known)}."
        for row in answer.extensions:
            later = {"due": row.due, "review due": row.review_due}
            told = ", ".join(f"{name} {self._local(at)}" for name, at in later.items() if at)
            yield f"{row.username} has more time: {told}."

    def _local(self, when: datetime) -> str:
        return f"{when.astimezone(self.folder.course.timezone):%Y-%m-%d %H:%M}"


class RoundShow(_RoundCommand):
    """Show where the round stands."""

    name = "jupyter-social-round-show"
    description = (
        "Show the planner of ASSIGNMENT: what belongs to each phase, what of it is done, and the "
        "command that does the rest."
    )
    examples = "jupyter social round show ps1"
    arguments = ("ASSIGNMENT",)

    def run(self) -> int:
        """Show the planner."""
        from jupyter_social.reviews.rounds.operations import SHOW
        from jupyter_social.reviews.rounds.views import ShowRound

        with self.application() as app:
            request = ShowRound(assignment=self.extra_args[0])
            answer = app.perform(SHOW, request, caller=self.caller)
        self._show(answer)
        return DONE


class RoundSwitch(_RoundCommand, RehearsedCommand):
    """Go to the next phase, or back."""

    name = "jupyter-social-round-switch"
    description = (
        "Switch ASSIGNMENT to PHASE: set-up, submission, review or closed. Where reviews begin, "
        "reviewers are assigned if course.toml says how many. Feedback is released by `reviews "
        "release`."
    )
    examples = (
        "jupyter social round switch ps1 submission\n"
        "jupyter social round switch ps1 review --dry-run"
    )
    arguments = ("ASSIGNMENT", "PHASE")
    flags = {
        **BASE_FLAGS,
        **dry_run_flag(),
    }

    def run(self) -> int:
        """Switch."""
        from jupyter_social.reviews.rounds.operations import SWITCH
        from jupyter_social.reviews.rounds.views import SwitchPhase

        request = SwitchPhase(assignment=self.extra_args[0], phase=self._phase())
        with self.application() as app:
            answer = self.act(app, SWITCH, request)
        self._show(answer, dry_run=self.dry_run)
        return DONE

    def _phase(self) -> Phase:
        from jupyter_social.core.phases import Phase

        try:
            return Phase(self.extra_args[1])
        except ValueError:
            names = ", ".join(phase.value for phase in Phase)
            self.wrong_use(f"{self.extra_args[1]!r} is not a phase. There are: {names}.")


class RoundExtend(_RoundCommand, RehearsedCommand):
    """Give somebody more time."""

    name = "jupyter-social-round-extend"
    description = (
        "Give NAME later deadlines in ASSIGNMENT than the class has, in place of those given "
        "before. Times without an offset are times in the course's time zone."
    )
    examples = (
        "jupyter social round extend ps1 ada --due 2026-01-18T12:00\n"
        "jupyter social round extend ps1 ada --review-due 2026-01-25T12:00+01:00"
    )
    arguments = ("ASSIGNMENT", "NAME")
    aliases = {
        **COURSE_ALIASES,
        "due": "RoundExtend.due",
        "review-due": "RoundExtend.review_due",
    }
    flags = {
        **BASE_FLAGS,
        **dry_run_flag(),
    }

    due = Unicode("", help="Until when they hand in, such as 2026-01-18T12:00.").tag(config=True)
    review_due = Unicode("", help="Until when they review.").tag(config=True)

    def run(self) -> int:
        """Extend."""
        from jupyter_social.reviews.rounds.operations import EXTEND
        from jupyter_social.reviews.rounds.views import ExtendDeadline

        if not self.due and not self.review_due:
            self.wrong_use("Say until when: --due TIME, --review-due TIME, or both.")
        request = ExtendDeadline(
            assignment=self.extra_args[0],
            username=self.extra_args[1],
            due=self._instant("due", self.due),
            review_due=self._instant("review-due", self.review_due),
        )
        with self.application() as app:
            answer = self.act(app, EXTEND, request)
        self._show(answer, dry_run=self.dry_run)
        return DONE

    def _instant(self, option: str, typed: str) -> datetime | None:
        from jupyter_social.authoring.schemas import FIRST_YEAR, LAST_YEAR, exists_once, to_utc

        if not typed:
            return None
        try:
            when = datetime.fromisoformat(typed)
        except ValueError:
            self.wrong_use(f"--{option} takes a time such as 2026-01-18T12:00, not {typed!r}.")
        zone = self.folder.course.timezone
        if not FIRST_YEAR <= when.year <= LAST_YEAR:
            self.wrong_use(f"--{option}: the year is between {FIRST_YEAR} and {LAST_YEAR}.")
        if not exists_once(when, zone):
            self.wrong_use(
                f"--{option}: the clocks change at {typed} in {zone.key}. Write it with an offset, "
                "such as +01:00."
            )
        return to_utc(when, zone)


def _how_many(task: PlannerTask) -> str:
    if task.count is None:
        return ""
    return str(task.count) if task.of is None else f"{task.count} of {task.of}"
