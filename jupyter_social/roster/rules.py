"""What a new roster changes. Pure: people in, changes out.

Whoever stays keeps the id they have. Whoever left becomes inactive and keeps their work. A user
name that comes back is the same person only with the same e-mail address: user names are given
to new people, and a stranger must not inherit somebody's work (threats I7). So whoever has the
e-mail of a name's former owner is that person again, and who held the name meanwhile leaves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from jupyter_social.core.membership import Member
from jupyter_social.core.people import RosterEntry


class Kind(StrEnum):
    """What happens to a person when the roster is replaced."""

    JOINED = "joined"
    RETURNED = "returned"
    CHANGED = "changed"
    LEFT = "left"


@dataclass(frozen=True)
class Change:
    """One person's change; `entry` is None for who left, `member` None for who is new."""

    kind: Kind
    username: str
    entry: RosterEntry | None
    member: Member | None
    note: str = ""


def compare(current: Iterable[Member], wanted: Iterable[RosterEntry]) -> list[Change]:
    """Return what changes, by user name; people who stay as they are do not appear."""
    known = list(current)
    active = {member.username: member for member in known if member.active}
    entries = {entry.identity.username: entry for entry in wanted}
    changes = [_left(member) for name, member in active.items() if name not in entries]
    for name, entry in entries.items():
        former = [m for m in known if m.username == name and not m.active]
        if name not in active:
            changes.append(_arrived(name, entry, former))
        elif _is_again(former, entry) and not _same_email(active[name], entry):
            changes += [_left(active[name]), _arrived(name, entry, former)]
        else:
            changes += _stayed(active[name], entry)
    return sorted(changes, key=lambda change: change.username)


def _left(member: Member) -> Change:
    return Change(Kind.LEFT, member.username, None, member, "keeps all work, can come back")


def _stayed(member: Member, entry: RosterEntry) -> list[Change]:
    old, new = member.identity, entry.identity
    notes = [
        f"{label}: {before or 'none'} → {after or 'none'}"
        for label, before, after in (
            ("name", old.name, new.name),
            ("e-mail", old.email, new.email),
            ("role", member.role.value, entry.role.value),
            ("group", member.group, entry.group),
        )
        if (before or "") != (after or "")
    ]
    if not notes:
        return []
    if old.name != new.name and old.email != new.email:
        notes.append("still the same person? If not, give the new one another user name")
    return [Change(Kind.CHANGED, old.username, entry, member, "; ".join(notes))]


def _arrived(name: str, entry: RosterEntry, former: list[Member]) -> Change:
    for member in former:
        if _same_email(member, entry):
            return Change(Kind.RETURNED, name, entry, member, "same e-mail: has all work again")
    note = ""
    if former:
        known = bool(entry.identity.email)
        note = "another e-mail than before: a new person" if known else "no e-mail: a new person"
    return Change(Kind.JOINED, name, entry, None, note)


def _is_again(former: Iterable[Member], entry: RosterEntry) -> bool:
    return any(_same_email(member, entry) for member in former)


def _same_email(member: Member, entry: RosterEntry) -> bool:
    email = entry.identity.email.casefold()
    return bool(email) and member.identity.email.casefold() == email
