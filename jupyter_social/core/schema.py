"""The schema's version: created, upgraded and checked by alembic's migrations.

`HEAD` names the newest migration so that opening a current database need not import alembic (a
fifth of a second on every command); a test holds it against the migrations themselves.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from jupyter_social.core.errors import Conflict

HEAD = "0002"
VERSION_TABLE = "alembic_version"

_NEWER = (
    "This database was written by a newer jupyter_social (schema {found}, this one knows {head}). "
    "Upgrade the program: pip install --upgrade jupyter-social-learning."
)


def version(connection: Connection) -> str | None:
    """Return the schema version of a database, or None where it is empty.

    Raises `Conflict` for a database that holds somebody else's tables.
    """
    names = set(inspect(connection).get_table_names())
    if not names - {VERSION_TABLE}:
        return None
    if not {VERSION_TABLE, "course", "journal"} <= names:
        raise Conflict(
            "This database belongs to another program. Give jupyter_social one of its own with "
            "--database."
        )
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def refuse_newer(engine: Engine) -> str | None:
    """Refuse a database of a newer program; returns the version found, None where it is empty."""
    with engine.connect() as connection:
        found = version(connection)
    if found is not None and found > HEAD:
        raise Conflict(_NEWER.format(found=found, head=HEAD))
    return found


def refuse_unless_current(engine: Engine) -> None:
    """Refuse an empty, older or newer database, naming the command that helps."""
    found = refuse_newer(engine)
    if found is None or found < HEAD:
        if found is None:
            raise Conflict("This database is empty. Make its tables: jupyter social db upgrade.")
        raise Conflict(
            f"This database has the older schema {found}. Make a backup with pg_dump, then run: "
            "jupyter social db upgrade."
        )


def bring_up_to_date(engine: Engine, file: Path, *, now: datetime) -> Path | None:
    """Create or upgrade a SQLite file; an older one is backed up first. Returns the backup."""
    found = refuse_newer(engine)
    if found == HEAD:
        return None
    backup = None
    if found is not None:
        backup = file.with_name(f"{file.name}.{found}.{now:%Y%m%dT%H%M%SZ}.backup")
        copy_sqlite(file, backup)
    upgrade(engine)
    return backup


def upgrade(engine: Engine) -> None:
    """Run the migrations up to `HEAD`, all in one transaction."""
    from alembic import command

    with engine.connect() as connection:
        connection = connection.execution_options(social_begin="BEGIN IMMEDIATE")
        command.upgrade(alembic_config(connection), "head")
        connection.commit()


def alembic_config(connection: Connection):  # type: ignore[no-untyped-def]
    """Return an alembic configuration that works on this open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "jupyter_social.core:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite file as of one instant, readable by its owner alone (the backup API)."""
    target.touch(mode=0o600)
    with (
        closing(sqlite3.connect(source)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")
