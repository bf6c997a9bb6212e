"""Pictures that Markdown would fetch from elsewhere.

`![text](https://…)` tells the other side who reads, and when: its text stays. Links stay, because
nothing is fetched until somebody follows one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_ELSEWHERE = r"<?\s{0,3}(?:[a-zA-Z][a-zA-Z0-9+.-]{1,20}:(?!\ufdd0)|[/\\])"
_IMAGE = re.compile(
    r"!\[((?:[^\[\]\n]|\[[^\[\]\n]*+\]){0,500}+)\]\((\s{0,3}[^()\n]*+(?:\([^()\n]*+\)[^()\n]*+)*+)\)"
)
_REFERENCE = re.compile(r"!\[([^\[\]\n]{0,500}+)\](?:\[([^\[\]\n]{0,200}+)\])?(?!\()")
_DEFINITION = re.compile(rf"(?m)^[ >]{{0,6}}\[([^\[\]\n]{{1,200}}+)\]:\s{{0,4}}({_ELSEWHERE})")
_FOREIGN = re.compile(_ELSEWHERE)


def without_remote_images(text: str, removed: Callable[[str], None]) -> str:
    """Return Markdown whose pictures are all in the notebook, calling `removed` for each other."""
    if "!" not in text or "![" not in text:
        return text

    def image(match: re.Match[str]) -> str:
        target = match[2].strip()
        foreign = _FOREIGN.match(target) is not None
        if not foreign or target.lower().startswith("attachment:"):
            return match.group()
        removed(target)
        return match[1]

    text = _IMAGE.sub(image, text)
    remote = {m[1].casefold() for m in _DEFINITION.finditer(text)}
    if not remote:
        return text

    def reference(match: re.Match[str]) -> str:
        if (match[2] or match[1]).casefold() not in remote:
            return match.group()
        removed(match.group())
        return match[1]

    return _REFERENCE.sub(reference, text)
