"""What a review is, and when it is whole. Pure.

Points are whole hundredths. A reviewer chooses one of a criterion's levels, so the points of a
review are always those of a level; what staff override with may lie between.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from jupyter_social.core.course import Criterion, Level
from jupyter_social.core.errors import Invalid


class EntryKind(StrEnum):
    """What happened to a review."""

    SUBMITTED = "submitted"
    TAKEN_BACK = "taken-back"


@dataclass(frozen=True)
class CellComment:
    """A comment on one cell, by the cell's id in the anonymous copy."""

    notebook: str
    cell: str
    text: str


@dataclass(frozen=True)
class ReviewText:
    """What a reviewer wrote: points by criterion, remarks by criterion, comments by cell."""

    scores: Mapping[str, int] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    comments: tuple[CellComment, ...] = ()
    overall: str = ""


def refuse_unfit(text: ReviewText, criteria: Iterable[Criterion]) -> None:
    """Refuse points and remarks that the rubric has no place for; raises `Invalid`."""
    known = {criterion.key: criterion for criterion in criteria}
    for key in sorted({*text.scores, *text.remarks} - known.keys()):
        raise Invalid(
            f"The rubric has no criterion {key[:80]!r}. It may have changed: open the review again."
        )
    for key, points in sorted(text.scores.items()):
        levels = sorted({level.points for level in known[key].levels})
        if points not in levels:
            choices = ", ".join(in_words(level) for level in levels)
            raise Invalid(f"{known[key].title}: choose one of {choices} points.")


def refuse_incomplete(text: ReviewText, criteria: Iterable[Criterion]) -> None:
    """Refuse a review in which a criterion has no points; raises `Invalid` naming them all."""
    missing = [criterion.title for criterion in criteria if criterion.key not in text.scores]
    if missing:
        raise Invalid(f"Still without points: {', '.join(missing)}. Your draft is kept.")


def refuse_lost_comments(text: ReviewText, cells: Mapping[str, frozenset[str]]) -> None:
    """Refuse comments on cells that the work does not have; `cells` are ids by notebook."""
    for comment in text.comments:
        if comment.cell not in cells.get(comment.notebook, frozenset()):
            raise Invalid(
                f"A comment points to a cell that {comment.notebook[:80]!r} does not have. Open "
                "the work again and choose the cell anew."
            )


def in_words(points: float) -> str:
    """Return hundredths of a point as people write points: 2, 2.5, 0.25."""
    return f"{round(points) / 100:.2f}".rstrip("0").rstrip(".")


def as_json(criteria: Iterable[Criterion]) -> list[dict[str, Any]]:
    """Return a rubric as it is stored."""
    return [asdict(criterion) for criterion in criteria]


def from_json(stored: Iterable[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """Read a stored rubric back."""
    return tuple(
        Criterion(**{**criterion, "levels": tuple(Level(**level) for level in criterion["levels"])})
        for criterion in stored
    )


def rubric_hash(criteria: Iterable[Criterion]) -> str:
    """Return the SHA-256 of a rubric."""
    return hashlib.sha256(json.dumps(as_json(criteria), sort_keys=True).encode()).hexdigest()
