"""Scrubbing of one text: everything that tells a person or a machine, in one pass.

Markdown, comments, printed text, HTML and JSON strings all come here. A text is folded into a
view, all finders look at the view, what they are sure of is replaced by a neutral word of the same
kind, and the rest is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jupyter_social.core.scrubbing.encoded import decodings, find_encoded
from jupyter_social.core.scrubbing.folding import View, view_of
from jupyter_social.core.scrubbing.matching import find_people, whole_address
from jupyter_social.core.scrubbing.report import Report
from jupyter_social.core.scrubbing.roster import Search
from jupyter_social.core.scrubbing.rules import Rule
from jupyter_social.core.scrubbing.spans import Span, apply, resolve
from jupyter_social.core.scrubbing.survey import survey
from jupyter_social.core.scrubbing.traces import find_phrases, find_strangers, find_traces

_MAX_PASSES = 5


def _is_glued(plain: str, span: Span) -> bool:
    """Whether what was removed was part of something longer, which may now read otherwise."""
    neighbours = plain[span.start - 1 : span.start] + plain[span.end : span.end + 1]
    return any(c.isalnum() or c in "+/=_-" for c in neighbours)


@dataclass(frozen=True)
class Texts:
    """Scrubs texts of one notebook, for its possible authors and by the chosen rules."""

    search: Search
    rules: frozenset[Rule]
    report: Report
    clean_picture: Callable[[bytes], bytes | None]
    # By the identity of the texts, which the views keep alive: equal texts are rare, and to compare
    # megabytes is not for nothing.
    _prepared: dict[tuple[int, bool], View] = field(default_factory=dict)
    _encoded: dict[str, bool] = field(default_factory=dict)

    def prepare(self, texts: Iterable[tuple[str, bool, bool]]) -> None:
        """Look at all texts together, which makes it cheap to look at each of them later.

        Each comes with whether it is markup, and whether tags may stand inside its words.
        """
        views = []
        for text, markup, tags in texts:
            view = self._prepared[id(text), markup] = self._view(text, markup=markup, tags=tags)
            views.append(view)
        plain = [view for view in views if view.plain.isascii()]
        outlines = survey([view.plain for view in plain], self.search.lexicon)
        for view, outline in zip(plain, outlines, strict=True):
            view.outline = outline

    def clean(self, text: str, *, markup: bool = False, prose: bool = False) -> str:
        """Return the text without what tells its author.

        `markup` is for HTML and Markdown, where tags may stand inside words; `prose` for what a
        person wrote, where phrases such as `my name is` are looked for.
        """
        for _ in range(_MAX_PASSES):
            view, spans = self.find(text, markup=markup, prose=prose)
            sure = [span for span in spans if span.sure]
            for span in sure:
                self.report.removed(span.rule, span.what)
            if sure:
                text = apply(view, sure)
            if not any(_is_glued(view.plain, span) for span in sure):
                break
        for span in spans:
            if not span.sure:
                self.report.remains(span.rule, span.what)
        return text

    def find(
        self, text: str, *, markup: bool = False, prose: bool = False, code: bool = False
    ) -> tuple[View, list[Span]]:
        """Return the view of a text and what was found in it, in order, without overlaps."""
        view = self._prepared.get((id(text), markup)) or self._view(text, markup=markup)
        if len(text) < 2:
            return view, []
        found = self._people(view)
        found.extend(find_traces(view, self.search, self.rules))
        if Rule.ENCODED_TEXT in self.rules:
            found.extend(find_encoded(view, self.hides_somebody, self.clean_picture))
        if Rule.STRANGERS in self.rules:
            found.extend(find_strangers(view, self.search))
        if Rule.AUTHOR_PHRASES in self.rules and (prose or code):
            found.extend(find_phrases(view, self.search, code=code))
        return view, resolve(found)

    def hides_somebody(self, run: str) -> bool:
        """Whether an encoded run names a possible author, or another person in full."""
        known = self._encoded.get(run)
        if known is None:
            known = self._encoded[run] = any(map(self._names_somebody, decodings(run)))
        return known

    def _names_somebody(self, text: str) -> bool:
        return any(span.sure for span in self._people(self._view(text, markup=False)))

    def _people(self, view: View) -> list[Span]:
        found = list(find_people(view, self.search, self.rules))
        if Rule.EMAILS in self.rules and "@" in view.lower:
            found = [whole_address(view, span) for span in found]
        return found

    def _view(self, text: str, *, markup: bool, tags: bool = True) -> View:
        return view_of(
            text,
            unicode_forms=Rule.UNICODE_FORMS in self.rules,
            escapes=Rule.ESCAPES in self.rules,
            markup=markup and Rule.MARKUP_IN_WORDS in self.rules,
            tags=tags,
        )
