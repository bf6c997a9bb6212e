"""Minimum-cost flow by successive shortest paths, in phases of equal length.

The primal-dual method (Ahuja, Magnanti, Orlin, "Network Flows", 1993, chapter 9.8): start from a
flow that is optimal but not balanced, find the distances from all nodes with too much, push along
tight arcs to the nearest nodes with too little until no tight path is left, and repeat. Costs are
integers, every phase lengthens the distance or ends, and every push balances one unit more.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from jupyter_social.reviews.allocation.residual import UNREACHED, Residual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from jupyter_social.reviews.allocation.draws import Draws

    Int64s = NDArray[np.int64]
    Node = tuple[str, int]

UNSEEN = -1
HUB = ("hub", 0)


def balance(network: Residual, draws: Draws) -> None:
    """Push until every node is balanced, at the least cost; ties are broken at random."""
    while True:
        over, lacks, hub = network.excess()
        if not over.any() and not lacks.any() and not hub:
            return
        phase = _Phase(network, draws, _distances(network))
        if phase.nearest >= UNREACHED:
            raise AssertionError("a repair with enough allowed reviewers can always be balanced")
        while phase.push():
            pass


@dataclass
class _Distances:
    """Cost of the cheapest path from any node with too much."""

    reviewer: Int64s
    submission: Int64s
    hub: int

    def copy(self) -> _Distances:
        return _Distances(self.reviewer.copy(), self.submission.copy(), self.hub)

    def same_as(self, other: _Distances) -> bool:
        return (
            self.hub == other.hub
            and np.array_equal(self.reviewer, other.reviewer)
            and np.array_equal(self.submission, other.submission)
        )


def _distances(network: Residual) -> _Distances:
    """Bellman and Ford's recursion, every arc type at once, until nothing changes."""
    over, surplus, hub = network.excess()
    far = _Distances(
        np.where(over > 0, 0, UNREACHED), np.where(surplus > 0, 0, UNREACHED), UNREACHED
    )
    far.hub = 0 if hub > 0 else UNREACHED
    for _ in range(2 * network.n + 2):
        before = far.copy()
        _relax_gives(network, far)
        _relax_takes(network, far)
        _relax_hub(network, far)
        if far.same_as(before):
            return far
    raise AssertionError("an optimal flow has no cycle of negative cost")


def _relax_gives(network: Residual, far: _Distances) -> None:
    for value in np.unique(far.reviewer):
        if value >= UNREACHED:
            break
        reached = network.reach(np.flatnonzero(far.reviewer == value))
        np.minimum(far.submission, value, out=far.submission, where=reached)
    reviewer, submission = network.pair[:, network.returnable()]
    near = far.reviewer[reviewer] < UNREACHED
    np.minimum.at(far.submission, submission[near], far.reviewer[reviewer[near]] - 1)


def _relax_takes(network: Residual, far: _Distances) -> None:
    index, cost = network.takeable()
    reviewer, submission = network.pair[:, index]
    near = far.submission[submission] < UNREACHED
    np.minimum.at(far.reviewer, reviewer[near], (far.submission[submission] + cost)[near])


def _relax_hub(network: Residual, far: _Distances) -> None:
    less, more = network.less(), network.more()
    usable = (less < UNREACHED) & (far.reviewer < UNREACHED)
    if usable.any():
        far.hub = min(far.hub, int((far.reviewer + less)[usable].min()))
    if far.hub < UNREACHED:
        np.minimum(far.reviewer, far.hub + more, out=far.reviewer, where=network.reviewers)


class _Phase:
    """Pushes between distances that stay as they are: tight arcs only, reversed ones included."""

    def __init__(self, network: Residual, draws: Draws, far: _Distances) -> None:
        self.network, self.draws, self.far = network, draws, far
        self.nearest = min(
            (self._distance(node) for node in self._nodes(sign=-1)), default=UNREACHED
        )

    def push(self) -> int:
        """Search once and push along every path found; return how many there were."""
        layers = _Layers(self)
        ends = layers.search()
        pushed = 0
        for place in self.draws.permutation(len(ends)):
            end = ends[place]
            while self.lacks(end) and (path := layers.trace(end)) is not None:
                self._apply(path)
                pushed += 1
        return pushed

    def _nodes(self, *, sign: int) -> Iterator[Node]:
        """Yield the nodes with too much (sign 1) or too little (sign -1)."""
        over, surplus, hub = self.network.excess()
        yield from (("reviewer", int(r)) for r in np.flatnonzero(over * sign > 0))
        yield from (("submission", int(s)) for s in np.flatnonzero(surplus * sign > 0))
        if hub * sign > 0:
            yield HUB

    def _distance(self, node: Node) -> int:
        kind, unit = node
        if kind == "hub":
            return self.far.hub
        return int((self.far.reviewer if kind == "reviewer" else self.far.submission)[unit])

    def starts(self) -> list[Node]:
        """Nodes with too much from which a path of the nearest length may start."""
        return [node for node in self._nodes(sign=1) if self._distance(node) == 0]

    def ends(self) -> set[Node]:
        """Nodes with too little at the nearest distance."""
        return {node for node in self._nodes(sign=-1) if self._distance(node) == self.nearest}

    def lacks(self, node: Node) -> bool:
        """Tell whether the node has too little still."""
        return self._excess_of(node) < 0

    def exceeds(self, node: Node) -> bool:
        """Tell whether the node has too much still."""
        return self._excess_of(node) > 0

    def _excess_of(self, node: Node) -> int:
        over, surplus, hub = self.network.excess()
        kind, unit = node
        return hub if kind == "hub" else int((over if kind == "reviewer" else surplus)[unit])

    def _apply(self, path: list[Node]) -> None:
        """Send one unit along the path."""
        network = self.network
        for (kind, unit), (kind_after, after) in pairwise(path):
            if kind == "reviewer" and kind_after == "submission":
                network.give(unit, after)
            elif kind == "submission":
                network.take(after, unit)
            elif kind == "reviewer":
                network.load[unit] -= 1
            else:
                network.load[after] += 1


