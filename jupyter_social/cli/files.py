"""Files that commands read and write: bounded, whole or not at all, and refused in words."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from jupyter_social.core.errors import Invalid, Unavailable


def read_file(file: Path, *, most: int) -> bytes:
    """Return at most `most` bytes of a file and one more; raises `Invalid`."""
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from None


def write_file(target: Path, data: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all; raises `Unavailable`."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fd, temporary = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(data)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Unavailable(f"{target} cannot be written: {error.strerror}.") from None


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write files into a folder and return their paths; no name leads out of it."""
    targets = {name: folder / PurePosixPath(name) for name in files}
    for name in targets:
        if name.startswith("/") or "\\" in name or {"", ".", ".."} & set(name.split("/")):
            raise Invalid(f"{name[:80]!r} cannot be written as a file.")
    for name, target in targets.items():
        write_file(target, files[name])
    return [str(target) for target in targets.values()]
