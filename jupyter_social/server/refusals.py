"""Every refusal becomes problem details, and every failure a log line without anybody's data.

An exception's message can hold what somebody wrote (a database driver prints the values of a
statement), so the log gets the kinds of exceptions and the lines of code, which hold nothing.
"""

from __future__ import annotations

import traceback
from asyncio import CancelledError
from collections.abc import Iterator

from tornado.web import HTTPError

from jupyter_social.core.errors import (
    NOTHING_HERE,
    Failed,
    Forbidden,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Problem,
    Unavailable,
)

FAILED = "The server met an error that is not yours. It is in the server's log; please tell staff."
SIGN_IN = "You are not signed in here, or this page is too old. Load it again, or sign in."
STOPPING = "The server is stopping. Try again in a moment."
UNREADABLE = "This request cannot be read."


def problem_of(error: BaseException | None) -> Problem:
    """Return what a person is told of an exception: nothing of it unless it is a refusal."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, CancelledError):
        return Unavailable(STOPPING)
    match error.status_code if isinstance(error, HTTPError) else 500:
        case 401 | 403:
            return Forbidden(SIGN_IN)
        case 404:
            return NotFound(NOTHING_HERE)
        case 405:
            return MethodNotAllowed("This method is not known here.")
        case status if 400 <= status < 500:
            return Malformed(UNREADABLE)
    return Failed(FAILED)


def is_failure(error: BaseException | None) -> bool:
    """Tell whether this is an error of the program, which belongs into the log."""
    return isinstance(problem_of(error), Failed)


def without_data(error: BaseException) -> str:
    """Return an exception's traceback without its messages: kinds and places alone."""
    return "".join(_lines(error)).rstrip()


def _lines(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _lines(cause)
        yield "and then:\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"
