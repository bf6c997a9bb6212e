"""Command lines read strictly: arguments and options in any order, and no typo passed over.

Traitlets' own reader takes arguments only before the options, and goes on with a warning where an
option is unknown; somebody who types `--dry-rum` must not publish.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, NoReturn

from traitlets.config.loader import KVArgParseConfigLoader, _KVArgParser

_WRONG_VALUE = re.compile(r"The '(\w+)' trait of .+? expected (.+?), not (?:the \w+ )?(.+)\.$")


class WrongUse(Exception):
    """The command line cannot be understood; the message says where."""


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
        raise WrongUse(message)


class StrictLoader(KVArgParseConfigLoader):
    """Reads the command line of one command; what it does not know is wrong use."""

    parser_class = _Parser

    def _parse_args(self, args: Any) -> None:
        for arg in args:
            if any("\ud800" <= character <= "\udfff" for character in arg):
                self.parser.error("An argument is not UTF-8. Write or rename it in UTF-8.")
        for arg in args:
            if arg == "--":
                break
            if re.match(r"-[A-Za-z]", arg):
                self.parser.error(f"{arg} is not an option here.")
            if arg.startswith("--"):
                self._refuse_unknown(arg.split("=")[0].removeprefix("--"))
        super()._parse_args(args)

    def _refuse_unknown(self, name: str) -> None:
        known = self._class_options() if "." in name else self._options()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean --{near[0]}?" if near else ""
            self.parser.error(f"--{name} is not an option here.{hint}")

    def _options(self) -> list[str]:
        keys = (*self.aliases, *self.flags)
        return [name for key in keys for name in ((key,) if isinstance(key, str) else key)]

    def _class_options(self) -> list[str]:
        return [
            f"{cls.__name__}.{trait}"
            for cls in self.classes
            for trait in cls.class_traits(config=True)
        ]


def told(error: Exception) -> str:
    """Say in words what traitlets found wrong with the value of an option."""
    found = _WRONG_VALUE.match(str(error))
    if found is None:
        return str(error)
    name, expected, value = found.groups()
    return f"--{name.replace('_', '-')} takes {expected}, not {value}."
