"""Every kind of event that the journal holds: the one list of them.

`Act.record` takes nothing else, the audit log shows what is marked here, and the reference page
of the journal is written from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class EventKind(StrEnum):
    """What can happen in a course."""

    ROSTER_REPLACED = "roster.replaced"
    SUBMISSION_RECEIVED = "submission.received"
    SUBMISSION_WITHDRAWN = "submission.withdrawn"
    SUBMISSION_HANDED_IN = "submission.handed-in"
    SUBMISSION_TAKEN_BACK = "submission.taken-back"
    ROUND_SWITCHED = "round.switched"
    ROUND_EXTENDED = "round.extended"
    REVIEWS_ASSIGNED = "reviews.assigned"
    IDENTITY_REVEALED = "identity.revealed"
    REVIEW_BEGUN = "review.begun"
    REVIEW_SUBMITTED = "review.submitted"
    REVIEW_TAKEN_BACK = "review.taken-back"
    REVIEW_BY_STAFF = "review.by-staff"
    MARK_OVERRIDDEN = "mark.overridden"
    FEEDBACK_RELEASED = "feedback.released"
    FEEDBACK_TAKEN_BACK = "feedback.taken-back"
    REVIEW_REPORTED = "review.reported"
    REPORT_DECIDED = "report.decided"
    REVIEW_HIDDEN = "review.hidden"
    REVIEW_SHOWN = "review.shown"
    MARKS_EXPORTED = "marks.exported"
    COURSE_PAUSED = "course.paused"
    COURSE_RESUMED = "course.resumed"
    PERSON_EXPORTED = "person.exported"
    PERSON_ERASED = "person.erased"


class Recorded(StrEnum):
    """Under whom an event is recorded."""

    STAFF = "a person of the staff, or the operator"
    STAFF_OR_DEADLINE = "a person of the staff, the operator, or the deadline"
    STAFF_PERSON = "a person of the staff"
    OPERATOR = "the operator"
    UNIT = "the pseudonym of who did it"


@dataclass(frozen=True)
class Described:
    """What an event says, under whom, about what (`subject`), and what its `data` holds.

    `audited` tells that the audit log shows it. What is done under a pseudonym never is: an
    instant to the microsecond beside an id would tell staff whose it is, and pseudonyms are lifted
    by a reveal alone. For the same reason a hand-in that staff received is left out.
    """

    says: str
    under: Recorded
    subject: str
    data: Mapping[str, str]
    audited: bool


def _shown(says: str, under: Recorded, subject: str, **data: str) -> Described:
    return Described(says, under, subject, MappingProxyType(data), audited=True)


def _kept(says: str, under: Recorded, subject: str, **data: str) -> Described:
    return Described(says, under, subject, MappingProxyType(data), audited=False)


_ASSIGNMENT = "the assignment"
_NAME = "its name"

EVENTS: Mapping[EventKind, Described] = MappingProxyType(
    {
        EventKind.ROSTER_REPLACED: _shown(
            "The roster was replaced, and somebody changed.",
            Recorded.STAFF,
            "",
            joined="how many joined",
            returned="how many came back",
            changed="how many lines changed",
            left="how many left",
        ),
        EventKind.SUBMISSION_RECEIVED: _kept(
            "Staff took in a hand-in.", Recorded.STAFF, "the hand-in", assignment=_NAME
        ),
        EventKind.SUBMISSION_WITHDRAWN: _shown(
            "Staff withdrew somebody's hand-in.", Recorded.STAFF, _ASSIGNMENT
        ),
        EventKind.SUBMISSION_HANDED_IN: _kept(
            "Somebody handed in.", Recorded.UNIT, "the hand-in", assignment=_NAME
        ),
        EventKind.SUBMISSION_TAKEN_BACK: _kept(
            "Somebody took their own hand-in back.",
            Recorded.UNIT,
            "the hand-in",
            assignment=_NAME,
        ),
        EventKind.ROUND_SWITCHED: _shown(
            "An assignment entered a phase, other than by a release or its take-back.",
            Recorded.STAFF_OR_DEADLINE,
            _ASSIGNMENT,
            phase="the phase that it is in now",
        ),
        EventKind.ROUND_EXTENDED: _shown(
            "Somebody was given more time.",
            Recorded.STAFF,
            _ASSIGNMENT,
            person="the id of who was given it",
        ),
        EventKind.REVIEWS_ASSIGNED: _shown(
            "Reviewers were drawn, or the draw was repaired.",
            Recorded.STAFF_OR_DEADLINE,
            _ASSIGNMENT,
            run="its number",
            kind="whether it was a draw or a repair",
            output_hash="the hash of the result",
        ),
        EventKind.IDENTITY_REVEALED: _shown(
            "Somebody had names shown behind pseudonyms.",
            Recorded.STAFF,
            _ASSIGNMENT,
            reason="why, in their words",
            units="how many pseudonyms",
        ),
        EventKind.REVIEW_BEGUN: _kept(
            "A reviewer saved something for the first time.",
            Recorded.UNIT,
            "the review",
            assignment=_NAME,
        ),
        EventKind.REVIEW_SUBMITTED: _kept(
            "A reviewer submitted a review.", Recorded.UNIT, "the review", assignment=_NAME
        ),
        EventKind.REVIEW_TAKEN_BACK: _kept(
            "A reviewer took a submitted review back.",
            Recorded.UNIT,
            "the review",
            assignment=_NAME,
        ),
        EventKind.REVIEW_BY_STAFF: _shown(
            "Staff reviewed a work, or changed such a review.",
            Recorded.STAFF_PERSON,
            "the work, by its pseudonym",
            assignment=_NAME,
        ),
        EventKind.MARK_OVERRIDDEN: _shown(
            "A mark was set by hand, or that was taken back.",
            Recorded.STAFF,
            "the work, by its pseudonym",
            assignment=_NAME,
            points="what was set, in hundredths by criterion; empty where it was taken back",
            reason="why, in their words",
        ),
        EventKind.FEEDBACK_RELEASED: _shown(
            "The feedback of an assignment was released.",
            Recorded.STAFF_OR_DEADLINE,
            _ASSIGNMENT,
            number="the number of the release",
            reviews="how many reviews it released for the first time",
        ),
        EventKind.FEEDBACK_TAKEN_BACK: _shown(
            "A release was taken back.",
            Recorded.STAFF,
            _ASSIGNMENT,
            number="the number of the release",
            reason="why, in their words",
        ),
        EventKind.REVIEW_REPORTED: _kept(
            "An author reported a review of their work.",
            Recorded.UNIT,
            "the report",
            assignment=_NAME,
        ),
        EventKind.REPORT_DECIDED: _shown(
            "Staff decided about a report.",
            Recorded.STAFF,
            "the report",
            decision="hide or keep",
            note="why, in their words",
        ),
        EventKind.REVIEW_HIDDEN: _shown(
            "Staff hid a review without a report.",
            Recorded.STAFF,
            "the review",
            assignment=_NAME,
            reason="why, in their words",
        ),
        EventKind.REVIEW_SHOWN: _shown(
            "Staff let a hidden review show again.",
            Recorded.STAFF,
            "the review",
            assignment=_NAME,
            reason="why, in their words",
        ),
        EventKind.MARKS_EXPORTED: _shown(
            "The marks were taken out, with names.", Recorded.STAFF, _ASSIGNMENT
        ),
        EventKind.COURSE_PAUSED: _shown(
            "The course was paused for its students.",
            Recorded.STAFF,
            "",
            reason="why, in their words",
        ),
        EventKind.COURSE_RESUMED: _shown(
            "A paused course went on.", Recorded.STAFF, "", reason="why, in their words"
        ),
        EventKind.PERSON_EXPORTED: _shown(
            "Everything about somebody was written out.",
            Recorded.OPERATOR,
            "",
            person="the id of whom it was about",
        ),
        EventKind.PERSON_ERASED: _shown(
            "Somebody was erased.",
            Recorded.OPERATOR,
            "",
            person="the id that stood for them, which leads to no name any more",
        ),
    }
)

AUDITED = tuple(kind.value for kind, event in EVENTS.items() if event.audited)
"""What the audit log shows."""
