"""What makes a hand-in. Pure: names and bytes in, judgements out."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jupyter_social.core.course import NotebookTemplate
from jupyter_social.core.errors import Invalid

MAX_FILES = 100
MAX_NAME = 1024
MAX_OTHER_FILE = 8_000_000
MAX_UPLOAD = 16_000_000
"""The most bytes of a request that brings files; in base64 that is 12 MB of them."""
NOTEBOOK_SUFFIX = ".ipynb"


@dataclass(frozen=True)
class HandedInNotebook:
    """A notebook of a hand-in: its name without the suffix, and the grade ids of its cells."""

    name: str
    grade_ids: frozenset[str]


def is_notebook(name: str) -> bool:
    """Tell notebooks from other files, by name."""
    return name.endswith(NOTEBOOK_SUFFIX)


def content_hash(files: Mapping[str, bytes]) -> str:
    """Return a SHA-256 over names and contents, so that the same hand-in is known again."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), hashlib.sha256(files[name]).digest()):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def usable_files(named: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Return the files of a hand-in by name; raises `Invalid` for what we cannot take."""
    given = list(named)
    files = dict(given)
    if len(files) != len(given):
        raise Invalid("Two files have the same name.")
    for name in files:
        if (
            len(name) > MAX_NAME
            or not name.isprintable()
            or "\\" in name
            or {"", ".", ".."} & set(name.split("/"))
        ):
            raise Invalid(f"{name[:80]!r} cannot be the name of a file in a hand-in.")
    _refuse_unusable(files)
    return files


def _refuse_unusable(files: Mapping[str, bytes]) -> None:
    """Refuse a hand-in without a notebook, with too many files, or with a large other file."""
    if not any(is_notebook(name) for name in files):
        raise Invalid("There is no notebook (.ipynb) in it.")
    if len(files) > MAX_FILES:
        raise Invalid(f"It has {len(files)} files; at most {MAX_FILES} can be handed in.")
    for name, content in files.items():
        if not is_notebook(name) and len(content) > MAX_OTHER_FILE:
            raise Invalid(f"{name} is larger than {MAX_OTHER_FILE // 1_000_000} MB.")


def differences(
    handed_in: Iterable[HandedInNotebook], templates: Iterable[NotebookTemplate]
) -> list[str]:
    """Say in words how a hand-in differs from the instructor's version; none where it fits."""
    found = {notebook.name: notebook for notebook in handed_in}
    wanted = {template.name: template for template in templates}
    if not wanted:
        return []
    notes = [f"{name}.ipynb is missing" for name in sorted(wanted.keys() - found.keys())]
    notes += [
        f"{name}.ipynb is not in the assignment" for name in sorted(found.keys() - wanted.keys())
    ]
    for name in sorted(found.keys() & wanted.keys()):
        missing = sorted(wanted[name].grade_ids - found[name].grade_ids)
        unknown = sorted(found[name].grade_ids - wanted[name].grade_ids)
        if missing:
            notes.append(f"{name}.ipynb lacks the cells {_listed(missing)}")
        if unknown:
            notes.append(f"{name}.ipynb has unknown cells {_listed(unknown)}")
    return notes


def public_names(names: Iterable[str], templates: Iterable[NotebookTemplate]) -> dict[str, str]:
    """Return the name under which peers see each notebook file.

    A file's name is its author's choice and may name them; only the assignment's own names stay.
    """
    known = {template.name + NOTEBOOK_SUFFIX for template in templates}
    neutral = (f"notebook-{number}{NOTEBOOK_SUFFIX}" for number in itertools.count(1))
    unused = (name for name in neutral if name not in known)
    return {name: name if name in known else next(unused) for name in sorted(names)}


def _listed(names: list[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
