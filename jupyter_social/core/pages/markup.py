"""HTML of strangers: what is on a short list stays, and nothing of it can be deep.

The parser behind the cleaning is quick, except on markup that is nested thousands of levels deep or
that opens styles again and again, as no person's output does. Such markup is refused before.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from jupyter_social.core.pages.bounds import MAX_OUTPUT, Bounds, Work
from jupyter_social.core.pages.pictures import link, own_data

if TYPE_CHECKING:
    from nh3 import Cleaner

_MAX_DEPTH = 100
_MAX_STYLES = 8
_STYLES = frozenset("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905
# These hold nothing, or are closed by the next of their kind.
_NOT_DEEP = frozenset(
    "area base br caption col colgroup dd dt embed hr img input li link meta option p param source "  # noqa: SIM905
    "tbody td tfoot th thead tr track wbr".split()
)
_RAW = re.compile(
    r"(?i)<(?:[!?]|(?:iframe|math|noembed|noframes|noscript|plaintext|select|svg|template|textarea|"
    r"title|xmp)\b)"
)
_TAG = re.compile(r"<[^<>]*+>")
_SIGN = re.compile("<[a-zA-Z/!?]")
# Tags that every parser ends at the same place, because quotes are where they belong.
_PLAIN = re.compile(
    r"</?[a-zA-Z][\w:-]*+"
    r"(?:\s++[\w:-]++(?:\s*+=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'=<>`]++))?+)*+\s*+/?>"
    r"|<[^a-zA-Z/!?][^<>]*+>|<>"
)
_BEGUN = re.compile(r"<[a-zA-Z/][^\s/<>]*+")
_NAME = re.compile(r"</?([a-zA-Z][^\s/<>]*+)")
_COMMON = frozenset(f"<{end}{name}>" for end in ("", "/") for name in ("td", "th", "tr"))
_AMPERSAND = "\ufdd0"
_SLOW = re.compile(f"[\x80-\x9f{_AMPERSAND}]")
_TAGS = frozenset(
    "a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn "  # noqa: SIM905
    "div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt "
    "ruby s samp small span strike strong sub summary sup table tbody td tfoot th thead time tr tt "
    "u ul var wbr".split()
)
_ATTRIBUTES = {
    "*": {"dir", "lang", "style", "title"},
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
}
_GONE = frozenset(
    "applet audio button canvas embed form frameset head iframe math noembed noframes noscript "  # noqa: SIM905
    "object script select style svg template textarea title video xmp".split()
)
# What is dropped anyway, with what is in it: it would only make the nesting hard to tell.
_CUT = (
    ("<script", "</script>"),
    ("<style", "</style>"),
    ("<svg", "</svg>"),
    ("<!--", "-->"),
    ("<!doctype", ">"),
)
_STYLE = re.compile(
    r"(?:\s*(?:text-align|font-weight|font-style|text-decoration|vertical-align|white-space)"
    r"\s*:\s*[a-z0-9-]{1,20}\s*(?:;|\Z))+"
)
_WORD = re.compile(r"[a-z0-9-]{1,10}")
_IMAGE = re.compile(r'<img((?:\s+[a-z]+="[^"]*+")*+)\s*/?>')
_ALT = re.compile(r'\salt="([^"]*+)"')
_HEADING = re.compile(r"<(/?)h([1-5])(?=[\s>])")
_VISIBLE = re.compile(r"<img|<hr|(?:\A|>)\s*+[^\s<]")


def clean_html(text: str, bounds: Bounds) -> str | None:
    """Return harmless HTML; None if nothing is left to see or the markup cannot be cleaned."""
    for opening, closing in _CUT:
        text = _without(text, opening, closing)
    if not _is_flat(text) or not bounds.allow(Work.MARKUP, len(text)):
        return None
    # The parser needs very long for many of these. A reference to a character is left as it is:
    # wherever it may stand, it is only ever a character, and no address begins with one.
    clean = _cleaner().clean(
        (text if text.isascii() else _SLOW.sub("", text)).replace("&", _AMPERSAND)
    )
    if len(clean) > 4 * MAX_OUTPUT or not _VISIBLE.search(clean):
        return None
    if "<img" in clean:
        clean = _IMAGE.sub(_image, clean)
    # In an attribute's value this may change a digit that nobody sees.
    clean = _HEADING.sub(lambda tag: f"<{tag[1]}h{int(tag[2]) + 1}", clean)
    return clean.replace(_AMPERSAND, "&")


@lru_cache(maxsize=1)
def _cleaner() -> Cleaner:
    from nh3 import Cleaner

    return Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_GONE),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_attribute,
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto", "data"},
        strip_comments=True,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return link(value.strip())
    if name == "src":
        return own_data(value.strip())
    if name == "style":
        return value if _STYLE.fullmatch(value) else _plain_style(value)
    if name in ("alt", "title"):
        return value
    if tag == "a" and name in ("rel", "target"):
        return value
    return value if _WORD.fullmatch(value.lower()) else None


def _plain_style(value: str) -> str | None:
    """Keep the declarations that only arrange text."""
    kept = [part.strip() for part in value[:1000].lower().split(";") if _STYLE.fullmatch(part)]
    return "; ".join(kept) if kept else None


def _image(match: re.Match[str]) -> str:
    """A picture that may not be fetched is told in its own words."""
    if ' src="' in match[1]:
        return match.group() if _ALT.search(match[1]) else f'<img alt="Picture"{match[1]}>'
    alt = _ALT.search(match[1])
    return alt[1].replace("<", "&lt;") if alt else ""


def _without(text: str, opening: str, closing: str) -> str:
    """Cut what stands between two signs, to the end where the second is missing."""
    lower = text.lower() if "<" in text else text
    # Where lower case has another length, nothing is cut: the cleaning drops it all the same.
    if opening not in lower or len(lower) != len(text):
        return text
    parts: list[str] = []
    at = 0
    while (start := lower.find(opening, at)) >= 0:
        parts.append(text[at:start])
        end = lower.find(closing, start)
        at = len(text) if end < 0 else end + len(closing)
    parts.append(text[at:])
    return "".join(parts)


def _is_flat(text: str) -> bool:
    """Whether elements are nested as deep as in outputs of people, at most.

    Where it is not sure that an end tag is one, because it may be in a comment, say, it does not
    count: what is deep is never taken for flat.
    """
    tags = _TAG.findall(text)
    if len(tags) != text.count("<"):
        # A `<` before a blank or a digit is only a sign.
        tags = [tag for tag in tags if _SIGN.match(tag)]
        plain = len(tags) == len(_SIGN.findall(text))
    else:
        plain = True
    ends_count = plain and not _RAW.search(text) and all(map(_PLAIN.fullmatch, set(tags)))
    if not ends_count:
        tags = _BEGUN.findall(text)
    depth = styles = 0
    opened: Counter[str] = Counter()
    for tag in tags:
        if tag in _COMMON or not (found := _NAME.match(tag)):
            continue
        name = found[1].lower()
        if name in _NOT_DEEP:
            continue
        if tag[1] != "/":
            step = 1
        elif ends_count and opened[name]:
            step = -1
        else:
            continue
        opened[name] += step
        depth += step
        styles += step if name in _STYLES else 0
        if depth > _MAX_DEPTH or styles > _MAX_STYLES:
            return False
    return True
