"""What is wrong with a request, in sentences for a person in a hurry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

SHOWN = 3
MAX_NAME = 80
MAX_REASON = 300

_SENTENCES = {
    "missing": "{name} is missing.",
    "extra_forbidden": "{name} is not a field of this request.",
    "greater_than_equal": "{name} must be at least {ge}.",
    "less_than_equal": "{name} must be at most {le}.",
    "greater_than": "{name} must be more than {gt}.",
    "less_than": "{name} must be less than {lt}.",
    "string_too_long": "{name} may have at most {max_length} characters.",
    "string_too_short": "{name} needs at least {min_length} characters.",
    "too_long": "{name} may have at most {max_length} entries.",
    "too_short": "{name} needs at least {min_length} entries.",
    "literal_error": "{name} must be {expected}.",
    "enum": "{name} must be {expected}.",
    "value_error": "{name}: {error}.",
    "string_type": "{name} must be text.",
    "int_type": "{name} must be a whole number.",
    "int_parsing": "{name} must be a whole number.",
    "int_from_float": "{name} must be a whole number.",
    "float_type": "{name} must be a number.",
    "float_parsing": "{name} must be a number.",
    "bool_type": "{name} must be true or false.",
    "bool_parsing": "{name} must be true or false.",
    "list_type": "{name} must be a list.",
    "tuple_type": "{name} must be a list.",
    "dict_type": "{name} must be an object.",
    "model_type": "{name} must be an object.",
    "json_invalid": "The body is not JSON.",
}


def explained(error: ValidationError) -> str:
    """Say which fields and why, the first few of them."""
    found = error.errors(include_url=False, include_input=False)
    told = list(dict.fromkeys(_sentence(details) for details in found[:SHOWN]))
    more = len(found) - SHOWN
    return " ".join([*told, f"There are {more} more mistakes."] if more > 0 else told)


def _sentence(details: ErrorDetails) -> str:
    name = _name(details["loc"])
    template = _SENTENCES.get(details["type"])
    if template is not None:
        context: Mapping[str, Any] = details.get("ctx", {})
        return template.format_map({**context, "name": name})[:MAX_REASON].replace("..", ".")
    reason = details["msg"][:MAX_REASON]
    return f"{name}: {reason[:1].lower()}{reason[1:]}."


def _name(location: tuple[int | str, ...]) -> str:
    """Write where a mistake is as one would in a program: entries[3].username."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in location]
    name = "".join(parts).removeprefix(".")
    readable = name.encode("ascii", "backslashreplace").decode()
    shown = readable if readable.isprintable() else repr(readable)[1:-1]
    return (shown if len(shown) <= MAX_NAME else f"{shown[:MAX_NAME]}…") or "The request"
