"""A real Jupyter server on a real socket, in a thread of the test, that serves a classroom.

`with served(room) as server: server.client("teacher").get("/roster")` speaks as the person whose
user name is the token. Addresses that begin with `/` are below the course; others are below
`/jupyter-social/v1/`. With `cookie=True` a client signs in as a browser does, by cookie, and XSRF
counts.
"""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from builders import Classroom, SeededRandom
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.serverapp import ServerApp
from tornado.netutil import bind_sockets
from tornado.web import RequestHandler

from jupyter_social.app import Application, open_application
from jupyter_social.authoring.watched_folder import WatchedCourseFolder
from jupyter_social.core.ownership import Door, announced_door
from jupyter_social.server.extension import JupyterSocial

SECONDS = 30
_NUMBERS = itertools.count(1)


class TokenIsName(IdentityProvider):
    """Whoever has the token NAME is NAME: a class whose members have signed in already."""

    __test__ = False

    def get_user_token(self, handler: RequestHandler) -> User | None:
        scheme, _, token = handler.request.headers.get("Authorization", "").partition(" ")
        return User(token) if scheme == "token" and token else None


class QuietServer(ServerApp):
    """A server beside others in one process: no signals, no files, no terminal."""

    def init_signal(self) -> None:
        """A thread takes no signals."""

    def _find_http_port(self) -> None:
        """No port is looked for: one that is free now may be taken by another test's server."""

    def _bind_http_server_tcp(self) -> bool:
        sockets = bind_sockets(0, "127.0.0.1")
        self.http_server.add_sockets(sockets)
        self.port = sockets[0].getsockname()[1]
        return True


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> Any:
        """The problem details; anything else is an error."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        assert self.json["status"] == self.status
        return self.json


@dataclass
class Client:
    """One person's way in."""

    port: int
    course: str = "testing"
    headers: dict[str, str] = field(default_factory=dict)
    prefix: str = "/jupyter-social/v1/"

    def get(self, path: str, **query: object) -> Answer:
        asked = f"{path}?{urlencode(query)}" if query else path
        return self.send("GET", asked)

    def post(self, path: str, body: object = None, *, key: str | None = None) -> Answer:
        return self.write("POST", path, body, key=key)

    def put(self, path: str, body: object = None, *, key: str | None = None) -> Answer:
        return self.write("PUT", path, body, key=key)

    def delete(self, path: str, body: object = None, *, key: str | None = None) -> Answer:
        return self.write("DELETE", path, body, key=key)

    def write(self, method: str, path: str, body: object = None, *, key: str | None) -> Answer:
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        if not isinstance(body, bytes):
            body = json.dumps({} if body is None else body).encode()
        return self.send(method, path, body, headers)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send anything at all."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            address = self.prefix + (
                f"courses/{quote(self.course, safe='')}{path}" if path.startswith("/") else path
            )
            connection.request(method, address, body, {**self.headers, **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers.items()), answer.read())
        finally:
            connection.close()


class Server:
    """A running server; `client(username)` speaks to it."""

    def __init__(self, app: ServerApp, room: Classroom, log: list[str]) -> None:
        self.app = app
        self.room = room
        self.log = log

    @property
    def port(self) -> int:
        return int(self.app.port)

    @property
    def extension(self) -> JupyterSocial:
        found: JupyterSocial = self.app.extension_manager.extension_points["jupyter_social"].app
        return found

    @property
    def door(self) -> Door:
        """Where the operator gets in."""
        file = self.room.app.database.file
        assert file is not None
        found = announced_door(file)
        assert found is not None
        return found

    def client(
        self, username: str | None, *, course: str = "testing", cookie: bool = False
    ) -> Client:
        headers = {} if username is None else {"Authorization": f"token {username}"}
        client = Client(self.port, course, headers, f"{self.app.base_url}jupyter-social/v1/")
        if cookie:
            answer = client.get("courses")
            client.headers = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
        return client

    def operator(self, *, acting_for: str | None = None, secret: str | None = None) -> Client:
        """A client at the operator's door."""
        door = self.door
        headers = {"Authorization": f"Bearer {door.secret if secret is None else secret}"}
        if acting_for is not None:
            headers["X-Act-For"] = quote(acting_for)
        return Client(int(door.address.rpartition(":")[2]), headers=headers)

    def call(self, work: Callable[[], Any]) -> Any:
        """Run something on the server's own thread and return what it returns."""
        done: threading.Event = threading.Event()
        result: list[Any] = []

        def there() -> None:
            result.append(work())
            done.set()

        self.app.io_loop.add_callback(there)
        assert done.wait(SECONDS)
        return result[0]


