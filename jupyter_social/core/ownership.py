"""One process owns the SQLite file at a time.

SQLite itself allows several, but older releases could corrupt a database when two processes
checkpointed its log at once, and a second writer would wait in the dark. So whoever opens the file
takes a lock beside it and says who it is; a second process waits a little and is then told whom to
ask. The lock belongs to the operating system and falls with its process, even at `kill -9`.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from jupyter_social.core.errors import Unavailable

WAIT_SECONDS = 5.0


class Ownership:
    """A held lock on a database file; `release` gives it back."""

    def __init__(self, database: Path, *, now: datetime, wait: float = WAIT_SECONDS) -> None:
        """Take the lock, or raise `Unavailable` naming the owner after `wait` seconds."""
        self._note = database.with_name(database.name + ".owner")
        self._lock = FileLock(database.with_name(database.name + ".lock"), mode=0o600)
        try:
            self._lock.acquire(timeout=wait)
            self._write_note(now)
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

    def release(self) -> None:
        """Give the file back."""
        with suppress(OSError):
            self._note.unlink(missing_ok=True)
        self._lock.release()

    def _write_note(self, now: datetime) -> None:
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:3]])
        note = {"pid": os.getpid(), "command": command, "since": now.isoformat(timespec="seconds")}
        fd = os.open(self._note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            json.dump(note, file)

    def _owner(self) -> str:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            return f"process {note['pid']} ({note['command']}, since {note['since']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"
