"""HTML and SVG that show the same and fetch, run and hide nothing.

Elements that run or embed something go with what is in them; comments, metadata, declarations and
attributes that are not on the list go too; references to other places go unless they are plain
links. Tags without attributes are not touched, so a large table costs little. This is about
identity: a page that shows the result must still not trust it (sandbox and content policy).
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from jupyter_social.core.scrubbing.folding import is_inline
from jupyter_social.core.scrubbing.rules import Rule

_GONE = (
    "applet|audio|base|cc:work|embed|foreignobject|frame|frameset|iframe|link|meta|metadata|"
    "noscript|object|param|portal|rdf:rdf|script|sodipodi:namedview|source|template|track|video"
)
_VOID = frozenset(["base", "embed", "frame", "link", "meta", "param", "source", "track"])
_REMOTE = frozenset(
    [
        "base",
        "link",
        "meta",
        "frame",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "source",
        "track",
    ]
)
_HIDDEN = frozenset(["cc:work", "metadata", "rdf:rdf", "sodipodi:namedview"])
_VALUE = r"\"[^\"]*+\"|'[^']*+'"
_HIDDEN_TAG = r"(?P<hidden>!--|[!?])"
_GONE_TAG = rf"/?(?P<gone>(?i:{_GONE}))(?=[\s/>])(?P<rest>(?:[^<>\"']|{_VALUE})*+>)?"
_ANY_TAG = (
    r"(?P<name>[a-zA-Z][^\s>/\"']{0,64}+)[\s/]++(?!>)"
    rf"(?:(?P<attributes>(?:[^<>\"']++|{_VALUE})*+)>)?"
)
_TAG = re.compile(rf"<(?:{_HIDDEN_TAG}|{_GONE_TAG}|{_ANY_TAG})")
# For texts without the words of elements that go: most tags, which are plain, fail at once.
_TAG_BUT_GONE = re.compile(rf"<(?:{_ANY_TAG}|{_HIDDEN_TAG}|(?P<gone>(?!)))")
_OPENING = re.compile("<(?!/?t[dhr]>)")
_NAME = re.compile(r"!--|/?[a-zA-Z][^\s<>/\"']*+")
# Longer tags are seldom met twice.
_SHORT_TAG = 300
_GONE_OPENING = re.compile(rf"<(?i:{_GONE})(?=[\s/>])")
_GONE_NAMES = frozenset(_GONE.split("|"))
_ATTRIBUTE = re.compile(rf"([^\s\"'<>/=]+)(?:\s*+=\s*+({_VALUE}|[^\s\"'<>`]++))?")
_STYLE_TAG = re.compile("<[sS][tT][yY][lL][eE]")
_STYLE_ELEMENT = re.compile(r"(?is)(<style\b[^<>]*>)(.*?)(</style\s*>|\Z)")
_CSS_URL = re.compile(r"(?i)url\(\s*+(?![\"']?[#\ufdd0])[^)]*+\)?|image-set\([^)]*+\)?")
_CSS_IMPORT = re.compile(
    r"(?i)@(?:import|font-face|namespace|charset)\b[^;{}]*+(?:\{[^}]*+\}|;|$)?"
)
_CSS_ACTIVE = re.compile(r"(?i)(?:expression\s*+\(|-moz-binding|behavior\s*+:)[^;}]*+")
_CSS_COMMENT = re.compile(r"(?s)/\*.*?(?:\*/|\Z)")
_BLANKS = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\ufeff]+")

_ATTRIBUTES = frozenset(
    (  # noqa: SIM905
        # HTML
        "abbr align alt aria-hidden aria-label axis bgcolor border cellpadding cellspacing char "
        "charoff checked class clear color cols colspan compact controls dir disabled face "
        "frame headers height hidden hspace id label lang max min name nowrap open optimum "
        "media reversed role rows rowspan rules scope scoped size span start style summary "
        "tabindex title type valign value vspace width "
        # SVG
        "alignment-baseline amplitude baseline-shift clip clip-path clip-rule clippathunits "
        "color-interpolation color-interpolation-filters cx cy d direction display "
        "dominant-baseline dx dy edgemode exponent fill fill-opacity fill-rule filter filterunits "
        "flood-color flood-opacity font-family font-size font-size-adjust font-stretch font-style "
        "font-variant font-weight fr fx fy gradienttransform gradientunits image-rendering in in2 "
        "intercept k1 k2 k3 k4 kernelmatrix lengthadjust letter-spacing lighting-color "
        "marker-end marker-mid marker-start markerheight markerunits markerwidth mask "
        "maskcontentunits maskunits mode offset opacity operator order orient overflow "
        "paint-order pathlength patterncontentunits patterntransform patternunits points "
        "preserveaspectratio primitiveunits r radius refx refy result rotate rx ry scale "
        "shape-rendering slope spreadmethod stddeviation stitchtiles stop-color stop-opacity "
        "stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin "
        "stroke-miterlimit stroke-opacity stroke-width tablevalues text-anchor text-decoration "
        "text-rendering textlength transform transform-origin unicode-bidi values "
        "vector-effect version viewbox visibility word-spacing writing-mode x x1 x2 "
        "xml:space xmlns xmlns:svg xmlns:xlink y y1 y2 z"
    ).split()
)
_LINKS = frozenset(["href", "xlink:href", "src"])
_FETCHING = frozenset(
    [
        "background",
        "cite",
        "classid",
        "codebase",
        "data",
        "formaction",
        "action",
        "longdesc",
        "lowsrc",
        "manifest",
        "ping",
        "poster",
        "profile",
        "srcset",
        "usemap",
        "dynsrc",
        "imagesrcset",
        "archive",
        "icon",
    ]
)
_MARKDOWN_NAMES = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "body",
        "br",
        "button",
        "canvas",
        "caption",
        "center",
        "code",
        "col",
        "colgroup",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "fieldset",
        "figcaption",
        "figure",
        "font",
        "footer",
        "form",
        "g",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "i",
        "image",
        "img",
        "input",
        "kbd",
        "label",
        "legend",
        "li",
        "main",
        "map",
        "math",
        "nav",
        "ol",
        "option",
        "p",
        "path",
        "pre",
        "q",
        "s",
        "samp",
        "section",
        "select",
        "small",
        "span",
        "strike",
        "strong",
        "style",
        "sub",
        "summary",
        "sup",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "textarea",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "tt",
        "u",
        "ul",
        "use",
        "var",
        "wbr",
        "area",
        "marquee",
    ]
)


class Markup:
    """Cleans HTML, SVG or Markdown with HTML in it, and counts what went.

    `unchanged` are tags that stay as they are, and whether they may stand inside a word; the texts
    of a notebook share them. `in_words` says after cleaning whether there was one that may.
    """

    def __init__(
        self, rules: frozenset[Rule], unchanged: dict[str, bool], *, markdown: bool = False
    ) -> None:
        self.in_words = False
        self.counts: Counter[tuple[Rule, str]] = Counter()
        self._rules = rules
        self._markdown = markdown
        self._known: dict[str, str] = {}
        self._unchanged = unchanged

    def clean(self, text: str, places: Sequence[int] | None = None) -> str:
        """Return the text without what runs, fetches or hides.

        `places` are where tags begin, but those of cells and rows without attributes.
        """
        if "<" not in text:
            return text
        if places is None:
            places = [match.start() for match in _OPENING.finditer(text)]
        parts: list[str] = []
        at = 0
        names: set[str] = set()
        for match in self._tags(text, places, names):
            start = match.start()
            if start < at:
                continue
            replacement, end = self._tag(text, match)
            if end > start:
                parts.append(text[at:start])
                parts.append(replacement)
                at = end
        if parts:
            parts.append(text[at:])
        cleaned = "".join(parts) if parts else text
        # Where something went, what stood around it may be a tag now.
        if (parts or any(n.startswith("style") for n in names)) and _STYLE_TAG.search(cleaned):
            cleaned = _STYLE_ELEMENT.sub(self._style_element, cleaned)
        return cleaned

    def _tags(self, text: str, places: Sequence[int], names: set[str]) -> Iterator[re.Match[str]]:
        """The tags that have to be looked at, in order; names of tags are added to the set."""
        reached = 0
        ends_gone: bool | None = None
        for at in places:
            if at < reached:
                continue
            end = text.find(">", at, at + _SHORT_TAG) + 1
            in_words = self._unchanged.get(text[at:end])
            if in_words is not None:
                self.in_words = self.in_words or in_words
                reached = end
                continue
            found = _NAME.match(text, at + 1)
            name = found.group().lower() if found else ""
            names.add(name)
            self.in_words = self.in_words or is_inline(name)
            gone = name.lstrip("/") in _GONE_NAMES
            if gone and ends_gone is None:
                ends_gone = _GONE_OPENING.search(text) is not None
            gone = gone and bool(ends_gone)
            match = (_TAG if gone else _TAG_BUT_GONE).match(text, at)
            if match:
                reached = match.end()
                yield match
            elif end:
                self._keep(name, text[at:end])

    def _keep(self, name: str, tag: str) -> None:
        """Remember that a tag stays as it is wherever it stands."""
        plain = name.lstrip("/")
        if len(tag) <= _SHORT_TAG and plain not in _GONE_NAMES and not plain.startswith("style"):
            self._unchanged[tag] = is_inline(plain)

    def _tag(self, text: str, match: re.Match[str]) -> tuple[str, int]:
        """Return what stands for the tag and where the text goes on; the start for no change."""
        if match["hidden"] is not None:
            return self._hidden(text, match)
        if match["gone"] is not None:
            return self._gone(text, match)
        whole = match.group()
        name = match["name"].lower()
        if self._markdown and name.rpartition("<")[2] not in _MARKDOWN_NAMES:
            return "", match.start()
        if match["attributes"] is None:
            # An unfinished tag would swallow what follows; as text it is harmless.
            if Rule.REMOTE_REFERENCES not in self._rules:
                return "", match.start()
            self.counts[Rule.HIDDEN_MARKUP, "an unfinished tag"] += 1
            return whole.replace("<", "&lt;"), match.end()
        known = self._known.get(whole)
        if known is None:
            known = self._known[whole] = self._attributes(name, whole, match["attributes"])
        if known is not whole:
            return known, match.end()
        self._keep(name, whole)
        return known, match.start()

    def _hidden(self, text: str, match: re.Match[str]) -> tuple[str, int]:
        if Rule.HIDDEN_MARKUP not in self._rules:
            return "", match.start()
        if match["hidden"] == "!--":
            end = text.find("-->", match.end())
            end = len(text) if end < 0 else end + 3
            what = "a comment in markup"
        elif text[match.end() :: 1][:7] == "[CDATA[":
            return "", match.start()
        else:
            if self._markdown:
                return "", match.start()
            end = text.find(">", match.end())
            end = len(text) if end < 0 else end + 1
            inner = text[match.end() : end]
            if "[" in inner:  # the internal subset of a document type
                close = text.find("]>", match.end())
                end = len(text) if close < 0 else close + 2
            what = "a declaration in markup"
            if inner.lower().strip(" >") in ("doctype html", 'xml version="1.0"?'):
                what = ""
        if what:
            self.counts[Rule.HIDDEN_MARKUP, what] += 1
        return "", end

    def _gone(self, text: str, match: re.Match[str]) -> tuple[str, int]:
        name = match["gone"].lower()
        if name in _HIDDEN:
            rule = Rule.HIDDEN_MARKUP
        else:
            rule = Rule.REMOTE_REFERENCES if name in _REMOTE else Rule.ACTIVE_CONTENT
        if rule not in self._rules or (self._markdown and name in _HIDDEN):
            return "", match.start()
        self.counts[rule, f"<{name}>"] += 1
        if name in _VOID or match.group().startswith("</") or match.group().endswith("/>"):
            end = match.end() if match["rest"] else text.find(">", match.end()) + 1
            return "", end or len(text)
        close = re.compile(rf"</{re.escape(name)}\s*+>", re.IGNORECASE)
        found = close.search(text, match.end())
        return "", found.end() if found else len(text)

    def _attributes(self, name: str, whole: str, attributes: str) -> str:
        """Return the tag with allowed attributes only; `whole` itself if all are."""
        if _are_plain(attributes):
            return whole
        kept: list[str] = []
        changed = False
        for match in _ATTRIBUTE.finditer(attributes):
            key, value = match.group(1).lower(), match.group(2)
            if key in _LINKS:
                new = self._link(name, key, value)
            elif key == "style" or (value and "(" in value and "url" in value.lower()):
                new = self._style(value)
            elif key in _ATTRIBUTES:
                new = value
            else:
                new = self._unlisted(key, value)
            if new is _DROP:
                changed = True
                continue
            changed = changed or new != value
            kept.append(match.group(1) if new is None else f"{match.group(1)}={new}")
        if not changed:
            return whole
        closing = "/>" if whole.endswith("/>") else ">"
        return f"<{' '.join([match_name(whole), *kept])}{closing}"

    def _unlisted(self, key: str, value: str | None) -> str | None:
        if key.startswith("on"):
            rule, what = Rule.ACTIVE_CONTENT, "a script in an attribute"
        elif key in _FETCHING:
            rule, what = Rule.REMOTE_REFERENCES, f"the attribute {key}"
        else:
            rule, what = Rule.HIDDEN_MARKUP, "an attribute that shows nothing"
        if rule not in self._rules:
            return value
        self.counts[rule, what] += 1
        return _DROP

    def _link(self, name: str, key: str, value: str | None) -> str | None:
        target = _BLANKS.sub("", html.unescape((value or "").strip("\"'")))
        scheme = target.partition(":")[0].lower() if ":" in target.partition("/")[0] else ""
        if target.startswith(("#", "\ufdd0")) or not target:
            return value
        if name in ("a", "area") and key == "href":
            rule = Rule.ACTIVE_CONTENT
            allowed = scheme in ("", "http", "https", "mailto", "doi", "attachment")
        else:
            rule = Rule.REMOTE_REFERENCES
            allowed = scheme in ("", "attachment") and not target.startswith(("/", "\\"))
        if allowed or rule not in self._rules:
            return value
        self.counts[rule, target[:60]] += 1
        return _DROP

    def _style(self, value: str | None) -> str | None:
        if value is None:
            return value
        cleaned = self._css(value)
        return value if cleaned == value else cleaned

    def _style_element(self, match: re.Match[str]) -> str:
        return f"{match[1]}{self._css(match[2])}{match[3]}"

    def _css(self, css: str) -> str:
        if Rule.REMOTE_REFERENCES not in self._rules:
            return css
        if "\\" in css or "&" in css:
            css = html.unescape(re.sub(r"\\([0-9a-fA-F]{1,6})\s?", _css_escape, css))
            css = css.replace("\\", "").replace("<", "")
        lower = css.lower()
        for sign, pattern, new in _CSS_RULES:
            if sign in lower:
                css, count = pattern.subn(new, css)
                if count and new != "":
                    self.counts[Rule.REMOTE_REFERENCES, "url(…) in a style"] += count
        return css


_DROP = "\ufdd1"
_CSS_RULES = (
    ("/*", _CSS_COMMENT, ""),
    ("@", _CSS_IMPORT, " "),
    ("url", _CSS_URL, "none"),
    ("image-set", _CSS_URL, "none"),
    ("expression", _CSS_ACTIVE, " "),
    ("-moz-binding", _CSS_ACTIVE, " "),
    ("behavior", _CSS_ACTIVE, " "),
)


def _are_plain(attributes: str) -> bool:
    """Whether all are listed, in double quotes, and of no style that has to be looked at."""
    # Names and values in turns; a value in other quotes makes a name that is not listed.
    pieces = attributes.split('"')
    names = tuple(pieces[::2])
    # What is remembered of a tag is bounded; a longer one is taken apart.
    if sum(map(len, names)) > _SHORT_TAG:
        return False
    style = _place_of_style(names)
    if style is None or (style and not _is_plain_style(pieces[style])):
        return False
    return "(" not in attributes or all(
        "(" not in value or _is_plain_style(value) for value in pieces[1::2]
    )


@lru_cache(maxsize=1024)
def _place_of_style(names: tuple[str, ...]) -> int | None:
    """Where the value of a style is among names and values, 0 for nowhere.

    None if a name is not listed. Of many tags the values differ, the names do not.
    """
    *attributes, last = names
    style = 0
    if last.strip() not in ("", "/"):
        return None
    for place, attribute in enumerate(attributes):
        key, sign, rest = attribute.strip().partition("=")
        key = key.lower()
        if (
            not sign
            or rest
            or (key != "style" and key not in _ATTRIBUTES)
            or (key == "style" and style)
        ):
            return None
        if key == "style":
            style = 2 * place + 1
    return style


@lru_cache(maxsize=256)
def _is_plain_style(css: str) -> bool:
    """Whether `_css` would leave it as it is, with whatever rules."""
    lower = css.lower().removeprefix("url(#")
    return not any(sign in lower for sign in ("\\", "&", *(sign for sign, _, _ in _CSS_RULES)))


def match_name(tag: str) -> str:
    """Return the name of a tag as it is written."""
    found = re.match(r"<([^\s>/\"']+)", tag)
    return found.group(1) if found else ""


def _css_escape(match: re.Match[str]) -> str:
    code = int(match.group(1), 16)
    return chr(code) if 32 <= code < 0xD800 else ""
