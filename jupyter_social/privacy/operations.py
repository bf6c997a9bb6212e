"""The operator's use cases for people's data: export everything about somebody, erase them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jupyter_social.core.errors import NotFound
from jupyter_social.core.events import EventKind
from jupyter_social.core.ids import new_id
from jupyter_social.core.membership import Member, members
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.permissions import Action
from jupyter_social.privacy import store
from jupyter_social.privacy.mentions import erase_mentions
from jupyter_social.privacy.views import (
    ErasePerson,
    ExportPerson,
    PersonErased,
    PersonExported,
    StoredFile,
)

TOMBSTONE = "erased-"


def export_person(act: Act, request: ExportPerson) -> PersonExported:
    """Return everything about a person, and write down that it was asked for."""
    member = _member(act, request.username)
    act.record(EventKind.PERSON_EXPORTED, data={"person": member.person})
    return exported(act, request)


def exported(act: Act, request: ExportPerson) -> PersonExported:
    """Return everything about a person."""
    member = _member(act, request.username)
    subject = store.subject_of(act.tx, act.course, member.person)
    tables = dict(store.rows_about(act.tx, act.course, subject))
    hashes = {row["sha256"] for rows in tables.values() for row in rows if row.get("sha256")}
    files = store.contents(act.tx, hashes)
    return PersonExported(
        username=request.username,
        tables={
            name: [_plain(row) for row in rows] for name, rows in tables.items() if name != "blob"
        },
        files=[StoredFile(sha256=sha, content=files[sha]) for sha in sorted(files)],
    )


def erase_person(act: Act, request: ErasePerson) -> PersonErased:
    """Erase a person's identity and texts; what others' marks need stays, under no name."""
    member = _member(act, request.username)
    subject = store.subject_of(act.tx, act.course, member.person)
    tombstone = TOMBSTONE + new_id(act.random)
    erase_mentions(act.tx, act.course, member.identity)
    store.erase(act.tx, act.course, subject, tombstone=tombstone, at=act.clock.now())
    act.record(EventKind.PERSON_ERASED, data={"person": member.person})
    notes = [
        "Erased: name, user name, e-mail, hand-ins, words in reviews, reasons that name them.",
        "Kept without a name: points given to others, and that things happened.",
        "Backups made before still hold everything: delete or replace them.",
    ]
    if subject.shared:
        notes.append("The hand-ins of their group are the group's as well, and stay.")
    return PersonErased(erased=True, notes=notes)


def erased_already(act: Act, request: ErasePerson) -> PersonErased:
    """Answer a repeated request: there is nobody of that name any more."""
    return PersonErased(erased=True, notes=["It was done before; nothing is left to erase."])


def _member(act: Act, username: str) -> Member:
    """Return who has or last had this user name; people who left can ask as well."""
    found = [m for m in members(act.tx, act.course) if m.username == username]
    if not found:
        raise NotFound(f"Nobody in this course has or had the user name {username!r}.")
    return found[0]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }


EXPORT = Operation(
    name="people.export",
    method="POST",
    path="/people/{username}/export",
    call=export_person,
    body=ExportPerson,
    returns=PersonExported,
    needs=Action.EXPORT_PERSON,
    repeated=exported,
)
ERASE = Operation(
    name="people.erase",
    method="POST",
    path="/people/{username}/erase",
    call=erase_person,
    body=ErasePerson,
    returns=PersonErased,
    needs=Action.ERASE_PERSON,
    repeated=erased_already,
    forgets=True,
)
OPERATIONS = (EXPORT, ERASE)
