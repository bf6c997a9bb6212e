"""Pieces of a text that go, and the text without them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from jupyter_social.core.scrubbing.folding import View, kept_markup
from jupyter_social.core.scrubbing.rules import Rule

NAME, EMAIL, USER, PATH = "[name]", "[email]", "[user]", "[path]"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a view that tells something; when not `sure` it stays and is reported."""

    start: int
    end: int
    replacement: str
    rule: Rule
    what: str
    sure: bool = True


def resolve(spans: Iterable[Span]) -> list[Span]:
    """Order spans and join those that overlap; the longest decides, and what goes beats doubt."""
    found: list[Span] = []
    for span in sorted(
        spans, key=lambda s: (s.start, -s.end, not s.sure, s.rule, s.what, s.replacement)
    ):
        last = found[-1] if found else None
        if last is None or span.start >= last.end:
            found.append(span)
        elif span.sure and last.sure:
            longer = max(last, span, key=lambda s: s.end - s.start)
            found[-1] = replace(longer, start=last.start, end=max(last.end, span.end))
        elif span.sure:
            found[-1] = span
    return found


def apply(view: View, spans: list[Span]) -> str:
    """Return the original text with the sure spans replaced; tags and colours inside stay."""
    parts: list[str] = []
    at = 0
    for span in spans:
        if not span.sure:
            continue
        start, end = view.origin(span.start, span.end)
        start = max(start, at)
        parts.append(view.text[at:start])
        parts.append(span.replacement)
        gone = view.text[start:end]
        if "<" in gone or "\x1b" in gone:
            parts.append(kept_markup(gone))
        elif "*" in gone or "`" in gone or "~~" in gone:
            end = _past_emphasis(view.text, start, end)
        at = max(at, end)
    parts.append(view.text[at:])
    return "".join(parts)


def _past_emphasis(text: str, start: int, end: int) -> int:
    """Where an emphasis that began inside the span, and so lost its beginning, ends."""
    for sign in ("***", "**", "~~", "*", "`"):
        if text.count(sign, start, end) == 1 and text.startswith(sign, end):
            return end + len(sign)
    return end
