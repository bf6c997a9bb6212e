"""Ids can be typed: none looks like an option."""

from __future__ import annotations

from jupyter_social.core.ids import new_id


class Fixed:
    def __init__(self, first: int) -> None:
        self.first = first

    def token_bytes(self, nbytes: int, /) -> bytes:
        return bytes([self.first] * nbytes)


def test_no_id_begins_with_a_dash() -> None:
    ids = [new_id(Fixed(first)) for first in range(256)]
    assert not [found for found in ids if found.startswith("-")]
    assert {len(found) for found in ids} == {22}
    assert len(set(ids)) == 256
