"""A roster made ready for the search: from the letters of a text to the forms it may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing.people import Form, Kind, Person, is_spaceless

_ASCII_RUN = re.compile(r"[A-Za-z]{2,}")
_ANY_RUN = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d{4,}")
_CAMEL = re.compile(r"[A-Z]*[a-z]+|[A-Z]+")
_LONG = 5
# Some searches are worth it for the known author only, not for a whole roster.
FEW = 4


@dataclass(frozen=True)
class Letters:
    """The runs of letters of one text."""

    runs: frozenset[str]
    long_runs: str
    lower: str


@dataclass
class Candidates:
    """What may be in a text: persons by their words, and forms to look for."""

    by_words: list[Person] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


def letters_of(plain: str, lower: str, *, digits: bool) -> Letters:
    """Collect the runs of letters of a folded text, camelCase taken apart."""
    if plain.isascii():
        found = set(_ASCII_RUN.findall(plain))
    else:
        found = set(_ANY_RUN.findall(plain))
    runs = set(map(str.lower, found))
    for run in found:
        if not (run.islower() or run.isupper() or run.istitle()):
            runs.update(piece.lower() for piece in _CAMEL.findall(run))
    if "\\" in plain:
        # In a repr, the letter of `\n` clings to the next word.
        runs.update([run[1:] for run in runs if run[0] in "nrt"])
    runs.update([run[:-1] for run in runs if run[-1] == "s"])
    if digits:
        runs.update(_DIGITS.findall(plain))
    long_runs = "\n".join(run for run in runs if len(run) > _LONG)
    return Letters(runs=frozenset(runs), long_runs=long_runs, lower=lower)


class Roster:
    """All persons of a course, indexed by the letters of their forms."""

    def __init__(self, identities: Sequence[Identity]) -> None:
        self.persons = [Person(number, who) for number, who in enumerate(identities)]
        self._by_username = {p.identity.username: p.number for p in self.persons}
        self._words: dict[str, list[tuple[frozenset[str], int]]] = {}
        self._forms: dict[str, list[Form]] = {}
        self._spaceless: list[Person] = []
        self._inside: list[Form] = []
        self._keyless: list[Form] = []
        self._initials: dict[int, Form] = {}
        for person in self.persons:
            self._index(person)
        self._has_numbers = any(key.isdigit() for key in self._forms)

    def numbers(self, usernames: Iterable[str]) -> frozenset[int]:
        """The persons of these user names; names that are not on the roster are left out."""
        return frozenset(self._by_username[u] for u in usernames if u in self._by_username)

    def everybody(self) -> frozenset[int]:
        """All persons."""
        return frozenset(range(len(self.persons)))

    def letters_of(self, plain: str, lower: str) -> Letters:
        """Collect what the index looks at."""
        return letters_of(plain, lower, digits=self._has_numbers)

    def candidates(self, letters: Letters, authors: frozenset[int]) -> Candidates:
        """Return what may be in a text with these letters."""
        found = Candidates()
        words: dict[int, int] = {}
        for key in self._words.keys() & letters.runs:
            for keys, number in self._words[key]:
                if keys <= letters.runs:
                    words[number] = words.get(number, 0) + 1
        for number in authors if len(authors) <= FEW else ():
            if self.persons[number].is_within(letters.long_runs):
                words[number] = words.get(number, 0) + 1
        for number, count in sorted(words.items()):
            if count > 1 or number in authors or len(self.persons[number].words) == 1:
                found.by_words.append(self.persons[number])
        for key in self._forms.keys() & letters.runs:
            found.forms.extend(form for form in self._forms[key] if form.keys <= letters.runs)
        if letters.long_runs:
            known = set(map(id, found.forms))
            found.forms.extend(
                form
                for form in self._inside
                if id(form) not in known and form.pattern.search(letters.long_runs)
            )
        self._add_special(found, letters, authors, words)
        return found

    def _add_special(
        self,
        found: Candidates,
        letters: Letters,
        authors: frozenset[int],
        words: dict[int, int],
    ) -> None:
        if not letters.lower.isascii():
            for person in self._spaceless:
                pattern = person.words_pattern
                if person.number not in words and pattern and pattern.search(letters.lower):
                    found.by_words.append(person)
        found.forms.extend(form for form in self._keyless if form.pattern.search(letters.lower))
        if "." in letters.lower and len(authors) <= FEW:
            found.forms.extend(self._initials[n] for n in authors if n in self._initials)

    def _index(self, person: Person) -> None:
        for word in person.words:
            keys = person.word_keys(word)
            self._words.setdefault(max(keys, key=len), []).append((keys, person.number))
        if any(is_spaceless(word) for word in person.words):
            self._spaceless.append(person)
        for form in person.forms:
            if form.kind is Kind.INITIALS:
                self._initials[person.number] = form
                continue
            if form.keys:
                self._forms.setdefault(max(form.keys, key=len), []).append(form)
            else:
                self._keyless.append(form)
            if form.inside:
                self._inside.append(form)
