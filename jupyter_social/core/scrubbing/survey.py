"""All texts of a notebook looked at together, before each is looked at alone.

A look at one text costs some microseconds, a look at a megabyte hardly more, so the texts are
joined and numpy passes over all of them at once. What comes out says for each text which of the
costly searches it needs: the runs of letters that may be of the roster's index, where long runs of
base64 begin, whether there may be an address of memory. It may say too much and never too little:
the searches themselves look exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from itertools import accumulate, product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    _Bytes = NDArray[np.uint8]
    _Places = NDArray[np.intp]

# So many characters are joined at a time: their arrays stay in the processor's cache, and numpy's
# memory need not be asked of the system anew.
_BATCH = 200_000
# As many signs of base64 side by side are worth decoding.
LONG = 12

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_CASE_BIT = np.uint8(0x20)
# Around and between texts: a break of every kind of run, as wide as the widest look aside.
_BREAK = "\0" * 8

_SLOT_BITS = 18
_SHIFT = np.uint32(32 - _SLOT_BITS)
_FACTOR = np.uint32(0x9E3779B1)
_CLINGING = np.isin(np.arange(256), [ord(c) for c in "nrt"])
_THREE_BYTES = np.uint32(0xFFFFFF)
_ONE = np.uint64(1)
_ONES, _TOPS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)


class Lexicon:
    """Words to look for among runs of letters.

    Where a run begins, a table is asked by a hash of the four letters there; that leaves one run in
    ten, of which up to eight letters are compared.
    """

    def __init__(self, words: Iterable[str]) -> None:
        plain = {word for word in words if _is_plain(word)}
        # A plural counts as its word.
        spelled = {spelling[:8] for word in plain for spelling in (word, f"{word}s")}
        heads = b"".join(word.encode().ljust(8, b"\0") for word in sorted(spelled))
        self._heads: NDArray[np.uint64] = np.unique(np.frombuffer(heads, "<u8"))
        self._table: NDArray[np.bool_] = np.zeros(1 << _SLOT_BITS, np.bool_)
        beginnings = {begin for word in spelled for begin in _beginnings(word)}
        self._table[_slots(np.frombuffer(b"".join(sorted(beginnings)), "<u4"))] = True
        self.literals: tuple[str, ...] = ()
        self.anchors: tuple[str, ...] = ()

    def and_inside(self, literals: Iterable[str], initials: Iterable[str]) -> Lexicon:
        """Return the same with literals that are found within words too, and initials with a dot.

        Of literals the first four letters count, and only the shortest of those that hold another.
        """
        both = copy(self)
        begins = {word[:4] for word in literals if _is_plain(word)}
        shortest = {w for w in begins if not any(v in w for v in begins - {w})}
        both.literals = tuple(sorted(shortest))
        dotted = {initial for initial in initials if initial.isascii()}
        both.anchors = (*both.literals, *sorted(dotted))
        return both

    def may_begin(self, letters: bytes, places: _Places) -> _Places:
        """Those of the places where a word may begin."""
        windows: NDArray[np.uint32] = np.ndarray((len(letters) - 3,), "<u4", letters, strides=(1,))
        return places[self._table.take(_slots(windows[places]))]

    @property
    def size(self) -> int:
        """How many different heads there are."""
        return len(self._heads)

    def numbers(self, heads: NDArray[np.uint64]) -> _Places:
        """The number of each head of letters, below 0 where no word begins so."""
        if not self.size:
            return np.full(len(heads), -1, np.intp)
        numbers = np.searchsorted(self._heads, heads)
        numbers[numbers == self.size] = 0
        return np.where(self._heads[numbers] == heads, numbers, -1)


def _slots(windows: NDArray[np.uint32]) -> NDArray[np.uint32]:
    slots: NDArray[np.uint32] = windows * _FACTOR
    slots >>= _SHIFT
    return slots


def _is_plain(word: str) -> bool:
    return word.isascii() and word.isalpha()


def _beginnings(word: str) -> Iterator[bytes]:
    """The four bytes at a run of letters that is the word: its first, or all of it and a break."""
    if len(word) >= 4:
        yield word[:4].encode()
    else:
        yield from _filled(word.encode() + b"\0")


def _filled(begin: bytes) -> Iterator[bytes]:
    """All four bytes with this beginning."""
    for others in product(b"\0" + _LETTERS, repeat=4 - len(begin)):
        yield begin + bytes(others)


@dataclass
class Outline:
    """What one text may hold.

    `runs` are of letters that may be of the lexicon, `places` are those of its anchors where there
    are any, `coded` are where long runs of the signs of base64 begin.
    """

    anchors: frozenset[str]
    places: dict[str, list[int]] = field(default_factory=dict)
    runs: set[bytes] = field(default_factory=set)
    coded: list[int] = field(default_factory=list)
    has_hex: bool = False


def survey(texts: Sequence[str], lexicon: Lexicon) -> list[Outline]:
    """Return the outlines of texts, which must be ASCII."""
    return [outline for batch in _batches(texts) for outline in _survey(batch, lexicon)]


def tag_places(texts: Sequence[str]) -> list[list[int]]:
    """Where tags begin in each text, but those of cells and rows of a table, which are plain."""
    return [places for batch in _batches(texts) for places in _tag_places(batch)]


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and size + len(text) > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def _tag_places(texts: list[str]) -> list[list[int]]:
    joined, starts = _joined(texts)
    tags = np.flatnonzero(np.frombuffer(joined, np.uint8) == ord("<"))
    windows: NDArray[np.uint32] = np.ndarray((len(joined) - 3,), "<u4", joined, strides=(1,))
    after = windows[tags + 1]
    plain = np.zeros(len(tags), np.bool_)
    for name in (b"td>", b"th>", b"tr>"):
        plain |= (after & _THREE_BYTES) == int.from_bytes(name, "little")
        plain |= after == int.from_bytes(b"/" + name, "little")
    found: list[list[int]] = [[] for _ in texts]
    for text, place in _placed(tags[~plain], starts):
        found[text].append(place)
    return found


def _survey(texts: list[str], lexicon: Lexicon) -> list[Outline]:
    joined, starts = _joined(texts)
    anchors = frozenset(lexicon.anchors)
    outlines = [Outline(anchors) for _ in texts]
    characters = np.frombuffer(joined, np.uint8)
    lower = characters | _CASE_BIT
    are_letters = _between(lower, "a", "z")
    found = {anchor: _occurrences(lower, anchor) for anchor in lexicon.anchors}
    for anchor, places in found.items():
        for text, place in _placed(places, starts):
            outlines[text].places.setdefault(anchor, []).append(place)
    inside = [found[literal] for literal in lexicon.literals]
    for text, run in _runs(joined, lower, are_letters, starts, lexicon, inside):
        outlines[text].runs.add(run)
    for text, place in _placed(_long_runs(characters, are_letters), starts):
        outlines[text].coded.append(place)
    hex_signs = (characters[:-1] == ord("0")) & (lower[1:] == ord("x"))
    for text, _ in _placed(np.flatnonzero(hex_signs), starts):
        outlines[text].has_hex = True
    return outlines


def _joined(texts: Sequence[str]) -> tuple[bytes, _Places]:
    """The texts in one, a byte for a character, and where each begins."""
    joined = _BREAK.join(["", *texts, ""]).encode("ascii", "replace")
    ends = accumulate((len(text) + len(_BREAK) for text in texts), initial=len(_BREAK))
    return joined, np.fromiter(ends, np.intp, len(texts) + 1)[:-1]


def _between(characters: _Bytes, first: str, last: str) -> NDArray[np.bool_]:
    # What is below the first wraps around and is above the last: one comparison for two.
    return (characters - np.uint8(ord(first))) <= ord(last) - ord(first)


def _text_of(places: _Places, starts: _Places) -> _Places:
    return np.searchsorted(starts, places, side="right") - 1


def _placed(places: _Places, starts: _Places) -> Iterator[tuple[int, int]]:
    """For each place its text and the place in it."""
    texts = _text_of(places, starts)
    return zip(texts.tolist(), (places - starts[texts]).tolist(), strict=True)


def _runs(
    joined: bytes,
    lower: _Bytes,
    are_letters: NDArray[np.bool_],
    starts: _Places,
    lexicon: Lexicon,
    inside: list[_Places],
) -> Iterator[tuple[int, bytes]]:
    """Each run of letters that may be of the lexicon, with its text; short ones hardly twice."""
    letters = (lower * are_letters).tobytes()
    begins = np.flatnonzero(are_letters[1:] > are_letters[:-1]) + 1
    found = [
        *_words(letters, begins, starts, lexicon),
        *inside,
        _camels(joined, are_letters),
    ]
    places = np.concatenate(found)
    for text, place in zip(_text_of(places, starts).tolist(), places.tolist(), strict=True):
        start = letters.rfind(b"\0", 0, place) + 1
        yield text, joined[start : letters.find(b"\0", place)]
    for text, place in _placed(_escapes(joined, are_letters), starts):
        start = int(starts[text]) + place
        yield text, joined[start : letters.find(b"\0", start)]


def _words(
    letters: bytes, places: _Places, starts: _Places, lexicon: Lexicon
) -> tuple[_Places, _Places]:
    """Those of the places where a short word of the lexicon is, and where a long one may be."""
    hits = lexicon.may_begin(letters, places)
    heads, are_whole = _heads(letters, hits)
    numbers = lexicon.numbers(heads)
    known = numbers >= 0
    short = hits[known & are_whole]
    # Of words that are equal, one will do for a text.
    kinds = _text_of(short, starts) * lexicon.size + numbers[known & are_whole]
    _, firsts = np.unique(kinds, return_index=True)
    return short[firsts], hits[known & ~are_whole]


def _occurrences(lower: _Bytes, anchor: str) -> _Places:
    """Where the letters of an anchor are."""
    pairs = (lower[:-1] == ord(anchor[0])) & (lower[1:] == ord(anchor[1]))
    places = np.flatnonzero(pairs)
    for at, character in enumerate(anchor[2:], start=2):
        places = places[lower[places + at] == ord(character)]
    return places


def _escapes(joined: bytes, are_letters: NDArray[np.bool_]) -> _Places:
    r"""Where words follow `\n`, `\r` or `\t` in a repr, whose letter clings to them."""
    characters = np.frombuffer(joined, np.uint8)
    letters = np.flatnonzero(characters[:-2] == ord("\\")) + 1
    letters = letters[_CLINGING[characters[letters]]]
    return letters[are_letters[letters + 1]] + 1


def _camels(joined: bytes, are_letters: NDArray[np.bool_]) -> _Places:
    """Where a capital follows a small letter."""
    capitals = _between(np.frombuffer(joined, np.uint8), "A", "Z")
    return np.flatnonzero(capitals[1:] & (are_letters & ~capitals)[:-1]) + 1


def _heads(letters: bytes, places: _Places) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Up to eight letters from each place on, as a number, and whether the run ends there."""
    windows: NDArray[np.uint64] = np.ndarray((len(letters) - 7,), "<u8", letters, strides=(1,))
    heads = windows[places]
    # The top bit of the first byte that is zero (and perhaps of later ones); all bits below it.
    zeros = (heads - _ONES) & ~heads & _TOPS
    below = (zeros & (~zeros + _ONE)) - _ONE
    return heads & below, zeros != 0


def _long_runs(characters: _Bytes, are_letters: NDArray[np.bool_]) -> _Places:
    """Where at least `LONG` signs of base64 follow each other: the first place of each run."""
    coded = are_letters | _between(characters, "0", "9")
    coded |= (characters == ord("+")) | (characters == ord("/"))
    two = coded[:-1] & coded[1:]
    four = two[:-2] & two[2:]
    twelve = four[:-8] & four[4:-4] & four[8:]
    found = np.flatnonzero(twelve)
    return found[~coded[found - 1]]
