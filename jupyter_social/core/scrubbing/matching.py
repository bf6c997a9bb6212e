"""Where people are named in a text.

Candidates come from the roster's index; here each is looked at exactly: is it a word of its own (or
a part of camelCase or snake_case), do a first and a last name stand together, is there an initial,
and if the word is an ordinary one, does its place say that it is a name. The author's own names go
wherever they are; another person of the roster only by the full name, user name or e-mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_social.core.scrubbing.folding import Places, View
from jupyter_social.core.scrubbing.people import Form, Kind, Person, is_spaceless
from jupyter_social.core.scrubbing.roster import Search
from jupyter_social.core.scrubbing.rules import Rule
from jupyter_social.core.scrubbing.spans import EMAIL, NAME, USER, Span
from jupyter_social.core.scrubbing.words import common_words

_GAP_WORDS = "(?:first|last|given|family|middle|full|sur)?_?name"
_TAG = re.compile(r"<[^<>]*>")
_GAP = re.compile(
    rf"[\W_]{{0,4}}(?:(?:[^\W\d_]\.?|{_GAP_WORDS}|[^\W\d_]{{1,3}})[\W_]{{1,4}}){{0,3}}"
)
_TIGHT_GAP = re.compile(r"(?:[ \t\u00a0]|, ?|['\"], ?['\"]|)")
_ID_GAP = re.compile(r"[_.\-]")
_LEFT_INITIALS = re.compile(r"(?<![^\W_])((?:[^\W\d_](?:\.\s?|[\s_-]|(?=\Z))){1,3})\Z")
_RIGHT_INITIAL = re.compile(r"(,\s?|[\s_.-])?([^\W\d_])(?:\.(?!\w)|(?![^\W_]|['’]))")
_SINGLE = re.compile(r"(?<![^\W_])[^\W\d_][\s._-]{1,2}\Z")
_DOMAIN = re.compile(r"(?:\+[\w.-]{1,64})?@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")
_LOCAL = re.compile(r"[a-z0-9._%+-]{1,64}\Z")
_NAME_BEFORE = re.compile(
    r"(?:(?<!\[)\b(?:by|authors?|name(?:\s+is)?|i\s+am|i'm|im|dear|hi|hello|hey|thanks|thank\s+you|student|"
    r"mr|mrs|ms|dr|prof|signed|sincerely|regards|cheers|love|yours)\W{1,4}|^\W{0,4}[-~]{1,3}\s?)\Z"
)
_CONTEXT = 40


def find_people(view: View, search: Search, rules: frozenset[Rule]) -> Iterator[Span]:
    """Yield what names somebody, in places of the view, overlaps included."""
    found, authors = search.candidates(view), search.authors
    for person in found.by_words:
        mine = person.number in authors
        if mine or Rule.OTHER_PEOPLE in rules:
            yield from _names(view, person, mine=mine, rules=rules)
    for form in found.forms:
        mine = form.person in authors
        if mine or (form.others and Rule.OTHER_PEOPLE in rules):
            yield from _forms(view, form, mine=mine, rules=rules)


@dataclass
class _Run:
    """Words of one person's name that stand together."""

    start: int
    end: int
    words: list[str]
    capital: bool = True
    close: bool = True
    linked: bool = True

    @property
    def tight(self) -> bool:
        """Whether it is written as names are: capitals side by side, or joined by a sign."""
        return self.linked or (self.capital and self.close)


def _names(view: View, person: Person, *, mine: bool, rules: frozenset[Rule]) -> Iterator[Span]:
    for run in _runs(view, person):
        what = view.plain[run.start : run.end]
        whole = len(set(run.words)) > 1 or (person.is_mononym and person.sure_word(person.words[0]))
        if whole and (run.tight or any(map(person.sure_word, run.words))):
            rule = _rule(Rule.FULL_NAMES, mine)
            if rule in rules:
                yield _with_initials(view, person, run, rules) or Span(
                    run.start, run.end, NAME, rule, what
                )
                continue
        if mine:
            yield from _bare(view, person, run, rules)


def _bare(view: View, person: Person, run: _Run, rules: frozenset[Rule]) -> Iterator[Span]:
    extended = _with_initials(view, person, run, rules)
    if extended:
        yield extended
        return
    if Rule.BARE_NAMES not in rules:
        return
    what = view.plain[run.start : run.end]
    if any(map(person.sure_word, run.words)):
        yield Span(run.start, run.end, NAME, Rule.BARE_NAMES, what)
    elif len(what) > 1 and what[0] != view.lower[run.start]:
        sure = _reads_as_name(view, run)
        yield Span(run.start, run.end, NAME, Rule.BARE_NAMES, what, sure=sure)


