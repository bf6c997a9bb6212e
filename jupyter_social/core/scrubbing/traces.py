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
from jupyter_social.core.scrubbing.rules import Rule
from jupyter_social.core.scrubbing.spans import PATH, Span

_ROOTS = (
    "Applications|Library|System|Users|Volumes|afs|app|builds?|cluster|content|cygdrive|data|dbfs|"
    "export|gpfs|home\\d?|kaggle|lab|lustre|media|mnt|net|nfs|nix|opt|private|projects?|root|run|"
    "scratch\\d?|shared|snap|srv|storage|students?|tmp|users?|usr|var|work|workspaces?"
)
_NAME = r"[^\s\"'<>|:*?`,;(){}\[\]/\\…]{1,255}+"
_SPACED = rf"{_NAME}(?:\ [A-Z0-9(]{_NAME[:-6]}{{0,60}}+){{0,3}}(?=[/\\])"
_UNIX_PATH = re.compile(rf"(?<![\w.~/…\]-])/(?:{_ROOTS})(?:/+(?:{_SPACED}|{_NAME}))+/?")
_WINDOWS_PATH = re.compile(
    rf"(?<![A-Za-z0-9])[A-Za-z]:(?:\\{{1,2}}|/(?=(?:Users|Program|Windows|{_ROOTS})\b))"
    rf"(?:(?:{_SPACED}|{_NAME})(?:\\{{1,2}}|/)?)+"
    rf"|(?<![\\\w])\\\\[\w.-]{{1,64}}\\(?i:users?|home\w*|profiles?|students?|staff|shares?)\\"
    rf"(?:{_NAME}\\?)+"
)
_FILE_URL = re.compile(r"\bfile:/{1,3}[^\s\"'<>)]+")
_TRACE_FILE = re.compile(r"(?<=\bFile )(?:\"(?:/|[A-Za-z]:)[^\"\n<>]+\"|(?:/|[A-Za-z]:\\)[^\n:<>]+)")
_NEUTRAL = re.compile(r"(?:site-packages|dist-packages|lib[/\\]{1,2}python\d[\d.]*)[/\\]")
_KERNEL_FILE = re.compile(r"(?<=ipython-input)-\d+-[0-9a-f]+|(?<=ipykernel)_\d+")
_ADDRESS = re.compile(r"(?<=\bat )0x[0-9a-f]{6,16}(?!\w)|\b0x[0-9a-f]{9,16}(?!\w)")
_AT = re.compile("@")
_LOCAL = re.compile(r"[a-z0-9._%+-]{1,64}\Z")
_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,6}\.[a-z]{2,12}(?![\w-])")
_PLACEHOLDER_HOST = re.compile(r"(?:.*\.)?example\.(?:com|org|net|edu)$|.*\.(?:test|invalid)$")
_PAGE = re.compile(
    r"(?:github\.com|gitlab\.com|bitbucket\.org|twitter\.com|\bx\.com|linkedin\.com/in|facebook\.com|"
    r"instagram\.com|kaggle\.com|huggingface\.co|orcid\.org|t\.me|medium\.com)/@?([\w.-]{1,64})"
    r"|://[\w.-]{1,100}(?::\d{1,5})?/~([\w.-]{1,64})"
    r"|\b([\w-]{1,64})\.github\.io\b"
)
_WELL_KNOWN = frozenset(
    "about blog datasets docs features ipython jupyter jupyterhub jupyterlab jupyter-widgets "
    "keras-team login matplotlib mwaskom nbgrader networkx numpy pandas-dev plotly python pypa "
    "pytorch scikit-learn scipy search sponsors statsmodels sympy tensorflow topics".split()
)
_PHONE = re.compile(r"(?<![\w.])(?:\+|\b00)[1-9][\d ()/-]{7,20}+(?!\w)")
_LABEL = (
    r"(?:student|full|first|last|your|my|group|team)?[ _]?(?:names?|member)|__author__|authors?|"
    r"(?:submitted|written|prepared|created|made|done)[ _]by|student|collaborators?|partners?|"
    r"student[ _]?(?:id|number|no\.?)|matriculation\w*|matrikelnummer|autor(?:in|es)?|nombre|nom"
)
_LABELLED = re.compile(
    rf"(?im)^[ \t#>*_|/-]{{0,12}}(?:{_LABEL})[*_]{{0,2}}[ \t]{{0,4}}[:=][*_ \t]{{0,4}}(\S[^\n]{{0,60}})"
)
_LABELLED_CODE = re.compile(
    r"(?m)^[ \t]{0,12}(?:[A-Z_]{0,12}(?:NAMES?|AUTHORS?|STUDENT(?:_ID)?|COLLABORATORS?|PARTNERS?)|"
    r"__author__)[ \t]{0,4}=[ \t]{0,4}(\S[^\n]{0,60})"
)
_MY_NAME = re.compile(
    r"\b(?:(?i:my name is|i am|i'm|ich heisse|je m'appelle|me llamo)) ([A-Z][\w'-]{1,30})"
)
_BY_LINE = re.compile(r"(?m)\b[Bb]y:? ((?:[A-Z][\w'.-]{0,30} ?){2,4})[.*_]{0,3}$")
_NOT_A_VALUE = re.compile(
    r"[\"'*_`\[(<\s]*(?:your|todo|tbd|none|null|n/?a|here|enter|fill|please|anonymous|\.\.\.|name\]|"
    r"user\]|email\]|path\]|$)",
    re.IGNORECASE,
)


