"""What a survey says of many texts is what a slow look at each of them says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nightly import times
from planted import AUTHOR, FORMS, OTHERS, ROSTER, b64
from scrubbing_cases import SeededRandom, a_notebook, code, common_roster, markdown, shows, stream

from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing import Scrubber
from jupyter_social.core.scrubbing.documents import Documents
from jupyter_social.core.scrubbing.folding import View, view_of
from jupyter_social.core.scrubbing.roster import FEW, Roster, Search
from jupyter_social.core.scrubbing.survey import survey, tag_places

PEOPLE = [
    *ROSTER,
    Identity("do", "An Li", "do@uni.example.edu"),
    Identity("ab.cd.ef.gh", "Wa Thiong'o", "x.y@uni.example.edu"),
    Identity("a", "Bo", "a@b.c"),
    Identity("st10001", "Marianne Jordan-Smith", "marianne.jordan@uni.example.edu"),
]
AUTHORS = [[AUTHOR.username], ["do"], ["ab.cd.ef.gh", "st10001"], None]
ROSTER_ = Roster(PEOPLE)
SCRUBBER = Scrubber(PEOPLE)

_LETTERS = re.compile("[A-Za-z]+")
_PARTS = re.compile("[A-Z]*[a-z]+|[A-Z]+")

_PIECES = st.sampled_from(
    [
        *FORMS.values(),
        *(word for person in PEOPLE for word in re.findall(r"[^\W_]+", person.name)),
        *(person.username for person in PEOPLE),
        *(person.email for person in PEOPLE),
        "Alic", "ia", "smith", "Smiths", "son", "my", "data", "x", "n", "s", "A", "This", "was",
        "home", "work", "/home/", "/", "\\n", "\\t", "\\", "\n", " ", " ", " ", "", "_", "-", ".",
        "0x", "0X7f12ab34cd56", "=", "==", "+", "@", "~", "#", "é", "–", "李", "<td>", "</td>",
        "<th>", "<b>", "</b>", "<", ">", "<td ", '<p class="x">', "<script>", "</script>",
        "<style>", "</style>", '<a title="a > b">', "<!--", "-->", '"', "'", b64("Alicia Smithson"),
        "abcdefghijkl", "abcdefghijk", "iVBORw0KGgo", "name", "I'm ", "by ", "NAME", "a.", "A. S.",
    ]
)  # fmt: skip
_CHARACTERS = st.text(st.characters(max_codepoint=0x17F, exclude_characters="\x00"), max_size=20)
_TEXT = st.lists(st.one_of(_PIECES, _CHARACTERS), max_size=12).map("".join)
_TEXTS = st.lists(_TEXT, max_size=6)


def words_in(text: str, literals: Sequence[tuple[str, str]]) -> set[str]:
    """The words of the index in an ASCII text: all runs of letters, one by one."""
    runs = _LETTERS.findall(text) + re.findall(r"\\[nrt]([A-Za-z]+)", text)
    words = set()
    for run in runs:
        lower = run.lower()
        words |= {lower, *(key for literal, key in literals if literal in lower)}
        if lower.endswith("s") and len(lower) > 4:
            words.add(lower[:-1])
        if not run.islower() and not run[1:].islower() and not run.isupper():
            words |= {part.lower() for part in _PARTS.findall(run)}
    return words & ROSTER_.index


def occurrences(text: str, literal: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(literal, at)]


@settings(max_examples=times(400), deadline=None)
@given(_TEXTS, st.sampled_from(AUTHORS))
def test_nothing_of_the_index_is_overlooked(texts: list[str], authors: list[str] | None) -> None:
    numbers = ROSTER_.everybody() if authors is None else ROSTER_.numbers(authors)
    known = [ROSTER_.persons[n] for n in numbers] if len(numbers) <= FEW else []
    literals = [form for person in known for form in person.glued_forms()]
    texts = [text for text in texts if text.isascii()]
    search = Search(ROSTER_, numbers)
    for text, outline in zip(texts, survey(texts, search.lexicon), strict=True):
        view = View(text, None)
        view.outline = outline
        assert search.keys(view) == words_in(text, literals)
        assert search.keys(View(text, None)) == words_in(text, literals)
        assert outline.coded == [m.start() for m in re.finditer("[A-Za-z0-9+/]{12,}", text)]
        assert outline.has_hex == ("0x" in text.lower())
        for person in ROSTER_.persons:
            for word in (*person.words, *(form.anchor for form in person.forms if form.anchor)):
                assert list(view.find(word)) == occurrences(view.lower, word)


@settings(max_examples=times(200), deadline=None)
@given(_TEXTS)
def test_every_tag_but_cells_has_its_place(texts: list[str]) -> None:
    expected = [[m.start() for m in re.finditer("<(?!/?t[dhr]>)", text)] for text in texts]
    assert tag_places(texts) == expected


@settings(max_examples=times(300), deadline=None)
@given(_TEXTS, _TEXT, _TEXT, _TEXT, st.sampled_from(AUTHORS))
def test_a_notebook_is_scrubbed_alike_without_a_survey(
    outputs: list[str], prose: str, source: str, html: str, authors: list[str] | None
) -> None:
    notebook = a_notebook(
        markdown(prose),
        code(source, *map(stream, outputs), shows("text/html", html), shows("text/plain", html)),
        markdown(html),
        code(source, shows("image/svg+xml", html), shows("text/html", prose)),
    )
    with_survey = SCRUBBER.scrub(notebook, authors=authors, random=SeededRandom())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Documents, "prepare", lambda self, texts: None)
        without = SCRUBBER.scrub(notebook, authors=authors, random=SeededRandom())
    assert with_survey.content == without.content
    assert with_survey.removed == without.removed
    assert with_survey.remaining == without.remaining


def test_texts_do_not_run_into_each_other() -> None:
    texts = ["Alic", "ia", "", "a" * 200_000, "mySmith", "son abcdef", "ghijkl 0", "x1", "<", "b>"]
    search = Search(ROSTER_, ROSTER_.numbers([AUTHOR.username]))
    for outline in survey(texts, search.lexicon):
        assert not search._hits
        assert not outline.has_hex
    assert [len(outline.coded) for outline in survey(texts, search.lexicon)] == [
        0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
    ]  # fmt: skip
    assert tag_places(texts)[-2:] == [[0], []]


def test_a_large_roster_with_a_name_of_every_kind_is_found() -> None:
    people = common_roster()
    roster = Roster(people)
    search = Search(roster, frozenset())
    texts = [f"Written by {person.name} ({person.email})." for person in [*people, *OTHERS]]
    views = [
        view_of(text, unicode_forms=True, escapes=True, markup=False)
        for text in texts
    ]  # fmt: skip
    plain = [view for view in views if view.plain.isascii()]
    expected: list[Any] = [search.keys(View(view.plain, None)) for view in plain]
    for view, outline in zip(plain, survey([v.plain for v in plain], search.lexicon), strict=True):
        view.outline = outline
    assert [search.keys(view) for view in plain] == expected
