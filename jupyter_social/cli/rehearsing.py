"""What the commands share that can show what they would do: `--dry-run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from traitlets import Bool

from jupyter_social.cli.base import CourseCommand

if TYPE_CHECKING:
    from jupyter_social.core.operations import Operation, Performs
    from jupyter_social.core.views import View

Request = TypeVar("Request", bound="View")
Answer = TypeVar("Answer", bound="View")

NOTHING_CHANGED = "This was a dry run: nothing was changed."


def dry_run_flag(help: str = "Show what would come of it; change nothing.") -> dict[str, Any]:  # noqa: A002
    """Return the flag of such a command, with its own words where they say more."""
    return {"dry-run": ({"RehearsedCommand": {"dry_run": True}}, help)}


class RehearsedCommand(CourseCommand):
    """A verb that changes something, and with `--dry-run` shows what would come of it."""

    dry_run = Bool(False, help="Show what would come of it; change nothing.").tag(config=True)

    def act(self, app: Performs, operation: Operation[Request, Answer], request: Request) -> Answer:
        """Perform an operation, or rehearse it."""
        act = app.rehearse if self.dry_run else app.perform
        return act(operation, request, caller=self.caller)
