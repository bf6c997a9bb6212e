"""Traces of a machine and of people who are on no roster.

Absolute paths hold home directories, addresses of objects differ from run to run, and a text may
give an e-mail, a telephone number, a personal page or a line `Author: …` of somebody the roster
does not know. The first two are masked; the rest is reported, because only a person can judge it.
All patterns are linear: every repetition is bounded or cannot give back what it took.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jupyter_social.core.scrubbing.folding import View
from jupyter_social.core.scrubbing.roster import Search
from jupyter_social.core.scrubbing.rules import Rule
from jupyter_social.core.scrubbing.spans import PATH, Span
from jupyter_social.core.scrubbing.words import (
    KERNEL_WORDS,
    PATH_ROOTS,
    PATH_WORDS,
    PHRASE_WORDS,
    SITE_WORDS,
)

_NAME_SIGN = r"[^\s\"'<>|:*?`,;(){}\[\]/\\…]"
_NAME = rf"{_NAME_SIGN}{{1,255}}+"
_SPACED = rf"{_NAME}(?:\ [A-Z0-9(]{_NAME_SIGN}{{0,60}}+){{0,3}}(?=[/\\])"
_UNIX_PATH = re.compile(rf"/(?<![\w.~/<…\]-]/)(?:{PATH_ROOTS})(?:/+(?:{_SPACED}|{_NAME}))+/?")
# The drive's letter stands before the match, so that the search runs from colon to colon.
_WINDOWS_PATH = re.compile(
    rf":(?<=[A-Za-z]:)(?<![A-Za-z0-9\]][A-Za-z]:)(?:\\{{1,2}}|/(?=(?:Users|Program|Windows|{PATH_ROOTS})\b))"
    rf"(?:(?:{_SPACED}|{_NAME})(?:\\{{1,2}}|/)?)+"
)
_NETWORK_PATH = re.compile(
    r"\\\\(?<![\\\w]\\\\)[\w.-]{1,64}\\(?i:users?|home\w*|profiles?|students?|staff|shares?)\\"
    rf"(?:{_NAME}\\?)+"
)
_FILE_URL = re.compile(r"\bfile:/{1,3}[^\s\"'<>)]+")
_TRACE_FILE = re.compile(
    r"(?<=\bFile )(?:\"(?:/|[A-Za-z]:)[^\"\n<>]+\"|(?:/|[A-Za-z]:\\)[^\n:<>]+)"
)
_NEUTRAL = re.compile(r"(?:site-packages|dist-packages|lib[/\\]{1,2}python\d[\d.]*)[/\\]")
_KERNEL_FILE = re.compile(r"(?<=ipython-input)-\d+-[0-9a-f]+|(?<=ipykernel)_\d+")
_ADDRESS = re.compile(r"0x(?<![\w\]]0x)(?:[0-9a-f]{9,16}|(?<=\bat 0x)[0-9a-f]{6,8})(?![\w\[])")
_AT = re.compile("@")
_LOCAL = re.compile(r"[a-z0-9._%+-]{1,64}\Z")
_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,6}\.[a-z]{2,12}(?![\w-])")
_PLACEHOLDER_HOST = re.compile(r"(?:.*\.)?example\.(?:com|org|net|edu)$|.*\.(?:test|invalid)$")
_SITES = (
    "github.com/", "gitlab.com/", "bitbucket.org/", "twitter.com/",  "linkedin.com/in/",
    "facebook.com/", "instagram.com/", "kaggle.com/", "huggingface.co/", "orcid.org/",
    "medium.com/@", "/~", ".github.io",
)  # fmt: skip
_ACCOUNT = re.compile(r"@?([a-z0-9][\w.-]{0,63})")
_PAGE_BEFORE = re.compile(r"[\w.:/-]{1,100}\Z")
_WELL_KNOWN = frozenset(
    [
        "about",
        "blog",
        "datasets",
        "docs",
        "features",
        "ipython",
        "jupyter",
        "jupyterhub",
        "jupyterlab",
        "jupyter-widgets",
        "keras-team",
        "login",
        "matplotlib",
        "mwaskom",
        "nbgrader",
        "networkx",
        "numpy",
        "pandas-dev",
        "plotly",
        "python",
        "pypa",
        "pytorch",
        "scikit-learn",
        "scipy",
        "search",
        "sponsors",
        "statsmodels",
        "sympy",
        "tensorflow",
        "topics",
    ]
)
_PHONE = re.compile(r"\+(?<![\w.]\+)[1-9][\d ()/-]{7,20}+(?!\w)")
_LABEL = (
    r"(?:student|full|first|last|your|my|group|team)?[ _]?(?:names?|member)|__author__|authors?|"
    r"(?:submitted|written|prepared|created|made|done)[ _]by|student|collaborators?|partners?|"
    r"student[ _]?(?:id|number|no\.?)|matriculation\w*|matrikelnummer|autor(?:in|es)?|nombre|nom"
)
_LABELLED = re.compile(
    rf"(?im)^[ \t#>*_|/-]{{0,12}}(?:{_LABEL})[*_]{{0,2}}[ \t]{{0,4}}"
    r"[:=][*_ \t]{0,4}(\S[^\n]{0,60})"
)
_LABELLED_CODE = re.compile(
    r"(?m)^[ \t]{0,12}(?:[A-Z_]{0,12}(?:NAMES?|AUTHORS?|STUDENT(?:_ID)?|COLLABORATORS?|PARTNERS?)|"
    r"__author__)[ \t]{0,4}=[ \t]{0,4}(\S[^\n]{0,60})"
)
_MY_NAME = re.compile(
    r"\b(?:(?i:my name is|i am|i'm|ich heisse|je m'appelle|me llamo)) ([A-Z][\w'-]{1,30})"
)
_CODE_LABELS = ("NAME", "AUTHOR", "STUDENT", "COLLABORATOR", "PARTNER", "__author__")
_BY_LINE = re.compile(
    r"(?m)(?:b|B)y:? (?=[A-Z])(?<![^\W_][bB]y )((?:[A-Z][\w'.-]{0,30} ?){2,4})[.*_]{0,3}$"
)
_NOT_A_VALUE = re.compile(
    r"[\"'*_`\[(<\s]*(?:your|todo|tbd|none|null|n/?a|here|enter|fill|please|anonymous|\.\.\.|name\]|"
    r"user\]|email\]|path\]|$)",
    re.IGNORECASE,
)


_PATHS = (
    ("/", _UNIX_PATH, 0),
    ("file:/", _FILE_URL, 0),
    (":\\", _WINDOWS_PATH, 1),
    (":/", _WINDOWS_PATH, 1),
    ("\\\\", _NETWORK_PATH, 0),
    ("File ", _TRACE_FILE, 0),
)


def find_traces(view: View, search: Search, rules: frozenset[Rule]) -> Iterator[Span]:
    """Yield paths and addresses of memory."""
    plain = view.plain
    if Rule.PATHS in rules:
        if "\\" in plain or ("/" in plain and search.has(view, PATH_WORDS)):
            yield from _paths(plain)
        if search.has(view, KERNEL_WORDS):
            for match in _KERNEL_FILE.finditer(plain):
                yield Span(*match.span(), "", Rule.PATHS, match.group())
    may_be = "0x" in view.lower if view.outline is None else view.outline.has_hex
    if Rule.ADDRESSES in rules and may_be:
        for match in _ADDRESS.finditer(view.lower):
            yield Span(*match.span(), "0x…", Rule.ADDRESSES, "address of an object")


def _paths(plain: str) -> Iterator[Span]:
    for sign, pattern, before in _PATHS:
        # A character is found, or not, much faster than two.
        if any(character not in plain for character in sign) or sign not in plain:
            continue
        for match in pattern.finditer(plain):
            start, end = match.start() - before, match.end()
            if plain[start] == '"':
                start, end = start + 1, end - 1
            if plain[end - 1] == "." and plain[end - 2] != ".":
                end -= 1
            found = plain[start:end]
            yield Span(start, end, _masked(found), Rule.PATHS, found)


def _masked(path: str) -> str:
    """Keep the part of a path that is the same on every machine."""
    starts = [match.start() for match in _NEUTRAL.finditer(path)]
    return f"…/{path[starts[-1] :]}" if starts else PATH


def find_strangers(view: View, search: Search) -> Iterator[Span]:
    """Yield what may tell somebody who is not on the roster; nothing of it is sure."""
    lower = view.lower
    if "@" in lower:
        for at in _AT.finditer(lower):
            local = _LOCAL.search(lower, max(0, at.start() - 64), at.start())
            host = _HOST.match(lower, at.end())
            if local and host and not _PLACEHOLDER_HOST.match(host.group()):
                yield _doubt(view, local.start(), host.end(), Rule.STRANGERS)
    if "~" in lower or ("." in lower and search.has(view, SITE_WORDS)):
        for site in _SITES:
            if site in lower:
                yield from _pages(view, site)
    if "+" in lower:
        for match in _PHONE.finditer(lower):
            digits = sum(c.isdigit() for c in match.group())
            if 9 <= digits <= 15 and any(c in match.group() for c in " -/("):
                yield _doubt(view, *match.span(), Rule.STRANGERS)


def _pages(view: View, site: str) -> Iterator[Span]:
    """Personal pages on a site that is in the text."""
    at = view.lower.find(site)
    while at >= 0:
        end = at + len(site)
        before = _PAGE_BEFORE.search(view.lower, max(0, at - 100), at)
        start = before.start() if before else at
        if site == ".github.io":
            if before:
                yield _doubt(view, start, end, Rule.STRANGERS)
        elif match := _ACCOUNT.match(view.lower, end):
            known = match[1] in _WELL_KNOWN or (site == "/~" and not before)
            if not known:
                yield _doubt(view, start, match.end(), Rule.STRANGERS)
        at = view.lower.find(site, end)


def find_phrases(view: View, search: Search, *, code: bool) -> Iterator[Span]:
    """Yield lines such as `Author: …` and phrases such as `my name is …`; nothing is sure."""
    patterns = []
    if code:
        if "=" in view.plain and any(label in view.plain for label in _CODE_LABELS):
            patterns.append(_LABELLED_CODE)
    else:
        if ":" in view.plain or "=" in view.plain:
            patterns.append(_LABELLED)
        if search.has(view, PHRASE_WORDS) or "i'm" in view.lower:
            patterns.append(_MY_NAME)
        if "by " in view.lower or "by: " in view.lower:
            patterns.append(_BY_LINE)
    for pattern in patterns:
        for match in pattern.finditer(view.plain):
            if not _NOT_A_VALUE.match(match.group(1)) and match.group(1).strip("\"' "):
                yield _doubt(view, *match.span(), Rule.AUTHOR_PHRASES)


def _doubt(view: View, start: int, end: int, rule: Rule) -> Span:
    return Span(start, end, "", rule, view.plain[start:end], sure=False)
