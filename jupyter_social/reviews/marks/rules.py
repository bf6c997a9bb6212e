"""From reviews to marks: a pure function of what was submitted, the rubric and the policy.

A criterion's mark is the median (or mean) of the points that it was given, unrounded; the mark of
the work is the sum over the criteria. A staff review counts as one. An override takes the place of
a criterion's mark and is shown as one. Points are hundredths; marks are floats, rounded once where
they are shown. Peers who reviewed by an older version of the rubric count in proportion where the
criterion's most points have changed since.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jupyter_social.core.course import Criterion, MarkPolicy

POLICIES: Mapping[MarkPolicy, Callable[[Sequence[float]], float]] = {
    MarkPolicy.MEDIAN: statistics.median,
    MarkPolicy.MEAN: statistics.fmean,
}
"""The port for policies: points of one criterion in, its mark out."""


@dataclass(frozen=True)
class Given:
    """The points of one review, with the rubric that it was written by."""

    scores: Mapping[str, int]
    rubric: Mapping[str, Criterion]


@dataclass(frozen=True)
class CriterionMark:
    """One criterion's mark and how it came about; None where nobody has given points.

    `given` are the points it comes from in ascending order; `overridden` tells that staff set it.
    """

    key: str
    title: str
    most: int
    mark: float | None
    given: tuple[float, ...]
    overridden: bool = False


@dataclass(frozen=True)
class Mark:
    """The mark of a work by criteria; `mark` is None while a criterion has none."""

    criteria: tuple[CriterionMark, ...]
    reviews: int

    @property
    def most(self) -> int:
        """The most points there are."""
        return sum(criterion.most for criterion in self.criteria)

    @property
    def mark(self) -> float | None:
        """The sum over the criteria."""
        marks = [criterion.mark for criterion in self.criteria if criterion.mark is not None]
        if not marks or len(marks) < len(self.criteria):
            return None
        return sum(marks)

    @property
    def overridden(self) -> bool:
        """Whether staff have set any part of it."""
        return any(criterion.overridden for criterion in self.criteria)


def mark_of(
    criteria: Sequence[Criterion],
    reviews: Sequence[Given],
    *,
    policy: MarkPolicy,
    overrides: Mapping[str, int],
) -> Mark:
    """Return the mark of a work from its reviews and overrides (points by criterion)."""
    return Mark(
        tuple(_criterion_mark(criterion, reviews, policy, overrides) for criterion in criteria),
        len(reviews),
    )


def may_take_back(*, authors: int, opened: int) -> bool:
    """Tell whether a release may be taken back: while fewer than half have opened it."""
    return 2 * opened < authors


def reviewing_mark(*, done: int, expected: int) -> float | None:
    """Return the share of one's reviews that one has done, None where none were expected."""
    return min(done / expected, 1.0) if expected else None


def _criterion_mark(
    criterion: Criterion,
    reviews: Sequence[Given],
    policy: MarkPolicy,
    overrides: Mapping[str, int],
) -> CriterionMark:
    given = tuple(
        sorted(_points(criterion, review) for review in reviews if _has(criterion, review))
    )
    mark = POLICIES[policy](given) if given else None
    overridden = criterion.key in overrides
    return CriterionMark(
        key=criterion.key,
        title=criterion.title,
        most=criterion.most,
        # The rubric may have changed since: no criterion brings more than its most.
        mark=float(min(overrides[criterion.key], criterion.most)) if overridden else mark,
        given=given,
        overridden=overridden,
    )


def _has(criterion: Criterion, review: Given) -> bool:
    return criterion.key in review.scores and criterion.key in review.rubric


def _points(criterion: Criterion, review: Given) -> float:
    then = review.rubric[criterion.key].most
    points = float(review.scores[criterion.key])
    return points if then in (0, criterion.most) else points * criterion.most / then
