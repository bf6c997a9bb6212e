"""Mending an allocation after late works and drop-outs, with as few changes as can be.

Begun reviews are facts: they stay whatever happens. Tasks not yet begun may move, but each move
annoys a person. So the repair is a minimum-cost flow (`residual`, `flow`) with the aims in this
order: every active work gets its reviews; the loads are the evenest possible; newcomers give k
where that is possible; as few open tasks as possible are taken away. The number of tasks taken away
by that flow is the provable lower bound; only avoiding reciprocal pairs, which no flow can express,
may cost more (`reciprocity`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jupyter_social.reviews.allocation.arguments import pairs_of, sizes
from jupyter_social.reviews.allocation.certificate import Certificate, Infeasible, counted
from jupyter_social.reviews.allocation.constraints import Constraints
from jupyter_social.reviews.allocation.draws import Draws
from jupyter_social.reviews.allocation.flow import balance
from jupyter_social.reviews.allocation.reciprocity import part_reciprocal, reciprocal_keys
from jupyter_social.reviews.allocation.residual import Residual

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Int64s = NDArray[np.int64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Repair:
    """The allocation after a repair, and what it took.

    All pairs are (reviewer, submission) rows, sorted. `pairs` holds everything that stands after
    the repair: all begun pairs, also those of people who left, and all tasks. `added` are new
    tasks. `removed` are open tasks that are gone: those that could not stay (somebody left, or a
    new conflict) and those that could. Only the latter are counted by `changes`; `lower_bound` is
    the fewest with which the other aims can be reached, reciprocal pairs not considered.

    `loads` counts for each unit the reviews it has begun or has to give, `received` the reviews
    that count for its work. `reciprocal` counts the reciprocal pairs that the repair has made.
    `notes` are sentences for whoever ordered the repair.
    """

    pairs: Int64s
    added: Int64s
    removed: Int64s
    changes: int
    lower_bound: int
    loads: Int64s
    received: Int64s
    reciprocal: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Situation:
    """The validated inputs of a repair; `begun` and `valid_open` are distinct sorted pairs."""

    constraints: Constraints
    k: int
    begun: Int64s
    counted: Int64s
    open: Int64s
    valid_open: Int64s
    reviewers: Mask
    submissions: Mask

    @property
    def n(self) -> int:
        return self.constraints.n

    @property
    def newcomers(self) -> Mask:
        """Active reviewers who have neither begun nor been assigned anything."""
        held = np.concatenate([self.begun[:, 0], self.open[:, 0]])
        idle: Mask = np.bincount(held, minlength=self.n) == 0
        return self.reviewers & idle

    @property
    def need(self) -> Int64s:
        """What each active submission lacks beside its counted reviews."""
        return np.where(self.submissions, np.maximum(self.k - self.counted, 0), 0)


def repair(
    n: int,
    k: int,
    *,
    begun: ArrayLike,
    open: ArrayLike,  # noqa: A002 - the word of the field for a task not begun
    reviewers: ArrayLike,
    submissions: ArrayLike,
    finished: ArrayLike | None = None,
    group: ArrayLike | None = None,
    conflicts: ArrayLike | None = None,
    no_reciprocal: bool = False,
    seed: int = 0,
) -> Repair:
    """Fit an allocation to who is there now, changing as few open tasks as possible.

    Units 0..n-1 include newcomers and people who left. `reviewers` and `submissions` are boolean
    masks of n: who can still review, whose work still needs reviews. `begun`, `open` and
    `finished` are (m, 2) pairs of (reviewer, submission); a finished pair is begun, listed or not,
    and a begun pair is no longer open. `group`, `conflicts` and `seed` are as for `allocate`; they
    bind new and open tasks, not begun ones.

    A begun review counts for its author if its reviewer is active or it is finished; a review
    left unfinished by somebody who left is expected from nobody. Every active submission ends
    with exactly max(k, begun reviews that count). A reviewer's load is all they have begun, also
    for works that have left since, and all they still have to do; loads are the evenest possible,
    hence also of the smallest possible maximum. A newcomer is an active reviewer without any
    begun or open pair.

    With `no_reciprocal`, tasks added by the repair avoid reciprocal pairs as far as exchanges can
    manage; pairs that were reciprocal before are left as they are.

    Raises ValueError for unusable arguments and Infeasible, with a `Certificate`, if some
    submissions have fewer allowed reviewers than they need.
    """
    now = _situation(n, k, begun, open, finished, reviewers, submissions, group, conflicts)
    draws = Draws(seed)
    _refuse_unreviewable(now)
    network = Residual(
        now.constraints,
        k=now.k,
        begun=now.begun,
        open_pairs=now.valid_open,
        reviewers=now.reviewers,
        newcomers=now.newcomers,
        submissions=now.submissions,
        need=now.need,
    )
    balance(network, draws)
    given = network.pair[:, network.used & ~network.fixed].T
    bound = int(network.returnable().size)
    if no_reciprocal:
        given = part_reciprocal(now.constraints, now.begun, now.valid_open, given, draws)
    return _report(now, given, bound, avoided=no_reciprocal)


def _situation(
    n: int,
    k: int,
    begun: ArrayLike,
    open_pairs: ArrayLike,
    finished: ArrayLike | None,
    reviewers: ArrayLike,
    submissions: ArrayLike,
    group: ArrayLike | None,
    conflicts: ArrayLike | None,
) -> _Situation:
    n, k = sizes(n, k)
    constraints = Constraints(n, group, conflicts)
    done = _keys(finished, n, name="finished")
    started = np.union1d(_keys(begun, n, name="begun"), done)
    waiting = np.setdiff1d(_keys(open_pairs, n, name="open"), started)
    can, needs = _mask(reviewers, n, name="reviewers"), _mask(submissions, n, name="submissions")
    reviewer, submission = _split(started, n)
    counts = can[reviewer] | np.isin(started, done)
    giver, work = _split(waiting, n)
    valid = can[giver] & needs[work] & ~constraints.forbids(giver, work)
    return _Situation(
        constraints=constraints,
        k=k,
        begun=_rows(started, n),
        counted=np.bincount(submission[counts], minlength=n),
        open=_rows(waiting, n),
        valid_open=_rows(waiting[valid], n),
        reviewers=can,
        submissions=needs,
    )


def _refuse_unreviewable(now: _Situation) -> None:
    """Raise Infeasible naming the submissions that too few active reviewers may review.

    With no limit on loads every submission can be looked at alone: it needs that many different
    reviewers who are active, allowed and have not begun it.
    """
    reviewer, submission = now.begun.T
    free = now.reviewers[reviewer] & ~now.constraints.forbids(reviewer, submission)
    taken = np.bincount(submission[free], minlength=now.n)
    able = now.constraints.allowed_reviewers(now.reviewers) - taken
    short = np.flatnonzero(able < now.need)
    if not short.size:
        return
    work = int(short[0])
    keys = now.begun[:, 0] * now.n + now.begun[:, 1]
    everyone = np.flatnonzero(now.reviewers)
    allowed = ~now.constraints.forbids(everyone, np.full(everyone.size, work))
    allowed &= ~np.isin(everyone * now.n + work, keys)
    needed, possible = int(now.need[work]), int(able[work])
    others = int(np.setdiff1d(everyone, [work]).size) - int((now.begun[:, 1] == work).sum())
    raise Infeasible(
        Certificate(
            reason="too-few" if others < needed else "blocked",
            reviewers=tuple(everyone[allowed].tolist()),
            submissions=(work,),
            detail=(
                f"A work lacks {counted(needed, 'review')}, but only "
                f"{counted(possible, 'active reviewer')} may still review it; "
                f"{counted(int(short.size), 'work')} in all cannot get enough."
            ),
            side="submissions",
            needed=needed,
            possible=possible,
        )
    )


def _report(now: _Situation, given: Int64s, bound: int, *, avoided: bool) -> Repair:
    n = now.n
    before, valid, after = (_as_keys(pairs, n) for pairs in (now.open, now.valid_open, given))
    pairs = _rows(np.union1d(_as_keys(now.begun, n), after), n)
    received = now.counted + np.bincount(given[:, 1], minlength=n)
    added = np.setdiff1d(after, before)
    changes = int(np.setdiff1d(valid, after).size)
    loads = np.bincount(pairs[:, 0], minlength=n)
    reciprocal = _reciprocal_of_added(now, pairs, added)
    return Repair(
        pairs=pairs,
        added=_rows(added, n),
        removed=_rows(np.setdiff1d(before, after), n),
        changes=changes,
        lower_bound=bound,
        loads=loads,
        received=received,
        reciprocal=reciprocal,
        notes=_notes(now, loads, received, reciprocal if avoided else 0),
    )


def _reciprocal_of_added(now: _Situation, pairs: Int64s, added: Int64s) -> int:
    """Count the unordered reciprocal pairs that hold an added task."""
    mutual = np.intersect1d(reciprocal_keys(_as_keys(pairs, now.n), now.n), added)
    reviewer, submission = _split(mutual, now.n)
    low, high = np.minimum(reviewer, submission), np.maximum(reviewer, submission)
    return int(np.unique(low * now.n + high).size)


def _notes(now: _Situation, loads: Int64s, received: Int64s, reciprocal: int) -> tuple[str, ...]:
    k, own = now.k, loads[now.reviewers]
    over, under = int((own > k).sum()), int((own < k).sum())
    rich = int((received[now.submissions] > k).sum())
    notes = []
    if over:
        notes.append(
            f"More than {k} reviews each, at most {own.max()}: {counted(over, 'reviewer')}."
        )
    if under:
        notes.append(
            f"Fewer than {k} reviews each, at least {own.min()}: {counted(under, 'reviewer')}."
        )
    if rich:
        notes.append(f"More than {k} reviews, all of them begun: {counted(rich, 'work')}.")
    if reciprocal:
        notes.append(f"Could not be avoided: {counted(reciprocal, 'reciprocal pair')}.")
    return tuple(notes)


def _keys(pairs: ArrayLike | None, n: int, *, name: str) -> Int64s:
    return np.unique(_as_keys(pairs_of(pairs, n, name=name).astype(np.int64), n))


def _as_keys(pairs: Int64s, n: int) -> Int64s:
    return pairs[:, 0] * n + pairs[:, 1]


def _split(keys: Int64s, n: int) -> tuple[Int64s, Int64s]:
    reviewer, submission = np.divmod(keys, max(n, 1))
    return reviewer, submission


def _rows(keys: Int64s, n: int) -> Int64s:
    return np.stack(_split(np.sort(keys), n), axis=1)


def _mask(mask: ArrayLike, n: int, *, name: str) -> Mask:
    array = np.asarray(mask)
    if array.shape != (n,) or (n and array.dtype.kind != "b"):
        raise ValueError(f"{name} must be a boolean mask of {n} units")
    return array.astype(bool)
