"""What may be in a page at all, checked on its structure by another parser.

Everything is by list: an element, an attribute or an address that is not on it is a finding.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from jupyter_social.core.pages.style import STYLE

_FRAME = frozenset(["html", "head", "meta", "title", "style", "body", "main", "section"])
_ELEMENTS_NAMES = """
    a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn
    div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt
    ruby s samp small span strike strong sub summary sup table tbody td tfoot th thead time tr
    tt u ul var wbr math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom
    mprescripts mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder
    munderover none
"""
_ELEMENTS = _FRAME | frozenset(_ELEMENTS_NAMES.split())
_VOID = frozenset(["br", "col", "hr", "img", "meta", "wbr"])
_ATTRIBUTES_NAMES = """
    alt align aria-label charset class colspan content dir height href id lang name rel role
    rowspan scope span src start style tabindex target title width accent accentunder
    columnalign columnlines columnspacing depth display displaystyle fence form largeop
    linebreak linethickness lspace mathvariant maxsize minsize movablelimits notation rowlines
    rowspacing rspace scriptlevel separator stretchy symmetric voffset
"""
_ATTRIBUTES = frozenset(_ATTRIBUTES_NAMES.split())
_CLASSES_NAMES = """
    cell prompt code printed warning error note scroll html outputs formula bold mark k s m f b
    c ansi0 ansi1 ansi2 ansi3 ansi4 ansi5 ansi6 ansi7
"""
_CLASSES = frozenset(_CLASSES_NAMES.split())
_META = frozenset(["viewport", "referrer"])
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+")
_STYLE = re.compile(
    r"(?:\s*(?:text-align|font-weight|font-style|text-decoration|vertical-align|white-space)"
    r"\s*:\s*[a-z0-9-]+\s*;?)+"
)
_LENGTHS = frozenset(["width", "height", "depth", "voffset", "lspace", "rspace"])
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def findings(page: str) -> list[str]:
    """What is in the page that must not be."""
    checker = _Checker()
    checker.feed(page)
    checker.close()
    if checker.stack:
        checker.found.append(f"not closed: {checker.stack}")
    if _CONTROL.search(page):
        checker.found.append("a control character")
    return checker.found


def anchors(page: str) -> list[str]:
    checker = _Checker()
    checker.feed(page)
    return checker.ids


def texts(page: str) -> str:
    """What a person reads."""
    checker = _Checker()
    checker.feed(page)
    return "".join(checker.texts)


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.stack: list[str] = []
        self.ids: list[str] = []
        self.texts: list[str] = []
        self._styles = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ELEMENTS:
            self.found.append(f"<{tag}>")
        if tag == "section" and self.stack != ["html", "body", "main"]:
            self.found.append(f"a section in {self.stack}")
        if tag in ("html", "head", "body", "main", "h1", "title", "style"):
            self._once(tag)
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if tag == "a" and "href" in dict(attrs):
            links = dict(attrs)
            if (links.get("rel"), links.get("target")) != ("noopener noreferrer", "_blank"):
                self.found.append(f"a link that is not apart: {attrs}")
        if tag not in _VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.found.append(f"</{tag}> where it does not belong")

    def handle_data(self, data: str) -> None:
        if self.stack[-1:] == ["style"]:
            if data != STYLE:
                self.found.append(f"a style that is not ours: {data[:80]}")
        elif self.stack[-1:] != ["title"]:
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.append(f"a comment: {data[:40]}")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"an instruction: {data[:40]}")

    def handle_decl(self, decl: str) -> None:
        if decl != "DOCTYPE html" or self.stack:
            self.found.append(f"a declaration: {decl[:40]}")

    def unknown_decl(self, data: str) -> None:
        self.found.append(f"a declaration: {data[:40]}")

    def _once(self, tag: str) -> None:
        key = f"one {tag}"
        if key in self.__dict__:
            self.found.append(f"a second <{tag}>")
        self.__dict__[key] = True

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name not in _ATTRIBUTES:
            self.found.append(f"{name}=")
        elif name == "id":
            self._id(tag, value)
        elif name == "name" and (tag != "meta" or value not in _META):
            self.found.append(f"{tag} name={value}")
        elif name == "class" and not _CLASSES.issuperset(value.split()):
            self.found.append(f"class={value}")
        elif name == "href" and not re.match(r"https?://|mailto:", value, re.IGNORECASE):
            self.found.append(f"href={value[:60]}")
        elif name == "src" and (tag != "img" or not _PICTURE.fullmatch(value)):
            self.found.append(f"{tag} src={value[:60]}")
        elif name == "style" and not _STYLE.fullmatch(value):
            self.found.append(f"style={value[:60]}")
        elif name in _LENGTHS and not re.fullmatch(r"[+-]?\d{0,5}(\.\d+)?[a-z%]*", value):
            self.found.append(f"{name}={value[:60]}")

    def _id(self, tag: str, value: str) -> None:
        pattern = r"cell-\d+" if tag == "section" else r"c-[A-Za-z0-9_-]+"
        if value in self.ids or not re.fullmatch(pattern, value) or tag not in ("section", "div"):
            self.found.append(f"{tag} id={value[:60]}")
        self.ids.append(value)
