"""`submissions import`, `submissions list` and `submissions withdraw`."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_social.cli.base import BASE_FLAGS, DONE, REFUSED, YES_FLAG, CourseCommand
from jupyter_social.cli.output import count
from jupyter_social.core.course import HandInBy
from jupyter_social.core.errors import Invalid

if TYPE_CHECKING:
    from jupyter_social.core.operations import Performs
    from jupyter_social.exchange.submitted_folder import SubmittedFolder
    from jupyter_social.exchange.views import SubmissionReceived

NOTES_SHOWN = 3


@dataclass
class Import:
    """What came of an import, person by person."""

    received: list[SubmissionReceived] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


class SubmissionsImport(CourseCommand):
    """Take in nbgrader's submitted folder."""

    name = "jupyter-social-submissions-import"
    description = (
        "Take in what nbgrader collected in DIR/<username>/<assignment>/ (by default the course's "
        "submitted folder) and make the anonymous copies that peers will get. What is broken is "
        "listed with its reason, all else is imported; doing it again changes nothing. Exit 1 if "
        "anything was broken."
    )
    examples = "jupyter social submissions import ps1 submitted"
    arguments = ("ASSIGNMENT", "[DIR]")

    def run(self) -> int:
        """Import folder by folder; each is in whole or not at all."""
        from jupyter_social.exchange.submitted_folder import find_submitted
        from jupyter_social.reviews.operations import STATUS
        from jupyter_social.reviews.views import ReviewStatus

        assignment = self.folder.course.assignment(self.extra_args[0])
        given = self.extra_args[1:]
        directory = Path(given[0]) if given else self.folder.root / "submitted"
        folders = find_submitted(directory, assignment.name)
        with self.application() as app:
            result = Import()
            if assignment.by is HandInBy.GROUP:
                folders = _one_per_group(app, folders, result)
            with self.output.progress("Importing", folders) as watched:
                for folder in watched:
                    self._receive(app, assignment.name, folder, result)
            status = app.perform(
                STATUS, ReviewStatus(assignment=assignment.name), caller=self.caller
            )
        self._show(assignment.name, result, next_step=status.next_step)
        return REFUSED if result.failed else DONE

    def _receive(
        self, app: Performs, assignment: str, folder: SubmittedFolder, result: Import
    ) -> None:
        from jupyter_social.exchange.operations import RECEIVE
        from jupyter_social.exchange.views import FileView, ReceiveSubmission

        try:
            files = [FileView(name=n, content=data) for n, data in folder.read().items()]
            request = ReceiveSubmission(assignment=assignment, owner=folder.username, files=files)
            result.received.append(app.perform(RECEIVE, request, caller=self.caller))
        except Invalid as refused:
            readable = folder.username.encode("utf-8", "backslashreplace").decode()
            result.failed.append((readable, refused.detail))

    def _show(self, assignment: str, result: Import, *, next_step: str) -> None:
        self.output.data(
            {
                "assignment": assignment,
                "received": [answer.model_dump(mode="json") for answer in result.received],
                "failed": [{"owner": owner, "reason": why} for owner, why in result.failed],
            }
        )
        rows = [
            (answer.owner, answer.outcome.value, answer.version, _notes(answer))
            for answer in result.received
        ]
        self.output.table(("who", "outcome", "version#", "notes"), rows)
        self.output.say(*_summary(result))
        if result.failed:
            self.output.say("", "Not imported:")
            self.output.table(("who", "why"), result.failed)
            self.output.say("Mend these and import again: what is in already stays as it is.")
        else:
            self.output.say(next_step)


