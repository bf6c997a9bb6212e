"""The database: a use case is one plain function in one transaction.

`read(fn)` and `write(fn)` hand `fn` a connection inside a transaction and commit when it returns;
no transaction outlives the call. On SQLite one process owns the file and writes through WAL with
`synchronous=FULL`; on PostgreSQL the same SQL runs through psycopg. Whatever the disk or the
database server refuses arrives as an `Unavailable` that says what to do.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from jupyter_social.core import schema
from jupyter_social.core.errors import Invalid, Problem, Unavailable
from jupyter_social.core.ownership import Door, Ownership

T = TypeVar("T")

_DAMAGED = re.compile("not a database|malformed")

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA busy_timeout=5000",
)


class Database:
    """An open database of the current schema; `close` gives the file or the pool back."""

    def __init__(self, engine: Engine, ownership: Ownership | None = None) -> None:
        self.engine = engine
        self._ownership = ownership
        # SQLite lets one writer in and makes the others poll; here they wait in line instead.
        self._line: AbstractContextManager[object] = (
            threading.Lock() if self.file else nullcontext()
        )

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        return sqlite_file(self.engine.url.render_as_string(hide_password=False))

    def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` in a transaction that sees one state of the database and changes nothing."""
        with _problems(), self.engine.connect() as connection:
            # SQLite reads a snapshot anyway; PostgreSQL does so only if it is asked to.
            if self.file is None:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            return fn(connection)

    def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` in a transaction and commit; if it raises, nothing has happened."""
        with _problems(), self._writing() as tx:
            result = fn(tx)
            tx.commit()
            return result

    def rehearse(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` as `write` would, return what it returns, and undo all of it."""
        with _problems(), self._writing() as tx:
            result = fn(tx)
            tx.rollback()
            return result

    def forget(self) -> None:
        """Let what was erased vanish from the files as well, as far as the database can.

        On SQLite deleted content is overwritten, and the log is emptied here; on PostgreSQL dead
        rows are vacuumed. Backups are the operator's.
        """
        with _problems(), self.engine.connect() as connection:
            if self.file is None:
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.exec_driver_sql("VACUUM")
            else:
                cursor = connection.connection.cursor()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.close()

    def announce(self, door: Door) -> None:
        """Tell other processes where this one answers the operator; only for a SQLite file."""
        if self._ownership is not None:
            self._ownership.announce(door)

    def close(self) -> None:
        """Close all connections and let the next process in."""
        self.engine.dispose()
        if self._ownership is not None:
            self._ownership.release()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._line, self.engine.connect() as connection:
            yield connection.execution_options(social_begin="BEGIN IMMEDIATE")


def open_database(url: str, *, now: datetime) -> Database:
    """Open the database at this SQLAlchemy URL, creating or upgrading a SQLite file.

    An older SQLite file is backed up beside itself and upgraded; an older or empty PostgreSQL
    database is refused with the command that upgrades it, and a newer one is always refused.
    """
    file = sqlite_file(url)
    with ExitStack() as undo:
        ownership = None
        if file is not None:
            _make_private_folder(file.parent)
            ownership = Ownership(file, now=now)
            undo.callback(ownership.release)
            _make_private_file(file)
        engine = create_database_engine(url)
        undo.callback(engine.dispose)
        with _problems():
            if file is None:
                schema.refuse_unless_current(engine)
            else:
                schema.bring_up_to_date(engine, file, now=now)
        undo.pop_all()
    return Database(engine, ownership)


def upgrade_database(url: str) -> None:
    """Bring a PostgreSQL database to the newest schema; a newer one is refused."""
    with ExitStack() as undo, _problems():
        engine = create_database_engine(url)
        undo.callback(engine.dispose)
        schema.refuse_newer(engine)
        schema.upgrade(engine)


def sqlite_file(url: str) -> Path | None:
    """Return the file behind a SQLite URL, or None for another database; refuse a broken URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise Invalid(
            "The database URL cannot be read. It looks like sqlite:////folder/course.db "
            "or postgresql+psycopg://user@host/name."
        ) from None
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise Invalid("The database needs a file: sqlite:////folder/course.db.")
    return Path(parsed.database).absolute()


def create_database_engine(url: str) -> Engine:
    """Return an engine whose transactions are begun by us, alike on both databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise Invalid("The database is SQLite or PostgreSQL; set one of them with --database.")
    try:
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise Invalid(
            "PostgreSQL needs its driver: pip install 'jupyter-social-learning[postgres]'."
        ) from None


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get("social_begin", "BEGIN")
    connection.exec_driver_sql(begin)


def _make_private_folder(folder: Path) -> None:
    try:
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o700)
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise _unavailable_folder(folder, error) from None


def _make_private_file(file: Path) -> None:
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise _unavailable_folder(file, error) from None


def _unavailable_folder(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"{path} cannot be written to ({error.strerror}). Change its permissions or free some "
        "space, or set another place with --database."
    )


@contextmanager
def _problems() -> Iterator[None]:
    """Tell what the database refuses in words; errors of the program itself pass unchanged."""
    try:
        yield
    except OperationalError as error:
        raise _told(str(error.orig), error) from error
    except DatabaseError as error:
        if isinstance(error.orig, sqlite3.DatabaseError) and _DAMAGED.search(str(error.orig)):
            raise Unavailable(
                "The database file is damaged or is no database. Put a backup in its place: "
                "jupyter social db restore FILE."
            ) from error
        raise


def _told(message: str, error: OperationalError) -> Problem:
    if "disk is full" in message or "No space left" in message:
        return Unavailable("The disk is full. Nothing was changed; free some space and try again.")
    if "readonly" in message or "unable to open" in message:
        return Unavailable(
            "The database cannot be written to. Check the permissions of its file and folder "
            "(`jupyter social where` names them)."
        )
    if "disk I/O error" in message:
        return Unavailable("The disk reported an error. Nothing was changed; check the disk.")
    if "locked" in message:
        return Unavailable("The database is busy. Nothing was changed; try again in a moment.")
    if "does not exist" in message:
        return Unavailable("The server has no database of that name. Make it: createdb NAME.")
    if "authentication failed" in message or "role" in message:
        return Unavailable("The database server refuses this user. Check --database.")
    if error.connection_invalidated or "connection" in message:
        return Unavailable(
            "The database server does not answer. Check that it runs and that --database is right."
        )
    raise error
