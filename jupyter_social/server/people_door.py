"""The table in a Jupyter server, for the people who are signed in there.

Who somebody is comes from the server's identity provider alone; no header and no field of a
request is asked. XSRF stays on, a site's authorizer may veto, and nobody is sent to a login page:
programs call these addresses.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from jupyter_social.core.errors import NOTHING_HERE, Forbidden, NotFound
from jupyter_social.server.refusals import SIGN_IN
from jupyter_social.server.routes import TableHandler

if TYPE_CHECKING:
    from jupyter_social.core.membership import Caller

RESOURCE = "jupyter-social"
READ = "read"
WRITE = "write"


class PeopleHandler(TableHandler, JupyterHandler):
    """Serves the operations to whoever the Jupyter server says is calling."""

    auth_resource = RESOURCE
    # Jupyter's own: a way to sign in, and a wish not to count as activity.
    ignored_query = frozenset({"token", "no_track_activity"})

    def caller(self) -> Caller:
        """Return the person who is signed in."""
        from jupyter_social.core.membership import Caller

        # An empty name must never become the operator.
        return Caller(str(self.current_user.username))

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Prepare as the table does; the server's own way is `identify`."""
        await TableHandler.prepare(self)

    async def identify(self) -> None:
        """Let the server find out who calls, and whether a page of its own asks."""
        await JupyterHandler.prepare(self)
        # A server may be set to let strangers through to handlers that ask no further.
        if self.current_user is None:
            raise Forbidden(SIGN_IN)
        if not self.check_origin():
            raise NotFound(NOTHING_HERE)

    def get_login_url(self) -> str:
        """Refuse where a page would send people to sign in."""
        raise Forbidden(SIGN_IN)

    @web.authenticated
    @authorized(READ, RESOURCE)
    def get(self) -> Awaitable[None]:
        """Ask for something."""
        return self.answer()

    @web.authenticated
    @authorized(WRITE, RESOURCE)
    def post(self) -> Awaitable[None]:
        """Do something."""
        return self.answer()

    @web.authenticated
    @authorized(WRITE, RESOURCE)
    def put(self) -> Awaitable[None]:
        """Replace something."""
        return self.answer()

    @web.authenticated
    @authorized(WRITE, RESOURCE)
    def delete(self) -> Awaitable[None]:
        """Remove something."""
        return self.answer()
