"""The forms of a person: what to look for in a text, and when it is worth looking.

Of each person of the roster come a few forms (the name's words, the words joined, the user name,
the e-mail). Each form has `keys`: runs of letters that a text must contain before the form can be
in it. A text's runs are collected once, so a roster of hundreds costs one set intersection, and
patterns run only where a name is likely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing.folding import fold
from jupyter_social.core.scrubbing.words import common_words

_LETTERS = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\W_]+")
# Scripts that put no blanks between words.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
    "\U00020000-\U0003ffff]"
)
_PARTICLES = frozenset(
    [
        "af",
        "al",
        "av",
        "ben",
        "bin",
        "bint",
        "da",
        "das",
        "de",
        "del",
        "della",
        "den",
        "der",
        "di",
        "do",
        "dos",
        "du",
        "e",
        "el",
        "ibn",
        "la",
        "las",
        "le",
        "los",
        "san",
        "st",
        "ten",
        "ter",
        "van",
        "vel",
        "von",
        "y",
        "zu",
        "zum",
        "zur",
    ]
)
_TITLES = frozenset(["jr", "sr", "ii", "iii", "iv", "dr", "prof", "mr", "mrs", "ms"])
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "ß": "ss"})
MIN_USERNAME = 4
MIN_JOINED = 5


class Kind(Enum):
    """What a form is made of."""

    NAME = "name"
    JOINED = "joined"
    USERNAME = "username"
    PLACED_USERNAME = "placed-username"
    EMAIL = "email"
    INITIALS = "initials"


@dataclass(frozen=True)
class Form:
    """One thing to look for: a pattern over folded text.

    `keys` must all be among the text's runs of letters; a match begins with the `anchor`, if there
    is one (of its group, if the pattern has groups). `inside` allows a match within a longer
    word, `sure` is false for what counts only in certain contexts, `needs_place` is true for what
    counts only beside a sign or one of the `PLACE_WORDS`.
    """

    person: int
    kind: Kind
    keys: frozenset[str]
    pattern: re.Pattern[str]
    anchor: str = ""
    sure: bool = True
    inside: bool = False
    others: bool = True
    needs_place: bool = False


def is_spaceless(text: str) -> bool:
    """Whether the text is in a script without blanks between words."""
    return _SPACELESS.search(text) is not None


def runs_of(text: str) -> list[str]:
    """The runs of letters of a short folded text."""
    return _LETTERS.findall(text)


@dataclass(frozen=True)
class Person:
    """The forms of one person of the roster."""

    number: int
    identity: Identity

    @cached_property
    def roots(self) -> dict[str, str]:
        """Each word with the word that it is another spelling of, or itself."""
        spellings = [_name_words(s) for s in _spellings(self.identity.name)]
        roots = dict(zip(spellings[-1], spellings[0], strict=False)) if spellings else {}
        return {word: roots.get(word, word) for word in self.words}

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The folded words of the name that tell something, in the order of the roster."""
        found: list[str] = []
        for spelling in _spellings(self.identity.name):
            words = _name_words(spelling)
            for place, word in enumerate(words):
                middle = 0 < place < len(words) - 1
                if word in _TITLES or (middle and word in _PARTICLES) or word in found:
                    continue
                found.append(word)
        return tuple(found)

    @cached_property
    def particles(self) -> frozenset[str]:
        """Words of the name such as `de` or `van`, which count only between other words."""
        tokens = _TOKEN.findall(fold(self.identity.name))
        return frozenset(tokens) & (_PARTICLES | _TITLES)

    @cached_property
    def is_mononym(self) -> bool:
        """Whether the name is one word."""
        return len(self.words) == 1 and len(self.identity.name.split()) == 1

    @cached_property
    def initials(self) -> frozenset[str]:
        """First letters of the words of the name."""
        return frozenset(word[0] for word in self.words)

    def word_pattern(self, word: str) -> re.Pattern[str]:
        """A pattern for a word of several parts, such as `o'brien`."""
        return re.compile(r"[\W_]{0,2}".join(re.escape(part) for part in word.split("'")))

    def sure_word(self, word: str) -> bool:
        """Whether the word alone tells the person: it is long enough and no ordinary word."""
        if is_spaceless(word):
            return len(word) >= 2
        return len(word) >= 3 and word not in common_words()

    def words_in(self, text: str) -> bool:
        """Whether a word in a script without blanks is in the text."""
        return any(word in text for word in self.words if is_spaceless(word))

    def glued_forms(self) -> list[tuple[str, str]]:
        """What is looked for inside longer words, each with the key that it stands for."""
        words = [(w, w) for w in self.words if len(w) >= 4 and w.isalpha() and self.sure_word(w)]
        forms = [(key, key) for f in self.forms if f.inside for key in f.keys]
        return words + forms

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """All forms but the words of the name, which `words_pattern` finds."""
        return (*self._emails(), *self._usernames(), *self._joined(), *self._initials())

    def word_keys(self, word: str) -> frozenset[str]:
        """The runs of letters that a text with this word contains."""
        return frozenset(run for run in runs_of(word) if len(run) > 1) or frozenset([word])

    def _emails(self) -> list[Form]:
        email = fold(self.identity.email.strip())
        local, at, domain = email.rpartition("@")
        if not at or not local or not domain:
            return []
        dots = r"\s?(?:\.|[\[({]\s?(?:dot|\.)\s?[\])}]|\sdot\s)\s?"
        host = dots.join(re.escape(part) for part in domain.split("."))
        sign = r"\s?(?:@|[\[({<]\s?(?:at|@)\s?[\])}>]|\bat\b)\s?"
        name = dots.join(re.escape(part) for part in local.split("."))
        pattern = re.compile(f"{name}{sign}{host}")
        anchor = local.split(".")[0]
        return [Form(self.number, Kind.EMAIL, _keys(local) | _keys(domain), pattern, anchor)]

    def _usernames(self) -> list[Form]:
        names = {fold(self.identity.username.strip())}
        local = fold(self.identity.email.strip()).rpartition("@")[0].partition("+")[0]
        names = {name for name in (*names, local) if name}
        return [form for name in sorted(names) for form in self._username(name)]

    def _username(self, name: str) -> list[Form]:
        if not is_sure_username(name):
            return self._doubtful_username(name)
        # JupyterHub writes `.` as `-2e` in the names of machines and volumes.
        between = r"(?:[._+-]|-2e|-5f|-2d|-2b|-40)?"
        parts = [p for p in re.split(r"[._+-]+", name) if p] or [name]
        source, keys = between.join(map(re.escape, parts)), _keys(name)
        if len(parts) > 1:
            keys = frozenset([max(sorted(keys), key=len)]) if keys else keys
        inside = len("".join(parts)) >= 8
        pattern = re.compile(source)
        # A user name that is the bare first or last name: as such it counts for authors only.
        bare = name in self.words
        form = Form(
            self.number,
            Kind.USERNAME,
            keys,
            pattern,
            parts[0],
            inside=inside,
            others=not bare,
        )
        return [form, self._placed_username(name)] if bare else [form]

    def _placed_username(self, name: str) -> Form:
        places = "|".join(place.format(name=re.escape(name)) for place in _USERNAME_PLACES)
        pattern = re.compile(places)
        return Form(self.number, Kind.PLACED_USERNAME, _keys(name), pattern, name, needs_place=True)

    def _doubtful_username(self, name: str) -> list[Form]:
        """A short or everyday user name counts where only a user name can stand."""
        escaped, keys = re.escape(name), _keys(name)
        forms = [self._placed_username(name)]
        if len(name) > 1:
            line = re.compile(rf"(?m)^[ \t>'\"]*({escaped})['\"]?[ \t\r]*$")
            forms.append(Form(self.number, Kind.PLACED_USERNAME, keys, line, name, others=False))
            forms.append(
                Form(
                    self.number,
                    Kind.USERNAME,
                    keys,
                    re.compile(escaped),
                    name,
                    sure=False,
                    others=False,
                )
            )
        return forms

    def _joined(self) -> list[Form]:
        """`alicesmith`, `smithalice`, and with one initial: `asmith`, `smitha`, `alices`."""
        words = [w for w in self.words if w.isalpha() and not is_spaceless(w)]
        forms: list[Form] = []
        seen: set[str] = set()
        for first in words:
            for second in words:
                if first == second:
                    continue
                full = first + second
                for text, whole in ((full, True), (first[0] + second, False),
                                    (first + second[0], False)):  # fmt: skip
                    if text in seen or len(text) < MIN_JOINED or text in common_words():
                        continue
                    seen.add(text)
                    forms.append(self._join(text, whole=whole))
        forms.extend(
            self._join(text, whole=True)
            for text in self._with_particles()
            if text not in seen and len(text) >= MIN_JOINED and text not in common_words()
        )
        everything = "".join(words)
        if len(words) > 2 and everything not in seen:
            forms.append(self._join(everything, whole=True))
        return forms

    def _with_particles(self) -> list[str]:
        """`vonderleyen`, and with the first name before it."""
        words = _TOKEN.findall(fold(self.identity.name))
        at = len(words) - 1
        while at > 1 and words[at - 1] in _PARTICLES:
            at -= 1
        last = "".join(words[at:])
        if at in (0, len(words) - 1) or not last.isalpha():
            return []
        return [last, f"{words[0]}{last}"]

    def _join(self, text: str, *, whole: bool) -> Form:
        return Form(
            self.number,
            Kind.JOINED,
            frozenset([text]),
            re.compile(re.escape(text)),
            text,
            inside=whole and len(text) >= 8,
            others=whole,
        )

    def _initials(self) -> list[Form]:
        words = [w for w in self.words if w[0].isalpha() and not is_spaceless(w)]
        if len(words) < 2:
            return []
        pattern = re.compile(r"\.\s?".join(re.escape(word[0]) for word in words) + r"\.")
        form = Form(
            self.number,
            Kind.INITIALS,
            frozenset(),
            pattern,
            f"{words[0][0]}.",
            sure=False,
            others=False,
        )
        return [form]


