"""The permission table: who may do what. An action or a role that is not written here is denied.

Roles are read from our own tables inside the transaction of the act itself, never from a request
or a cache (threats rule 2). Whoever is not allowed is told the same as somebody who asks for
something that does not exist (threats D8, I11).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from jupyter_social.core.errors import NOTHING_HERE, NotFound
from jupyter_social.core.people import Actor, Role


class Action(StrEnum):
    """What can be asked of a course."""

    REPLACE_ROSTER = "replace-roster"
    READ_ROSTER = "read-roster"
    RECEIVE_SUBMISSIONS = "receive-submissions"
    LIST_SUBMISSIONS = "list-submissions"
    WITHDRAW_SUBMISSIONS = "withdraw-submissions"
    ASSIGN_REVIEWS = "assign-reviews"
    VERIFY_REVIEWS = "verify-reviews"
    SEE_REVIEW_STATUS = "see-review-status"
    REVEAL = "reveal"
    READ_AUDIT_LOG = "read-audit-log"
    SEE_MY_ROUND = "see-my-round"
    HAND_IN = "hand-in"
    SEE_MY_SUBMISSION = "see-my-submission"
    REVIEW = "review"
    READ_MY_FEEDBACK = "read-my-feedback"
    RATE_FEEDBACK = "rate-feedback"
    REPORT_REVIEW = "report-review"
    SEE_ROUND = "see-round"
    SWITCH_PHASE = "switch-phase"
    EXTEND_DEADLINE = "extend-deadline"
    READ_REVIEWS = "read-reviews"
    READ_WORKS = "read-works"
    REVIEW_AS_STAFF = "review-as-staff"
    SEE_MARKS = "see-marks"
    OVERRIDE_MARK = "override-mark"
    RELEASE = "release"
    EXPORT_MARKS = "export-marks"
    MODERATE = "moderate"
    PAUSE_COURSE = "pause-course"
    EXPORT_PERSON = "export-person"
    ERASE_PERSON = "erase-person"


_STUDENTS = frozenset({Role.STUDENT})
_OPERATOR = frozenset({Role.OPERATOR})
_LEADS = frozenset({Role.INSTRUCTOR, Role.OPERATOR})
_STAFF = frozenset({Role.ASSISTANT, Role.INSTRUCTOR, Role.OPERATOR})

PERMISSIONS: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.REPLACE_ROSTER: _LEADS,
        Action.READ_ROSTER: _STAFF,
        Action.RECEIVE_SUBMISSIONS: _STAFF,
        Action.LIST_SUBMISSIONS: _STAFF,
        Action.WITHDRAW_SUBMISSIONS: _LEADS,
        Action.ASSIGN_REVIEWS: _LEADS,
        Action.VERIFY_REVIEWS: _STAFF,
        Action.SEE_REVIEW_STATUS: _STAFF,
        Action.REVEAL: _LEADS,
        Action.READ_AUDIT_LOG: _LEADS,
        Action.SEE_MY_ROUND: _STUDENTS,
        Action.HAND_IN: _STUDENTS,
        Action.SEE_MY_SUBMISSION: _STUDENTS,
        Action.REVIEW: _STUDENTS,
        Action.READ_MY_FEEDBACK: _STUDENTS,
        Action.RATE_FEEDBACK: _STUDENTS,
        Action.REPORT_REVIEW: _STUDENTS,
        Action.SEE_ROUND: _STAFF,
        Action.SWITCH_PHASE: _LEADS,
        Action.EXTEND_DEADLINE: _LEADS,
        Action.READ_REVIEWS: _STAFF,
        Action.READ_WORKS: _STAFF,
        Action.REVIEW_AS_STAFF: frozenset({Role.ASSISTANT, Role.INSTRUCTOR}),
        Action.SEE_MARKS: _STAFF,
        Action.OVERRIDE_MARK: _LEADS,
        Action.RELEASE: _LEADS,
        Action.EXPORT_MARKS: _LEADS,
        Action.MODERATE: _STAFF,
        Action.PAUSE_COURSE: _LEADS,
        Action.EXPORT_PERSON: _OPERATOR,
        Action.ERASE_PERSON: _OPERATOR,
    }
)


def may(actor: Actor, action: Action) -> bool:
    """Tell whether the actor may do this; what is not in the table is denied."""
    return actor.role in PERMISSIONS.get(action, frozenset())


def require(actor: Actor, action: Action) -> None:
    """Refuse with the uniform `NotFound` unless the actor may do this."""
    if not may(actor, action):
        raise NotFound(NOTHING_HERE)