def _runs(view: View, person: Person) -> Iterator[_Run]:
    run: _Run | None = None
    for start, end, spelling in _places(view, person):
        word = person.roots[spelling]
        if run and word not in run.words and _joins(view, person, run, start):
            gap = view.plain[run.end : start]
            linked = _ID_GAP.fullmatch(gap) is not None
            run.linked = run.linked and linked
            run.close = run.close and (linked or _TIGHT_GAP.fullmatch(gap) is not None)
            run.capital = run.capital and _is_capital(view, start)
            run.end = end
            run.words.append(word)
            continue
        if run:
            yield run
        run = _Run(start, end, [word], capital=_is_capital(view, start))
    if run:
        yield run


def _places(view: View, person: Person) -> list[tuple[int, int, str]]:
    """Where words of the name are written, longer words first where they overlap."""
    found = [(word, places) for word in person.words if (places := _places_of(view, person, word))]
    if len(found) == 1:
        [(word, places)] = found
        if not person.sure_word(word):
            places = _notable(view, word)
        return [(*place, word) for place in places]
    kept = []
    reached = 0
    for place in sorted(
        ((start, end, word) for word, places in found for start, end in places),
        key=lambda place: (place[0], -place[1]),
    ):
        if place[0] >= reached:
            kept.append(place)
            reached = place[1] if _mostly_apart(place, view.lower) else reached
    return kept


def _places_of(view: View, person: Person, word: str) -> Places:
    """Where the word is a word, or glued to ordinary ones; remembered for other persons."""
    known = view.places.get(word)
    if known is None:
        if "'" in word:
            spans = (m.span() for m in person.word_pattern(word).finditer(view.lower))
        else:
            spans = ((at, at + len(word)) for at in view.find(word))
        known = view.places[word] = [
            (start, end)
            for start, end in spans
            if _is_word(view, start, end) or _is_compound(view, person, start, end)
        ]
    return known


def _notable(view: View, word: str) -> Places:
    """Where an ordinary word, alone, may be a name: it has a capital or an initial beside it."""
    known = view.notable.get(word)
    if known is None:
        known = view.notable[word] = [
            (start, end)
            for start, end in view.places[word]
            if view.plain[start] != view.lower[start] or _may_have_initial(view.lower, start, end)
        ]
    return known


def _may_have_initial(lower: str, start: int, end: int) -> bool:
    """Whether a letter, alone, stands before or after the span."""
    if _RIGHT_INITIAL.match(lower, end):
        return True
    before = lower[max(0, start - 3) : start]
    return before != "" and (before[-1].isalpha() or _SINGLE.search(f" {before}") is not None)


def _mostly_apart(place: tuple[int, int, str], lower: str) -> bool:
    return not lower[place[1] : place[1] + 1].isalpha()


def _joins(view: View, person: Person, run: _Run, start: int) -> bool:
    if start - run.end > _CONTEXT * 2:
        return False
    gap = view.lower[run.end : start]
    if not _APART.isdisjoint(gap):
        return False
    if "<" in gap:
        gap = _TAG.sub(" " if "><" in gap else "", gap)
    match = _GAP.fullmatch(gap)
    if match is None:
        return False
    return all(
        len(word) == 1 or word in person.particles or word.endswith("name") or word in _NAME_PARTS
        for word in re.findall(r"[^\W\d_]+", gap)
    )


# A bracket is of something that was removed, or of two lists; the others end an entry.
_APART = frozenset("[];|")
_NAME_PARTS = frozenset(["first", "last", "given", "family", "middle", "full", "sur"])


def _is_capital(view: View, at: int) -> bool:
    """Whether the letter is a capital, or of a script that has none."""
    return view.plain[at] != view.lower[at] or view.lower[at].upper() == view.lower[at]


def _is_word(view: View, start: int, end: int) -> bool:
    """Whether the span is a word, or a part of camelCase, or in a script without blanks."""
    return _begins(view, start) and _ends(view, start, end)


def _begins(view: View, start: int) -> bool:
    lower, plain = view.lower, view.plain
    if start == 0:
        return True
    before = lower[start - 1]
    if before == "<" or (before == "/" and start > 1 and lower[start - 2] == "<"):
        return False  # the name of a tag
    if not before.isalpha() or is_spaceless(lower[start]):
        return True
    if before in "nrt" and start > 1 and lower[start - 2] == "\\":
        return True
    if plain[start] == lower[start]:
        return False
    after = start + 1
    return plain[start - 1] == before or (after < len(plain) and plain[after] == lower[after])


def _ends(view: View, start: int, end: int) -> bool:
    lower, plain = view.lower, view.plain
    if end == len(lower) or not lower[end].isalpha() or is_spaceless(lower[end - 1]):
        return True
    if plain[end] != lower[end] and plain[end - 1] == lower[end - 1]:
        return True
    plural = lower[end] == "s" and not lower[end + 1 : end + 2].isalpha()
    return plural and end - start > 3


