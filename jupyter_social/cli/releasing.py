"""`reviews release` and `reviews take-back-release`: feedback goes out, and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from traitlets import Unicode

from jupyter_social.cli.base import (
    BASE_FLAGS,
    COURSE_ALIASES,
    DONE,
    REFUSED,
    YES_FLAG,
)
from jupyter_social.cli.output import count
from jupyter_social.cli.rehearsing import NOTHING_CHANGED, RehearsedCommand, dry_run_flag

if TYPE_CHECKING:
    from jupyter_social.reviews.marks.views import ReleaseShown


class _ReleaseCommand(RehearsedCommand):
    def _show(self, answer: ReleaseShown) -> None:
        self.output.data(answer.model_dump(mode="json") | {"dry_run": self.dry_run})
        self.output.say(*(f"Note: {note}" for note in answer.notes))
        if self.dry_run:
            self.output.say(NOTHING_CHANGED)


class ReviewsRelease(_ReleaseCommand):
    """Release all feedback at once."""

    name = "jupyter-social-reviews-release"
    description = (
        "Release the feedback of ASSIGNMENT to all its authors at once. It can be taken back while "
        "fewer than half of them have opened it; so look first, with --dry-run."
    )
    examples = (
        "jupyter social reviews release ps1 --dry-run\njupyter social reviews release ps1 --yes"
    )
    arguments = ("ASSIGNMENT",)
    flags = {
        **BASE_FLAGS,
        **YES_FLAG,
        **dry_run_flag("Show what would be released; change nothing."),
    }

    def run(self) -> int:
        """Look first, ask, release."""
        from jupyter_social.reviews.marks.releasing import RELEASE
        from jupyter_social.reviews.marks.views import ReleaseFeedback

        request = ReleaseFeedback(assignment=self.extra_args[0])
        with self.application() as app:
            answer = app.rehearse(RELEASE, request, caller=self.caller)
            if not self.dry_run:
                what = f"{count(answer.works, 'work')} ({count(answer.reviews, 'review')})"
                if not self.confirm(f"Release the feedback on {what}?"):
                    self.output.data(answer.model_dump(mode="json") | {"dry_run": True})
                    self.output.say("Nothing was changed.")
                    return REFUSED
                answer = app.perform(RELEASE, request, caller=self.caller)
        self.output.say(
            f"Feedback on {count(answer.works, 'work')}: {count(answer.reviews, 'review')}, "
            f"{answer.without_reviews} without any, {answer.few_reviews} with few."
        )
        if not self.dry_run:
            self.output.say(
                f"It is released (release {answer.number}); opened by {answer.opened}. Marks: "
                f"jupyter social reviews marks {answer.assignment}"
            )
        self._show(answer)
        return DONE


class ReviewsTakeBackRelease(_ReleaseCommand):
    """Take a release back."""

    name = "jupyter-social-reviews-take-back-release"
    description = (
        "Take the released feedback of ASSIGNMENT back, while fewer than half of its authors have "
        "opened it. They are told the reason; put things right, then release anew."
    )
    examples = 'jupyter social reviews take-back-release ps1 --reason "One rubric row was wrong."'
    arguments = ("ASSIGNMENT",)
    aliases = {**COURSE_ALIASES, "reason": "ReviewsTakeBackRelease.reason"}
    flags = {
        **BASE_FLAGS,
        **dry_run_flag(),
    }

    reason = Unicode("", help="Why; the authors are told.").tag(config=True)

    def run(self) -> int:
        """Take back."""
        from jupyter_social.reviews.marks.releasing import TAKE_BACK
        from jupyter_social.reviews.marks.views import TakeBackRelease

        request = TakeBackRelease(
            assignment=self.extra_args[0], reason=self.given_reason(self.reason)
        )
        with self.application() as app:
            answer = self.act(app, TAKE_BACK, request)
        self.output.say(
            f"The feedback is taken back ({answer.opened} of {answer.works} had opened it). The "
            f"reviews can change again; then: jupyter social reviews release {answer.assignment}"
        )
        self._show(answer)
        return DONE
