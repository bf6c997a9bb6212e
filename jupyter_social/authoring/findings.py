"""What `check` finds: a sentence for a person, tied to a file and a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from jupyter_social.core.errors import Invalid

SHOWN_IN_A_REFUSAL = 10


class Severity(StrEnum):
    """An error breaks the course; a warning is worth a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to look at; `line` counts from 1, None means the file as a whole."""

    file: Path
    line: int | None
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = str(self.file) if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"


class InvalidFiles(Invalid):
    """Course files that cannot be used; `findings` holds every reason."""

    code = "invalid-files"

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        shown = [str(finding) for finding in self.findings[:SHOWN_IN_A_REFUSAL]]
        more = len(self.findings) - len(shown)
        if more > 0:
            shown.append(f"… and {more} more. `jupyter social check` lists all.")
        super().__init__("\n".join(shown))


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return only what breaks the course."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]
