"""`audit`: what was done with people's data, by whom and why."""

from __future__ import annotations

from jupyter_social.cli.base import DONE, CourseCommand


class Audit(CourseCommand):
    """Show what was done with people's data, and why."""

    name = "jupyter-social-audit"
    description = (
        "List changes of the roster, assignments of reviewers and every time names were revealed, "
        "with the reason given."
    )
    examples = "jupyter social audit --json"

    def run(self) -> int:
        """List the log, oldest first."""
        from jupyter_social.audit.operations import READ
        from jupyter_social.audit.views import ReadAudit

        with self.application() as app:
            answer = app.perform(READ, ReadAudit(), caller=self.caller)
        self.output.data(answer.model_dump(mode="json"))
        self.output.table(
            ("when (UTC)", "who", "what", "about", "details"),
            [
                (
                    f"{entry.at:%Y-%m-%d %H:%M}",
                    entry.actor,
                    entry.kind,
                    entry.subject,
                    ", ".join(f"{key}: {value}" for key, value in entry.data.items()),
                )
                for entry in answer.entries
            ],
        )
        return DONE
