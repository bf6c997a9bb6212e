"""Pictures, which are always data in the page itself, and links, which are always elsewhere.

An SVG picture is shown as a picture too: as such it runs no script and fetches nothing.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from jupyter_social.core.pages.bounds import MAX_OUTPUT

RASTER = ("image/png", "image/jpeg", "image/gif", "image/webp")
SVG = "image/svg+xml"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_LINK = re.compile(r"(?i)(?:https?://|mailto:)[^\s\x00-\x1f]++\Z")
_DATA = re.compile(r"(?i)data:(image/[a-z+]{3,8})((?:;[a-z0-9=-]{1,20}){0,3}),")
_MAX_LINK = 2_000
_MAX_SIDE = 10_000


def link(url: str) -> str | None:
    """Return the address if a link may lead there."""
    return url if len(url) <= _MAX_LINK and _LINK.match(url) else None


def data_uri(mimetype: str, value: Any) -> str | None:
    """Return what a notebook holds under a media type as a data URI, None if it is no picture."""
    if not isinstance(value, str) or not value or len(value) > 2 * MAX_OUTPUT:
        return None
    if mimetype == SVG and value.lstrip()[:1] in ("<", "\ufeff"):
        encoded = base64.b64encode(value.strip().encode("utf-8", "replace")).decode("ascii")
        return f"data:{SVG};base64,{encoded}"
    if mimetype not in RASTER and mimetype != SVG:
        return None
    compact = "".join(value.split())
    usable = compact.isascii() and not compact.encode("ascii").translate(None, _BASE64)
    return f"data:{mimetype};base64,{compact}" if usable and compact else None


def own_data(uri: str) -> str | None:
    """Return a data URI, written in one way, if it is that of a picture."""
    found = _DATA.match(uri)
    if found is None:
        return None
    payload = uri[found.end() :]
    if found[2].lower().endswith(";base64"):
        return data_uri(found[1].lower(), unquote(payload) if "%" in payload else payload)
    if found[1].lower() != SVG:
        return None
    return data_uri(SVG, unquote_to_bytes(payload).decode("utf-8", "replace"))


def attached(uri: str, attachments: Mapping[str, Any]) -> str | None:
    """Return the data URI of a cell's attachment, named as in Markdown (`attachment:name`)."""
    name = uri.partition(":")[2]
    bundle = attachments.get(name) or attachments.get(unquote(name))
    if not isinstance(bundle, dict):
        return None
    uris = (data_uri(mimetype, value) for mimetype, value in bundle.items())
    return next((uri for uri in uris if uri), None)


def image(uri: str, alt: str, sizes: Any = None) -> str:
    """Return the element of a picture."""
    shown = "".join(
        f' {side}="{round(sizes[side])}"'
        for side in ("width", "height")
        if isinstance(sizes, dict)
        and type(sizes.get(side)) in (int, float)
        and 1 <= sizes[side] <= _MAX_SIDE
    )
    return f'<img src="{escape(uri)}" alt="{escape(alt)}"{shown}>'