class _Layers:
    """One breadth-first search over tight arcs: the step at which each node was seen first."""

    def __init__(self, phase: _Phase) -> None:
        self.phase, self.network, self.far = phase, phase.network, phase.far
        self.reviewer = np.full(self.network.n, UNSEEN)
        self.submission = np.full(self.network.n, UNSEEN)
        self.hub = UNSEEN
        for kind, unit in phase.starts():
            if kind == "hub":
                self.hub = 0
            else:
                (self.reviewer if kind == "reviewer" else self.submission)[unit] = 0

    def search(self) -> list[Node]:
        """Search until nodes with too little are seen; return them, or none."""
        wanted, step = self.phase.ends(), 0
        while True:
            seen = self._seen_at(step)
            found = sorted(wanted.intersection(seen))
            if found or not seen:
                return found
            self._from_reviewers(step)
            self._from_submissions(step)
            self._from_hub(step)
            step += 1

    def _seen_at(self, step: int) -> list[Node]:
        seen: list[Node] = [("reviewer", int(r)) for r in np.flatnonzero(self.reviewer == step)]
        seen += [("submission", int(s)) for s in np.flatnonzero(self.submission == step)]
        return seen + [HUB] * (self.hub == step)

    def _from_reviewers(self, step: int) -> None:
        frontier = np.flatnonzero(self.reviewer == step)
        distance = self.far.reviewer[frontier]
        for value in np.unique(distance):
            reached = self.network.reach(frontier[distance == value])
            new = reached & (self.far.submission == value) & (self.submission == UNSEEN)
            self.submission[new] = step + 1
        reviewer, submission = self._returned()
        again = (self.reviewer[reviewer] == step) & (self.submission[submission] == UNSEEN)
        self.submission[submission[again]] = step + 1
        if self.hub == UNSEEN and self._lessened(step).size:
            self.hub = step + 1

    def _returned(self) -> tuple[Int64s, Int64s]:
        """Return the tight arcs that give an open pair back to its old reviewer."""
        reviewer, submission = self.network.pair[:, self.network.returnable()]
        tight = self.far.reviewer[reviewer] - 1 == self.far.submission[submission]
        return reviewer[tight], submission[tight]

    def _taken(self) -> tuple[Int64s, Int64s]:
        """Return the tight arcs that take a pair back."""
        index, cost = self.network.takeable()
        reviewer, submission = self.network.pair[:, index]
        tight = self.far.submission[submission] + cost == self.far.reviewer[reviewer]
        return reviewer[tight], submission[tight]

    def _lessened(self, step: int) -> Int64s:
        """Return the reviewers seen at a step with a tight arc to the hub."""
        frontier = np.flatnonzero(self.reviewer == step)
        tight = self.far.reviewer[frontier] + self.network.less()[frontier] == self.far.hub
        lessened: Int64s = frontier[tight]
        return lessened

    def _from_submissions(self, step: int) -> None:
        reviewer, submission = self._taken()
        new = (self.submission[submission] == step) & (self.reviewer[reviewer] == UNSEEN)
        self.reviewer[reviewer[new]] = step + 1

    def _from_hub(self, step: int) -> None:
        if self.hub == step:
            tight = self.far.hub + self.network.more() == self.far.reviewer
            self.reviewer[tight & (self.reviewer == UNSEEN) & self.network.reviewers] = step + 1

    def trace(self, end: Node) -> list[Node] | None:
        """Walk back from a node to a start, step by step, over arcs that are still there."""
        path = [end]
        for step in range(self._step(end) - 1, -1, -1):
            before = self._before(path[-1], step)
            if not before:
                return None
            path.append(before[int(self.phase.draws.below(len(before), 1)[0])])
        return path[::-1] if self.phase.exceeds(path[-1]) else None

    def _step(self, node: Node) -> int:
        kind, unit = node
        if kind == "hub":
            return self.hub
        return int((self.reviewer if kind == "reviewer" else self.submission)[unit])

    def _before(self, node: Node, step: int) -> list[Node]:
        """Return the nodes seen at a step with a tight arc to this one."""
        kind, unit = node
        if kind == "hub":
            return [("reviewer", int(r)) for r in self._lessened(step)]
        if kind == "submission":
            return [("reviewer", int(r)) for r in self._givers(unit, step)]
        reviewer, submission = self._taken()
        holds = (reviewer == unit) & (self.submission[submission] == step)
        before: list[Node] = [("submission", int(s)) for s in submission[holds]]
        more = self.far.hub + self.network.more()[unit] == self.far.reviewer[unit]
        return before + [HUB] * bool(self.hub == step and more)

    def _givers(self, submission: int, step: int) -> Int64s:
        frontier = np.flatnonzero(self.reviewer == step)
        level = frontier[self.far.reviewer[frontier] == self.far.submission[submission]]
        old, work = self._returned()
        again = old[(work == submission) & (self.reviewer[old] == step)]
        givers: Int64s = np.concatenate([self.network.givers(level, submission), again])
        return givers
