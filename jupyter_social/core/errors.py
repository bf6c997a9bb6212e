"""What can be refused, and how a refusal is told.

Every refusal is a `Problem`: a stable code for programs and a sentence that tells a person in a
hurry what to do. The server answers it as RFC 9457 problem details, the command line prints its
sentence, and nothing else of the stack reaches the user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

NOTHING_HERE = "There is nothing of that name here that you can open."
"""What everybody is told of what does not exist or is not theirs: one sentence for both."""


class Problem(Exception):
    """A refusal with a stable code; subclasses name the kind, `detail` says what to do next.

    `members` are what a program needs to go on, such as the text that stands (RFC 9457, 3.2).
    """

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "This did not work"

    def __init__(self, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members: Mapping[str, object] = members

    def details(self) -> dict[str, object]:
        """The problem as an `application/problem+json` object (RFC 9457, section 3.1)."""
        return {
            "type": f"urn:jupyter-social:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }


class Invalid(Problem):
    """What was sent cannot be used as it is."""

    code = "invalid"
    status = 422
    title = "Something in the input needs to change"


class NotFound(Problem):
    """There is no such thing, or it is not this person's to see: both are told alike."""

    code = "not-found"
    status = 404
    title = "Not found"


class Conflict(Problem):
    """The request is fine but does not fit what has happened meanwhile."""

    code = "conflict"
    status = 409
    title = "This does not fit the present state"


class NotNow(Conflict):
    """The phase or a deadline does not allow it: too early, or too late."""

    code = "not-now"
    title = "This is not the time for it"


class Unavailable(Problem):
    """Nothing is wrong with the request; the service cannot take it now. Try again later."""

    code = "unavailable"
    status = 503
    title = "Not possible right now"
