"""The roster's use cases: replace it as a whole, and list it."""

from __future__ import annotations

from collections import Counter

from jupyter_social.core.errors import Invalid
from jupyter_social.core.events import EventKind
from jupyter_social.core.membership import active_members, members
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.people import RosterEntry, groups_like_people
from jupyter_social.core.permissions import Action
from jupyter_social.roster import store
from jupyter_social.roster.rules import Change, Kind, compare
from jupyter_social.roster.views import (
    ChangeView,
    EntryView,
    ListRoster,
    ReplaceRoster,
    RosterReplaced,
    RosterView,
)


def replace_roster(act: Act, request: ReplaceRoster) -> RosterReplaced:
    """Make the course's people those of the request, and say what changed."""
    entries = [view.entry() for view in request.entries]
    _refuse_twice(entries)
    _refuse_groups_like_people(entries)
    changes = compare(members(act.tx, act.course), entries)
    _apply(act, changes)
    if changes:
        counts = {kind.value: sum(change.kind is kind for change in changes) for kind in Kind}
        act.record(EventKind.ROSTER_REPLACED, data=counts)
    touched = sum(change.entry is not None for change in changes)
    return RosterReplaced(
        active=len(entries),
        unchanged=len(entries) - touched,
        changes=[ChangeView.of(change) for change in changes],
    )


def roster_as_it_is(act: Act, request: ReplaceRoster) -> RosterReplaced:
    """Answer a repeated request: it was done, and changes nothing now."""
    here = len(active_members(act.tx, act.course))
    return RosterReplaced(active=here, unchanged=here, changes=[])


def list_roster(act: Act, request: ListRoster) -> RosterView:
    """Return who is in the course now."""
    found = active_members(act.tx, act.course).values()
    return RosterView(
        members=[
            EntryView.of(RosterEntry(member.identity, member.role, member.group))
            for member in found
        ]
    )


def _refuse_twice(entries: list[RosterEntry]) -> None:
    names = Counter(entry.identity.username.casefold() for entry in entries)
    twice = sorted(name for name, times in names.items() if times > 1)
    if twice:
        raise Invalid(f"The user name {twice[0]!r} stands in the roster more than once.")


def _refuse_groups_like_people(entries: list[RosterEntry]) -> None:
    for place in groups_like_people(entries):
        group = entries[place].group
        raise Invalid(f"The group {group!r} is called like a person of the roster.")


def _apply(act: Act, changes: list[Change]) -> None:
    now = act.clock.now()
    names = {change.entry.group for change in changes if change.entry and change.entry.group}
    groups = store.enter_groups(act.tx, act.course, names, random=act.random)
    # Who leaves goes first: a user name may pass to another person in the same roster.
    for change in changes:
        if change.kind is Kind.LEFT and change.member:
            store.deactivate(act.tx, act.course, change.member.person, at=now)
    for change in changes:
        if change.entry and change.member:
            store.update_member(act.tx, act.course, change.member.person, change.entry, groups)
    new = [change.entry for change in changes if change.entry and not change.member]
    store.add_members(act.tx, act.course, new, groups, at=now, random=act.random)


REPLACE = Operation(
    name="roster.replace",
    method="PUT",
    path="/roster",
    call=replace_roster,
    body=ReplaceRoster,
    returns=RosterReplaced,
    needs=Action.REPLACE_ROSTER,
    repeated=roster_as_it_is,
)
LIST = Operation(
    name="roster.list",
    method="GET",
    path="/roster",
    call=list_roster,
    body=ListRoster,
    returns=RosterView,
    needs=Action.READ_ROSTER,
)
OPERATIONS = (REPLACE, LIST)
