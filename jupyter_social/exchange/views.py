"""What goes in and out of the exchange's operations."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from jupyter_social.core.views import View


class FileView(View):
    """One file of a hand-in."""

    name: str
    content: bytes


class ReceiveSubmission(View):
    """A hand-in that staff bring in for somebody: a user name, or a group's name."""

    assignment: str
    owner: str
    files: list[FileView]


class Outcome(StrEnum):
    """What came of receiving a hand-in."""

    NEW = "new"
    NEW_VERSION = "new version"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"


class FindingView(View):
    """One line of a scrubbing report."""

    rule: str
    notebook: str
    cell: int | None
    place: str
    what: str
    count: int


class SubmissionReceived(View):
    """What was received; `removed` counts what peers will not see, by rule."""

    owner: str
    outcome: Outcome
    version: int
    notes: list[str]
    removed: dict[str, int]
    remaining: list[FindingView]


class ListSubmissions(View):
    """Asks who has handed in an assignment."""

    assignment: str


class SubmissionState(StrEnum):
    """Where somebody stands with an assignment."""

    HANDED_IN = "handed in"
    WITHDRAWN = "withdrawn"
    MISSING = "missing"


class SubmissionRow(View):
    """One person or group and what they handed in; no id here leads to the anonymous copy."""

    owner: str
    active: bool
    state: SubmissionState
    versions: int
    received_at: datetime | None
    notes: list[str]


class SubmissionList(View):
    """Everybody who hands in the assignment, by name."""

    assignment: str
    by: str
    submissions: list[SubmissionRow]


class WithdrawSubmission(View):
    """Takes back what somebody handed in last."""

    assignment: str
    owner: str


class SubmissionWithdrawn(View):
    """The version that was withdrawn."""

    owner: str
    version: int
