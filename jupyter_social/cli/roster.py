"""`roster import` and `roster list`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_social.cli.base import BASE_FLAGS, DONE, CourseCommand
from jupyter_social.cli.output import count
from jupyter_social.cli.rehearsing import RehearsedCommand, dry_run_flag

if TYPE_CHECKING:
    from jupyter_social.roster.views import RosterReplaced


class RosterImport(RehearsedCommand):
    """Make a CSV file the course's roster."""

    name = "jupyter-social-roster-import"
    description = (
        "Replace the course's roster by FILE (columns username,name,email,role,group). Whoever is "
        "not in FILE leaves the course, and keeps their work; people who stay keep what they have. "
        "What changed is listed."
    )
    examples = "jupyter social roster import roster.csv --dry-run"
    arguments = ("FILE",)
    flags = {
        **BASE_FLAGS,
        **dry_run_flag("Show what would change; change nothing."),
    }

    def run(self) -> int:
        """Read the file, replace the roster, list the changes."""
        from jupyter_social.authoring.roster_file import read_roster
        from jupyter_social.roster.operations import REPLACE
        from jupyter_social.roster.views import EntryView, ReplaceRoster

        entries = read_roster(Path(self.extra_args[0]))
        request = ReplaceRoster(entries=[EntryView.of(entry) for entry in entries])
        with self.application() as app:
            answer = self.act(app, REPLACE, request)
        self._show(answer)
        return DONE

    def _show(self, answer: RosterReplaced) -> None:
        self.output.data(answer.model_dump(mode="json") | {"dry_run": self.dry_run})
        rows = [(change.kind.value, change.username, change.note) for change in answer.changes]
        if rows:
            self.output.table(("change", "user name", "note"), rows)
        would = "would be" if self.dry_run else "are"
        self.output.say(
            f"{count(answer.active, 'person', 'people')} {would} in the course; "
            f"{count(len(rows), 'change')}, {answer.unchanged} as before."
        )


class RosterList(CourseCommand):
    """Show who is in the course."""

    name = "jupyter-social-roster-list"
    description = "Show everybody who is in the course now, by user name."
    examples = "jupyter social roster list --json"

    def run(self) -> int:
        """List the members."""
        from jupyter_social.roster.operations import LIST
        from jupyter_social.roster.views import ListRoster

        with self.application() as app:
            answer = app.perform(LIST, ListRoster(), caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        if not answer.members:
            self.output.say("Nobody yet. Next: jupyter social roster import roster.csv")
            return DONE
        self.output.table(
            ("user name", "name", "e-mail", "role", "group"),
            [(m.username, m.name, m.email, m.role.value, m.group) for m in answer.members],
        )
        return DONE
