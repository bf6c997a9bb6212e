"""Command lines read strictly: arguments and options in any order, and no typo passed over.

Traitlets' own reader takes arguments only before the options, and goes on with a warning where an
option is unknown; somebody who types `--dry-rum` must not publish.
"""

from __future__ import annotations

import difflib
import sys
from typing import Any, NoReturn

from traitlets.config.loader import KVArgParseConfigLoader, _KVArgParser

WRONG_USE = 2


class _Parser(_KVArgParser):
    """Mixes arguments and options freely, and explains a mistake in two lines."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "allow_abbrev": False, "add_help": False})

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        parsed, unknown = self.parse_known_intermixed_args(args, namespace)
        if unknown:
            self.error(f"{unknown[0].split('=')[0]} is not an option here.")
        return parsed

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"{message}\nAdd -h to see what this command takes.\n")
        raise SystemExit(WRONG_USE)


class StrictLoader(KVArgParseConfigLoader):
    """Reads the command line of one command."""

    parser_class = _Parser

    def _handle_unrecognized_alias(self, arg: str) -> None:
        self.parser.error(f"--{arg} is not an option here.{self._hint(arg)}")

    def _hint(self, unknown: str) -> str:
        known = [name for alias in (*self.aliases, *self.flags) for name in _names(alias)]
        near = difflib.get_close_matches(unknown, known, n=1)
        return f" Did you mean --{near[0]}?" if near else ""


def _names(alias: str | tuple[str, ...]) -> tuple[str, ...]:
    return (alias,) if isinstance(alias, str) else alias
