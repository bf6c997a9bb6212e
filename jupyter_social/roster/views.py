"""What goes in and out of the roster's operations. For staff: these shapes hold names."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from pydantic import StringConstraints

from jupyter_social.core.people import Identity, Role, RosterEntry
from jupyter_social.core.views import View
from jupyter_social.roster.rules import Change, Kind

RosterRole = Literal[Role.STUDENT, Role.ASSISTANT, Role.INSTRUCTOR]
Field255 = Annotated[str, StringConstraints(max_length=255)]


class EntryView(View):
    """One person, as the roster names them."""

    username: Annotated[Field255, StringConstraints(min_length=1)]
    name: Field255 = ""
    email: Field255 = ""
    role: RosterRole
    group: Field255 | None = None

    def entry(self) -> RosterEntry:
        """The same as the core knows it."""
        return RosterEntry(Identity(self.username, self.name, self.email), self.role, self.group)

    @classmethod
    def of(cls, entry: RosterEntry) -> EntryView:
        """The view of an entry."""
        who = entry.identity
        return cls(
            username=who.username,
            name=who.name,
            email=who.email,
            role=cast("RosterRole", entry.role),
            group=entry.group,
        )


class ReplaceRoster(View):
    """The whole new roster."""

    entries: list[EntryView]


class ChangeView(View):
    """What changed for one person, in words."""

    kind: Kind
    username: str
    note: str

    @classmethod
    def of(cls, change: Change) -> ChangeView:
        """The view of a change."""
        return cls(kind=change.kind, username=change.username, note=change.note)


class RosterReplaced(View):
    """What replacing the roster changed; people who stay as they are are only counted."""

    active: int
    unchanged: int
    changes: list[ChangeView]


class ListRoster(View):
    """Asks for everybody in the course."""


class RosterView(View):
    """Everybody who is in the course now, by user name."""

    members: list[EntryView]
