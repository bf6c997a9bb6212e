"""A conflicts file: who must not review whose work."""

from __future__ import annotations

import csv
from pathlib import Path

from jupyter_social.authoring.findings import Finding, InvalidFiles

COLUMNS = ["reviewer", "author"]


def read_conflicts(path: Path) -> list[tuple[str, str]]:
    """Return (reviewer, author) by name, in file order; raises `InvalidFiles`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(enumerate(csv.reader(file, strict=True), start=1))
    except OSError as error:
        raise _refusal(path, None, f"The conflicts cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error):
        raise _refusal(path, None, "This is not a CSV file in UTF-8.") from None
    rows = [(line, [field.strip() for field in row]) for line, row in rows if any(row)]
    if not rows or rows[0][1] != COLUMNS:
        raise _refusal(path, 1, f"The first line must be {','.join(COLUMNS)}.")
    for line, row in rows[1:]:
        if len(row) != len(COLUMNS) or not all(row):
            raise _refusal(path, line, "A line names one reviewer and one author.")
    return [(row[0], row[1]) for _, row in rows[1:]]


def _refusal(path: Path, line: int | None, message: str) -> InvalidFiles:
    return InvalidFiles([Finding(path, line, message)])
