"""Why an allocation cannot exist, in numbers that anyone can recount.

An allocator that gives up without proof leaves a teacher guessing. Every refusal therefore carries
a `Certificate`: a handful of reviewers and submissions whose slots do not add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal["too-few", "blocked", "reciprocal"]
Side = Literal["submissions", "reviewers", "units"]


@dataclass(frozen=True)
class Certificate:
    """Names who is blocked and proves it by counting slots.

    The counting argument (Hall 1935; the min-cut of Ford and Fulkerson 1956). Nobody reviews a
    work twice, and nobody gives more than k reviews. So reviewer r can give the submissions T at
    most min(k, a(r)) reviews, where a(r) is the number of works of T that r may review. If

        possible = sum over reviewers of min(k, a(r))  <  needed = k * |T|

    no allocation exists. `side == "submissions"`: T is `submissions`, and `reviewers` are all
    those with a(r) > 0. `side == "reviewers"` is the same count with the roles exchanged: the
    `reviewers` must give k each, and `submissions` are all that any of them may review.

    `side == "units"` counts pairs: without reciprocal pairs each unit needs 2k different partners
    (`needed`), and one of the named units has only `possible`.

    `proved` is False only for reason "reciprocal" when a search ended without an allocation; its
    `detail` then says so. `recount.holds` recounts a certificate from the inputs of `allocate`.
    """

    reason: Reason
    reviewers: tuple[int, ...]
    submissions: tuple[int, ...]
    detail: str
    side: Side = "submissions"
    needed: int = 0
    possible: int = 0
    proved: bool = True


class Infeasible(Exception):
    """No allocation satisfies the request; `certificate` says why."""

    def __init__(self, certificate: Certificate) -> None:
        super().__init__(certificate.detail)
        self.certificate = certificate


def counted(number: int, noun: str) -> str:
    """Return the number with its noun: 1 work, 2 works."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
