"""HTTP to a server that serves courses: one connection, asked again where it breaks.

A request that was interrupted is sent once more, and one that came too early or too fast waits as
long as the server says; whatever else is refused arrives as the `Problem` it is there.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from jupyter_social.core.errors import (
    Forbidden,
    Invalid,
    Problem,
    TooMany,
    Unavailable,
    problem_told,
)

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 120.0
BUSY_SECONDS = 5.0
"""How long a server that is starting or full is asked again."""
PAUSE = 0.2
PAGES = ("lab", "tree", "notebooks", "doc")
"""Where an address that was copied from a browser stops being the server's."""


class NoAnswer(Unavailable):
    """There is no course server at this address, or not one that speaks to us."""

    code = "no-answer"
    title = "The server does not answer"


@dataclass
class Server:
    """A server that serves courses; `ask` sends one request and keeps the connection."""

    address: str
    authorization: str
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def courses(self) -> list[str]:
        """Return the names of the courses that we are in."""
        found = json.loads(self.ask("GET", "courses")[1])
        return [str(course["name"]) for course in found["courses"]]

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[str, bytes]:
        """Return the answer's type and bytes, or raise the `Problem` it tells.

        An interrupted request is sent once more: a write carries a key, so it is done once.
        """
        began = time.monotonic()
        while True:
            try:
                return self._twice(method, path, body, headers or {})
            except TooMany as wait:
                time.sleep(wait.retry_after or 1)
            except Unavailable as wait:
                if isinstance(wait, NoAnswer) or time.monotonic() - began > BUSY_SECONDS:
                    raise
                time.sleep(PAUSE)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _twice(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[str, bytes]:
        for last in (False, True):
            try:
                return self._once(method, path, body, headers)
            except ssl.SSLCertVerificationError:
                raise NoAnswer(
                    f"The certificate of {self.address} cannot be trusted. Check --url."
                ) from None
            except (OSError, http.client.HTTPException):
                self.close()
                if last:
                    break
        raise NoAnswer(f"{self.address} does not answer. Check that it runs, and --url.")

    def _once(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[str, bytes]:
        where = urlsplit(self.address)
        if self._connection is None:
            self._connection = _connected(where.scheme, where.netloc)
        target = f"{where.path}/jupyter-social/v1/{path}"
        sent = {"Authorization": self.authorization, **headers}
        if body is not None:
            sent["Content-Type"] = "application/json"
        self._connection.request(method, target, body, sent)
        answer = self._connection.getresponse()
        content = answer.read()
        kind = answer.headers.get_content_type()
        if answer.status == 200 and kind in ("application/json", "text/html"):
            return kind, content
        raise self._refused(answer, kind, content)

    def _refused(self, answer: http.client.HTTPResponse, kind: str, content: bytes) -> Problem:
        if kind == "application/problem+json":
            told = problem_told(json.loads(content))
            if isinstance(told, Forbidden):
                return Forbidden(
                    f"{self.address} does not accept the token. Check JUPYTER_SOCIAL_TOKEN."
                )
            if isinstance(told, TooMany):
                told.retry_after = int(answer.headers.get("Retry-After") or 1)
            return told
        return NoAnswer(
            f"{self.address} is no Jupyter server with jupyter_social ({answer.status}). "
            "Check --url."
        )


def server_address(url: str) -> tuple[str, str]:
    """Return the server's address in a URL, also in one copied from a browser, and its token."""
    try:
        found = urlsplit(url)
        _ = found.port
    except ValueError:
        found = urlsplit("")
    if found.scheme not in ("http", "https") or not found.hostname:
        raise Invalid("--url is the address of a Jupyter server, such as https://host/user/ada.")
    steps = found.path.split("/")
    ends = [steps.index(page) for page in PAGES if page in steps]
    path = "/".join(steps[: min(ends)] if ends else steps).rstrip("/")
    token = parse_qs(found.query).get("token", [""])[0]
    return f"{found.scheme}://{found.netloc.rpartition('@')[2]}{path}", token


def _connected(scheme: str, netloc: str) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = kind(netloc, timeout=CONNECT_SECONDS)
    connection.connect()
    connection.sock.settimeout(ANSWER_SECONDS)
    return connection
