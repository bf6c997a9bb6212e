"""From the files of a hand-in to what peers get.

The copy is made once, at the hand-in, and frozen: what the author is shown is what peers are
served, and a later change of the roster cannot change it (threats rule 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from jupyter_social.core.course import NotebookTemplate
from jupyter_social.core.errors import Invalid
from jupyter_social.core.ids import RandomSource
from jupyter_social.core.notebooks import InvalidNotebook, Notebook, read_notebook, write_notebook
from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing import Scrubber
from jupyter_social.exchange.rules import HandedInNotebook, is_notebook, public_names
from jupyter_social.exchange.store import AnonymousNotebook


@dataclass(frozen=True)
class Prepared:
    """A hand-in ready to be stored: its files (cut where too large) and the copies for peers."""

    files: Mapping[str, bytes]
    notebooks: list[AnonymousNotebook]
    shapes: list[HandedInNotebook]
    notes: list[str]


def prepare(
    files: Mapping[str, bytes],
    *,
    roster: Iterable[Identity],
    authors: Iterable[str],
    templates: tuple[NotebookTemplate, ...],
    random: RandomSource,
) -> Prepared:
    """Read every notebook strictly and scrub it; raises `Invalid` naming a broken file."""
    read = {name: _read(name, data) for name, data in files.items() if is_notebook(name)}
    kept = {
        name: write_notebook(read[name].content) if name in read and read[name].notes else data
        for name, data in files.items()
    }
    scrubber = _scrubber(tuple(roster))
    grade_ids = frozenset[str]().union(*(template.grade_ids for template in templates))
    notebooks = []
    for name, public in public_names(read, templates).items():
        scrubbed = scrubber.scrub(
            read[name], authors=tuple(authors), grade_ids=grade_ids, random=random
        )
        report = {
            "removed": [asdict(finding) for finding in scrubbed.removed],
            "remaining": [asdict(finding) for finding in scrubbed.remaining],
        }
        notebooks.append(AnonymousNotebook(public, name, scrubbed.data, scrubbed.cell_ids, report))
    return Prepared(
        files=kept,
        notebooks=notebooks,
        shapes=[_shape(name, notebook) for name, notebook in read.items()],
        notes=[f"{name}: {note}" for name, found in read.items() for note in found.notes],
    )


@lru_cache(maxsize=2)
def _scrubber(roster: tuple[Identity, ...]) -> Scrubber:
    return Scrubber(roster)


def _read(name: str, data: bytes) -> Notebook:
    try:
        return read_notebook(data)
    except InvalidNotebook as refused:
        raise Invalid(f"{name}: {refused.detail}") from None


def _shape(name: str, notebook: Notebook) -> HandedInNotebook:
    found = (cell["metadata"].get("nbgrader") for cell in notebook.content["cells"])
    ids = (nbgrader.get("grade_id") for nbgrader in found if isinstance(nbgrader, dict))
    return HandedInNotebook(
        PurePosixPath(name).stem, frozenset(id for id in ids if isinstance(id, str))
    )
