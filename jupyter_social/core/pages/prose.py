"""Markdown as HTML: markup in it is shown as text, pictures come from the cell alone.

Headings go down by one level, because the page's own title is its first heading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from jupyter_social.core.pages.bounds import Bounds, Work
from jupyter_social.core.pages.code import highlighted
from jupyter_social.core.pages.formula_rules import TOKEN, Formula, add_formula_rules, formulas_in
from jupyter_social.core.pages.formulas import formula
from jupyter_social.core.pages.pictures import attached, image, link, own_data

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_DATA = re.compile(r"data:image/[a-z+]{3,8};base64,[A-Za-z0-9+/]{100,}+={0,2}")
_PLACE = re.compile(f"{_OPEN}(\\d{{1,9}}){_CLOSE}")
_LANGUAGE = re.compile(r"[{.]{0,2}([A-Za-z0-9+#]{1,20})")
Tokens = Sequence["Token"]
Env = MutableMapping[str, Any]


def prose(source: str, bounds: Bounds, attachments: Mapping[str, Any] | None = None) -> str:
    """Return Markdown as HTML; as plain text where there is too much of it."""
    data: list[str] = []

    def take(match: re.Match[str]) -> str:
        data.append(match.group())
        return f"{_OPEN}{len(data) - 1}{_CLOSE}"

    # A picture of a megabyte is no text: the parser would look at every character of it.
    text = source.replace(_OPEN, "").replace(_CLOSE, "")
    text = _DATA.sub(take, text) if "data:image/" in text else text
    if not bounds.allow(Work.PROSE, len(text)):
        return f'<pre class="printed">{escape(source)}</pre>'
    env: dict[str, Any] = {"bounds": bounds, "attachments": attachments or {}, "data": data}
    page = str(_parser(formulas="$" in text or "\\" in text).render(text, env))
    return _PLACE.sub(lambda found: escape(_stored(found, data)), page) if data else page


def latex(source: str, bounds: Bounds) -> str:
    """Return an output of LaTeX: its formulas, and what stands between them."""
    parts = [
        escape(part) if isinstance(part, str) else _formula(part, bounds)
        for part in formulas_in(source)
    ]
    return f'<div class="scroll">{"".join(parts)}</div>'


def _stored(found: re.Match[str], data: list[str]) -> str:
    return data[int(found[1])] if int(found[1]) < len(data) else ""


@lru_cache(maxsize=2)
def _parser(*, formulas: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt

    md = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}).enable(
        ["table", "strikethrough"]
    )
    if formulas:
        add_formula_rules(md)
    # What a link may be is decided where it is shown, so that an address never changes after it.
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    md.normalizeLink = lambda url: url  # type: ignore[method-assign]
    for name, rule in _RULES.items():
        md.add_render_rule(name, rule)
    return md


def _formula(found: Formula, bounds: Bounds) -> str:
    shown = formula(found.latex, display=found.display, written=found.written, bounds=bounds)
    return f'<div class="scroll">{shown}</div>' if found.display else shown


def _formula_rule(_: Any, tokens: Tokens, at: int, __: Any, env: Env) -> str:
    found: Formula = tokens[at].meta[TOKEN]
    shown = formula(found.latex, display=found.display, written=found.written, bounds=env["bounds"])
    return f'<div class="scroll">{shown}</div>\n' if tokens[at].block else shown


def _heading(_: Any, tokens: Tokens, at: int, __: Any, ___: Env) -> str:
    level = min(int(tokens[at].tag[1:]) + 1, 6)
    return f"<h{level}>" if tokens[at].nesting > 0 else f"</h{level}>\n"


def _link_open(_: Any, tokens: Tokens, at: int, __: Any, env: Env) -> str:
    url = link(str(tokens[at].attrs.get("href", "")))
    env["linked"] = url is not None
    if url is None:
        return ""
    return f'<a href="{escape(url)}" rel="noopener noreferrer" target="_blank">'


def _link_close(_: Any, __: Tokens, ___: int, ____: Any, env: Env) -> str:
    return "</a>" if env.pop("linked", False) else ""


def _image(self: Any, tokens: Tokens, at: int, options: Any, env: Env) -> str:
    source = str(tokens[at].attrs.get("src", ""))
    alt = self.renderInlineAsText(tokens[at].children or [], options, env)
    place = _PLACE.fullmatch(source)
    if source[:11].lower() == "attachment:":
        uri = attached(source, env["attachments"])
    else:
        uri = own_data(_stored(place, env["data"]) if place else source)
    return image(uri, alt or "Picture") if uri else escape(alt)


def _fence(_: Any, tokens: Tokens, at: int, __: Any, env: Env) -> str:
    named = _LANGUAGE.match(tokens[at].info.strip())
    shown = highlighted(tokens[at].content, named[1] if named else "", env["bounds"])
    return f'<pre class="code"><code>{shown}</code></pre>\n'


def _cell(_: Any, tokens: Tokens, at: int, __: Any, ___: Env) -> str:
    style = tokens[at].attrs.get("style")
    return f'<{tokens[at].tag} style="{escape(str(style))}">' if style else f"<{tokens[at].tag}>"


_RULES: dict[str, Any] = {
    TOKEN: _formula_rule,
    "code_block": _fence,
    "fence": _fence,
    "heading_close": _heading,
    "heading_open": _heading,
    "image": _image,
    "link_close": _link_close,
    "link_open": _link_open,
    "table_close": lambda *_: "</table></div>\n",
    "table_open": lambda *_: '<div class="scroll"><table>\n',
    "td_open": _cell,
    "th_open": _cell,
}
