"""Data inside texts: `data:` URIs of HTML, SVG, CSS and Markdown.

They are taken out before a text is looked at, because a picture of a megabyte is no text, and put
back clean. A place holder of two characters that Unicode reserves for no use marks where.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_SCHEME = re.compile(r":(?<=[dD][aA][tT][aA]:)")
_PLACE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_URI = re.compile(
    r"(?i)data:([a-z]+/[a-z0-9.+-]{1,60})((?:;[\w=.+-]{1,60}){0,5}),"
    r"(?:(?<=;base64,)[A-Za-z0-9+/=_%\s-]*+|[^\s\"'<>)]*+)"
)


def has_data(text: str) -> bool:
    """Whether there may be a `data:` URI, or a place holder of one, in the text."""
    if ":" in text and _SCHEME.search(text):
        return True
    return not text.isascii() and (_OPEN in text or _CLOSE in text)


class Embedded:
    """The data URIs of one text."""

    def __init__(self, clean: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
        self._clean = clean
        self._uris: list[str] = []
        self.dropped = False

    def take_out(self, text: str) -> str:
        """Return the text with place holders, the URIs cleaned and kept here."""
        if _OPEN in text or _CLOSE in text:
            text = text.replace(_OPEN, "").replace(_CLOSE, "")
        if not has_data(text):
            return text
        return _URI.sub(self._take, text)

    def put_back(self, text: str) -> str:
        """Return the text with the clean URIs."""
        if not self._uris:
            return text
        return _PLACE.sub(lambda match: self._uris[int(match[1])], text)

    def _take(self, match: re.Match[str]) -> str:
        kept = self._clean(match[1].lower(), _payload(match.group()))
        if kept is None:
            self.dropped = True
            self._uris.append("data:,")
        else:
            mimetype, data = kept
            old = _payload(match.group())
            same = data == old and mimetype == match[1] and ";base64," in match.group()[:100]
            new = f"data:{mimetype};base64,{base64.b64encode(data).decode('ascii')}"
            self._uris.append(match.group().strip() if same else new)
        tail = match.group()[len(match.group().rstrip()) :]
        return f"{_OPEN}{len(self._uris) - 1}{_CLOSE}{tail}"


def _payload(uri: str) -> bytes:
    head, _, body = uri.partition(",")
    raw = unquote_to_bytes(body)
    if not head.lower().endswith(";base64"):
        return raw
    compact = b"".join(raw.split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return base64.b64decode(compact + b"=" * (-len(compact) % 4))
    except (binascii.Error, ValueError):
        return b""
