"""`reviews assign`, `reviews status` and `reviews verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from traitlets import Bool, Enum, Integer, Unicode

from jupyter_social.cli.base import (
    BASE_FLAGS,
    COURSE_ALIASES,
    DONE,
    REFUSED,
    CourseCommand,
)
from jupyter_social.cli.output import count
from jupyter_social.cli.rehearsing import NOTHING_CHANGED, RehearsedCommand, dry_run_flag

if TYPE_CHECKING:
    from jupyter_social.reviews.views import AssignReviews, PairsRevealed, ReviewsAssigned


class ReviewsAssign(RehearsedCommand):
    """Assign reviewers, or repair what is assigned."""

    name = "jupyter-social-reviews-assign"
    description = (
        "Draw who reviews whom among those who handed in ASSIGNMENT: everybody gives and gets the "
        "same number of reviews, nobody their own, seeded and provable. Run it again after late "
        "work or drop-outs: begun reviews stay, and as little as possible changes."
    )
    examples = (
        "jupyter social reviews assign ps1 --reviews 3 --seed 7 --avoid-groups --dry-run\n"
        'jupyter social reviews assign ps1 --reviews 3 --reason "a student asked" --json'
    )
    arguments = ("ASSIGNMENT",)
    aliases = {
        **COURSE_ALIASES,
        "reviews": "ReviewsAssign.reviews",
        "seed": "ReviewsAssign.seed",
        "conflicts": "ReviewsAssign.conflicts",
        "reciprocal": "ReviewsAssign.reciprocal",
        "reason": "ReviewsAssign.reason",
    }
    flags = {
        **BASE_FLAGS,
        "avoid-groups": (
            {"ReviewsAssign": {"avoid_groups": True}},
            "Nobody reviews somebody of the same group.",
        ),
        **dry_run_flag(),
    }

    reviews = Integer(None, allow_none=True, help="How many reviews everybody gives and gets.").tag(
        config=True
    )
    seed = Integer(
        None, allow_none=True, help="Decides the draw; the same seed draws the same."
    ).tag(config=True)
    avoid_groups = Bool(False, help="Nobody reviews somebody of the same group.").tag(config=True)
    conflicts = Unicode(
        "", help="A CSV file (columns reviewer,author): who must not review whom."
    ).tag(config=True)
    reciprocal = Enum(
        ("avoid", "allow"),
        None,
        allow_none=True,
        help="Whether two may review each other; avoided unless allowed.",
    ).tag(config=True)
    reason = Unicode(
        "", help="Name who reviews whom, for this reason; both are written into the audit log."
    ).tag(config=True)

    def run(self) -> int:
        """Assign, show the proof, and reveal pairs only with a reason."""
        from jupyter_social.reviews.operations import ASSIGN, REVEAL
        from jupyter_social.reviews.views import RevealPairs

        request = self._request()
        with self.application() as app:
            answer = self.act(app, ASSIGN, request)
            revealed = None
            if self.reason:
                reveal = RevealPairs(assignment=answer.assignment, reason=self.reason)
                revealed = app.perform(REVEAL, reveal, caller=self.caller)
        self._show(answer, revealed)
        return DONE

    def _request(self) -> AssignReviews:
        from pydantic import ValidationError

        from jupyter_social.authoring.conflicts_file import read_conflicts
        from jupyter_social.reviews.views import (
            MAX_REVIEWS,
            MAX_SEED,
            AssignReviews,
            DeclaredConflict,
        )

        if self.reviews is None:
            self.wrong_use("--reviews N is missing: how many reviews everybody gives and gets.")
        if self.reason and not self.reason.strip():
            self.wrong_use("--reason needs words: why are the names needed?")
        if self.reason and self.dry_run:
            self.wrong_use("--reason names people and is written down; it needs a real run.")
        declared = read_conflicts(Path(self.conflicts)) if self.conflicts else []
        try:
            return AssignReviews(
                assignment=self.extra_args[0],
                reviews=self.reviews,
                seed=self.seed,
                avoid_groups=self.avoid_groups or None,
                reciprocal=cast("Literal['avoid', 'allow'] | None", self.reciprocal),
                conflicts=tuple(DeclaredConflict(reviewer=r, author=a) for r, a in declared),
            )
        except ValidationError as error:
            option = error.errors()[0]["loc"][0]
            most = MAX_REVIEWS if option == "reviews" else MAX_SEED
            least = 1 if option == "reviews" else 0
            self.wrong_use(f"--{option} goes from {least} to {most}.")

    def _show(self, answer: ReviewsAssigned, revealed: PairsRevealed | None) -> None:
        data = answer.model_dump(mode="json") | {"dry_run": self.dry_run}
        if revealed is not None:
            data["pairs"] = [list(pair) for pair in revealed.pairs]
        self.output.data(data)
        self.output.say(*_story(answer), *(f"Note: {note}" for note in answer.notes))
        self.output.say(
            f"Proof: seed {answer.seed}, inputs {answer.input_hash[:12]}, "
            f"result {answer.output_hash[:12]} (run {answer.run}, algorithm {answer.algorithm})."
        )
        if revealed is not None:
            self.output.table(("reviewer", "author"), revealed.pairs)
        if self.dry_run:
            self.output.say(NOTHING_CHANGED)
        else:
            self.output.say(f"Check it any time: jupyter social reviews verify {answer.assignment}")


class ReviewsStatus(CourseCommand):
    """Show where the reviews stand."""

    name = "jupyter-social-reviews-status"
    description = "Count the reviews of ASSIGNMENT that are open, begun and finished."
    examples = "jupyter social reviews status ps1"
    arguments = ("ASSIGNMENT",)

    def run(self) -> int:
        """Show the counts and the next step."""
        from jupyter_social.reviews.operations import STATUS
        from jupyter_social.reviews.views import ReviewStatus

        with self.application() as app:
            request = ReviewStatus(assignment=self.extra_args[0])
            answer = app.perform(STATUS, request, caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        self.output.table(
            ("reviews", "how many#"),
            [
                ("handed in", answer.handed_in),
                ("reviews each", answer.reviews if answer.reviews is not None else "none yet"),
                ("open", answer.open),
                ("begun", answer.begun),
                ("finished", answer.finished),
                ("came since the last run", answer.newcomers),
                ("left since the last run", answer.left),
            ],
        )
        self.output.say(answer.next_step)
        return DONE


class ReviewsVerify(CourseCommand):
    """Prove that the assignment came about fairly."""

    name = "jupyter-social-reviews-verify"
    description = (
        "Replay every run of ASSIGNMENT from its stored inputs and seed, and compare what comes "
        "out with what is stored. Exit 1 if anything differs."
    )
    examples = "jupyter social reviews verify ps1"
    arguments = ("ASSIGNMENT",)

    def run(self) -> int:
        """Replay and compare."""
        from jupyter_social.reviews.operations import VERIFY
        from jupyter_social.reviews.views import VerifyReviews

        with self.application() as app:
            request = VerifyReviews(assignment=self.extra_args[0])
            answer = app.perform(VERIFY, request, caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        self.output.table(
            ("run#", "kind", "seed", "inputs", "result", "replayed"),
            [
                (
                    run.run,
                    run.kind.value,
                    run.seed,
                    run.input_hash[:12],
                    run.output_hash[:12],
                    "; ".join(run.problems) or "the same",
                )
                for run in answer.runs
            ],
        )
        for problem in answer.problems:
            self.output.say(problem)
        if answer.holds:
            runs = count(len(answer.runs), "run")
            self.output.say(f"The assignment is proven: {runs} replayed, all as stored.")
            return DONE
        self.output.say("The stored assignment is not what its runs come to.")
        return REFUSED


def _story(answer: ReviewsAssigned) -> list[str]:
    each = count(answer.reviews, "review")
    if answer.kind == "draw" or not (answer.newcomers or answer.left or answer.changes):
        return [
            f"{count(answer.units, 'hand-in')}: everybody gives and gets {each}, "
            f"{answer.tasks} in all."
        ]
    return [
        f"Repaired for {count(answer.newcomers, 'newcomer')} and {answer.left} who left: "
        f"{count(answer.begun, 'begun review')} stay, {answer.changes} open "
        f"{'review' if answer.changes == 1 else 'reviews'} changed "
        f"(at least {answer.lower_bound} had to)."
    ]