def find_traces(view: View, rules: frozenset[Rule]) -> Iterator[Span]:
    """Yield paths and addresses of memory."""
    plain = view.plain
    if Rule.PATHS in rules:
        if "/" in plain or "\\" in plain:
            yield from _paths(plain)
        if "ipykernel_" in plain or "ipython-input" in plain:
            for match in _KERNEL_FILE.finditer(plain):
                yield Span(*match.span(), "", Rule.PATHS, match.group())
    if Rule.ADDRESSES in rules and "0x" in view.lower:
        for match in _ADDRESS.finditer(view.lower):
            yield Span(*match.span(), "0x…", Rule.ADDRESSES, "address of an object")


def _paths(plain: str) -> Iterator[Span]:
    patterns = [_UNIX_PATH] if "/" in plain else []
    if "file:/" in plain:
        patterns.append(_FILE_URL)
    if ":\\" in plain or ":/" in plain or "\\\\" in plain:
        patterns.append(_WINDOWS_PATH)
    if "File " in plain:
        patterns.append(_TRACE_FILE)
    for pattern in patterns:
        for match in pattern.finditer(plain):
            found, start = match.group(), match.start()
            if found[0] == '"':
                found, start = found[1:-1], start + 1
            found = found.rstrip(".") if not found.endswith("..") else found
            yield Span(start, start + len(found), _masked(found), Rule.PATHS, found)


def _masked(path: str) -> str:
    """Keep the part of a path that is the same on every machine."""
    neutral = None
    for neutral in _NEUTRAL.finditer(path):
        pass
    return PATH if neutral is None else f"…/{path[neutral.start() :]}"


def find_strangers(view: View) -> Iterator[Span]:
    """Yield what may tell somebody who is not on the roster; nothing of it is sure."""
    lower = view.lower
    if "@" in lower:
        for at in _AT.finditer(lower):
            local = _LOCAL.search(lower, max(0, at.start() - 64), at.start())
            host = _HOST.match(lower, at.end())
            if local and host and not _PLACEHOLDER_HOST.match(host.group()):
                yield _doubt(view, local.start(), host.end(), Rule.STRANGERS)
    if "." in lower and "/" in lower:
        for match in _PAGE.finditer(lower):
            if (match[1] or match[2] or match[3]) not in _WELL_KNOWN:
                yield _doubt(view, *match.span(), Rule.STRANGERS)
    if "+" in lower or "00" in lower:
        for match in _PHONE.finditer(lower):
            digits = sum(c.isdigit() for c in match.group())
            if 9 <= digits <= 15 and any(c in match.group() for c in " -/("):
                yield _doubt(view, *match.span(), Rule.STRANGERS)


def find_phrases(view: View, *, code: bool) -> Iterator[Span]:
    """Yield lines such as `Author: …` and phrases such as `my name is …`; nothing is sure."""
    for pattern in (_LABELLED_CODE,) if code else (_LABELLED, _MY_NAME, _BY_LINE):
        for match in pattern.finditer(view.plain):
            if not _NOT_A_VALUE.match(match.group(1)) and match.group(1).strip("\"' "):
                yield _doubt(view, *match.span(), Rule.AUTHOR_PHRASES)


def _doubt(view: View, start: int, end: int, rule: Rule) -> Span:
    return Span(start, end, "", rule, view.plain[start:end], sure=False)
