"""One process owns the SQLite file at a time.

SQLite itself allows several, but older releases could corrupt a database when two processes
checkpointed its log at once, and a second writer would wait in the dark. So whoever opens the file
takes a lock beside it and says who it is; a second process waits a little and is then told whom to
ask. The lock belongs to the operating system and falls with its process, even at `kill -9`.

An owner that stays, a server, announces an address and a secret in its note, which only the
account that owns the file can read. Whoever has that account may do anything with the file anyway,
so the secret makes its reader the operator, and nobody else.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from filelock import FileLock, Timeout

from jupyter_social.core.errors import Unavailable

WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class Door:
    """Where the owner of a database file answers its operator, and the secret that opens it."""

    address: str
    secret: str


def announced_door(database: Path) -> Door | None:
    """Return the door that the note beside a database file names, if any.

    The note of a process that was killed stays behind: whoever knocks in vain finds it stale.
    """
    try:
        note = json.loads(_note_of(database).read_text(encoding="utf-8"))
        return Door(note["address"], note["secret"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Ownership:
    """A held lock on a database file; `release` gives it back."""

    def __init__(self, database: Path, *, now: datetime, wait: float = WAIT_SECONDS) -> None:
        """Take the lock, or raise `Unavailable` naming the owner after `wait` seconds."""
        self._note = _note_of(database)
        # Not bound to a thread: a server opens and closes its course in different ones.
        lock = database.with_name(database.name + ".lock")
        self._lock = FileLock(lock, mode=0o600, thread_local=False)
        try:
            self._lock.acquire(timeout=wait)
            self._told = _owner_now(now)
            _write_privately(self._note, self._told)
        except Timeout:
            raise Unavailable(
                f"The database is in use by {self._owner()}. "
                "Wait until it has finished, or stop it, and try again."
            ) from None
        except OSError as error:
            self._lock.release()
            raise Unavailable(
                f"The folder {database.parent} cannot be written to ({error.strerror}). Change its "
                "permissions or free some space, or set another place with --database."
            ) from None

    def announce(self, door: Door) -> None:
        """Write into the note where the operator reaches this process, and by which secret."""
        _write_privately(self._note, {**self._told, "address": door.address, "secret": door.secret})

    def release(self) -> None:
        """Give the file back."""
        with suppress(OSError):
            self._note.unlink(missing_ok=True)
        self._lock.release()

    def _owner(self) -> str:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            return f"process {note['pid']} ({note['command']}, since {note['since']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"


def _note_of(database: Path) -> Path:
    return database.with_name(database.name + ".owner")


def _owner_now(now: datetime) -> dict[str, str | int]:
    # Only the program and its verb: an option may be a token, an argument a name.
    verb = takewhile(lambda word: not word.startswith("-"), sys.argv[1:3])
    command = " ".join([Path(sys.argv[0]).name, *verb])
    return {"pid": os.getpid(), "command": command, "since": now.isoformat(timespec="seconds")}


def _write_privately(path: Path, content: dict[str, str | int]) -> None:
    """Put a file of mode 600 in place in one step, so that nobody reads half of it."""
    # Always the same name, so that a killed process leaves no more than one behind.
    beside = path.with_name(path.name + ".new")
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            os.fchmod(fd, 0o600)
            json.dump(content, file)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
