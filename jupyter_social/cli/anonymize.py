"""`anonymize`: a notebook without its author, and a report of what was removed and what remains."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Unicode

from jupyter_social.cli.base import BASE_ALIASES, BASE_FLAGS, DONE, REFUSED, Command
from jupyter_social.cli.files import write_file
from jupyter_social.cli.output import count
from jupyter_social.core.errors import Invalid, NotFound, Problem

if TYPE_CHECKING:
    from jupyter_social.core.scrubbing import Finding, Scrubbed, Scrubber

STANDARD_OUTPUT = "-"
SUFFIX = ".anonymous.ipynb"


@dataclass(frozen=True)
class Anonymized:
    """One notebook's anonymous copy, and where it went (None: nowhere)."""

    file: Path
    authors: tuple[str, ...] | None
    scrubbed: Scrubbed
    notes: tuple[str, ...]
    written: Path | None


class Anonymize(Command):
    """Make notebooks anonymous, with a report."""

    name = "jupyter-social-anonymize"
    description = (
        "Write an anonymous copy of each notebook beside it (NAME.anonymous.ipynb) or to --output, "
        "and list what was removed and what may still tell who wrote it. The author is --for, or "
        "the user name in a submitted/<username>/ path, or else anybody of the roster. Code keeps "
        "its meaning: in code cells only comments change."
    )
    examples = (
        "jupyter social anonymize work.ipynb --roster roster.csv --for ada\n"
        "jupyter social anonymize submitted/*/ps1/*.ipynb --roster roster.csv --check"
    )
    arguments = ("FILE…",)
    aliases = {
        **BASE_ALIASES,
        "roster": "Anonymize.roster",
        "for": "Anonymize.author",
        "output": "Anonymize.destination",
    }
    flags = {
        **BASE_FLAGS,
        "check": (
            {"Anonymize": {"check": True}},
            "Exit 1 if anything may still tell who wrote it; write only with --output.",
        ),
    }

    roster = Unicode("", help="The roster (CSV) whose people are to be hidden.").tag(config=True)
    author = Unicode("", help="The user name of the author.").tag(config=True)
    destination = Unicode("", help="A file, a folder, or - for standard output.").tag(config=True)
    check = Bool(False, help="Exit 1 if anything may remain.").tag(config=True)

    def run(self) -> int:
        """Anonymize file by file; a broken one is listed and the others go on."""
        files = [Path(name) for name in self.extra_args]
        if not self.roster:
            self.wrong_use("--roster FILE is missing: whose names are to be hidden.")
        if self.destination == STANDARD_OUTPUT and (len(files) > 1 or self.as_json):
            self.wrong_use("--output - takes one notebook, and no --json.")
        scrubber, usernames = self._scrubber()
        done: list[Anonymized] = []
        failed: list[tuple[Path, str]] = []
        targets = self._targets(files)
        with self.output.progress("Anonymizing", files) as watched:
            for file, target in zip(watched, targets, strict=True):
                try:
                    done.append(self._anonymize(file, scrubber, usernames, target=target))
                except Problem as problem:
                    failed.append((file, problem.detail))
        self._show(done, failed)
        remains = self.check and any(found.scrubbed.remaining for found in done)
        return REFUSED if failed or remains else DONE

    def _scrubber(self) -> tuple[Scrubber, frozenset[str]]:
        from jupyter_social.authoring.roster_file import read_roster
        from jupyter_social.core.scrubbing import Scrubber

        people = [entry.identity for entry in read_roster(Path(self.roster))]
        usernames = frozenset(person.username for person in people)
        if self.author and self.author not in usernames:
            raise NotFound(f"--for {self.author}: nobody in {self.roster} has this user name.")
        return Scrubber(people), usernames

    def _anonymize(
        self, file: Path, scrubber: Scrubber, usernames: frozenset[str], *, target: Path | None
    ) -> Anonymized:
        from jupyter_social.core.ids import SystemRandomSource
        from jupyter_social.core.notebooks import read_notebook

        authors = self._authors(file, usernames)
        notebook = read_notebook(_read(file))
        scrubbed = scrubber.scrub(
            notebook,
            authors=authors,
            grade_ids=_template_grade_ids(file),
            random=SystemRandomSource(),
        )
        if self.destination == STANDARD_OUTPUT:
            sys.stdout.buffer.write(scrubbed.data)
        elif target is not None:
            _write(target, scrubbed.data, source=file)
        notes = tuple(str(note) for note in notebook.notes)
        return Anonymized(file, authors, scrubbed, notes, target)

    def _authors(self, file: Path, usernames: frozenset[str]) -> tuple[str, ...] | None:
        if self.author:
            return (self.author,)
        named = _submitted_by(file)
        if named is None:
            return None
        if named not in usernames:
            raise Invalid(
                f"{named} (from the path) is not in {self.roster}. Name the author: --for."
            )
        return (named,)

    def _targets(self, files: Sequence[Path]) -> list[Path | None]:
        """Return where each copy goes; None where it is not written to a file."""
        if self.destination == STANDARD_OUTPUT or (self.check and not self.destination):
            return [None] * len(files)
        if not self.destination:
            return [file.with_name(file.stem + SUFFIX) for file in files]
        chosen = Path(self.destination)
        if len(files) == 1 and not (chosen.is_dir() or self.destination.endswith("/")):
            return [chosen]
        # Notebooks of a class have the same names: numbers keep one from replacing the other.
        names = Counter(file.name for file in files)
        return [
            chosen / (f"{file.stem}-{number}.ipynb" if _numbered(file, names) else file.name)
            for number, file in enumerate(files, start=1)
        ]

    def _show(self, done: Sequence[Anonymized], failed: Sequence[tuple[Path, str]]) -> None:
        self.output.data(
            {
                "files": [_as_json(found) for found in done],
                "failed": [{"file": str(file), "reason": why} for file, why in failed],
            }
        )
        if self.destination == STANDARD_OUTPUT:
            return
        for found in done:
            self._show_one(found)
        for file, why in failed:
            self.output.say(f"{file}: {why}")

    def _show_one(self, found: Anonymized) -> None:
        where = f" → {found.written}" if found.written else ""
        self.output.say(f"{found.file}{where}", *(f"  note: {note}" for note in found.notes))
        rows = [
            *_rows("removed", found.scrubbed.removed),
            *_rows("may remain", found.scrubbed.remaining),
        ]
        if rows:
            self.output.table(("", "rule", "what", "where", "cells"), rows)
        remaining = len(found.scrubbed.remaining)
        if remaining:
            self.output.say(f"{count(remaining, 'thing')} may still tell who wrote it.")
        else:
            self.output.say("Nothing else was found that tells who wrote it.")


