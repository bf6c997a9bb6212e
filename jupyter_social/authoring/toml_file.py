"""TOML with line numbers: `tomllib` reads the values, a scan of the text finds where they stand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_social.authoring.findings import Finding, InvalidFiles

Key = tuple[str | int, ...]

MAX_BYTES = 1_000_000

_HEADER = re.compile(r"^\s*(\[\[?)([^\[\]]+)\]")
_ASSIGNMENT = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+)\s*=")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)$")


class TomlFile:
    """A parsed TOML file that can tell the line of a key."""

    def __init__(self, path: Path, text: str, data: dict[str, Any]) -> None:
        self.path = path
        self.data = data
        self._lines = dict(_key_lines(text))

    def line(self, key: Key) -> int | None:
        """Return the line of this key, or of the nearest enclosing table that has one."""
        for length in range(len(key), 0, -1):
            if key[:length] in self._lines:
                return self._lines[key[:length]]
        return None


def read_toml(path: Path, shown: Path) -> TomlFile:
    """Read a TOML file; `shown` is its name in messages. Raises `InvalidFiles`."""
    try:
        text = _read_text(path)
        return TomlFile(shown, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = _AT_LINE.search(message)
        line = int(found.group(1)) if found else None
        reason = _AT_LINE.sub("", message).strip()
        raise InvalidFiles([Finding(shown, line, f"This is not valid TOML: {reason}.")]) from None
    except RecursionError:
        raise InvalidFiles([Finding(shown, None, "This is nested too deeply.")]) from None
    except UnicodeDecodeError:
        raise InvalidFiles(
            [Finding(shown, None, "This file is not UTF-8. Save it as UTF-8.")]
        ) from None
    except OSError as error:
        raise InvalidFiles([Finding(shown, None, f"Cannot be read: {error.strerror}.")]) from None


def _read_text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OSError(27, "it is larger than 1 MB")
    return data.decode("utf-8-sig").replace("\r\n", "\n")


def _key_lines(text: str) -> Iterator[tuple[Key, int]]:
    table: Key = ()
    counts: dict[Key, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header and "=" not in line.split("]")[0]:
            table = _split(header.group(2))
            if header.group(1) == "[[":
                index = counts.get(table, 0)
                counts[table] = index + 1
                table = (*table, index)
            yield table, number
        elif assignment := _ASSIGNMENT.match(line):
            yield (*table, *_split(assignment.group(1))), number


def _split(dotted: str) -> Key:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
