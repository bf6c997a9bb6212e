"""What goes in and out of the review operations. For staff: counts and proofs, no pairs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jupyter_social.core.views import View
from jupyter_social.reviews.rules import RunKind

MAX_SEED = 2**63 - 1
MAX_REVIEWS = 100


class DeclaredConflict(View):
    """Somebody who must not review somebody's work, by user or group names."""

    reviewer: str
    author: str


class AssignReviews(View):
    """Draws who reviews whom, or repairs what was drawn."""

    assignment: str
    reviews: Annotated[int, Field(ge=1, le=MAX_REVIEWS)]
    """How many reviews each unit gives and gets."""
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    """Decides the draw; drawn itself where none is given."""
    avoid_groups: bool | None = None
    """Nobody reviews a group-mate; where not given, as in the run before (at first: no)."""
    reciprocal: Literal["avoid", "allow"] | None = None
    """Whether two may review each other; where not given, as in the run before (at first: no)."""
    conflicts: tuple[DeclaredConflict, ...] = ()


class ReviewsAssigned(View):
    """What a run came to, with what is needed to prove it."""

    assignment: str
    reviews: int
    seed: int
    input_hash: str
    output_hash: str
    run: int
    kind: RunKind
    algorithm: str
    units: int
    """How many units review and are reviewed."""
    tasks: int
    """How many reviews there are to do, those begun included."""
    begun: int
    newcomers: int
    left: int
    changes: int
    """How many open reviews a repair had to change."""
    lower_bound: int
    """How many it could not have done without."""
    reciprocal_pairs: int
    connected: bool
    notes: list[str]


class VerifyReviews(View):
    """Asks for the chain of runs to be replayed."""

    assignment: str


class RunVerified(View):
    """One replayed run; `problems` is empty where it came to the stored result."""

    run: int
    kind: RunKind
    seed: int
    input_hash: str
    output_hash: str
    problems: list[str]


class ReviewsVerified(View):
    """The whole chain, and whether it holds."""

    assignment: str
    holds: bool
    runs: list[RunVerified]
    problems: list[str]


class ReviewStatus(View):
    """Asks where the reviews of an assignment stand."""

    assignment: str


class ReviewStatusShown(View):
    """Where the reviews stand, in counts, and what to do next."""

    assignment: str
    handed_in: int
    runs: int
    reviews: int | None
    open: int
    begun: int
    finished: int
    newcomers: int
    """Units that handed in after the last run."""
    left: int
    """Units with reviews to do or to get that have left or withdrawn."""
    next_step: str


class RevealPairs(View):
    """Asks who reviews whom, by name."""

    assignment: str
    reason: str


class PairsRevealed(View):
    """[reviewer, author] in user or group names, sorted."""

    assignment: str
    pairs: list[tuple[str, str]]
