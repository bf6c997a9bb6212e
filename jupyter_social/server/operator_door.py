"""The operator's door: the same table on a loopback port, for whoever owns the database file.

On SQLite one process owns the file, and while a server runs that is the server; so the command
line asks it. The address and a random secret stand in the note beside the file, which only the
owner's account can read. There are no cookies here, hence no XSRF, and no bound on speed.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from jupyter_social.core.errors import Forbidden, Malformed
from jupyter_social.core.ownership import Door
from jupyter_social.server.routes import TableHandler

if TYPE_CHECKING:
    from jupyter_social.app import Application
    from jupyter_social.core.membership import Caller
    from jupyter_social.server.service import Service

LOOPBACK = "127.0.0.1"
SECRET_BYTES = 32
ACT_FOR = "X-Act-For"
REHEARSE = "rehearse"
CLOSED = "This door opens with the secret in the note beside the database file."


@dataclass(frozen=True)
class OperatorDoor:
    """A listening door; `stop` closes it."""

    server: HTTPServer

    async def stop(self) -> None:
        """Take no more requests."""
        self.server.stop()
        await self.server.close_all_connections()


async def open_door(service: Service, application: Application) -> OperatorDoor | None:
    """Listen for the operator and announce it; on PostgreSQL there is no need to."""
    if application.database.file is None:
        return None
    secret = secrets.token_urlsafe(SECRET_BYTES)
    settings = {"service": service, "secret": secret}
    server = HTTPServer(web.Application([("/.*", OperatorHandler, settings)]))
    sockets = bind_sockets(0, LOOPBACK)
    server.add_sockets(sockets)
    door = Door(f"http://{LOOPBACK}:{sockets[0].getsockname()[1]}", secret)
    await service.workers.run(partial(application.database.announce, door))
    return OperatorDoor(server)


class OperatorHandler(TableHandler):
    """Serves the operations to whoever knows the secret."""

    ignored_query = frozenset({REHEARSE})
    counted = False

    def initialize(self, service: Service, secret: str = "") -> None:
        """Take the course to serve and the secret that opens the door."""
        super().initialize(service)
        self._secret = secret

    def caller(self) -> Caller:
        """Return the operator, for themselves or for the person they act for."""
        from jupyter_social.core.membership import Caller

        named = self.request.headers.get(ACT_FOR)
        if named is None:
            return Caller()
        try:
            username = unquote(named, errors="strict")
        except UnicodeDecodeError:
            username = ""
        if not username or "\x00" in username:
            raise Malformed(f"{ACT_FOR} names nobody.")
        return Caller(username, on_behalf=True)

    async def identify(self) -> None:
        """Refuse whoever does not know the secret, before anything else."""
        given = self.request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._secret}".encode()):
            raise Forbidden(CLOSED)
        self.rehearses = self.get_query_argument(REHEARSE, None) is not None

    def get(self) -> Awaitable[None]:
        """Ask for something."""
        return self.answer()

    def post(self) -> Awaitable[None]:
        """Do something."""
        return self.answer()

    def put(self) -> Awaitable[None]:
        """Replace something."""
        return self.answer()

    def delete(self) -> Awaitable[None]:
        """Remove something."""
        return self.answer()
