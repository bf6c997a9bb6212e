"""The extension of a Jupyter server: it adds one address and opens the course after start-up.

Nothing heavy is imported while the server starts; the database and the operations come with the
course, in a thread of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import default

from jupyter_social.config import SocialServer, Storage
from jupyter_social.server.people_door import PeopleHandler
from jupyter_social.server.service import Service

if TYPE_CHECKING:
    from jupyter_social.app import Application

ADDRESS = r"jupyter-social(?:/.*)?"


class JupyterSocial(ExtensionApp):
    """A classroom full of people, in this Jupyter server."""

    name = "jupyter_social"
    description = "Serves the course in the server's folder: peer review and what belongs to it."
    load_other_extensions = True
    classes = [Storage, SocialServer]

    @default("config_file_name")
    def _config_file_name_default(self) -> str:
        return "jupyter_social_config"

    def initialize_handlers(self) -> None:
        """Add the one address below which everything lies."""
        self.service = Service(self.open_course, SocialServer(parent=self), log=self.log)
        self.handlers.append((ADDRESS, PeopleHandler, {"service": self.service}))

    def open_course(self) -> Application:
        """Open the course of the configured folder, or of the one the server shows."""
        from jupyter_social.app import open_application
        from jupyter_social.authoring.folder import find_course_folder
        from jupyter_social.authoring.watched_folder import WatchedCourseFolder
        from jupyter_social.core.operations import Trust

        start = self.service.options.course_folder or self._root_folder()
        root = find_course_folder(Path(start).expanduser())
        files = WatchedCourseFolder(root, log=self.log)
        storage = Storage(parent=self)
        trust = Trust(accepts_graded=storage.accept_graded_without_isolation)
        return open_application(files, storage.url(root), trust=trust)

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Open the course once the server answers."""
        self.service.start()

    async def stop_extension(self) -> None:
        """Close the course with the server."""
        await self.service.stop()

    def _root_folder(self) -> str:
        assert self.serverapp is not None
        return str(self.serverapp.root_dir)