@contextmanager
def served(
    room: Classroom,
    *,
    opener: Callable[[], Application] | None = None,
    server_options: Mapping[str, Any] | None = None,
    **options: Any,
) -> Iterator[Server]:
    """Serve the classroom; the options are those of `SocialServer`.

    `server_options` are those of Jupyter's `ServerApp`. `opener` replaces how the course is
    opened; without it the room's application is opened anew on watched files, and the room goes
    on with that one.
    """
    records: list[str] = []
    started: list[Server | BaseException] = []
    ready = threading.Event()

    def reopened() -> Application:
        room.app.close()
        files = WatchedCourseFolder(room.folder, log=app_log(started))
        room.app = open_application(files, room.url, clock=room.clock, random=SeededRandom(7))
        return room.app

    def run() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            server = _server(room, opener or reopened, options, dict(server_options or {}), records)
            started.append(server)
            server.app.io_loop.call_later(0, ready.set)
            server.app.start_ioloop()
        except BaseException as error:
            started.append(error)
            ready.set()
        finally:
            loop.close()

    # Every record comes by here; a server beside this one in the process is heard, too.
    kept = _Kept(records)
    logging.getLogger().addHandler(kept)
    thread = threading.Thread(target=run, name="server")
    thread.start()
    assert ready.wait(SECONDS)
    server = started[-1]
    if isinstance(server, BaseException):
        raise server
    try:
        if opener is None:
            _wait_until_open(server)
        yield server
    finally:
        server.app.io_loop.add_callback(server.app._stop)
        thread.join(SECONDS)
        assert not thread.is_alive()
        logging.getLogger().removeHandler(kept)
        if opener is None:
            # The room goes on by itself, for what a test looks at afterwards.
            room.reopened()


def app_log(started: list[Any]) -> logging.Logger:
    found: logging.Logger = started[0].app.log
    return found


def _server(
    room: Classroom,
    opener: Callable[[], Application],
    options: Mapping[str, Any],
    server_options: Mapping[str, Any],
    log: list[str],
) -> Server:
    app = QuietServer(
        root_dir=str(room.folder),
        ip="127.0.0.1",
        port=0,
        open_browser=False,
        allow_root=True,
        identity_provider_class=TokenIsName,
        jpserver_extensions={"jupyter_social": True},
        runtime_dir=str(room.folder.parent / "runtime"),
        log_level="DEBUG",
        **{"allow_unauthenticated_access": False, **server_options},
    )
    app.config.SocialServer.update({"job_seconds": 0.05, "retry_seconds": 0.05, **options})
    app.initialize(argv=[], find_extensions=False)
    extension: JupyterSocial = app.extension_manager.extension_points["jupyter_social"].app
    extension.service._opener = opener
    # Jupyter's loggers are configured anew by each server of a process; this one is left alone.
    own = logging.getLogger(f"served.{next(_NUMBERS)}")
    own.setLevel(logging.DEBUG)
    app.log = extension.log = extension.service.log = own
    return Server(app, room, log)


def _wait_until_open(server: Server) -> None:
    for _ in range(SECONDS * 100):
        if server.client("nobody").get("courses").status != 503:
            return
        threading.Event().wait(0.01)
    raise AssertionError("the course was not opened: " + "\n".join(server.log))


class _Kept(logging.Handler):
    """Keeps what is logged, for tests that look at it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
