"""Names in base64 and in hexadecimal.

A token or a saved header often carries a name that nobody sees. Runs that look encoded are decoded,
and go if what comes out is text that names somebody. Pictures among them are cleaned as pictures.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from jupyter_social.core.scrubbing.folding import View
from jupyter_social.core.scrubbing.rules import Rule
from jupyter_social.core.scrubbing.spans import Span
from jupyter_social.core.scrubbing.survey import LONG

ENCODED = "[encoded]"
_RUN = re.compile(r"[A-Za-z0-9+/_-]++(?:(?:\r?\n|\\n)[A-Za-z0-9+/_-]{20,}+)*+={0,2}")
_LEAD = re.compile(r"[A-Za-z0-9+/_-]{0,200}\Z")
# Not the sign of an attribute: `class="x"`.
_PADDED = re.compile(r"=(?<=[A-Za-z0-9+/_=-]=)(?![\w=]|[\"'][^\s,;:)\]}>])")
_SHORT = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{6,11}={0,1}\Z")
_MARK = bytes(97 if c < 128 and (chr(c).isalnum() or chr(c) in "+/") else 32 for c in range(256))
_LONG = b"a" * LONG
_LINE_END = re.compile(r"\r?\n|\\n")
_URL_SAFE = str.maketrans("-_", "+/")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){5,}+")
_HEAD = 96


def find_encoded(
    view: View,
    names_somebody: Callable[[str], bool],
    clean_picture: Callable[[bytes], bytes | None],
) -> Iterator[Span]:
    """Yield encoded runs that name somebody, and pictures that were not clean.

    `names_somebody` is asked with a run, and should know those of which it was asked before.
    """
    for start, end in _runs(view):
        run = view.plain[start:end]
        picture = picture_in(run)
        if picture is not None:
            clean = clean_picture(picture)
            if clean != picture:
                new = "" if clean is None else base64.b64encode(clean).decode("ascii")
                yield Span(start, end, new, Rule.IMAGES, "a picture written as text")
        elif names_somebody(run):
            yield Span(start, end, ENCODED, Rule.ENCODED_TEXT, run)


def _runs(view: View) -> Iterator[tuple[int, int]]:
    """Yield the places of long runs of the alphabet, and of short ones with padding."""
    plain, reached = view.plain, 0
    for at in _long_places(plain) if view.outline is None else view.outline.coded:
        if at < reached:
            continue
        lead = _LEAD.search(plain, max(reached, at - 200), at)
        start = lead.start() if lead else at
        match = _RUN.match(plain, start)
        reached = match.end() if match else at + LONG
        yield start, reached
    if "=" in plain:
        for sign in _PADDED.finditer(plain):
            short = _SHORT.search(plain, max(0, sign.start() - 13), sign.start())
            if short:
                yield short.start(), sign.end()


def _long_places(plain: str) -> Iterator[int]:
    # One byte for each character, so that places agree.
    marked = plain.encode("ascii", "replace").translate(_MARK)
    at = marked.find(_LONG)
    while at >= 0:
        yield at
        end = marked.find(b" ", at)
        at = marked.find(_LONG, end) if end >= 0 else -1


def decodings(run: str) -> Iterator[str]:
    """Yield the texts that the run may stand for."""
    compact = _LINE_END.sub("", run).rstrip("=")
    if _HEX.fullmatch(compact):
        yield from _as_text(bytes.fromhex(compact))
    head = _decode(compact[:_HEAD])
    if head is None or not _looks_like_text(head):
        return
    raw = _decode(compact)
    if raw is not None:
        yield from _as_text(raw)


def picture_in(run: str) -> bytes | None:
    """Return the picture that the run encodes, or None."""
    if not run.startswith(("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR")):
        return None
    return _decode(_LINE_END.sub("", run).rstrip("="))


def _decode(compact: str) -> bytes | None:
    cut = len(compact) - (len(compact) % 4 == 1)
    padded = compact[:cut].translate(_URL_SAFE) + "=" * (-cut % 4)
    try:
        return base64.b64decode(padded)
    except (binascii.Error, ValueError):
        return None


def _looks_like_text(head: bytes) -> bool:
    # UTF-16 has a zero byte beside every Latin letter.
    return sum(byte < 9 or 13 < byte < 32 for byte in head.replace(b"\x00", b"")) == 0


def _as_text(raw: bytes) -> Iterator[str]:
    for encoding in ("utf-8", "utf-16-le") if b"\x00" in raw else ("utf-8",):
        try:
            yield raw.decode(encoding)
        except UnicodeDecodeError:
            # A cut multi-byte character at the end does not hide the rest.
            yield raw.decode(encoding, errors="replace") if raw.count(b"\xff") == 0 else ""
