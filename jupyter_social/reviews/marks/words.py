"""Marks in words: a number that judges a person is explained to that person."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_social.core.course import MarkPolicy
from jupyter_social.reviews.desk.rules import in_words
from jupyter_social.reviews.marks.rules import CriterionMark, Mark

FEW_REVIEWS = 2
SMALL_CLASS = 5
WIDE_SPREAD = 0.5


def how(criterion: CriterionMark, policy: MarkPolicy) -> str:
    """Say how a criterion's mark came about."""
    given = ", ".join(in_words(points) for points in criterion.given)
    if criterion.overridden:
        peers = f" Reviews gave {given}." if given else ""
        return f"Set by your teachers, in place of the reviews' mark.{peers}"
    if criterion.mark is None:
        return "Nobody has given points here yet."
    if len(criterion.given) == 1:
        return f"One review gave {given}."
    if policy is MarkPolicy.MEAN:
        return f"The average of {given}."
    if len(criterion.given) % 2:
        return f"The middle one of {given}."
    return f"Halfway between the two middle ones of {given}."


def small_class(works: int) -> list[str]:
    """Say that so few works cannot be anonymous; nothing where they are enough (threats D15)."""
    if works >= SMALL_CLASS:
        return []
    return [f"Only {works} works: in so small a class anonymity cannot be promised to anybody."]


def flags(mark: Mark, *, wanted: int | None, hidden: int, reported: int) -> list[str]:
    """Return what staff should look at before this mark counts, in stable words."""
    found = []
    if not mark.reviews:
        found.append("no reviews")
    elif wanted is not None and mark.reviews < min(wanted, FEW_REVIEWS + 1):
        found.append("few reviews")
    if _spread(mark.criteria):
        found.append("reviews differ")
    if mark.overridden:
        found.append("overridden")
    if hidden:
        found.append("hidden review")
    if reported:
        found.append("reported review")
    return found


def _spread(criteria: Iterable[CriterionMark]) -> bool:
    return any(
        criterion.most and (criterion.given[-1] - criterion.given[0]) / criterion.most > WIDE_SPREAD
        for criterion in criteria
        if len(criterion.given) > 1
    )
