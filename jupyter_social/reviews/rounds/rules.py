"""Which phase follows which, by hand and by deadline. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from jupyter_social.core.course import Assignment, Switch
from jupyter_social.core.phases import Phase, is_past

BY_HAND: Mapping[Phase, frozenset[Phase]] = MappingProxyType(
    {
        Phase.SET_UP: frozenset({Phase.SUBMISSION}),
        Phase.SUBMISSION: frozenset({Phase.SET_UP, Phase.REVIEW}),
        Phase.REVIEW: frozenset({Phase.SUBMISSION}),
        Phase.RELEASED: frozenset({Phase.CLOSED}),
        Phase.CLOSED: frozenset({Phase.RELEASED}),
    }
)
"""Where staff may switch to; from review to released it goes by a release, and back by its
take-back."""


def next_by_deadline(assignment: Assignment, phase: Phase, now: datetime) -> Phase | None:
    """Return the phase that an assignment's deadline asks for now, one step at a time."""
    ends = {
        Phase.SET_UP: (assignment.opens, assignment.switch, Phase.SUBMISSION),
        Phase.SUBMISSION: (assignment.due, assignment.switch, Phase.REVIEW),
        Phase.REVIEW: (assignment.review_due, assignment.release, Phase.RELEASED),
        Phase.RELEASED: (assignment.closes, assignment.switch, Phase.CLOSED),
    }
    if phase not in ends:
        return None
    deadline, switch, following = ends[phase]
    if switch is Switch.DEADLINE and is_past(deadline, now):
        return following
    return None
