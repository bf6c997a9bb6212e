"""What goes in and out of the privacy operations."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints

from jupyter_social.core.views import View

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class ExportPerson(View):
    """Asks for everything that is known of a person."""

    username: str


class StoredFile(View):
    """One stored file, by its SHA-256, in base64."""

    sha256: str
    content: bytes


class PersonExported(View):
    """Everything about a person by table; other people stand in it under no name at all."""

    username: str
    tables: dict[str, list[dict[str, Any]]]
    files: list[StoredFile]


class ErasePerson(View):
    """Erases a person: identity and texts; points that others' marks need stay."""

    username: str
    reason: Reason


class PersonErased(View):
    """What was erased and what stays, in words."""

    erased: bool
    notes: list[str]
