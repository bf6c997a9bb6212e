"""Code with its comments, strings and words told apart.

Many lexers of Pygments need time that grows with the square of the source (for C++ or Java, 10 kB
of line ends take seconds), and the notebook says which one is used. So only lexers that were seen
to be linear, or nearly, are asked; the languages that look like C have a small scanner here, and
what is in another language is shown plainly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from jupyter_social.core.pages.bounds import Bounds, Work

if TYPE_CHECKING:
    from pygments.lexer import RegexLexer

_LEXERS = {
    "bash": "bash",
    "haskell": "haskell",
    "ipython": "python",
    "ipython3": "python",
    "json": "json",
    "julia": "julia",
    "octave": "octave",
    "py": "python",
    "python": "python",
    "python3": "python",
    "r": "r",
    "sagemath": "python",
    "sh": "bash",
    "sql": "sql",
}
# The lexers above need more than linear time for some characters that are in no program.
_MAX_SOURCE = 40_000
_LIKE_C = frozenset(
    [
        "c",
        "c#",
        "c++",
        "cpp",
        "csharp",
        "go",
        "java",
        "javascript",
        "js",
        "kotlin",
        "rust",
        "scala",
        "swift",
        "ts",
        "typescript",
    ]
)
_WORDS = (
    "abstract|async|auto|await|bool|boolean|break|case|catch|char|class|const|continue|def|default|"
    "delete|do|double|else|enum|export|extends|false|final|finally|float|fn|for|fun|func|function|"
    "if|impl|implements|import|in|include|instanceof|int|interface|let|long|match|mod|mut|"
    "namespace|new|null|nullptr|object|operator|override|package|private|protected|pub|public|"
    "return|short|signed|static|struct|super|switch|template|this|throw|throws|trait|true|try|"
    "type|typedef|typename|typeof|unsigned|use|using|val|var|virtual|void|where|while|with|yield"
)
_SCANNER = re.compile(
    r"(?P<c>//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)"
    r"|(?P<s>\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.){1,4}+')"
    rf"|(?P<k>\b(?:{_WORDS})\b)|(?P<m>\b\d[\w.]*+)|[A-Za-z_]\w*+"
)


def highlighted(source: str, language: str, bounds: Bounds) -> str:
    """Return code as HTML, plainly where the language is not known or there is too much of it."""
    language = language.lower()
    if len(source) > _MAX_SOURCE:
        return escape(source)
    if language in _LEXERS and bounds.allow(Work.HIGHLIGHTING, len(source)):
        return _joined(_lexed(source, _LEXERS[language]))
    if language in _LIKE_C and bounds.allow(Work.HIGHLIGHTING, len(source)):
        return _joined(_scanned(source))
    return escape(source)


def _joined(pieces: Iterable[tuple[str, str]]) -> str:
    """Put pieces of one class that follow each other into one element."""
    parts: list[str] = []
    run: list[str] = []
    current = ""
    for name, text in pieces:
        if name != current:
            _finish(parts, current, run)
            run, current = [], name
        run.append(text)
    _finish(parts, current, run)
    return "".join(parts)


def _finish(parts: list[str], name: str, run: list[str]) -> None:
    text = escape("".join(run))
    parts.append(f'<span class="{name}">{text}</span>' if name and text else text)


def _lexed(source: str, name: str) -> Iterator[tuple[str, str]]:
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    known: dict[Any, str] = {}
    for _, kind, piece in _lexer(name).get_tokens_unprocessed(text):
        found = known.get(kind)
        if found is None:
            found = known[kind] = _class_of(kind)
        yield found, piece


@lru_cache(maxsize=16)
def _lexer(name: str) -> RegexLexer:
    from pygments.lexers import get_lexer_by_name

    lexer: RegexLexer = get_lexer_by_name(name)
    return lexer


def _class_of(kind: Any) -> str:
    from pygments.token import Comment, Keyword, Name, Number, Operator, String

    families = {
        "c": (Comment,),
        "k": (Keyword, Operator.Word),
        "s": (String,),
        "m": (Number,),
        "f": (Name.Function, Name.Class, Name.Decorator),
        "b": (Name.Builtin, Name.Exception),
    }
    return next((name for name, all_of in families.items() if any(kind in f for f in all_of)), "")


def _scanned(source: str) -> Iterator[tuple[str, str]]:
    at = 0
    for match in _SCANNER.finditer(source):
        if match.lastgroup:
            yield "", source[at : match.start()]
            yield match.lastgroup, match.group()
            at = match.end()
    yield "", source[at:]
