"""JSON from strangers, read strictly and within bounds.

Python's reader takes `NaN`, keeps the last of two equal keys, lets lone surrogates through and
overflows its stack on 200 kB of `[`. Bytes that come from a student must not do any of that to the
code behind, so every file of theirs is read here, once, and refused with a sentence that names
what is wrong.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from jupyter_social.core.bytescan import has_pair

MAX_DEPTH = 64
MAX_DIGITS = 1000
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")


class NotStrictJson(ValueError):
    """The text is not JSON we accept; the message completes a sentence ("the file …")."""


def parse(data: bytes) -> Any:
    """Read one JSON document (RFC 8259), a byte order mark allowed.

    Raises `NotStrictJson` for anything else, and for NaN, infinities, equal keys in one object,
    nesting deeper than `MAX_DEPTH`, numbers of more than `MAX_DIGITS` digits, lone surrogates and
    NUL characters.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotStrictJson(f"is not UTF-8 text (byte {error.start})") from None
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise NotStrictJson(f"is nested more than {MAX_DEPTH} levels deep") from None
    except json.JSONDecodeError as error:
        raise NotStrictJson(f"is not JSON (line {error.lineno}: {error.msg})") from None
    _check_depth(value)
    if has_pair(data, b"\\u") and _SUSPECT_ESCAPE.search(data):
        _check_characters(value)
    return value


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise NotStrictJson(f"has the key {key[:40]!r} twice in one object")
        seen.add(key)
    raise AssertionError("a shorter dict has a repeated key")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise NotStrictJson(f"holds a number of {len(digits)} digits")
    return int(digits)


def _real(digits: str) -> float:
    if len(digits) > MAX_DIGITS:
        raise NotStrictJson(f"holds a number of {len(digits)} digits")
    value = float(digits)
    if math.isinf(value):
        raise NotStrictJson(f"holds a number that is too large ({digits[:20]})")
    return value


def _constant(name: str) -> NoReturn:
    raise NotStrictJson(f"holds {name}, which JSON does not have")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_int=_integer,
    parse_float=_real,
    parse_constant=_constant,
)


def _check_depth(value: Any) -> None:
    """Go down level by level, without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for item in level:
            if type(item) is dict:
                below.extend(v for v in item.values() if type(v) is dict or type(v) is list)
            elif type(item) is list and not _are_strings(item):
                below.extend(v for v in item if type(v) is dict or type(v) is list)
        if not below:
            return
        level = below
    raise NotStrictJson(f"is nested more than {MAX_DEPTH} levels deep")


def _are_strings(items: list[Any]) -> bool:
    try:
        "".join(items)
    except TypeError:
        return False
    return True


def _check_characters(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            _check_string(item)
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())


def _check_string(text: str) -> None:
    if "\x00" in text:
        raise NotStrictJson("holds a NUL character (\\u0000)")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotStrictJson("holds half of a surrogate pair (a broken character)") from None