class SubmissionsList(CourseCommand):
    """Show who has handed in."""

    name = "jupyter-social-submissions-list"
    description = "Show who has handed in ASSIGNMENT, in how many versions, and what was noted."
    examples = "jupyter social submissions list ps1 --json"
    arguments = ("ASSIGNMENT",)

    def run(self) -> int:
        """List everybody who hands in."""
        from jupyter_social.exchange.operations import LIST
        from jupyter_social.exchange.views import ListSubmissions

        with self.application() as app:
            request = ListSubmissions(assignment=self.extra_args[0])
            answer = app.perform(LIST, request, caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        if not answer.submissions:
            self.output.say("Nobody is in the roster yet: jupyter social roster import roster.csv")
            return DONE
        self.output.table(
            ("who", "state", "versions#", "received (UTC)", "notes"),
            [
                (
                    row.owner if row.active else f"{row.owner} (left)",
                    row.state.value,
                    row.versions,
                    f"{row.received_at:%Y-%m-%d %H:%M}" if row.received_at else "",
                    "; ".join(row.notes),
                )
                for row in answer.submissions
            ],
        )
        states = Counter(row.state.value for row in answer.submissions)
        self.output.say(", ".join(f"{number} {state}" for state, number in sorted(states.items())))
        return DONE


class SubmissionsWithdraw(CourseCommand):
    """Take back a hand-in."""

    name = "jupyter-social-submissions-withdraw"
    description = (
        "Take back what USERNAME (or a group) handed in last for ASSIGNMENT. It stays stored, "
        "nobody reviews it any more, and its author no longer reviews others."
    )
    examples = "jupyter social submissions withdraw ps1 ada --yes"
    arguments = ("ASSIGNMENT", "USERNAME")
    flags = {**BASE_FLAGS, **YES_FLAG}

    def run(self) -> int:
        """Withdraw after asking."""
        from jupyter_social.exchange.operations import WITHDRAW
        from jupyter_social.exchange.views import WithdrawSubmission

        assignment, owner = self.extra_args
        if not self.confirm(f"Withdraw {owner}'s {assignment}?"):
            self.output.say("Nothing was changed.")
            return REFUSED
        with self.application() as app:
            request = WithdrawSubmission(assignment=assignment, owner=owner)
            answer = app.perform(WITHDRAW, request, caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        self.output.say(f"Version {answer.version} of {answer.owner} is withdrawn.")
        return DONE


def _one_per_group(
    app: Performs, folders: list[SubmittedFolder], result: Import
) -> list[SubmittedFolder]:
    """Leave one folder a group; where members handed in different work, ask which one counts."""
    from jupyter_social.exchange.rules import content_hash
    from jupyter_social.roster.operations import LIST
    from jupyter_social.roster.views import ListRoster

    group_of = {m.username: m.group for m in app.perform(LIST, ListRoster()).members}
    by_group: dict[str, list[SubmittedFolder]] = defaultdict(list)
    for folder in folders:
        by_group[group_of.get(folder.username) or folder.username].append(folder)
    chosen = []
    for group, found in by_group.items():
        try:
            different = len({content_hash(folder.read()) for folder in found}) > 1
        except Invalid:
            different = False
        if different:
            names = ", ".join(folder.username for folder in found)
            result.failed.append((group, f"{names} handed in different work. Keep one folder."))
        else:
            chosen.append(found[0])
    return chosen


def _notes(answer: SubmissionReceived) -> str:
    notes = list(answer.notes[:NOTES_SHOWN])
    if len(answer.notes) > NOTES_SHOWN:
        notes.append(f"and {len(answer.notes) - NOTES_SHOWN} more")
    return "; ".join(notes)


def _summary(result: Import) -> list[str]:
    outcomes = Counter(answer.outcome.value for answer in result.received)
    counted = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))
    removed: Counter[str] = Counter()
    for answer in result.received:
        removed.update(answer.removed)
    lines = [counted or "Nothing was imported."]
    if removed:
        total = sum(removed.values())
        rules = ", ".join(f"{rule} {number}" for rule, number in removed.most_common())
        lines.append(f"Removed for the anonymous copies: {count(total, 'thing')} ({rules}).")
    telling = [answer.owner for answer in result.received if answer.remaining]
    if telling:
        lines.append(
            f"{count(len(telling), 'hand-in')} may still tell who wrote it; --json lists where."
        )
    return lines
