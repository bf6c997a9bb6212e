"""An anonymous notebook as it is answered: its bytes as JSON text, or as a page for a frame."""

from __future__ import annotations

import json
from collections.abc import Mapping

from jupyter_social.core.errors import NOTHING_HERE, NotFound
from jupyter_social.core.views import Page, View


class NotebookShown(View):
    """A notebook as peers get it: the stored bytes, as JSON text."""

    name: str
    content: str


def shown(notebooks: Mapping[str, bytes], name: str) -> NotebookShown:
    """Return the notebook of this name; raises `NotFound` where there is none."""
    return NotebookShown(name=name, content=_data(notebooks, name).decode("utf-8"))


def page(notebooks: Mapping[str, bytes], name: str, *, language: str) -> Page:
    """Return the notebook of this name as a page; raises `NotFound` where there is none."""
    from jupyter_social.core.pages import notebook_page

    content = json.loads(_data(notebooks, name))
    return Page(html=notebook_page(content, title=name, language=language))


def _data(notebooks: Mapping[str, bytes], name: str) -> bytes:
    if name not in notebooks:
        raise NotFound(NOTHING_HERE)
    return notebooks[name]
