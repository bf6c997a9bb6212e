"""What the commands share that act for one person of the course."""

from __future__ import annotations

from jupyter_social.cli.base import CourseCommand


class PersonalCommand(CourseCommand):
    """A verb of somebody in the course: `--as NAME` says whose, or behind `--url` the token."""

    def _check_arguments(self) -> None:
        super()._check_arguments()
        if not self.acting_for and not self.url:
            self.wrong_use("--as NAME is missing: for whom of the course is this?")
