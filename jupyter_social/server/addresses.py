"""Which operation an address means.

All of the operation table hangs below `courses/{course}`; which methods a place knows does not
depend on the course, so that asking with a wrong method does not tell whether a course exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from jupyter_social.core.errors import NOTHING_HERE, Malformed, NotFound

if TYPE_CHECKING:
    from jupyter_social.core.operations import Operation

MARK = "/jupyter-social/v1/"
MAX_ADDRESS = 4096
COURSES = "courses"
OPENAPI = "openapi.json"


@dataclass(frozen=True)
class Place:
    """What lies at an address: an operation for each method, and what the path says."""

    operations: Mapping[str, Operation[Any, Any]]
    course: str = ""
    fields: Mapping[str, str] | None = None
    document: str | None = None
    """One of the two documents about the server itself, which are no operations."""

    @property
    def allowed(self) -> str:
        """The methods of this place, as the header `Allow` lists them."""
        return "GET" if self.document else ", ".join(sorted(self.operations))


class Addresses:
    """The paths of an operation table, ready to be looked up."""

    def __init__(self, operations: Iterable[Operation[Any, Any]]) -> None:
        by_path: dict[tuple[str, ...], dict[str, Operation[Any, Any]]] = {}
        for operation in operations:
            steps = tuple(operation.path.strip("/").split("/"))
            by_path.setdefault(steps, {})[operation.method] = operation
        # A word in the path goes before a field at the same step.
        self._paths = sorted(by_path.items(), key=lambda item: [s.startswith("{") for s in item[0]])

    def find(self, path: str) -> Place:
        """Return what lies at the raw path of a URL, or raise the uniform `NotFound`."""
        steps = [_text(step) for step in path.partition(MARK)[2].split("/")]
        if len(steps) == 1 and steps[0] in (COURSES, OPENAPI):
            return Place({}, document=steps[0])
        if len(steps) > 2 and steps[0] == COURSES and steps[1]:
            for template, operations in self._paths:
                fields = _matched(template, steps[2:])
                if fields is not None:
                    return Place(operations, steps[1], fields)
        raise NotFound(NOTHING_HERE)


def _matched(template: tuple[str, ...], steps: list[str]) -> dict[str, str] | None:
    if len(template) != len(steps):
        return None
    fields = {}
    for part, step in zip(template, steps, strict=True):
        if part.startswith("{") and step:
            fields[part[1:-1]] = step
        elif part != step:
            return None
    return fields


def _text(step: str) -> str:
    try:
        found = unquote(step, errors="strict")
    except UnicodeDecodeError:
        raise Malformed("The address is not UTF-8.") from None
    if "\x00" in found:
        raise Malformed("The address holds a NUL character.")
    return found
