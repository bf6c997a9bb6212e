"""Submitting a review, alike for peers and staff: what must be in it, and its ledger line."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_social.core.course import Assignment
from jupyter_social.core.operations import Act
from jupyter_social.reviews.desk import store
from jupyter_social.reviews.desk.rules import (
    EntryKind,
    ReviewText,
    refuse_incomplete,
    refuse_lost_comments,
    refuse_unfit,
)
from jupyter_social.reviews.desk.store import Entry
from jupyter_social.reviews.desk.works import cells_of


def refuse_unready(
    text: ReviewText, assignment: Assignment, notebooks: Mapping[str, bytes]
) -> None:
    """Refuse a review that does not fit the rubric, is not whole, or comments on other cells."""
    refuse_unfit(text, assignment.criteria)
    refuse_incomplete(text, assignment.criteria)
    refuse_lost_comments(text, cells_of(notebooks))


def enter_submitted(
    act: Act, assignment: Assignment, review: str, text: ReviewText, *, after: Entry | None
) -> None:
    """Add a submitted review to the ledger, with the rubric of now, after its entry before."""
    at = act.clock.now()
    rubric = store.rubric_version(act.tx, act.course, assignment.name, assignment.criteria, at=at)
    number = after.number + 1 if after else 1
    store.add_entry(act.tx, Entry(review, number, EntryKind.SUBMITTED, rubric, text), at=at)
