r"""A text as a reader sees it, with the way back to how it was written.

The same name can be written in many ways: composed or with combining accents, full-width, with
zero-width characters, colours or tags inside, as HTML entities, percent-encoded or as ``\u0041``.
A `View` undoes all of that and lower-cases, so that names are looked for once, in one plain form,
and knows for each piece of the plain form the piece of the original that it stands for. Only the
odd pieces cost anything: a plain ASCII text is its own view.
"""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

Places = list[tuple[int, int]]

if TYPE_CHECKING:
    from jupyter_social.core.scrubbing.survey import Outline

# Colours and cursors, and the marks around a title, whose text is shown.
ANSI = r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\]\d{0,4};?|\x07|\x1b\\"
_INLINE_NAMES = (
    "a|abbr|b|big|bdi|bdo|cite|code|data|del|dfn|em|font|i|ins|kbd|label|mark|mi|q|rb|rt|ruby|"
    "s|samp|small|span|strong|sub|sup|time|tspan|tt|u|var|wbr"
)
# What a page may define itself, which shows nothing where it does not: `x-y`.
_INLINE = rf"(?:{_INLINE_NAMES}|[a-z][a-z0-9]{{0,30}}-[a-z0-9-]{{0,30}})"
_INLINE_TAG_NAMES = frozenset([*_INLINE_NAMES.split("|"), "!--"])
_ONE_TAG = rf"/?{_INLINE}(?:\s[^<>]*)?/?>"
# The sign comes first and is looked back from, so that the search runs from sign to sign.
_TAG_IN_WORD = (
    rf"<(?<=[^\W\d_]<)(?:{_ONE_TAG}|!--[^<>]*-->)(?:<(?:{_ONE_TAG}|!--[^<>]*-->))*+(?=[^\W_&%])"
)
_EMPHASIS_IN_WORD = (
    r"\*(?<=[^\W_]\*)\*{0,2}(?=[^\W_])|~~(?<=[^\W_]~~)(?=[^\W_])|`(?<=[^\W_]`)(?=[^\W_])"
)
_ESCAPE = (
    r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*+"
    r"|&(?:\#[0-9]{1,12}|\#[xX][0-9A-Fa-f]{1,12}|[A-Za-z][A-Za-z0-9]{1,31});"
    r"|(?:\\{1,2}u[0-9A-Fa-f]{4})+|(?:\\{1,2}x[0-9A-Fa-f]{2})+|\\{1,2}U[0-9A-Fa-f]{8}"
)
_UNICODE = r"[^\x00-\x7f]+"
_ESCAPE_SIGNS = (
    ("%", re.compile("%[0-9A-Fa-f]{2}")),
    ("&", re.compile("&[#A-Za-z]")),
    ("\\", re.compile(r"\\[uUx][0-9A-Fa-f]{2}")),
)
_MARKUP_SIGNS = (
    ("<", re.compile(_TAG_IN_WORD)),
    ("*", re.compile(r"\*(?<=[^\W_]\*)\*{0,2}(?=[^\W_])")),
    ("~", re.compile(r"~~(?<=[^\W_]~~)(?=[^\W_])")),
    ("`", re.compile(r"`(?<=[^\W_]`)(?=[^\W_])")),
)
_KEPT_TAG = re.compile(
    rf"(</?(?:{_INLINE}|br|dd|div|dl|dt|g|h[1-6]|li|ol|p|pre|svg|t[dhr]|table|tbody|text|thead|ul))"
    r"(?=[\s/>])[^<>]*>|"
    rf"({ANSI})"
)

_SPECIAL = {
    "ß": "ss", "ẞ": "SS", "ı": "i", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe",
    "ς": "σ", "ə": "e", "ħ": "h", "ŧ": "t", "ŋ": "n", "ʼ": "'", "‘": "'", "’": "'", "“": '"',
    "”": '"', "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-",
}  # fmt: skip
_DROPPED = frozenset(
    chr(code)
    for code in range(0x80, sys.maxunicode + 1)
    if unicodedata.category(chr(code)) in ("Mn", "Me", "Cf")
)


