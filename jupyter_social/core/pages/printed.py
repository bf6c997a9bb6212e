"""Text as a terminal would have shown it: colours as classes, and no control character left."""

from __future__ import annotations

import re
from html import escape

# Colours and styles are kept; every other sequence moves a cursor, sets a title or asks something.
_SEQUENCE = re.compile(
    r"\x1b\[([0-9;:]{0,40})m"
    r"|(?:\x1b\[|\x9b)[0-?]{0,60}[ -/]{0,10}[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]{0,2000}+(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]{0,10}[0-~]?"
)
_ESCAPES = re.compile("[\x1b\x90\x98\x9b\x9d-\x9f]")
_PARAMETERS = 20


def printed(text: str) -> str:
    """Return text that was printed as HTML."""
    if "\r" in text:
        text = _overwritten(text)
    if not _ESCAPES.search(text):
        return escape(text)
    parts: list[str] = []
    style = _Style()
    at = 0
    for match in _SEQUENCE.finditer(text):
        parts.append(style.shown(text[at : match.start()]))
        if match[1] is not None:
            style.change(match[1])
        at = match.end()
    parts.append(style.shown(text[at:]))
    return "".join(parts)


def _overwritten(text: str) -> str:
    """Keep of each line what was printed last, as a progress bar means it."""
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


class _Style:
    """The colour and weight that the next characters have."""

    def __init__(self) -> None:
        self._colour = ""
        self._weight = ""
        self._mark = ""

    def shown(self, text: str) -> str:
        names = " ".join(name for name in (self._colour, self._weight, self._mark) if name)
        if not text or not names:
            return escape(text)
        return f'<span class="{names}">{escape(text)}</span>'

    def change(self, parameters: str) -> None:
        codes = parameters.replace(":", ";").split(";")[:_PARAMETERS]
        while codes:
            code = codes.pop(0).lstrip("0")
            if code in ("38", "48"):
                self._extended(code, codes)
            elif code == "":
                self._colour = self._weight = self._mark = ""
            elif code == "1":
                self._weight = "bold"
            elif code == "22":
                self._weight = ""
            elif code == "39":
                self._colour = ""
            elif code in ("27", "49"):
                self._mark = ""
            elif code == "7" or _is_one_of_eight(code, "4", "10"):
                self._mark = "mark"
            elif _is_one_of_eight(code, "3", "9"):
                self._colour = f"ansi{code[-1]}"

    def _extended(self, code: str, codes: list[str]) -> None:
        """One of 256 colours, of which the first sixteen are known, or red, green and blue."""
        kind = codes.pop(0) if codes else ""
        values = [codes.pop(0) for _ in range(min(len(codes), 1 if kind == "5" else 3))]
        if code == "48":
            self._mark = "mark"
        elif kind == "5" and values[0:1] and values[0] in _SIXTEEN:
            self._colour = f"ansi{int(values[0]) % 8}"
        else:
            self._colour = ""


_SIXTEEN = frozenset(str(number) for number in range(16))


def _is_one_of_eight(code: str, *tens: str) -> bool:
    return code[:-1] in tens and code[-1] in "01234567"
