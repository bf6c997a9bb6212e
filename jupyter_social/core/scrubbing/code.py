"""Comments of code cells: the only part of code that scrubbing changes.

A name in an identifier or a string stays, and is reported, because code must keep its meaning. For
Python, R and Julia a scanner that knows strings finds them, in broken code too, with IPython's own
lines (`%magic`, `!command`, `help?`) hidden from it. Where an f-string may hold quotes inside
braces, which only a Python tokenizer understands, `tokenize` finds them. Code in other languages is
only looked at.
"""

from __future__ import annotations

import io
import re
import tokenize
from functools import lru_cache

Ranges = list[tuple[int, int]]

_STRING = r"\"(?:[^\"\\\n]|\\.)*+(?:\"|(?P<open>$))|'(?:[^'\\\n]|\\.)*+(?:'|(?P<unclosed>$))"
_LONG = r"\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)|'''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\Z)"
_COMMENT = r"(?P<comment>#[^\r\n]*)"
_SCANNERS = {
    "python": re.compile(rf"(?ms){_LONG}|{_STRING}|{_COMMENT}"),
    "r": re.compile(
        r"(?ms)[rR]\"-*\(.*?\)-*\"|\"(?:[^\"\\]|\\.)*+(?:\"|\Z)|'(?:[^'\\]|\\.)*+(?:'|\Z)|"
        rf"`[^`\n]*+`|{_COMMENT}"
    ),
    "julia": re.compile(
        r"(?ms)\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)|\"(?:[^\"\\]|\\.)*+(?:\"|\Z)|"
        rf"(?<![\w)\]}}'])'(?:[^'\\]|\\.)'|#=.*?(?:=#|\Z)|{_COMMENT}"
    ),
}
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_PYTHON_MAGICS = frozenset(["capture", "prun", "pypy", "python", "python3", "time", "timeit"])
_OWN_LINE = re.compile(
    r"(?m)^[ \t]*(?:%|!|\?|,|;|/)[^\n]*|(?<==)[ \t]*[!%][^\n]*|^[ \t]*[\w.*%]+\?{1,2}[ \t]*$"
)
_NESTING = re.compile(r"\b[rR]?[fFtT][rR]?[\"'][^\n]*\{")
_NOT_BLANK = re.compile(r"[^\s]")


def comments(source: str, *, language: str) -> Ranges:
    """Return the spans of the comments, empty where the language's comments are not known."""
    magic = _CELL_MAGIC.match(source)
    if language in ("python", "ipython", "python3"):
        if magic and magic.group(1) not in _PYTHON_MAGICS:
            return []
        return _python_comments(source)
    scanner = _SCANNERS.get(language)
    return _scan(scanner, source) if scanner and not magic else []


def same_code(before: str, after: str, *, language: str) -> bool:
    """Whether two sources differ in comments only."""
    return _without(before, comments(before, language=language)) == _without(
        after, comments(after, language=language)
    )


def _without(source: str, ranges: Ranges) -> list[str]:
    at, kept = 0, []
    for start, end in ranges:
        kept.append(source[at:start])
        at = end
    kept.append(source[at:])
    return kept


@lru_cache(maxsize=2)  # the source before and after, which are asked for in turns
def _python_comments(source: str) -> Ranges:
    if "#" not in source:
        return []
    hidden = _OWN_LINE.sub(lambda m: _NOT_BLANK.sub("_", m.group()), source)
    matches = list(_SCANNERS["python"].finditer(hidden))
    scanned = [m.span("comment") for m in matches if m["comment"] is not None]
    if not scanned:
        return []
    nested = _NESTING.search(hidden)
    broken = any(m["open"] is not None or m["unclosed"] is not None for m in matches)
    if nested or broken:
        try:
            tokenized = _tokenized(hidden)
        except (tokenize.TokenError, SyntaxError, ValueError):
            return scanned
        # Of broken code only that is a comment which is one in both readings.
        return [span for span in tokenized if nested or span in scanned]
    return scanned


def _tokenized(source: str) -> Ranges:
    starts = [0]
    for line in io.StringIO(source, newline=""):
        starts.append(starts[-1] + len(line))
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source, newline="").readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            found.append((starts[row - 1] + column, starts[row - 1] + column + len(token.string)))
    if any(source[start] != "#" for start, _ in found):
        raise ValueError("places of tokens do not fit the source")
    return found


def _scan(scanner: re.Pattern[str], source: str) -> Ranges:
    return [m.span("comment") for m in scanner.finditer(source) if m["comment"] is not None]
