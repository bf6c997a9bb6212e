"""A course at work in another process, asked over HTTP.

On SQLite one process owns the database. While that is a server, commands speak to it through the
operator's door that it announces beside the file; with `--url` they speak to a server anywhere, as
whoever the token belongs to. Either way a command cannot tell the difference from a course in its
own process: the same answers, the same refusals in the same words.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from jupyter_social.cli.wire import NoAnswer, Server, server_address
from jupyter_social.core.errors import Forbidden, Invalid, NotFound, Problem, Unavailable
from jupyter_social.core.membership import Caller
from jupyter_social.core.operations import Operation
from jupyter_social.core.ownership import Door
from jupyter_social.core.views import Page, View

Request = TypeVar("Request", bound=View)
Answer = TypeVar("Answer", bound=View)

OPERATOR = Caller()


class RemoteApplication:
    """One course of a server, with the two calls of an `Application` that commands need."""

    def __init__(self, server: Server, course: str) -> None:
        self._server = server
        self._course = course

    def perform(
        self,
        operation: Operation[Request, Answer],
        request: Request,
        *,
        caller: Caller = OPERATOR,
        key: str | None = None,
    ) -> Answer:
        """Run an operation there and return its answer; refusals are raised as here."""
        headers = _acting(caller)
        if operation.writes:
            headers["Idempotency-Key"] = key or secrets.token_urlsafe(16)
        return self._ask(operation, request, headers)

    def rehearse(
        self, operation: Operation[Request, Answer], request: Request, *, caller: Caller = OPERATOR
    ) -> Answer:
        """Return what `perform` would, and change nothing; only for the operator."""
        if not self._server.authorization.startswith("Bearer "):
            raise Invalid("A dry run needs the machine of the course itself: leave out --url.")
        return self._ask(operation, request, _acting(caller), {"rehearse": "1"})

    def close(self) -> None:
        """Hang up."""
        self._server.close()

    def _ask(
        self,
        operation: Operation[Request, Answer],
        request: Request,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        path, rest = _placed(operation, request)
        asked = dict(query or {})
        body = None
        if operation.writes:
            body = json.dumps(rest).encode()
        else:
            asked |= {name: _text(value) for name, value in rest.items() if value is not None}
        target = f"courses/{quote(self._course, safe='')}{path}"
        if asked:
            target = f"{target}?{urlencode(asked)}"
        kind, content = self._server.ask(operation.method, target, body, headers)
        try:
            if issubclass(operation.returns, Page) and kind == "text/html":
                return operation.returns.model_validate({"html": content.decode()})
            return operation.returns.model_validate_json(content)
        except ValidationError:
            raise Unavailable(
                f"{self._server.address} has another version of jupyter_social. "
                "Install the same version here and there."
            ) from None


def owner_of(door: Door, course: str) -> RemoteApplication | None:
    """Return the course behind the operator's door, or None where nobody answers there any more."""
    server = Server(door.address, f"Bearer {door.secret}")
    try:
        return RemoteApplication(server, _behind_the_door(server, course))
    except (NoAnswer, Forbidden, ValueError, KeyError, TypeError):
        server.close()
        return None
    except Problem:
        server.close()
        raise


def served_at(url: str, token: str, *, course: str | None) -> RemoteApplication:
    """Return the course at a server somewhere; without a name the one course we are in there."""
    address, in_url = server_address(url)
    server = Server(address, f"token {token or in_url}")
    try:
        return RemoteApplication(server, _ours(server, course))
    except (ValueError, KeyError, TypeError):
        server.close()
        raise NoAnswer(f"{address} is no Jupyter server with jupyter_social.") from None
    except Problem:
        server.close()
        raise


def _behind_the_door(server: Server, course: str) -> str:
    found = server.courses()
    if course in found:
        return course
    raise Unavailable(
        f"The database is in use by a server for another course ({', '.join(found)}). "
        "Stop that server, or give this course a database of its own."
    )


def _ours(server: Server, course: str | None) -> str:
    found = server.courses()
    if course is None and len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(f"You are in no course on {server.address}.")
    if course is None:
        raise NotFound(
            f"You are in several courses on {server.address}. Go to the folder of one of them."
        )
    if course not in found:
        raise NotFound(
            f"This is the folder of {course}, but on {server.address} you are in "
            f"{', '.join(found)}."
        )
    return course


def _acting(caller: Caller) -> dict[str, str]:
    return {} if caller.username is None else {"X-Act-For": quote(caller.username, safe="")}


def _placed(operation: Operation[Any, Any], request: View) -> tuple[str, dict[str, Any]]:
    """Return the path with its fields filled in, and what of the request is not in it."""
    rest = request.model_dump(mode="json", by_alias=True)
    steps = []
    for step in operation.path.split("/"):
        if step.startswith("{"):
            wire = type(request).model_fields[step[1:-1]].alias or step[1:-1]
            step = quote(_text(rest.pop(wire)), safe="")
            if not step:
                raise NotFound("An empty name is the name of nothing.")
        steps.append(step)
    return "/".join(steps), rest


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
