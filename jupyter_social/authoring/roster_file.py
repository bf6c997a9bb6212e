"""`roster.csv`: who is in the course, as what, and in which group."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from jupyter_social.authoring.findings import Finding, InvalidFiles
from jupyter_social.core.people import Identity, Role, RosterEntry, groups_like_people

COLUMNS = ("username", "name", "email", "role", "group")
MAX_BYTES = 20_000_000
MAX_FIELD = 255

_ROLES = {role.value: role for role in (Role.STUDENT, Role.ASSISTANT, Role.INSTRUCTOR)}


def read_roster(path: Path, shown: Path | None = None) -> tuple[RosterEntry, ...]:
    """Return the roster's entries in file order; raises `InvalidFiles` with every bad line."""
    shown = shown or path
    reader = csv.reader(io.StringIO(_read_text(path, shown), newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(field.strip() for field in row)]
    except csv.Error as error:
        raise _refusal(shown, reader.line_num, f"This line is not valid CSV: {error}.") from None
    if not rows:
        raise _refusal(shown, None, f"The roster is empty. Its first line is: {','.join(COLUMNS)}")
    header = _header(rows[0][1], shown)
    entries: list[tuple[int, RosterEntry]] = []
    problems: list[Finding] = []
    for line, row in rows[1:]:
        found = list(_row_problems(row, header))
        problems += [Finding(shown, line, message) for message in found]
        if not found:
            entries.append((line, _entry(row, header)))
    problems += [*_duplicates(entries, shown), *_groups_like_people(entries, shown)]
    if problems:
        raise InvalidFiles(sorted(problems, key=lambda finding: finding.line or 0))
    return tuple(entry for _, entry in entries)


def _read_text(path: Path, shown: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refusal(shown, None, f"The roster cannot be read: {error.strerror}.") from None
    if len(data) > MAX_BYTES:
        raise _refusal(shown, None, "The roster is larger than 20 MB. Is this the right file?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refusal(
            shown, None, "The roster is not UTF-8. Save it as “CSV UTF-8” and try again."
        ) from None
    if "\0" in text:
        raise _refusal(shown, None, "The roster holds a NUL character. Save it again as CSV.")
    return text


def _header(row: list[str], shown: Path) -> dict[str, int]:
    names = [field.strip().lower() for field in row]
    if sorted(names) != sorted(COLUMNS):
        hint = " Columns are separated by commas." if ";" in "".join(row) else ""
        raise _refusal(
            shown, 1, f"The columns must be {','.join(COLUMNS)}; found {','.join(row)}.{hint}"
        )
    return {name: names.index(name) for name in COLUMNS}


def _row_problems(row: list[str], header: dict[str, int]) -> Iterator[str]:
    if len(row) != len(header):
        yield f"This line has {len(row)} fields instead of {len(header)}."
        return
    if any(len(field) > MAX_FIELD for field in row):
        yield f"A field is longer than {MAX_FIELD} characters."
        return
    values = _values(row, header)
    username = values["username"]
    if not username:
        yield "The user name is missing."
    elif username in {".", ".."} or not username.isprintable() or set(username) & set("/\\"):
        yield f"The user name {username!r} cannot be a folder's name. Write it without / and \\."
    elif not all(value.isprintable() for value in values.values()):
        yield "A field holds a line break or a character that cannot be seen. Write it anew."
    if values["email"] and not _is_email(values["email"]):
        yield f"{values['email']!r} is not an e-mail address. Leave it empty if there is none."
    if values["role"].lower() not in _ROLES:
        yield f"The role {values['role']!r} is unknown. It is {', '.join(_ROLES)}."


def _is_email(text: str) -> bool:
    local, at, host = text.partition("@")
    return bool(local and at and host) and "@" not in host and not any(c.isspace() for c in text)


def _values(row: list[str], header: dict[str, int]) -> dict[str, str]:
    return {name: unicodedata.normalize("NFC", row[at]).strip() for name, at in header.items()}


def _entry(row: list[str], header: dict[str, int]) -> RosterEntry:
    values = _values(row, header)
    return RosterEntry(
        identity=Identity(values["username"], values["name"], values["email"]),
        role=_ROLES[values["role"].lower()],
        group=values["group"] or None,
    )


def _duplicates(entries: list[tuple[int, RosterEntry]], shown: Path) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for line, entry in entries:
        name = entry.identity.username
        earlier = first.setdefault(name.casefold(), line)
        if earlier != line:
            yield Finding(shown, line, f"The user name {name!r} stands in line {earlier} already.")


def _groups_like_people(entries: list[tuple[int, RosterEntry]], shown: Path) -> Iterator[Finding]:
    for place in groups_like_people([entry for _, entry in entries]):
        line, entry = entries[place]
        text = f"The group {entry.group!r} is called like a person. Give it another name."
        yield Finding(shown, line, text)


def _refusal(shown: Path, line: int | None, message: str) -> InvalidFiles:
    return InvalidFiles([Finding(shown, line, message)])
