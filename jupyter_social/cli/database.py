"""`db upgrade`, `db backup`, `db restore` and `db verify`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from jupyter_social.cli.base import BASE_FLAGS, DONE, REFUSED, YES_FLAG, CourseCommand
from jupyter_social.cli.output import count
from jupyter_social.core.errors import Conflict


class _DatabaseCommand(CourseCommand):
    on_this_machine = True

    def _file(self) -> Path:
        """The SQLite file, or a refusal that names PostgreSQL's own tools."""
        from jupyter_social.core.database import sqlite_file

        file = sqlite_file(self.database_url)
        if file is None:
            raise Conflict(
                "This course is on PostgreSQL: use pg_dump and pg_restore, which know it best."
            )
        return file


class Upgrade(CourseCommand):
    """Bring an older database up to date."""

    name = "jupyter-social-db-upgrade"
    description = (
        "Create the tables, or bring those of an older version up to date. A SQLite file is backed "
        "up beside itself first; of a PostgreSQL database make a backup with pg_dump."
    )
    examples = "jupyter social db upgrade"
    on_this_machine = True

    def run(self) -> int:
        """Upgrade, whatever the state."""
        from jupyter_social.core import schema
        from jupyter_social.core.database import open_database, sqlite_file, upgrade_database

        url = self.database_url
        if sqlite_file(url) is None:
            upgrade_database(url)
        else:
            open_database(url, now=datetime.now(UTC)).close()
        self.output.data({"schema": schema.HEAD})
        self.output.say(f"The database has the newest schema ({schema.HEAD}).")
        return DONE


class Backup(_DatabaseCommand):
    """Copy the database to a file."""

    name = "jupyter-social-db-backup"
    description = "Copy the whole database, as of this moment, to the new file FILE."
    examples = "jupyter social db backup ~/course-backup.db"
    arguments = ("FILE",)

    def run(self) -> int:
        """Back up."""
        from jupyter_social.core import maintenance

        file, target = self._file(), Path(self.extra_args[0])
        with self.local_application():
            maintenance.backup(file, target)
        self.output.data({"backup": str(target.absolute()), "bytes": target.stat().st_size})
        self.output.say(f"{target} holds the course ({target.stat().st_size:,} bytes).")
        return DONE


class Restore(_DatabaseCommand):
    """Put a backup in the database's place."""

    name = "jupyter-social-db-restore"
    description = (
        "Check the backup FILE and put it in the database's place. The present database is moved "
        "aside, not deleted."
    )
    examples = "jupyter social db restore ~/course-backup.db --yes"
    arguments = ("FILE",)
    flags = {**BASE_FLAGS, **YES_FLAG}

    def run(self) -> int:
        """Restore after asking."""
        from jupyter_social.core import maintenance

        target, source = self._file(), Path(self.extra_args[0])
        maintenance.refuse_unusable_backup(source)
        if target.exists() and not self.confirm(f"Replace {target} by {source}?"):
            self.output.say("Nothing was changed.")
            return REFUSED
        aside = maintenance.restore(source, target, now=datetime.now(UTC))
        self.output.data({"database": str(target), "aside": str(aside) if aside else None})
        self.output.say(f"{target} is restored.")
        if aside:
            self.output.say(f"The one before is kept as {aside}.")
        return DONE


class Verify(CourseCommand):
    """Check that nothing is damaged."""

    name = "jupyter-social-db-verify"
    description = (
        "Check the file, the journal, every stored content against its hash, and every assignment "
        "of reviewers against its proof. Exit 1 if anything is wrong."
    )
    examples = "jupyter social db verify"
    on_this_machine = True

    def run(self) -> int:
        """Check everything that can be checked."""
        from jupyter_social.core import maintenance
        from jupyter_social.exchange.store import damaged_blobs

        with self.local_application() as app:
            problems = app.database.read(maintenance.structural_problems)
            damaged = app.database.read(damaged_blobs)
            problems += [f"The stored content {sha256[:12]} is damaged." for sha256 in damaged]
            problems += app.database.read(lambda tx: app.broken_proofs(tx))
        self.output.data({"problems": problems})
        for problem in problems:
            self.output.say(problem)
        if problems:
            self.output.say(
                f"{count(len(problems), 'problem')}. Put a good backup in its place: "
                "jupyter social db restore FILE"
            )
            return REFUSED
        self.output.say("Nothing is damaged.")
        return DONE
