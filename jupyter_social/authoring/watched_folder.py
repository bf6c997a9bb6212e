"""A course folder under a running server: a file that changed is read again.

A look at the size and time of two files is cheap enough for every request. While somebody is in
the middle of editing, a file may be broken: the course then stays as it last was, and the log says
so once.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from jupyter_social.authoring.findings import InvalidFiles
from jupyter_social.authoring.folder import COURSE_FILE, RUBRIC_FILE, CourseFolder
from jupyter_social.core.course import Course

Stamp = tuple[tuple[int, int, int] | None, ...]


class WatchedCourseFolder(CourseFolder):
    """A course on disk that follows its files; only the first reading may be refused."""

    def __init__(self, root: Path, *, log: logging.Logger) -> None:
        super().__init__(root)
        self._log = log
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None

    @property
    def course(self) -> Course:
        """The course as its files describe it now, or as they last did while one is broken."""
        with self._lock:
            stamp = tuple(_stamp(self.root / name) for name in (COURSE_FILE, RUBRIC_FILE))
            if self._course is None or stamp != self._stamp:
                self._course = self._read_again(self._course)
                self._stamp = stamp
            return self._course

    def _read_again(self, before: Course | None) -> Course:
        try:
            found = CourseFolder(self.root).course
        except InvalidFiles as broken:
            if before is None:
                raise
            self._log.warning("The course stays as it was until this is mended: %s", broken.detail)
            return before
        if before is None or found.name == before.name:
            return found
        self._log.warning(
            "course.toml has a new name for the course, which is a new course. The server stays "
            "with %s until it is started again.",
            before.name,
        )
        return before


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
