"""`init`, `check` and `where`: the course folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from traitlets import Unicode

from jupyter_social.cli.base import BASE_ALIASES, DONE, REFUSED, Command, CourseCommand
from jupyter_social.cli.output import count


class Init(Command):
    """Start a course from a template."""

    name = "jupyter-social-init"
    description = (
        "Write a new course into DIR: course.toml, notebooks ready for nbgrader, rubric.toml and "
        "roster.csv. All dates are moved so that the course starts next Monday."
    )
    examples = "jupyter social init my-course --template peer-review-lab"
    arguments = ("DIR",)
    aliases = {**BASE_ALIASES, "template": "Init.template"}

    template = Unicode("peer-review-lab", help="The template to start from.").tag(config=True)

    def run(self) -> int:
        """Write the course and say what to do next."""
        from jupyter_social.authoring.templates import create_course, templates

        target = Path(self.extra_args[0])
        written = create_course(target, self.template, today=datetime.now(UTC).date())
        chosen = templates()[self.template]
        self.output.data(
            {
                "folder": str(target.absolute()),
                "template": chosen.name,
                "files": [str(path) for path in written],
            }
        )
        self.output.say(
            f"{target} now holds “{chosen.title}”: {count(len(written), 'file')}.",
            f"Next: cd {target} && jupyter social check",
        )
        return DONE


class Check(CourseCommand):
    """Find what would break the course."""

    name = "jupyter-social-check"
    description = (
        "Read course.toml, rubric.toml, roster.csv and the notebooks, and list what would break, "
        "with file and line. Exit 1 if anything would; warnings alone are 0."
    )
    examples = "jupyter social check"
    on_this_machine = True

    def run(self) -> int:
        """Check and list."""
        from jupyter_social.authoring.check import check_course
        from jupyter_social.authoring.findings import errors

        findings = check_course(self.folder)
        broken = errors(findings)
        self.output.data(
            {
                "errors": len(broken),
                "warnings": len(findings) - len(broken),
                "findings": [
                    {
                        "severity": found.severity.value,
                        "file": str(found.file),
                        "line": found.line,
                        "message": found.message,
                    }
                    for found in findings
                ],
            }
        )
        for found in findings:
            self.output.say(f"{found.severity.value}: {found}")
        if broken:
            self.output.say(f"{count(len(broken), 'thing')} to mend.")
        else:
            look = " The warnings are worth a look." if findings else ""
            self.output.say(f"Nothing would break.{look}")
            self.output.say("Next: jupyter social roster import roster.csv")
        return REFUSED if broken else DONE


class Where(CourseCommand):
    """Show where everything is kept."""

    name = "jupyter-social-where"
    description = "Show the course folder, its database, configuration and template folders."
    examples = "jupyter social where"
    on_this_machine = True

    def run(self) -> int:
        """List the places; works outside a course, too."""
        from sqlalchemy import make_url

        from jupyter_social.authoring.templates import template_folders
        from jupyter_social.core.database import sqlite_file
        from jupyter_social.core.errors import NotFound

        places: dict[str, str | list[str] | None] = {"course": None, "database": None}
        try:
            places["course"] = str(self.folder.root)
            url = self.database_url
            places["database"] = str(sqlite_file(url) or make_url(url).render_as_string())
        except NotFound:
            pass
        places["configuration"] = list(self.config_file_paths)
        places["templates"] = [str(folder) for folder in template_folders()]
        self.output.data(places)
        rows = [
            (name if index == 0 else "", line)
            for name, value in places.items()
            for index, line in enumerate(
                value if isinstance(value, list) else [value or "none here"]
            )
        ]
        self.output.table(("what", "where"), rows)
        return DONE