class View:
    """A folded text: `plain` keeps case, `lower` has none; both have the same length.

    `outline` is what a survey of the whole notebook says of it, if it was in one. Searches remember
    here what they found: the `keys` of the roster's index, the `places` of words and which are
    `notable`.
    """

    __slots__ = (
        "_origins", "_starts", "keys", "lower", "notable", "outline", "places", "plain", "text",
    )  # fmt: skip

    def __init__(self, text: str, pieces: list[tuple[str, int, int]] | None) -> None:
        self.text = text
        self.outline: Outline | None = None
        self.keys: set[str] | None = None
        self.places: dict[str, Places] = {}
        self.notable: dict[str, Places] = {}
        self._starts: list[int] = []
        self._origins: list[tuple[int, int, bool]] = []
        self.plain = text if pieces is None else self._join(pieces)
        lower = self.plain.lower()
        if len(lower) != len(self.plain):
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in self.plain)
        self.lower = lower

    def _join(self, pieces: list[tuple[str, int, int]]) -> str:
        at = 0
        for piece, start, end in pieces:
            if piece:
                self._starts.append(at)
                self._origins.append((start, end, len(piece) == end - start))
                at += len(piece)
        return "".join(piece for piece, _, _ in pieces)

    def find(self, literal: str) -> Iterator[int]:
        """Where a literal is in the lower-case text, from left to right, overlaps included."""
        if self.outline is not None and literal[:4] in self.outline.anchors:
            known = self.outline.places.get(literal[:4], ())
            return (at for at in known if self.lower.startswith(literal, at))
        return _occurrences(self.lower, literal)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original text that a span of the view stands for."""
        if not self._starts:
            return start, end
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        left, right, same = self._origins[first]
        begin = left + (start - self._starts[first]) if same else left
        left, right, same = self._origins[last]
        finish = left + (end - self._starts[last]) if same else right
        # What modifies the last character belongs to it.
        while finish < len(self.text) and unicodedata.category(self.text[finish]) == "Mn":
            finish += 1
        return begin, finish


def is_inline(name: str) -> bool:
    """Whether a tag of this name, in lower case, may stand inside a word."""
    return name.lstrip("/") in _INLINE_TAG_NAMES or "-" in name


def _occurrences(text: str, literal: str) -> Iterator[int]:
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + 1)


def view_of(
    text: str, *, unicode_forms: bool, escapes: bool, markup: bool, tags: bool = True
) -> View:
    """Fold a text; each way of hiding can be left alone.

    `tags` may be false where a text has no tags but those that stand between words.
    """
    odd = _odd_pattern(
        unicode_forms and not text.isascii(),
        escapes and _has_sign(text, _ESCAPE_SIGNS),
        "\x1b" in text or "\x07" in text,
        markup and _has_sign(text, _MARKUP_SIGNS if tags else _MARKUP_SIGNS[1:]),
    )
    if odd is None:
        return View(text, None)
    pieces: list[tuple[str, int, int]] = []
    at = 0
    for match in odd.finditer(text):
        start, end = match.span()
        if start > at:
            pieces.append((text[at:start], at, start))
        found = match.group()
        if found[0] > "\x7f":
            pieces.extend(_folded_pieces(found, start))
        else:
            pieces.append((_decoded(found, fold=unicode_forms), start, end))
        at = end
    if not at:
        return View(text, None)
    pieces.append((text[at:], at, len(text)))
    return View(text, pieces)


def _has_sign(text: str, signs: Sequence[tuple[str, re.Pattern[str]]]) -> bool:
    for sign, pattern in signs:  # noqa: SIM110 - a generator costs more than most of the looks
        if sign in text and pattern.search(text):
            return True
    return False


@lru_cache(maxsize=16)
def _odd_pattern(
    unicode_forms: bool,  # noqa: FBT001
    escapes: bool,  # noqa: FBT001
    ansi: bool,  # noqa: FBT001
    markup: bool,  # noqa: FBT001
) -> re.Pattern[str] | None:
    parts = [
        *([_UNICODE] if unicode_forms else []),
        *([_ESCAPE] if escapes else []),
        *([ANSI] if ansi else []),
        *([_TAG_IN_WORD, _EMPHASIS_IN_WORD] if markup else []),
    ]
    return re.compile("|".join(parts)) if parts else None


def kept_markup(gone: str) -> str:
    """Return the colours and tags of a removed piece, without what tags say besides their names."""
    return "".join(m[2] or f"{m[1]}>" for m in _KEPT_TAG.finditer(gone))


def fold(text: str) -> str:
    """Return the folded, lower-cased form of a short text such as a name."""
    return view_of(text, unicode_forms=True, escapes=False, markup=False).lower


def _folded_pieces(run: str, start: int) -> list[tuple[str, int, int]]:
    """Fold a run of non-ASCII characters, each piece with its place in the original."""
    if _is_plain(run):
        return [(run, start, start + len(run))]
    # A base and what modifies it are one piece, so that a match never cuts between them.
    return [(_folded(c), start + i, start + i + 1) for i, c in enumerate(run)]


def _is_plain(run: str) -> bool:
    return (
        unicodedata.is_normalized("NFKD", run)
        and _DROPPED.isdisjoint(run)
        and _SPECIAL.keys().isdisjoint(run)
    )


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(_SPECIAL.get(c, c) for c in decomposed if c not in _DROPPED)


def _decoded(found: str, *, fold: bool) -> str:
    """Return what an escape stands for; nothing for colours and tags."""
    if found[0] in "\x1b\x07<*~`":
        return ""
    found_once = found.replace("\\\\", "\\")
    try:
        if found[0] == "%":
            plain = unquote_to_bytes(found).decode("utf-8")
        elif found[0] == "&":
            plain = html.unescape(found)
        elif found_once[1] == "x":
            plain = _from_bytes(bytes.fromhex(found_once.replace("\\x", "")))
        else:
            plain = found_once.encode("ascii").decode("unicode_escape")
            plain = plain.encode("utf-16", "surrogatepass").decode("utf-16")
    except ValueError:
        return found
    if not plain.isprintable() and plain.strip():
        plain = "".join(c for c in plain if c.isprintable() or c in _DROPPED or c.isspace())
    return "".join(map(_folded, plain)) if fold else plain


def _from_bytes(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