def is_sure_username(name: str) -> bool:
    """Whether a folded user name counts wherever it stands, not only in paths and prompts."""
    if name.isdigit():
        return len(name) >= MIN_USERNAME + 1
    letters = sum(c.isalpha() for c in name)
    if is_spaceless(name):
        return len(name) >= 2
    if letters < MIN_USERNAME:
        return letters >= 1 and len(name) > MIN_USERNAME and any(c.isdigit() for c in name)
    return name not in common_words() and name not in _EVERYDAY_ACCOUNTS


_USERNAME_PLACES = (
    r"(?:\b(?:home|users?|export|work|students?|submitted|autograded|feedback)[/\\]{{1,2}}|[~]|"
    r"\bjupyter-)({name})(?![\w-])",
    r"(?<![\w.@+-])({name})(?=@[a-z0-9][\w-]*(?:\.[a-z0-9][\w.-]*|:[~/.]))",
    r"\b(?:user|username|user_name|logname|login|owner|uid|nb_user)['\"]?\s?[=:]\s?['\"]?"
    r"({name})(?![\w-])",
)
_EVERYDAY_ACCOUNTS = frozenset(
    [
        "admin",
        "anonymous",
        "content",
        "guest",
        "home",
        "jovyan",
        "jupyter",
        "jupyterhub",
        "root",
        "student",
        "teacher",
        "test",
        "tmp",
        "ubuntu",
        "user",
        "users",
        "work",
    ]
)


def _spellings(name: str) -> list[str]:
    """The folded name, and with German umlauts written out."""
    lower = name.lower()
    spellings = [fold(name)]
    if lower.translate(_GERMAN) != lower:
        spellings.append(fold(lower.translate(_GERMAN)))
    return spellings


def _name_words(folded: str) -> list[str]:
    """Split a name at blanks and commas; `o'brien` and `jean-luc` also give their parts."""
    words: list[str] = []
    for word in re.split(r"[\s,;]+", folded):
        tokens = _TOKEN.findall(word)
        if len(tokens) > 1:
            words.append("'".join(tokens))
            words.extend(t for t in tokens if len(t) > 2)
        else:
            words.extend(tokens)
    return words


def _keys(text: str) -> frozenset[str]:
    runs = frozenset(run for run in runs_of(text) if len(run) > 1)
    return runs or frozenset(re.findall(r"\d{4,}", text)[:1])
