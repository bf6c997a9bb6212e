"""Writes the reference pages from the program itself, so that they cannot say anything else.

`python docs/generate.py` writes them, `--check` writes nothing and exits with 1 if one is out of
date. Each page is a function that returns Markdown; nothing in it depends on the machine.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import CheckConstraint, Column, LargeBinary, String, Table, UniqueConstraint
from traitlets import Bool, Enum, Float, Integer, TraitType
from traitlets.config import Configurable
from traitlets.utils.importstring import import_item

from jupyter_social import config
from jupyter_social.cli.base import (
    BASE_ALIASES,
    BASE_FLAGS,
    COURSE_ALIASES,
    Command,
    CourseCommand,
    Group,
)
from jupyter_social.cli.main import Social
from jupyter_social.core import schema
from jupyter_social.core.events import EVENTS
from jupyter_social.core.migrations import all_tables
from jupyter_social.core.operations import Operation
from jupyter_social.core.people import Role
from jupyter_social.core.permissions import PERMISSIONS, Action
from jupyter_social.core.tables import Instant
from jupyter_social.core.views import View
from jupyter_social.operations import OPERATIONS
from jupyter_social.server.openapi import ALWAYS, WITH_A_BODY, openapi

REFERENCE = Path(__file__).parent / "reference"
NOTICE = (
    "<!-- This page is written by docs/generate.py. Change the program and run `make schema`, "
    "not this page. -->"
)

EXIT_CODES = {
    "0": "done",
    "1": "refused, or something failed; the reason is on standard error",
    "2": "wrong use: an option or an argument that the command does not take, or lacks",
    "130": "stopped with Ctrl-C; what was done so far is kept",
}


def main(argv: list[str] | None = None) -> int:
    """Write the pages, or compare them with what would be written."""
    parser = argparse.ArgumentParser(description="Write the generated reference pages.")
    parser.add_argument("--check", action="store_true", help="Write nothing; exit 1 if outdated.")
    check = parser.parse_args(argv).check
    outdated = [path for path, text in pages().items() if not _holds(path, text)]
    for path in outdated:
        shown = path.relative_to(REFERENCE.parents[1])
        if check:
            print(f"{shown} is out of date: run `make schema`.", file=sys.stderr)
        else:
            path.write_text(pages()[path], encoding="utf-8")
            print(f"{shown} is written.")
    return 1 if check and outdated else 0


def pages() -> dict[Path, str]:
    """Return the text of every generated page."""
    makers: dict[str, Callable[[], Iterator[str]]] = {
        "cli": cli_page,
        "configuration": configuration_page,
        "database": database_page,
        "events": events_page,
        "permissions": permissions_page,
        "operations": operations_page,
        "rest": rest_page,
    }
    return {
        **{
            REFERENCE / f"{name}.md": "\n".join([NOTICE, "", *make()]).rstrip() + "\n"
            for name, make in makers.items()
        },
        REFERENCE / "openapi.json": json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n",
    }


# The command line


def cli_page() -> Iterator[str]:
    """Every command with its arguments, options and examples."""
    yield "# Command line"
    yield ""
    yield (
        "The program is `jupyter-social`; Jupyter finds it as `jupyter social`. Commands that work "
        "on a course are run in the course folder or anywhere below it. Every command takes `-h`."
    )
    yield ""
    yield from _table(("Exit code", "Meaning"), EXIT_CODES.items())
    yield "## Options of every command"
    yield ""
    yield from _option_table(Command())
    yield "With `--json`, standard output holds one JSON document, an error included."
    yield ""
    yield "## Options of every command that works on a course"
    yield ""
    yield from _option_table(CourseCommand(), leave_out=BASE_ALIASES.keys() | BASE_FLAGS.keys())
    for app in commands():
        yield from _command(app)


def commands(group: type[Group] = Social) -> Iterator[Command]:
    """Yield every command that does something, in the order of the help."""
    for found, _ in group().subcommands.values():
        made: type[Command] = import_item(found) if isinstance(found, str) else found
        if issubclass(made, Group):
            yield from commands(made)
        else:
            yield made()


def spoken(app: Command) -> str:
    """Return how the command is typed, without its arguments."""
    usage = next(app.emit_description()).removeprefix("Usage: ").removesuffix(" [options]")
    return usage.removesuffix(" ".join(app.arguments)).strip()


def _command(app: Command) -> Iterator[str]:
    yield f"## `{spoken(app)}`"
    yield ""
    yield "```text"
    yield next(app.emit_description())
    yield "```"
    yield ""
    yield str(app.description)
    yield ""
    of_a_course = isinstance(app, CourseCommand)
    shared = BASE_FLAGS.keys() | (COURSE_ALIASES if of_a_course else BASE_ALIASES).keys()
    if (app.aliases.keys() | app.flags.keys()) - shared:
        yield from _option_table(app, leave_out=shared)
    kind = "every command that works on a course" if of_a_course else "every command"
    yield f"It also takes the options of {kind}."
    yield ""
    if app.examples:
        yield "Examples:"
        yield ""
        yield "```sh"
        yield str(app.examples).rstrip()
        yield "```"
        yield ""


def _option_table(app: Command, *, leave_out: Iterable[str] = ()) -> Iterator[str]:
    skip = set(leave_out)
    rows = [(f"`--{name}`", text) for name, (_, text) in app.flags.items() if name not in skip]
    for name, target in app.aliases.items():
        if name in skip:
            continue
        trait = _trait(app, target)
        rows.append((f"`--{name} {_value(trait)}`", _sentence(trait.help) + _default(trait)))
    yield from _table(("Option", "What it does"), sorted(rows))


def _trait(app: Command, target: str) -> TraitType[Any, Any]:
    owner, _, name = target.rpartition(".")
    known = {cls.__name__: cls for base in (type(app), *app.classes) for cls in base.__mro__}
    traits: Mapping[str, TraitType[Any, Any]] = known[owner].class_traits()
    return traits[name]


def _value(trait: TraitType[Any, Any]) -> str:
    if isinstance(trait, Enum):
        names = [value for value in trait.values if isinstance(value, str)]
        return "\\|".join(names)
    return "N" if isinstance(trait, Integer) else "TEXT"


def _default(trait: TraitType[Any, Any]) -> str:
    value = trait.default_value
    return f" Default: `{value}`." if value not in (None, "", False) else ""


# The configuration


def configuration_page() -> Iterator[str]:
    """Every option that may stand in a configuration file."""
    yield "# Configuration"
    yield ""
    yield (
        "Nothing has to be configured. What you set on the command line counts first, then the "
        "file `jupyter_social_config.py` (or `.json`) in a Jupyter configuration folder; "
        "`jupyter social where` lists these folders."
    )
    yield ""
    yield "```python"
    yield 'c.Storage.database = "postgresql+psycopg://course@db.example.org/course"'
    yield "```"
    yield ""
    yield (
        f"The environment variable `{config.DATABASE_VARIABLE}` holds the database URL where "
        "`Storage.database` is empty. It is the place for a URL with a password, which other "
        "people on the machine could read on a command line. For the same reason "
        f"`{config.TOKEN_VARIABLE}` is the place for the token that goes with `--url`."
    )
    yield ""
    for _, found in inspect.getmembers(config, inspect.isclass):
        if issubclass(found, Configurable) and found.__module__ == config.__name__:
            yield from _configurable(found)
    yield "## What commands do when not told otherwise"
    yield ""
    yield "These set an option for good, as if it were given each time."
    yield ""
    rows: dict[str, tuple[str, ...]] = {}
    for app in commands():
        for cls in type(app).__mro__:
            if issubclass(cls, Command):
                rows |= {row[0]: row for row in _configured(cls)}
    yield from _table(("Option", "Type", "Default", "What it does"), sorted(rows.values()))


def _configurable(cls: type[Configurable]) -> Iterator[str]:
    yield f"## {cls.__name__}"
    yield ""
    yield _sentence(inspect.getdoc(cls) or "")
    yield ""
    yield from _table(("Option", "Type", "Default", "What it does"), _configured(cls))


def _configured(cls: type[Configurable]) -> Iterator[tuple[str, ...]]:
    for name, trait in sorted(cls.class_own_traits(config=True).items()):
        default = "" if trait.default_value is None else repr(trait.default_value)
        yield (f"`c.{cls.__name__}.{name}`", _kind(trait), f"`{default}`" if default else "none",
               _sentence(trait.help))  # fmt: skip


def _kind(trait: TraitType[Any, Any]) -> str:
    if isinstance(trait, Enum):
        return " or ".join(repr(value) for value in trait.values)
    if isinstance(trait, Bool):
        return "true or false"
    return "number" if isinstance(trait, (Integer, Float)) else "text"


# The database


def database_page() -> Iterator[str]:
    """Every table and column."""
    yield "# Database"
    yield ""
    yield (
        f"The tables of schema {schema.HEAD}, the same on SQLite and PostgreSQL. The database "
        "belongs to the program: read it as you like, write to it only through commands. "
        "“Personal” marks what a person is, wrote or did; export and erasure go by that mark."
    )
    yield ""
    for table in sorted(all_tables().tables.values(), key=lambda found: found.name):
        yield from _database_table(table)


def _database_table(table: Table) -> Iterator[str]:
    yield f"## {table.name}"
    yield ""
    if table.comment:
        yield table.comment
        yield ""
    headings = ("Column", "Type", "Empty", "Personal", "Refers to", "Note")
    yield from _filled(headings, (_database_column(column) for column in table.columns))
    rules = sorted(_rules(table))
    if rules:
        yield from (f"- {rule}" for rule in rules)
        yield ""


def _database_column(column: Column[Any]) -> tuple[str, ...]:
    refers = ", ".join(sorted(f"`{key.target_fullname}`" for key in column.foreign_keys))
    return (
        f"`{column.name}`" + (" (key)" if column.primary_key else ""),
        _column_type(column),
        "may be" if column.nullable else "",
        "yes" if column.info["personal"] else "",
        refers,
        column.comment or "",
    )


def _column_type(column: Column[Any]) -> str:
    if isinstance(column.type, Instant):
        return "instant, UTC"
    if isinstance(column.type, LargeBinary):
        return "bytes"
    if type(column.type) is String:
        return f"text, at most {column.type.length}"
    return str(column.type).lower()


def _rules(table: Table) -> Iterator[str]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield f"Unique: {_columns(constraint.columns)}."
        elif isinstance(constraint, CheckConstraint):
            yield f"Check: `{constraint.sqltext}`."
    for index in table.indexes:
        condition = index.dialect_options["sqlite"].get("where")
        where = f" where `{condition}`" if condition is not None else ""
        yield f"{'Unique' if index.unique else 'Index'}: {_columns(index.columns)}{where}."


def _columns(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(f"`{column.name}`" for column in columns)


# The journal


def events_page() -> Iterator[str]:
    """Every kind of event."""
    yield "# Events"
    yield ""
    yield (
        "What is done in a course is written into its journal, in the same transaction, and no "
        "event is ever removed. An event has a number, an instant, who did it, its kind, what it "
        "is about (`subject`), and some `data`: ids, counts, and the reasons that staff gave. It "
        "is the database's table [`journal`](database.md#journal). Previews, saving a draft once "
        "more, opening feedback and saying whether a review helped are no events."
    )
    yield ""
    yield "Who did it is one of these, and never a name:"
    yield ""
    yield from (
        "- the id of a person, which only the database joins to a name;",
        "- `operator`, who runs the command line on the machine, or `operator as ID` with `--as`;",
        "- `deadline`, the program itself when a date has come;",
        "- `unit ID`, the pseudonym under which somebody hands in and reviews in one assignment. "
        "That holds as well where the operator does it with `--as`.",
    )
    yield ""
    yield (
        "The audit log (`jupyter social audit`) shows the events that are marked below. It leaves "
        "out what is done under a pseudonym, and hand-ins that staff took in: their instants "
        "beside their ids would tell whose they are."
    )
    yield ""
    rows = (
        (f"`{kind}`", event.says, event.under.value, event.subject, _data(event.data),
         "yes" if event.audited else "")
        for kind, event in EVENTS.items()
    )  # fmt: skip
    headings = ("Kind", "What happened", "Recorded under", "Subject", "Data", "In the audit log")
    yield from _table(headings, rows)
    yield (
        "An erasure empties the reasons and notes that name the person; everything else stays as "
        "it was written."
    )
    yield ""


def _data(fields: Mapping[str, str]) -> str:
    return "; ".join(f"`{name}`: {meaning}" for name, meaning in fields.items())


# Permissions and operations


def permissions_page() -> Iterator[str]:
    """Who may do what."""
    yield "# Permissions"
    yield ""
    yield (
        "Who may do what in a course. What is not marked is denied, and the answer is then the "
        "same as for something that does not exist. The operator is whoever runs the command line "
        "on the machine; `--as USERNAME` acts as a person of the course instead, and is written "
        "down."
    )
    yield ""
    rows = [
        (f"`{action}`", *("yes" if role in PERMISSIONS.get(action, ()) else "" for role in Role))
        for action in Action
    ]
    yield from _table(("Action", *(role.value for role in Role)), rows)
    yield "## Which operation needs which"
    yield ""
    needs = [(f"`{found.name}`", f"`{found.needs}`") for found in OPERATIONS]
    yield from _table(("Operation", "Action"), needs)


def operations_page() -> Iterator[str]:
    """Everything that can be asked of a course."""
    yield "# Operations"
    yield ""
    yield (
        "Everything that can be asked of a course. The command line calls these operations; a "
        "Jupyter server offers the same ones under the methods and paths given here, as "
        "[REST](rest.md) says. Fields are written as over HTTP, in camelCase; `--json` on the "
        "command line writes them in snake_case."
    )
    yield ""
    shapes: dict[str, Mapping[str, Any]] = {}
    for operation in OPERATIONS:
        yield from _operation(operation, shapes)
    yield "## Shapes"
    yield ""
    for name, shape in sorted(shapes.items()):
        yield f"### {name}"
        yield ""
        yield _sentence(shape.get("description", ""))
        yield ""
        if "enum" in shape:
            yield "One of " + ", ".join(f"`{value}`" for value in shape["enum"]) + "."
            yield ""
        else:
            yield from _fields(shape)


def _operation(
    operation: Operation[Any, Any], shapes: dict[str, Mapping[str, Any]]
) -> Iterator[str]:
    yield f"## `{operation.name}`"
    yield ""
    yield _sentence(inspect.getdoc(operation.call) or "")
    yield ""
    yield f"- `{operation.method} {operation.path}`"
    yield f"- Needs `{operation.needs}`."
    if operation.writes and operation.repeated:
        yield "- Its answer holds names and is not stored. Sent again with the same key, it"
        yield "  changes nothing and tells how things stand."
    elif operation.writes:
        yield "- Sent again with the same idempotency key, it returns the stored answer."
    yield ""
    for title, view in (("Request", operation.body), ("Answer", operation.returns)):
        found = _schema(view)
        shapes |= found.get("$defs", {})
        yield f"{title} `{view.__name__}`: {_sentence(inspect.getdoc(view) or '')}"
        yield ""
        yield from _fields(found)


def _schema(view: type[View]) -> dict[str, Any]:
    return view.model_json_schema(by_alias=True)


def _fields(shape: Mapping[str, Any]) -> Iterator[str]:
    fields: Mapping[str, Any] = shape.get("properties", {})
    if not fields:
        return
    required = shape.get("required", [])
    rows = [
        (
            f"`{name}`",
            _json_type(field),
            "" if name in required else "may be left out",
            _sentence(field.get("description", "")),
        )
        for name, field in fields.items()
    ]
    yield from _filled(("Field", "Type", "", "Meaning"), rows)


def _json_type(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        return " or ".join(_json_type(one) for one in field["anyOf"])
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "prefixItems" in field:
        return "[" + ", ".join(_json_type(one) for one in field["prefixItems"]) + "]"
    match field.get("type"):
        case "array":
            return f"list of {_json_type(field['items'])}"
        case "object":
            value = field.get("additionalProperties")
            return f"object of {_json_type(value)}" if isinstance(value, dict) else "object"
        case "integer":
            return _bounded(field)
        case "string":
            return {"base64url": "base64", "date-time": "instant"}.get(
                field.get("format", ""), "text"
            )
        case found:
            return str(found or "anything")


def _bounded(field: Mapping[str, Any]) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    return "integer" if low is None or high is None else f"integer, {low} to {high}"


# REST


def rest_page() -> Iterator[str]:
    """How the operations are reached over HTTP."""
    yield "# REST"
    yield ""
    yield (
        "A Jupyter server with a course serves these addresses below `jupyter-social/v1/` of its "
        "own. The same as a document for programs, in OpenAPI 3.1, is "
        "[openapi.json](openapi.json); a running server serves it at "
        "`jupyter-social/v1/openapi.json`."
    )
    yield ""
    yield from (
        "- **Who you are** is who the Jupyter server says you are: send `Authorization: token …`, "
        "or in a browser its cookie with the header `X-XSRFToken`.",
        "- **Sent and answered** is JSON in camelCase. What stands in the address is not repeated "
        "in the body; the query of a `GET` holds each field once. A field that is not known is "
        "refused.",
        "- **Sent twice, done once:** give a write the header `Idempotency-Key`, and send the same "
        "again where no answer came.",
        "- **A refusal** is a problem (RFC 9457) whose `detail` is a sentence to show. What does "
        "not exist and what is not yours are answered alike.",
        "- **Later** means the header `Retry-After`, in seconds.",
    )
    yield ""
    yield "## Addresses"
    yield ""
    rows = [("`GET`", "`/courses`", "the courses of this server that you are in")]
    for operation in OPERATIONS:
        anchor = operation.name.replace(".", "")
        name = f"[`{operation.name}`](operations.md#{anchor})"
        rows.append((f"`{operation.method}`", f"`/courses/{{course}}{operation.path}`", name))
    yield from _table(("Method", "Address", "Operation"), rows)
    yield "## Refusals"
    yield ""
    kinds = sorted({*ALWAYS, *WITH_A_BODY}, key=lambda kind: kind.status)
    yield from _table(
        ("Status", "Code", "Meaning"),
        [(str(k.status), f"`{k.code}`", _sentence(inspect.getdoc(k) or "")) for k in kinds],
    )
    yield (
        "The code is the end of the problem's `type`, `urn:jupyter-social:problem:CODE`. An "
        "operation may use a code of its own under one of these statuses."
    )
    yield ""


# Markdown


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(headings)
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _filled(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Write a table without the columns that are empty in every row."""
    columns = [
        (name, cells)
        for name, cells in zip(headings, zip(*rows, strict=True), strict=True)
        if any(cells)
    ]
    yield from _table([name for name, _ in columns], zip(*(c for _, c in columns), strict=True))


def _sentence(text: str) -> str:
    """Write a docstring or a help text on one line."""
    return " ".join(text.split())


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main())