def _is_compound(view: View, person: Person, start: int, end: int) -> bool:
    """Whether a telling word is glued to an ordinary one: `alicedata`, `mysmith`."""
    word = view.lower[start:end]
    if len(word) < 4 or not person.sure_word(word):
        return False
    first, last = start, end
    while first > 0 and start - first < 16 and view.lower[first - 1].isalpha():
        first -= 1
    while last < len(view.lower) and last - end < 16 and view.lower[last].isalpha():
        last += 1
    before, after = view.lower[first:start], view.lower[end:last]
    return all(part == "" or (len(part) > 1 and part in common_words()) for part in (before, after))


def _with_initials(view: View, person: Person, run: _Run, rules: frozenset[Rule]) -> Span | None:
    """Widen a run to the initials beside it, as in `A. Smith` or `Alice S.`."""
    if Rule.INITIALS not in rules:
        return None
    start, end = run.start, run.end
    left = _LEFT_INITIALS.search(view.plain, max(0, start - 12), start)
    if left and _are_initials(left.group(1), person):
        start = left.start(1)
    right = _RIGHT_INITIAL.match(view.plain, end)
    if right and _are_initials((right.group(1) or "") + right.group(2), person):
        end = right.end()
    if (start, end) == (run.start, run.end):
        return None
    return Span(start, end, NAME, Rule.INITIALS, view.plain[start:end])


def _are_initials(text: str, person: Person) -> bool:
    letters = [c for c in text if c.isalpha()]
    if not all(c.lower() in person.initials for c in letters):
        return False
    return any(sign in text for sign in "._-") or all(c.isupper() for c in letters)


def _reads_as_name(view: View, run: _Run) -> bool:
    before = view.lower[max(0, run.start - _CONTEXT) : run.start]
    line = before.rpartition("\n")[2]
    after = view.lower[run.end : run.end + _CONTEXT].partition("\n")[0]
    if _NAME_BEFORE.search(line) or after.startswith(("'s ", "'s\n")):
        return True
    return not line.strip(" \t>*_#-\"'`") and not after.strip(" \t*_.,!\"'`\r")


def _forms(view: View, form: Form, *, mine: bool, rules: frozenset[Rule]) -> Iterator[Span]:
    rule, replacement = _OF_KIND[form.kind]
    rule = _rule(rule, mine)
    if rule not in rules:
        return
    for match in _matches(view, form):
        if form.kind is Kind.PLACED_USERNAME:
            start, end = match.span(match.lastindex or 0)
        else:
            start, end = match.span()
            if not form.inside and not _is_word(view, start, end):
                continue
        what = view.plain[start:end]
        if form.kind is Kind.INITIALS:
            yield from _lone_initials(view, start, end)
        else:
            yield Span(start, end, replacement, rule, what, sure=form.sure)


def _matches(view: View, form: Form) -> Iterator[re.Match[str]]:
    lower = view.lower
    if not form.anchor:
        yield from form.pattern.finditer(lower)
        return
    placed = form.kind is Kind.PLACED_USERNAME
    for at in view.find(form.anchor):
        if not placed:
            match = form.pattern.match(lower, at)
        elif _may_be_placed(lower, at, at + len(form.anchor)):
            match = form.pattern.search(lower, max(0, at - 24), at + len(form.anchor) + 80)
        else:
            continue
        if match and (not placed or match.start(match.lastindex or 0) == at):
            yield match


def _may_be_placed(lower: str, start: int, end: int) -> bool:
    """Whether a doubtful user name can be in a path, an e-mail, a setting, or alone on a line."""
    before = lower[start - 1] if start else "\n"
    if before == " ":
        before = lower[start - 2 : start - 1] or "\n"
    return before in "/\\~-=:\"'\n>\t" or lower[end : end + 1] == "@"


def _lone_initials(view: View, start: int, end: int) -> Iterator[Span]:
    if view.plain[start:end].isupper():
        sure = _reads_as_name(view, _Run(start, end, []))
        yield Span(start, end, NAME, Rule.INITIALS, view.plain[start:end], sure=sure)


def whole_address(view: View, span: Span) -> Span:
    """Widen a name that is the local part of any e-mail address to the whole address."""
    domain = _DOMAIN.match(view.lower, span.end)
    if domain is None or not span.sure:
        return span
    local = _LOCAL.search(view.lower, max(0, span.start - 64), span.start)
    start = local.start() if local else span.start
    return Span(start, domain.end(), EMAIL, Rule.EMAILS, view.plain[start : domain.end()])


def _rule(rule: Rule, mine: bool) -> Rule:  # noqa: FBT001
    return rule if mine else Rule.OTHER_PEOPLE


_OF_KIND = {
    Kind.EMAIL: (Rule.EMAILS, EMAIL),
    Kind.INITIALS: (Rule.INITIALS, NAME),
    Kind.JOINED: (Rule.JOINED_NAMES, NAME),
    Kind.PLACED_USERNAME: (Rule.USERNAMES, USER),
    Kind.USERNAME: (Rule.USERNAMES, USER),
}
