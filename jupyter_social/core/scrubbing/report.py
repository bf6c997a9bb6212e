"""What scrubbing tells its readers: what it removed, and what may remain.

The author reads it before handing in, so it may quote what it found. Equal findings of a cell are
counted together, so that a name printed in a loop is one line.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from jupyter_social.core.scrubbing.rules import Rule

MAX_QUOTE = 80


@dataclass(frozen=True)
class Finding:
    """One kind of thing found in one place; `cell` counts from 0, None is the whole notebook."""

    rule: str
    cell: int | None
    place: str
    what: str
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return asdict(self)


class Report:
    """Collects findings while a notebook is scrubbed; `at` says where we are."""

    def __init__(self) -> None:
        self._removed: dict[tuple[int, str, str, str], int] = {}
        self._remaining: dict[tuple[int, str, str, str], int] = {}
        self._cell = -1
        self._place = "notebook"

    def at(self, cell: int | None, place: str) -> None:
        """Say where the next findings are."""
        self._cell = -1 if cell is None else cell
        self._place = place

    def removed(self, rule: Rule, what: str, *, count: int = 1) -> None:
        """Note that something is gone."""
        key = (self._cell, self._place, rule.value, quote(what))
        self._removed[key] = self._removed.get(key, 0) + count

    def remains(self, rule: Rule, what: str, *, count: int = 1) -> None:
        """Note that something may still tell who the author is."""
        key = (self._cell, self._place, rule.value, quote(what))
        self._remaining[key] = self._remaining.get(key, 0) + count

    def findings(self) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Return what was removed and what may remain, in the order of the notebook."""
        return _sorted(self._removed), _sorted(self._remaining)


def quote(text: str) -> str:
    """Shorten a quotation to one line."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_QUOTE else f"{line[: MAX_QUOTE - 1]}…"


def _sorted(counts: dict[tuple[int, str, str, str], int]) -> tuple[Finding, ...]:
    return tuple(
        Finding(rule=rule, cell=None if cell < 0 else cell, place=place, what=what, count=count)
        for (cell, place, rule, what), count in sorted(counts.items())
    )
