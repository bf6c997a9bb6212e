"""The base of every shape that crosses the network.

A view is frozen, written in camelCase and refuses fields it does not know. There is one class per
audience: what a reviewer is sent has no field in which an author could leak (threats D6).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class View(BaseModel):
    """A request or an answer: closed, immutable, bytes as base64 where it becomes JSON."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )


class Page(View):
    """An answer that is a page to be shown in a script-less, network-less frame (threats rule 9).

    Over HTTP it is sent as `text/html` under the content policy for untrusted notebooks.
    """

    html: str
