"""What a reviewer sends and is answered: there is no field for an author in any of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from jupyter_social.core.course import Criterion
from jupyter_social.core.phases import Phase
from jupyter_social.core.views import View
from jupyter_social.reviews.desk.rules import CellComment, ReviewText

MAX_COMMENTS = 200
MAX_REVIEW = 2_000_000
"""The most bytes of a request that brings a review."""


def _in_hundredths(points: float) -> float:
    if abs(points * 100 - round(points * 100)) > 1e-6:
        raise ValueError("points have at most two decimals")
    return points


Points = Annotated[
    float, Field(ge=0, le=10_000, allow_inf_nan=False), AfterValidator(_in_hundredths)
]
Key = Annotated[str, StringConstraints(max_length=64)]
Remark = Annotated[str, StringConstraints(max_length=4000)]
Overall = Annotated[str, StringConstraints(max_length=10_000)]


class LevelView(View):
    """One step of a criterion."""

    points: float
    title: str
    description: str


class CriterionView(View):
    """One question of the rubric, about a cell, a notebook or the whole."""

    key: str
    title: str
    description: str
    grade_id: str | None
    notebook: str | None
    levels: list[LevelView]

    @classmethod
    def of(cls, criterion: Criterion) -> CriterionView:
        """Return a criterion as people are shown it."""
        return cls(
            key=criterion.key,
            title=criterion.title,
            description=criterion.description,
            grade_id=criterion.grade_id,
            notebook=criterion.notebook,
            levels=[
                LevelView(
                    points=level.points / 100, title=level.title, description=level.description
                )
                for level in criterion.levels
            ],
        )


class CommentView(View):
    """A comment on one cell of the work."""

    notebook: Annotated[str, StringConstraints(max_length=1024)]
    cell: Key
    text: Remark


class ReviewBody(View):
    """What a review says; points by criterion, as in the rubric's levels."""

    scores: Annotated[dict[Key, Points], Field(max_length=50, default_factory=dict)]
    remarks: Annotated[dict[Key, Remark], Field(max_length=50, default_factory=dict)]
    comments: Annotated[list[CommentView], Field(max_length=MAX_COMMENTS, default_factory=list)]
    overall: Overall = ""

    def text(self) -> ReviewText:
        """The same with points in whole hundredths; empty remarks are none."""
        return ReviewText(
            scores={key: round(points * 100) for key, points in self.scores.items()},
            remarks={key: remark for key, remark in self.remarks.items() if remark},
            comments=tuple(CellComment(c.notebook, c.cell, c.text) for c in self.comments),
            overall=self.overall,
        )

    @classmethod
    def of(cls, text: ReviewText) -> ReviewBody:
        """Return what a review says as people are shown it."""
        return cls(
            scores={key: points / 100 for key, points in text.scores.items()},
            remarks=dict(text.remarks),
            comments=[
                CommentView(notebook=c.notebook, cell=c.cell, text=c.text) for c in text.comments
            ],
            overall=text.overall,
        )


class ReviewState(StrEnum):
    """How far one's review is."""

    OPEN = "open"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    NOT_NEEDED = "not needed"


class MyReviews(View):
    """Asks which reviews one has to do."""

    assignment: str


class MyReviewRow(View):
    """One review to do; the id leads to the work, and to nobody."""

    review: str
    state: ReviewState
    notebooks: list[str]


class MyReviewsShown(View):
    """The reviews to do, and until when."""

    assignment: str
    title: str
    phase: Phase
    due: datetime | None
    can_review: bool
    expected: int
    done: int
    reviews: list[MyReviewRow]
    practice: str | None


class ReadReview(View):
    """Asks for one of one's reviews."""

    assignment: str
    review: str


class ReviewShown(View):
    """One of one's reviews: the rubric, the work's notebooks, and what one has written."""

    assignment: str
    review: str
    state: ReviewState
    version: int
    """Of the draft; send it back with the next save. 0 before the first."""
    rubric: list[CriterionView]
    notebooks: list[str]
    body: ReviewBody
    due: datetime | None
    can_change: bool


class ShowWork(View):
    """Asks for a notebook of the work under review."""

    assignment: str
    review: str
    notebook: str


class SaveDraft(View):
    """Saves a review without submitting it; `version` is that of the draft it changes."""

    assignment: str
    review: str
    version: Annotated[int, Field(ge=0)]
    body: ReviewBody


class SubmitReview(View):
    """Submits a review, as it stands in `body`; `version` is that of the draft it changes."""

    assignment: str
    review: str
    version: Annotated[int, Field(ge=0)]
    body: ReviewBody


class TakeBackReview(View):
    """Takes a submitted review back, to go on with it."""

    assignment: str
    review: str
