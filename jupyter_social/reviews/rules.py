"""One run of an allocation, from inputs to pairs, so that anybody can replay it. Pure.

A run knows units by their random ids, in order of the ids: neither a name nor the order in which
people handed in can have an influence. Its inputs, seed and algorithm version are stored with two
hashes; `replay` must come to the same pairs. Each run's inputs hold the output hash of the run
before it, so the runs of an assignment form a chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from jupyter_social.reviews.allocation import Infeasible, allocate, repair

Pair = tuple[str, str]


class RunKind(StrEnum):
    """A draw starts afresh; a repair keeps what has begun."""

    DRAW = "draw"
    REPAIR = "repair"


@dataclass(frozen=True)
class RunInputs:
    """Everything a run depends on; pairs are (reviewer, author) in unit ids, sorted.

    `units` are sorted, and `groups` runs along them (None: in no group). `active` are the units
    that review and are reviewed; in a draw that is all of them. `begun`, `finished` and `open`
    say where the reviews of the run before stand; a finished one is among the begun.
    """

    kind: RunKind
    reviews: int
    seed: int
    avoid_groups: bool
    avoid_reciprocal: bool
    units: tuple[str, ...]
    groups: tuple[str | None, ...]
    conflicts: tuple[Pair, ...]
    active: tuple[str, ...]
    begun: tuple[Pair, ...] = ()
    finished: tuple[Pair, ...] = ()
    open: tuple[Pair, ...] = ()
    previous: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The inputs as they are stored and hashed."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RunInputs:
        """Read stored inputs back; raises ValueError where they are no inputs."""
        try:
            return cls._from_json(data)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not the inputs of a run: {error}") from None

    @classmethod
    def _from_json(cls, data: Mapping[str, Any]) -> RunInputs:
        pairs = {
            name: tuple((reviewer, author) for reviewer, author in data[name])
            for name in ("conflicts", "begun", "finished", "open")
        }
        lists = {name: tuple(data[name]) for name in ("units", "groups", "active")}
        return cls(**{**data, "kind": RunKind(data["kind"]), **pairs, **lists})


@dataclass(frozen=True)
class RunResult:
    """What a run came to; `changes` and `lower_bound` count open reviews, 0 for a draw."""

    pairs: tuple[Pair, ...]
    changes: int = 0
    lower_bound: int = 0
    notes: tuple[str, ...] = ()


def replay(inputs: RunInputs) -> RunResult:
    """Compute the pairs of a run; raises `allocation.Infeasible` where there are none.

    Where the class is too small to keep people from reviewing each other, they may, and a note
    says so.
    """
    run = _draw if inputs.kind is RunKind.DRAW else _repair
    try:
        return run(inputs)
    except Infeasible as refused:
        if refused.certificate.reason != "reciprocal":
            raise
    result = run(replace(inputs, avoid_reciprocal=False))
    note = (
        f"With {len(inputs.active)} hand-ins and {inputs.reviews} reviews each, some pairs have to "
        "review each other."
    )
    return replace(result, notes=(note, *result.notes))


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def input_hash(inputs: RunInputs) -> str:
    """Return the hash of everything the run depends on."""
    return digest(inputs.as_json())


def output_hash(pairs: Iterable[Pair]) -> str:
    """Return the hash of who reviews whom, whatever the order of the pairs."""
    return digest(sorted(list(pair) for pair in pairs))


def reciprocal_pairs(pairs: Iterable[Pair]) -> int:
    """Count the pairs of units that review each other."""
    found = set(pairs)
    return sum((author, reviewer) in found for reviewer, author in found) // 2


def is_connected(pairs: Iterable[Pair], units: Iterable[str]) -> bool:
    """Tell whether all units hang together through reviews, so that marks can be compared."""
    parent = {unit: unit for unit in units}

    def root(unit: str) -> str:
        while parent[unit] != unit:
            parent[unit] = parent[parent[unit]]
            unit = parent[unit]
        return unit

    for reviewer, author in pairs:
        if reviewer in parent and author in parent:
            parent[root(reviewer)] = root(author)
    return len({root(unit) for unit in parent}) <= 1


def _draw(inputs: RunInputs) -> RunResult:
    table = allocate(
        len(inputs.units),
        inputs.reviews,
        group=_labels(inputs),
        conflicts=_indices(inputs, inputs.conflicts),
        no_reciprocal=inputs.avoid_reciprocal,
        seed=inputs.seed,
    )
    units = inputs.units
    return RunResult(
        tuple(sorted((units[r], units[s]) for r, row in enumerate(table.tolist()) for s in row))
    )


def _repair(inputs: RunInputs) -> RunResult:
    active = frozenset(inputs.active)
    mask = np.array([unit in active for unit in inputs.units], dtype=bool)
    repaired = repair(
        len(inputs.units),
        inputs.reviews,
        begun=_indices(inputs, inputs.begun),
        finished=_indices(inputs, inputs.finished),
        open=_indices(inputs, inputs.open),
        reviewers=mask,
        submissions=mask,
        group=_labels(inputs),
        conflicts=_indices(inputs, inputs.conflicts),
        no_reciprocal=inputs.avoid_reciprocal,
        seed=inputs.seed,
    )
    units = inputs.units
    pairs = tuple(sorted((units[r], units[s]) for r, s in repaired.pairs.tolist()))
    return RunResult(pairs, repaired.changes, repaired.lower_bound, tuple(repaired.notes))


def _labels(inputs: RunInputs) -> np.ndarray[Any, np.dtype[np.int64]] | None:
    if not inputs.avoid_groups:
        return None
    numbers = {name: i for i, name in enumerate(sorted({g for g in inputs.groups if g}))}
    return np.array([numbers[g] if g else -1 for g in inputs.groups], dtype=np.int64)


def _indices(inputs: RunInputs, pairs: Iterable[Pair]) -> np.ndarray[Any, np.dtype[np.int64]]:
    index = {unit: i for i, unit in enumerate(inputs.units)}
    found = [(index[r], index[a]) for r, a in pairs]
    return np.array(found, dtype=np.int64).reshape(-1, 2)
