"""How answers look in a terminal, and in JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_social.core.errors import Problem

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")

PIPED_WIDTH = 160


class Output:
    """Prints for a person, or one JSON document for a program."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def data(self, value: Any) -> None:
        """Print the answer as JSON; does nothing where a person reads."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")

    def say(self, *lines: str) -> None:
        """Tell a person something; silent where a program reads."""
        if not self.as_json:
            sys.stdout.writelines(f"{line}\n" for line in lines)

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = ""
    ) -> None:
        """Show rows under their columns; silent where a program reads."""
        if self.as_json:
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(
            title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
        )
        for column in columns:
            right = column.endswith("#")
            table.add_column(
                column.rstrip("#"), justify="right" if right else "left", overflow="fold"
            )
        for row in rows:
            table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
        sys.stdout.flush()
        _console(sys.stdout).print(table)

    def problem(self, problem: Problem) -> None:
        """Tell why something was refused, and what to do."""
        sys.stderr.write(f"{problem.detail}\n")
        self.data({"problem": problem.details()})

    @contextmanager
    def progress(self, label: str, items: Sequence[T]) -> Iterator[Iterable[T]]:
        """Iterate with a progress bar where a person watches a terminal."""
        if self.as_json or not sys.stderr.isatty() or not items:
            yield items
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=_console(sys.stderr), transient=True) as progress:
            yield progress.track(items, description=label)


def count(number: int, one: str, many: str | None = None) -> str:
    """Return the number with its noun: 1 student, 2 students."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def points(value: float | None) -> str:
    """Return points as people write them: 2, 2.5, 0.25; empty where there are none."""
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _console(file: Any) -> Console:
    from rich.console import Console

    return Console(file=file, width=None if file.isatty() else PIPED_WIDTH)
