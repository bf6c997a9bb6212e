"""Every option of the program in one place, with its help.

Options stand in `jupyter_social_config.py` on the Jupyter configuration path
(`jupyter social --generate-config` writes one), or on the command line as `--Class.option=value`.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from traitlets import Bool, Float, Integer, Unicode
from traitlets.config import Configurable

STATE_FOLDER = ".jupyter-social"
DATABASE_FILE = "course.db"
DATABASE_VARIABLE = "JUPYTER_SOCIAL_DATABASE"
TOKEN_VARIABLE = "JUPYTER_SOCIAL_TOKEN"  # noqa: S105 - a name, not a secret


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


class SocialServer(Configurable):
    """How the course is served to the people who use this Jupyter server."""

    course_folder = Unicode(
        help="""The folder with course.toml. Empty means the nearest one at or above the folder
        that the Jupyter server shows.""",
    ).tag(config=True)
    reads_per_ten_seconds = Integer(
        120, min=1, help="How often one person may ask for something within ten seconds."
    ).tag(config=True)
    writes_per_minute = Integer(
        60, min=1, help="How often one person may change something within a minute."
    ).tag(config=True)
    body_seconds = Float(
        20.0,
        min=0.1,
        help="""How many seconds the body of a request may take to arrive; one that may be large
        gets a second more for each 100 kB.""",
    ).tag(config=True)
    threads = Integer(8, min=1, help="How many requests are worked on at the same time.").tag(
        config=True
    )
    waiting = Integer(
        200, min=0, help="How many more may wait; who comes then is asked to come again."
    ).tag(config=True)
    job_seconds = Float(
        5.0, min=0.01, help="How many seconds lie between two looks at what has fallen due."
    ).tag(config=True)
    retry_seconds = Float(
        5.0, min=0.01, help="How many seconds to wait before opening a course again that was busy."
    ).tag(config=True)
