"""`reviews feedback`: what came of one's own work, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_social.cli.base import DONE
from jupyter_social.cli.output import points
from jupyter_social.cli.personal import PersonalCommand

if TYPE_CHECKING:
    from jupyter_social.reviews.marks.views import FeedbackReview, MyFeedbackShown


class ReviewsFeedback(PersonalCommand):
    """Show the feedback on one's own work."""

    name = "jupyter-social-reviews-feedback"
    description = (
        "Show NAME the feedback on their own work in ASSIGNMENT: the mark, how it came about, and "
        "the reviews. Once it is released, this opens it."
    )
    examples = "jupyter social reviews feedback ps1 --as ada"
    arguments = ("ASSIGNMENT",)

    def run(self) -> int:
        """Open what is there, and show it."""
        from jupyter_social.reviews.marks.feedback import OPEN
        from jupyter_social.reviews.marks.views import OpenFeedback

        with self.application() as app:
            request = OpenFeedback(assignment=self.extra_args[0])
            answer = app.perform(OPEN, request, caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        self._tell(answer)
        return DONE

    def _tell(self, answer: MyFeedbackShown) -> None:
        from jupyter_social.reviews.marks.views import FeedbackState

        if answer.note:
            self.output.say(answer.note)
        if answer.state is FeedbackState.OPENED:
            self._tell_mark(answer)
            titles = {criterion.key: criterion.title for criterion in answer.rubric}
            for number, review in enumerate(answer.reviews, start=1):
                self._tell_review(number, review, titles)
            self.output.say(
                f"You wrote {answer.reviews_done} of {answer.reviews_expected} reviews yourself."
            )
        if answer.practice:
            self.output.say(answer.practice)

    def _tell_mark(self, answer: MyFeedbackShown) -> None:
        if answer.mark is None:
            self.output.say(f"{answer.title}: there is no mark yet.")
        else:
            self.output.say(
                f"{answer.title}: {points(answer.mark)} of {points(answer.most)} points."
            )
        self.output.table(
            ("criterion", "points#", "of#", "how it came about"),
            [(c.title, points(c.mark), points(c.most), c.how) for c in answer.criteria],
        )
        if answer.override_reason:
            self.output.say(f"Your teachers say: {answer.override_reason}")

    def _tell_review(self, number: int, review: FeedbackReview, titles: dict[str, str]) -> None:
        from jupyter_social.cli.forms import told

        by = "a classmate" if review.by == "peer" else "your teachers"
        self.output.say(f"Review {number}, by {by}:")
        if review.reported:
            self.output.say("  You have reported it; it is hidden.")
        self.output.say(*told(review.body, titles), "")
