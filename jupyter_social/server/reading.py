"""From what was sent to a request of an operation, or to a sentence that says what is wrong.

A GET is read from its path and its query, in which each field stands once as text; all else from
its path and one JSON object. Nothing that was sent is echoed at length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from jupyter_social.core import strict_json
from jupyter_social.core.errors import Invalid, Malformed
from jupyter_social.core.operations import Operation
from jupyter_social.core.views import View
from jupyter_social.server.explaining import explained

MAX_QUERY_FIELDS = 50
MAX_ITEMS = 50_000
"""The most entries of all lists and objects of a body; no roster that fits has so many."""
# A text that never ends is one, too: looking for others in it would take time without end.
_SIGN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[,\[{]', re.DOTALL)
_QUOTE = ord('"')
_SIGNS_OF_AN_ITEM = 3
"""Its name, its text, and what stands before it."""


def read_request(
    operation: Operation[Any, Any],
    *,
    path: Mapping[str, str],
    query: Mapping[str, str],
    body: bytes,
) -> View:
    """Return the request that was sent, validated; raise `Malformed` or `Invalid`."""
    request: type[View] = operation.body
    named = {_on_the_wire(request, name): value for name, value in path.items()}
    try:
        if not operation.writes:
            _refuse_both(named, query)
            return request.model_validate_strings({**query, **named}, by_alias=True, by_name=False)
        if query:
            raise Malformed("Send everything in the body; this address takes no query.")
        sent = _object(body)
        for name, value in path.items():
            _fill(sent, request, name, value)
        data = json.dumps(sent, ensure_ascii=False).encode()
        return request.model_validate_json(data, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Invalid(explained(error)) from None


def read_query(query: str, *, ignored: frozenset[str]) -> dict[str, str]:
    """Return the fields of a query, each once; raise `Malformed` where they cannot be told."""
    try:
        fields = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=MAX_QUERY_FIELDS
        )
    except ValueError:
        raise Malformed("The query of the address cannot be read.") from None
    found: dict[str, str] = {}
    for name, value in fields:
        # JupyterLab ends every address with the time, against caches that keep too much.
        if name in ignored or (name.isdecimal() and not value):
            continue
        if "\x00" in name + value:
            raise Malformed("The query holds a NUL character.")
        if name in found:
            raise Malformed(f"The query has the field {name[:40]!r} more than once.")
        found[name] = value
    return found


def _object(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    # Each mistake in each entry becomes an object: 4 MB of empty entries took 2 GB to refuse.
    if _has_too_many_items(body):
        raise Malformed(f"The body has more than {MAX_ITEMS:,} entries.")
    try:
        found = strict_json.parse(body)
    except strict_json.NotStrictJson as error:
        raise Malformed(f"The body {error}.") from None
    if not isinstance(found, dict):
        raise Malformed("The body is not a JSON object: {…}.")
    return found


def _has_too_many_items(body: bytes) -> bool:
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) <= MAX_ITEMS:
        return False
    signs = _SIGN.finditer(body)
    return next(islice(signs, _SIGNS_OF_AN_ITEM * MAX_ITEMS, None), None) is not None or (
        sum(body[sign.start()] != _QUOTE for sign in _SIGN.finditer(body)) > MAX_ITEMS
    )


def _refuse_both(path: Mapping[str, str], query: Mapping[str, str]) -> None:
    for name in path.keys() & query.keys():
        raise Malformed(f"{name} stands in the address already; leave it out of the query.")


def _fill(sent: dict[str, Any], request: type[View], name: str, value: str) -> None:
    wire = _on_the_wire(request, name)
    kind: Any = request.model_fields[name].annotation
    adapter = TypeAdapter[Any](kind)
    try:
        found = to_jsonable_python(adapter.validate_strings(value))
    except ValidationError:
        raise Invalid(f"{wire} in the address cannot be used as it is.") from None
    if sent.setdefault(wire, found) != found:
        raise Malformed(f"{wire} in the body is not the one in the address. Leave it out.")


def _on_the_wire(request: type[View], name: str) -> str:
    return request.model_fields[name].alias or name
