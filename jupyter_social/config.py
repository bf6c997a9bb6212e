"""Every option of the program in one place, with its help.

Options stand in `jupyter_social_config.py` on the Jupyter configuration path
(`jupyter social --generate-config` writes one), or on the command line as `--Class.option=value`.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from traitlets import Bool, Unicode
from traitlets.config import Configurable

STATE_FOLDER = ".jupyter-social"
DATABASE_FILE = "course.db"
DATABASE_VARIABLE = "JUPYTER_SOCIAL_DATABASE"


def sqlite_url(file: Path) -> str:
    """Return the URL of a SQLite file, whatever characters its folder's name has."""
    return f"sqlite:///{quote(str(file))}"


class Storage(Configurable):
    """Where what happens in the course is kept."""

    database = Unicode(
        help="""The database as an SQLAlchemy URL: sqlite:////folder/course.db or
        postgresql+psycopg://user@host/name. Empty means the file .jupyter-social/course.db in the
        course folder. A URL with a password belongs into the environment variable
        JUPYTER_SOCIAL_DATABASE, which counts where this option is empty.""",
    ).tag(config=True)

    accept_graded_without_isolation = Bool(
        default_value=False,
        help="""Let rounds of graded assignments run although users of this installation can run
        code where the course's data lies, so that anonymity and marks cannot be promised.""",
    ).tag(config=True)

    def url(self, course_folder: Path) -> str:
        """Return the URL of the database of the course in this folder."""
        configured = self.database or os.environ.get(DATABASE_VARIABLE, "")
        return configured or sqlite_url(course_folder / STATE_FOLDER / DATABASE_FILE)
