"""What goes in and out of the exchange's operations."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator

from jupyter_social.core.views import View


def _from_base64(content: object) -> object:
    if not isinstance(content, str):
        return content
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error:
        raise ValueError("the content of a file is sent in base64") from None


class FileView(View):
    """One file of a hand-in, its content in base64 where it travels as JSON."""

    name: str
    content: Annotated[bytes, BeforeValidator(_from_base64)]


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


def told(
    reports: Iterable[tuple[str, Mapping[str, Any]]],
) -> tuple[dict[str, int], list[FindingView]]:
    """Return what scrubbing removed, counted by rule, and what it could not be sure of."""
    removed: Counter[str] = Counter()
    remaining: list[FindingView] = []
    for notebook, report in reports:
        for finding in report["removed"]:
            removed[finding["rule"]] += finding["count"]
        remaining += [FindingView(notebook=notebook, **found) for found in report["remaining"]]
    return dict(sorted(removed.items())), remaining


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


class PreviewSubmission(View):
    """Files that somebody is about to hand in for themselves or their group."""

    assignment: str
    files: list[FileView]


class SubmissionPreviewed(View):
    """What peers would get: look at it before handing it in.

    `removed` counts what they will not see, by rule; `remaining` is what may tell who you are.
    """

    assignment: str
    preview: str
    notebooks: list[str]
    notes: list[str]
    removed: dict[str, int]
    remaining: list[FindingView]
    replaces: int | None
    """The version that handing in would replace."""
    due: datetime | None
    practice: str | None
    """Said where this server cannot promise anonymity."""


class ShowPreview(View):
    """Asks for a notebook of a preview as peers would get it."""

    assignment: str
    preview: str
    notebook: str


class ShowMine(View):
    """Asks for a notebook of one's newest hand-in as peers get it."""

    assignment: str
    notebook: str


class HandIn(View):
    """Hands in what was previewed."""

    assignment: str
    preview: str


class MySubmission(View):
    """Asks what one has handed in."""

    assignment: str


class WithdrawMine(View):
    """Takes back what one handed in last."""

    assignment: str


class MySubmissionShown(View):
    """What one has handed in, and until when that can change."""

    assignment: str
    state: SubmissionState
    version: int
    """The newest version, 0 before the first."""
    received_at: datetime | None
    notebooks: list[str]
    notes: list[str]
    due: datetime | None
    can_change: bool
    practice: str | None
