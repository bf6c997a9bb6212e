"""A roster made ready for the search: from the words of a text to the forms it may hold.

A text is cut into runs of letters, or a survey of the whole notebook has found those that may be of
the index. Each run that a notebook has not shown before is compared with the index once, taken
apart where it is camelCase; after that a text costs one set intersection, however long the roster
is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing.folding import View
from jupyter_social.core.scrubbing.people import Form, Kind, Person, is_spaceless
from jupyter_social.core.scrubbing.survey import Lexicon
from jupyter_social.core.scrubbing.words import PLACE_WORDS, SIGNAL_WORDS

# Some searches are worth it for known authors only, not for a whole roster.
FEW = 12
# `Smiths` may be the plural of a name, `was` is not.
MIN_PLURAL = 4
_ANY_RUN = re.compile(r"[^\W\d_]+")
# In a repr, the letter of `\n` clings to the next word.
_AFTER_ESCAPE = re.compile(r"\\[nrt]([^\W\d_]+)")
_NUMBER = re.compile(r"\d{4,}")
_CAMEL = re.compile(r"[A-Z]*[a-z]+|[A-Z]+")
_LETTERS_ONLY = bytes(c if c < 128 and chr(c).isalpha() else 32 for c in range(256))


@dataclass
class Candidates:
    """What may be in a text: persons by words of their names, and forms to look for."""

    by_words: list[Person] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


class Roster:
    """All persons of a course, indexed by the letters of their forms."""

    def __init__(self, identities: Sequence[Identity]) -> None:
        self.persons = [Person(number, who) for number, who in enumerate(identities)]
        self._by_username = {p.identity.username: p.number for p in self.persons}
        self.words: dict[str, list[tuple[frozenset[str], int]]] = {}
        self.forms: dict[str, list[Form]] = {}
        self.spaceless: list[Person] = []
        self.keyless: list[Form] = []
        self.initials: dict[int, Form] = {}
        for person in self.persons:
            self._index(person)
        self._index_forms()
        self.keys = frozenset(
            key
            for keys in (
                *(keys for entries in self.words.values() for keys, _ in entries),
                *(form.keys for forms in self.forms.values() for form in forms),
            )
            for key in keys
        )
        self.index = self.keys | SIGNAL_WORDS
        self.lexicon = Lexicon(self.index)
        self.has_numbers = any(key.isdigit() for key in self.keys)

    def numbers(self, usernames: Iterable[str]) -> frozenset[int]:
        """The persons of these user names; names that are not on the roster are left out."""
        return frozenset(self._by_username[u] for u in usernames if u in self._by_username)

    def everybody(self) -> frozenset[int]:
        """All persons."""
        return frozenset(range(len(self.persons)))

    def _index(self, person: Person) -> None:
        for word in person.words:
            keys = person.word_keys(word)
            self.words.setdefault(max(keys, key=len), []).append((keys, person.number))
            if "'" in word:
                together = word.replace("'", "")
                self.words.setdefault(together, []).append((frozenset([together]), person.number))
        if any(is_spaceless(word) for word in person.words):
            self.spaceless.append(person)
        for form in person.forms:
            if form.kind is Kind.INITIALS:
                self.initials[person.number] = form
            elif not form.keys:
                self.keyless.append(form)

    def _index_forms(self) -> None:
        """Put each form under the key that it shares with the fewest others."""
        forms = [
            form
            for person in self.persons
            for form in person.forms
            if form.keys and form.kind is not Kind.INITIALS
        ]
        shared = Counter(key for form in forms for key in form.keys)
        for form in forms:
            rarest = min(form.keys, key=lambda key: (shared[key], key))
            self.forms.setdefault(rarest, []).append(form)


class Search:
    """The search through one notebook: remembers the runs of letters it has seen."""

    def __init__(self, roster: Roster, authors: frozenset[int]) -> None:
        self.authors = authors
        self._roster = roster
        self._seen: set[bytes | str] = set()
        self._hits: dict[bytes | str, frozenset[str]] = {}
        known = [roster.persons[n] for n in sorted(authors)] if len(authors) <= FEW else []
        self._inside = [(literal, key) for person in known for literal, key in person.glued_forms()]
        self._initials = [roster.initials[p.number] for p in known if p.number in roster.initials]
        self.lexicon = roster.lexicon.and_inside(
            (literal for literal, _ in self._inside), (form.anchor for form in self._initials)
        )

    def candidates(self, view: View) -> Candidates:
        """Return what may be in a text."""
        found = Candidates()
        keys = self.keys(view)
        roster = self._roster
        words: dict[int, int] = {}
        for key in keys & roster.words.keys():
            for needed, number in roster.words[key]:
                if needed <= keys:
                    words[number] = words.get(number, 0) + 1
        if not view.lower.isascii():
            for person in roster.spaceless:
                if person.words_in(view.lower):
                    words[person.number] = 2
        for number, count in sorted(words.items()):
            person = roster.persons[number]
            if count > 1 or number in self.authors or person.is_mononym:
                found.by_words.append(person)
        for key in keys & roster.forms.keys():
            found.forms.extend(
                form
                for form in roster.forms[key]
                if form.keys <= keys and (not form.needs_place or self._has_places(view))
            )
        if roster.keyless:
            found.forms.extend(form for form in roster.keyless if form.pattern.search(view.lower))
        found.forms.extend(form for form in self._initials if next(view.find(form.anchor), None))
        return found

    def has(self, view: View, words: frozenset[str]) -> bool:
        """Whether one of these words, which must be signal words, is in the text."""
        return not words.isdisjoint(self.keys(view))

    def _has_places(self, view: View) -> bool:
        """Whether there is something that a user name can stand beside, such as `home/`."""
        return self.has(view, PLACE_WORDS) or "~" in view.lower or "@" in view.lower

    def keys(self, view: View) -> set[str]:
        """The keys of the index, and the signal words, that occur in the text."""
        if view.keys is None:
            view.keys = self._keys(view)
        return view.keys

    def _keys(self, view: View) -> set[str]:
        runs = _runs(view)
        fresh = runs - self._seen
        if fresh:
            self._look_at(fresh)
        keys: set[str] = set()
        for run in runs & self._hits.keys():
            keys |= self._hits[run]
        if self._roster.has_numbers:
            keys.update(self._roster.keys.intersection(_NUMBER.findall(view.plain)))
        return keys

    def _look_at(self, runs: set[bytes] | set[str]) -> None:
        self._seen.update(runs)
        index = self._roster.index
        for run in runs:
            text = run.decode("ascii") if isinstance(run, bytes) else run
            keys = self._keys_of(text)
            found = index.intersection(keys)
            for literal, key in self._inside:
                if literal in keys[0]:
                    found |= {key}
            if found:
                self._hits[run] = found

    @staticmethod
    def _keys_of(text: str) -> list[str]:
        lower = text.lower()
        keys = [lower]
        if not text.islower() and not text[1:].islower() and not text.isupper():
            keys.extend(piece.lower() for piece in _CAMEL.findall(text))
        if lower[-1] == "s" and len(lower) > MIN_PLURAL:
            keys.append(lower[:-1])
        return keys


def _runs(view: View) -> set[bytes] | set[str]:
    """The runs of letters of a text, which are bytes where it is ASCII; of a survey, the likely."""
    if view.outline is not None:
        return view.outline.runs
    plain = view.plain
    if not plain.isascii():
        return {*_ANY_RUN.findall(plain), *_AFTER_ESCAPE.findall(plain)}
    runs = set(plain.encode("ascii").translate(_LETTERS_ONLY).split())
    if "\\" in plain:
        runs.update(run.encode("ascii") for run in _AFTER_ESCAPE.findall(plain))
    return runs
