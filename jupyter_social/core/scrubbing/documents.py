"""Scrubbing by media type: Markdown, HTML, SVG, JSON, LaTeX, plain text and pictures.

Each type is first made harmless in its own way (data URIs taken out, markup cleaned, remote
pictures gone) and then scrubbed as text. What is not on the list of types is not kept.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_social.core.scrubbing.embedded import Embedded, has_data
from jupyter_social.core.scrubbing.images import UnusableImage, clean_image
from jupyter_social.core.scrubbing.markdown import without_remote_images
from jupyter_social.core.scrubbing.markup import Markup
from jupyter_social.core.scrubbing.report import Report
from jupyter_social.core.scrubbing.roster import Roster, Search
from jupyter_social.core.scrubbing.rules import Rule
from jupyter_social.core.scrubbing.survey import tag_places
from jupyter_social.core.scrubbing.texts import Texts

RASTER = frozenset(["image/png", "image/jpeg", "image/gif", "image/webp"])
TEXT_TYPES = frozenset(
    ["text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml", "application/json"]
)
_MARKUP = frozenset(["text/html", "image/svg+xml", "text/markdown"])
_MAX_EMBEDDING = 3


@dataclass(frozen=True)
class _Prepared:
    """A text in markup, and what was made of it; it is known by its identity, so it is kept."""

    text: str
    clean: str
    markup: Markup


class Documents:
    """Scrubs one notebook's documents and reports what it finds."""

    def __init__(
        self, roster: Roster, authors: frozenset[int], rules: frozenset[Rule], report: Report
    ) -> None:
        self.rules = rules
        self.report = report
        self.texts = Texts(Search(roster, authors), rules, report, self._clean_raster)
        self.pictures = 0
        self._without_data: dict[int, str] = {}
        self._prepared: dict[tuple[int, str], _Prepared] = {}
        self._plain_tags: dict[str, bool] = {}
        self._depth = 0

    def prepare(self, texts: Iterable[tuple[str, str]]) -> None:
        """Look at the texts of a notebook together; each comes with its media type.

        To clean a text that was not in it, or that was changed since, takes longer, no more.
        """
        texts = [(kind, text) for kind, text in texts if not has_data(text)]
        self._without_data.update((id(text), text) for _, text in texts)
        marked = [(kind, text) for kind, text in texts if kind in _MARKUP]
        places = tag_places([text for _, text in marked])
        for (kind, text), tags in zip(marked, places, strict=True):
            markup = self._markup(markdown=kind == "text/markdown")
            clean = markup.clean(text, tags)
            self._prepared[id(text), kind] = _Prepared(text, clean, markup)
        self.texts.prepare(
            [
                *(
                    (known.clean, True, known.clean is not known.text or known.markup.in_words)
                    for known in self._prepared.values()
                ),
                *((text, False, False) for kind, text in texts if kind not in _MARKUP),
            ]
        )

    def plain(self, text: str) -> str:
        """Scrub printed text."""
        return self._with_data(text, self.texts.clean)

    def html(self, text: str) -> str:
        """Scrub HTML."""
        return self._with_data(text, lambda text: self._html(text, "text/html"))

    def svg(self, text: str) -> str:
        """Scrub an SVG picture."""
        return self._with_data(text, lambda text: self._html(text, "image/svg+xml"))

    def markdown(self, text: str) -> str:
        """Scrub Markdown, with what HTML is in it."""
        return self._with_data(text, self._markdown)

    def json(self, value: Any) -> Any:
        """Scrub all strings of a JSON value, keys included."""
        if isinstance(value, str):
            return self.plain(value)
        if isinstance(value, list):
            return [self.json(item) for item in value]
        if isinstance(value, dict):
            return self._object(value)
        return value

    def _object(self, value: dict[str, Any]) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for key, item in value.items():
            name = wanted = self.texts.clean(key)
            number = 2
            # Two keys that are clean alike stay two.
            while name in clean or (name != key and name in value):
                name, number = f"{wanted} {number}", number + 1
            clean[name] = self.json(item)
        return clean

    def bundle(self, data: dict[str, Any]) -> dict[str, Any]:
        """Scrub a bundle of representations, dropping those of other types."""
        kept: dict[str, Any] = {}
        dropped: list[str] = []
        for mimetype, value in data.items():
            clean = self._representation(mimetype, value)
            if clean is None:
                dropped.append(mimetype)
            else:
                kept[clean[0]] = clean[1]
        if dropped and not kept:
            kept["text/plain"] = f"[{_described(dropped)}]"
        return kept

    def raster(self, encoded: str) -> tuple[str, str] | None:
        """Clean a picture given in base64; None if it cannot be kept."""
        data = _decoded(encoded)
        clean = self._image(data)
        if clean is None:
            return None
        if clean[1] == data:
            return clean[0], encoded
        return clean[0], base64.b64encode(clean[1]).decode("ascii") + "\n"

    def _representation(self, mimetype: str, value: Any) -> tuple[str, Any] | None:
        if mimetype in RASTER and isinstance(value, str):
            return self.raster(value)
        if mimetype == "application/json":
            return mimetype, self.json(value)
        if mimetype in TEXT_TYPES and isinstance(value, str):
            return mimetype, _CLEANERS[mimetype](self, value)
        if Rule.MEDIA_TYPES not in self.rules:
            return mimetype, value
        self.report.removed(Rule.MEDIA_TYPES, mimetype)
        return None

    def _with_data(self, text: str, clean: Any) -> str:
        if id(text) in self._without_data:
            return str(clean(text))
        for _ in range(_MAX_EMBEDDING):
            embedded = Embedded(self._data)
            text = embedded.put_back(clean(embedded.take_out(text)))
            # Where data went, what stood around it may read otherwise.
            if not embedded.dropped:
                break
        return text

    def _html(self, text: str, kind: str) -> str:
        return self.texts.clean(self._sanitised(text, kind), markup=True)

    def _markdown(self, text: str) -> str:
        if Rule.REMOTE_REFERENCES in self.rules:
            text = without_remote_images(
                text, lambda target: self.report.removed(Rule.REMOTE_REFERENCES, target)
            )
        return self.texts.clean(self._sanitised(text, "text/markdown"), markup=True, prose=True)

    def _sanitised(self, text: str, kind: str) -> str:
        known = self._prepared.get((id(text), kind))
        if known is None:
            markup = self._markup(markdown=kind == "text/markdown")
            known = _Prepared(text, markup.clean(text), markup)
        for (rule, what), count in known.markup.counts.items():
            self.report.removed(rule, what, count=count)
        return known.clean

    def _markup(self, *, markdown: bool) -> Markup:
        return Markup(self.rules, self._plain_tags, markdown=markdown)

    def _data(self, mimetype: str, data: bytes) -> tuple[str, bytes] | None:
        """Clean what a data URI holds."""
        if mimetype in RASTER:
            return self._image(data)
        if mimetype == "image/svg+xml" and self._depth < _MAX_EMBEDDING:
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError:
                text = ""
            self._depth += 1
            try:
                return mimetype, self.svg(text).encode("utf-8")
            finally:
                self._depth -= 1
        if Rule.MEDIA_TYPES not in self.rules:
            return mimetype, data
        self.report.removed(Rule.MEDIA_TYPES, f"data:{mimetype}")
        return None

    def _image(self, data: bytes) -> tuple[str, bytes] | None:
        if Rule.IMAGES not in self.rules:
            return "image/png", data
        try:
            mimetype, clean = clean_image(data)
        except UnusableImage as error:
            self.report.removed(Rule.IMAGES, f"a picture that {error}")
            return None
        self.pictures += 1
        if clean != data:
            self.report.removed(Rule.IMAGES, "what a picture file holds besides its pixels")
        return mimetype, clean

    def _clean_raster(self, data: bytes) -> bytes | None:
        clean = self._image(data)
        return None if clean is None else clean[1]


def _decoded(encoded: str) -> bytes:
    """What base64, with blanks in it or not, stands for; nothing for what is not base64."""
    for text in (encoded.rstrip(), "".join(encoded.split())):
        try:
            return binascii.a2b_base64(text, strict_mode=True)
        except (binascii.Error, ValueError):
            pass
    return b""


def _described(mimetypes: Sequence[str]) -> str:
    return f"an output of the type {', '.join(sorted(mimetypes))[:200]} was left out"


_CLEANERS = {
    "text/plain": Documents.plain,
    "text/latex": Documents.plain,
    "text/html": Documents.html,
    "text/markdown": Documents.markdown,
    "image/svg+xml": Documents.svg,
}