def _rows(label: str, findings: Iterable[Finding]) -> Iterator[tuple[str, ...]]:
    """One row for what was found alike in several cells."""
    cells: dict[tuple[str, str, str], list[int]] = {}
    for found in findings:
        numbers = cells.setdefault((found.rule, found.what, found.place), [])
        numbers += [] if found.cell is None else [found.cell + 1]
    # What names a person comes first; metadata is in every notebook.
    for (rule, what, place), numbers in sorted(
        cells.items(), key=lambda item: "metadata" in item[0][0]
    ):
        yield label, rule, what, place, _ranges(numbers)


def _ranges(numbers: Iterable[int]) -> str:
    """Write numbers as 1-3, 7."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _numbered(file: Path, names: Counter[str]) -> bool:
    return names.total() > 1 and (names[file.name] > 1 or _submitted_by(file) is not None)


def _submitted_by(file: Path) -> str | None:
    """Return the user name in a `submitted/<username>/` path."""
    parts = file.absolute().parts
    for index, part in enumerate(parts[:-2]):
        if part == "submitted":
            return parts[index + 1]
    return None


def _template_grade_ids(file: Path) -> frozenset[str]:
    """Return the grade ids of the instructor's notebook of this name, where a course has one."""
    from jupyter_social.authoring.folder import RELEASE, SOURCE, find_course_folder, grade_ids

    try:
        root = find_course_folder(file.parent)
    except NotFound:
        return frozenset()
    templates = [*root.glob(f"{SOURCE}/*/{_escaped(file.name)}")]
    templates = templates or [*root.glob(f"{RELEASE}/*/{_escaped(file.name)}")]
    return frozenset(found for template in templates for found in grade_ids(template))


def _escaped(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)


def _read(file: Path) -> bytes:
    from jupyter_social.core.notebooks import MAX_FILE_BYTES

    try:
        with file.open("rb") as opened:
            return opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise Invalid(f"It cannot be read: {error.strerror}.") from None


def _write(target: Path, data: bytes, *, source: Path) -> None:
    if target.exists() and target.samefile(source):
        raise Invalid("The copy would replace the notebook itself. Choose another --output.")
    write_file(target, data)


def _as_json(found: Anonymized) -> dict[str, Any]:
    return {
        "file": str(found.file),
        "output": str(found.written) if found.written else None,
        "authors": list(found.authors) if found.authors is not None else None,
        "notes": list(found.notes),
        "removed": [asdict(finding) for finding in found.scrubbed.removed],
        "remaining": [asdict(finding) for finding in found.scrubbed.remaining],
    }
