"""Reads nbgrader's `submitted/<username>/<assignment>/` as it is, and trusts nothing in it.

Students made these files: links are refused, so that an import cannot be led out of the folder,
and sizes are bounded before anything is read (threats C3, C7).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jupyter_social.core.errors import Invalid, NotFound, Unavailable
from jupyter_social.core.notebooks import MAX_FILE_BYTES
from jupyter_social.exchange.rules import MAX_FILES, MAX_OTHER_FILE, is_notebook

MAX_DEPTH = 8

# nbgrader's own note of the time; ours comes from our clock.
_IGNORED = frozenset({"timestamp.txt", ".ipynb_checkpoints", "__pycache__", ".DS_Store"})


@dataclass(frozen=True)
class SubmittedFolder:
    """What somebody left in the submitted folder for one assignment."""

    username: str
    path: Path

    def read(self) -> dict[str, bytes]:
        """Return the files by relative name; raises `Invalid` for links and oversized files."""
        files: dict[str, bytes] = {}
        reading = self.path
        try:
            _refuse_link(self.path.parent)
            _refuse_link(self.path)
            for path in _walk(self.path, depth=0):
                if len(files) == MAX_FILES:
                    raise Invalid(f"It has more than {MAX_FILES} files.")
                reading = path
                files[path.relative_to(self.path).as_posix()] = _read(path)
        except OSError as error:
            place = error.filename or reading
            raise Invalid(f"{place} cannot be read: {error.strerror}.") from None
        _refuse_unreadable_names((self.username, *files))
        return files


def _refuse_unreadable_names(names: Iterable[str]) -> None:
    for name in names:
        if not name.isprintable():
            shown = name.encode("unicode_escape", "replace").decode()
            raise Invalid(f"The name {shown} holds characters that cannot be read. Rename it.")


def find_submitted(folder: Path, assignment: str) -> list[SubmittedFolder]:
    """Return who has something for this assignment in a submitted folder, by user name."""
    try:
        people = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"There is no folder {folder}. Name nbgrader's submitted folder.") from None
    except OSError as error:
        raise Unavailable(f"{folder} cannot be read: {error.strerror}.") from None
    found = [
        SubmittedFolder(name, folder / name / assignment)
        for name in people
        if _is_there(folder / name / assignment)
    ]
    if not found:
        raise NotFound(
            f"Nobody in {folder} has a folder {assignment}. It looks like USERNAME/{assignment}/."
        )
    return found


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        # It cannot be looked at: reading it will say why, so that nobody is passed over.
        return True
    return True


def _walk(folder: Path, *, depth: int) -> Iterator[Path]:
    if depth > MAX_DEPTH:
        raise Invalid(f"Its folders are more than {MAX_DEPTH} levels deep.")
    if not folder.is_dir():
        raise Invalid(f"{folder} is not a folder.")
    for path in sorted(folder.iterdir()):
        if path.name in _IGNORED:
            continue
        _refuse_link(path)
        if path.is_dir():
            yield from _walk(path, depth=depth + 1)
        else:
            yield path


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise Invalid(f"{path} is a link. Put the file itself in its place.")


def _read(path: Path) -> bytes:
    limit = MAX_FILE_BYTES if is_notebook(path.name) else MAX_OTHER_FILE
    # A link put in place since the check above, or a pipe that would never end, is not followed.
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise Invalid(f"{path} is not an ordinary file.")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Invalid(f"{path.name} is larger than {limit // 1_000_000} MB.")
    return data
