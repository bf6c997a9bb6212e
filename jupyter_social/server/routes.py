"""One handler for the whole operation table: bounded reading, work in a thread, problem+json.

There is no class for each address. What differs between the two homes of the table, a Jupyter
server for people and a loopback port for the operator, is who is calling and which headers count;
that is what their handlers add to this one.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from tornado import web

from jupyter_social.core.errors import (
    Invalid,
    Malformed,
    MethodNotAllowed,
    Problem,
    TooLarge,
    UnsupportedMedia,
)
from jupyter_social.server.addresses import MAX_ADDRESS, Place
from jupyter_social.server.refusals import is_failure, problem_of, without_data

if TYPE_CHECKING:
    from jupyter_social.core.membership import Caller
    from jupyter_social.core.operations import Operation
    from jupyter_social.server.service import Service

DISCARDED = 64 * 1024 * 1024
"""How much of a body that is too large is read and dropped, so that its sender hears why."""
MAX_DIGITS = 18
BYTES_A_SECOND = 100_000
"""How fast a large body must at least arrive, after the seconds that every body has."""

ANSWER_POLICY = "frame-ancestors 'none'; default-src 'none'"


@dataclass(frozen=True)
class Sent:
    """What is answered: the bytes and what they are."""

    content: bytes
    is_page: bool = False


@web.stream_request_body
class TableHandler(web.RequestHandler):
    """Serves every operation at its address; subclasses say who is calling."""

    ignored_query: ClassVar[frozenset[str]] = frozenset()
    """Query fields that belong to the home and not to an operation."""
    rehearses: bool = False
    counted: ClassVar[bool] = True
    """Whether the speed of this caller is bounded."""

    _is_page = False

    def initialize(self, service: Service) -> None:
        """Take the course to serve."""
        self.service = service
        self._place: Place | None = None
        self._body = bytearray()
        self._most = 0
        self._too_large = False
        self._refusal: Problem | web.HTTPError | None = None

    def caller(self) -> Caller:
        """Who is calling."""
        raise NotImplementedError

    @property
    def content_security_policy(self) -> str:
        """Nothing at all; a page that shows a notebook may lay out text and inlined images."""
        if not self._is_page:
            return ANSWER_POLICY
        from jupyter_social.core.pages import CONTENT_POLICY

        return CONTENT_POLICY

    def set_default_headers(self) -> None:
        """The same headers for every answer, whatever it is about."""
        super().set_default_headers()
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Content-Security-Policy", self.content_security_policy)

    def compute_etag(self) -> None:
        """Give no hash of an answer: it would tell when something hidden changes."""

    async def identify(self) -> None:
        """Find out who is calling, or refuse them."""
        raise NotImplementedError

    async def prepare(self) -> None:
        """Find out who asks for what, and refuse before reading what would not be used."""
        connection: Any = self.request.connection
        connection.set_max_body_size(DISCARDED)
        connection.set_body_timeout(self.service.options.body_seconds)
        try:
            await self.identify()
            self._refuse_early()
        except (Problem, web.HTTPError) as refusal:
            if not self._may_be_drained():
                raise
            # Whoever is hung up on while sending does not hear why: the rest is read and dropped.
            self._refusal, self._most = refusal, 0

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, up to the bound."""
        if len(self._body) + len(chunk) > self._most:
            self._too_large = True
            self._body.clear()
        elif not self._too_large:
            self._body += chunk

    async def answer(self) -> None:
        """Do what was asked and send the answer."""
        if self._refusal is not None:
            raise self._refusal
        if self._too_large:
            raise self._over()
        sent = await self.service.workers.run(partial(self._work, bytes(self._body)))
        self._is_page = sent.is_page
        self.set_header("Content-Security-Policy", self.content_security_policy)
        kind = "text/html; charset=utf-8" if sent.is_page else "application/json"
        self.set_header("Content-Type", kind)
        await self.finish(sent.content)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer any exception as problem details, and say no more than they do."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        problem = problem_of(self._refusal or error or web.HTTPError(status_code))
        self.set_status(problem.status)
        if problem.status == MethodNotAllowed.status:
            self.set_header("Allow", self._place.allowed if self._place else "GET")
        if problem.retry_after is not None:
            self.set_header("Retry-After", str(problem.retry_after))
        self.set_header("Content-Type", "application/problem+json")
        self.finish(json.dumps(problem.details(), ensure_ascii=False))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Send every error through `write_error`, whose status is the problem's."""
        self._is_page = False
        super().send_error(status_code, **kwargs)

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Log what the program did wrong; what people did wrong they are told themselves."""
        if value is not None and is_failure(value):
            self._logger.error("%s failed.\n%s", self._what, without_data(value))

    def _log(self) -> None:
        """Log a request by the operation it meant: addresses and user names are left out."""
        took = 1000 * self.request.request_time()
        self._logger.debug("%d %s %.0f ms", self.get_status(), self._what, took)

    @property
    def _logger(self) -> logging.Logger:
        return self.service.log

    @property
    def _what(self) -> str:
        operation = self._operation
        return operation.name if operation else "jupyter_social"

    @property
    def _operation(self) -> Operation[Any, Any] | None:
        method = self.request.method or ""
        return self._place.operations.get(method) if self._place else None

    def _refuse_early(self) -> None:
        if len(self.request.uri or "") > MAX_ADDRESS:
            raise Malformed("The address is too long.")
        _ = self.service.application
        if self.counted:
            name = self.caller().username or ""
            self.service.rates.count(name, writes=self.request.method not in ("GET", "HEAD"))
        self._place = self.service.addresses.find(self.request.path)
        allowed = self._place.allowed
        if self.request.method not in allowed.split(", "):
            raise MethodNotAllowed(f"Here you can only {allowed}.")
        self._bound_body()

    def _bound_body(self) -> None:
        operation, headers = self._operation, self.request.headers
        self._most = operation.max_body if operation and operation.writes else 0
        connection: Any = self.request.connection
        connection.set_max_body_size(max(DISCARDED, self._most))
        seconds = self.service.options.body_seconds + self._most / BYTES_A_SECOND
        connection.set_body_timeout(seconds)
        length = self._length()
        if not length:
            return
        if headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise UnsupportedMedia("Send the body as it is, not compressed.")
        if length > self._most and not self._comes_in_pieces:
            raise self._over()
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise UnsupportedMedia("Send the body as JSON, with Content-Type: application/json.")

    @property
    def _comes_in_pieces(self) -> bool:
        return "Transfer-Encoding" in self.request.headers

    def _length(self) -> int:
        """Return how long the body will be: 1 for one that does not say."""
        if self._comes_in_pieces:
            return 1
        announced = self.request.headers.get("Content-Length", "0").partition(",")[0]
        if not (announced.isascii() and announced.isdecimal()):
            raise Malformed("Content-Length is not a number.")
        return int(announced[:MAX_DIGITS])

    def _may_be_drained(self) -> bool:
        try:
            return 0 < self._length() <= DISCARDED and "Expect" not in self.request.headers
        except Malformed:
            return False

    def _over(self) -> TooLarge:
        if not self._most:
            return TooLarge("This address takes no body.")
        return TooLarge(f"The body may have at most {self._most:,} bytes.")

    def _work(self, body: bytes) -> Sent:
        from jupyter_social.core.membership import Caller
        from jupyter_social.core.views import Page
        from jupyter_social.server.documents import document
        from jupyter_social.server.reading import read_query, read_request

        application, place, caller = self.service.application, self._place, self.caller()
        assert place is not None
        query = read_query(self.request.query, ignored=self.ignored_query)
        if place.document is not None:
            return Sent(document(place.document, application, caller))
        operation = self._operation
        assert operation is not None
        request = read_request(operation, path=place.fields or {}, query=query, body=body)
        if place.course != application.files.course.name:
            # Asked as nobody, an unknown course is refused as a course of others is, and as slowly.
            caller = Caller("")
        if self.rehearses:
            answer = application.rehearse(operation, request, caller=caller)
        else:
            answer = application.perform(operation, request, caller=caller, key=self._key())
        if isinstance(answer, Page):
            return Sent(answer.html.encode(), is_page=True)
        return Sent(answer.model_dump_json(by_alias=True).encode())

    def _key(self) -> str | None:
        key = self.request.headers.get("Idempotency-Key")
        if key is not None and not (key.isascii() and key.isprintable()):
            raise Invalid("An idempotency key is made of plain ASCII characters.")
        return key
