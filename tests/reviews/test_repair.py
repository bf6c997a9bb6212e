"""Mending an allocation: begun reviews stay, loads are even, and the fewest tasks move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nightly import times
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from jupyter_social.reviews.allocation import Infeasible, allocate
from jupyter_social.reviews.allocation.repair import Repair, repair

NOBODY = np.empty((0, 2), dtype=int)


# --- a builder of classes in the middle of a round -------------------------------------------


@dataclass(frozen=True)
class Round:
    """A class of n whose allocation is under way; all pairs are (reviewer, submission)."""

    n: int
    k: int
    begun: np.ndarray
    open: np.ndarray
    finished: np.ndarray
    reviewers: np.ndarray
    submissions: np.ndarray
    group: np.ndarray | None = None
    conflicts: np.ndarray | None = None

    def repaired(self, **options) -> Repair:
        return repair(**vars(self), **options)

    def barred(self):
        """The n x n table of pairs that no task may have."""
        table = np.eye(self.n, dtype=bool)
        for r, s in product(range(self.n), repeat=2):
            if self.group is not None and self.group[r] >= 0 and self.group[r] == self.group[s]:
                table[r, s] = True
        for r, s in self.conflicts if self.conflicts is not None else []:
            table[r, s] = True
        return table


def a_round(n, k, *, late=0, left=0, begun=0.35, seed=0, avoid=False, **rules):
    """A drawn allocation of n - late units of which `left` dropped out, `late` came after."""
    rng, early = np.random.default_rng(seed), n - late
    given = {name: rule[:early] for name, rule in rules.items() if name == "group"}
    rows = allocate(early, k, **given, no_reciprocal=avoid, seed=seed)
    pairs = np.stack([np.repeat(np.arange(early), k), rows.ravel()], axis=1)
    started = rng.permutation(len(pairs)) < round(begun * len(pairs))
    active = np.ones(n, dtype=bool)
    active[rng.choice(early, left, replace=False)] = False
    finished = pairs[started][rng.random(started.sum()) < 0.5]
    return Round(n, k, pairs[started], pairs[~started], finished, active, active, **rules)


@st.composite
def disorderly_rounds(draw):
    """Small rounds with everything that can go wrong, at least 30 % of reviews begun."""
    n, k = draw(st.integers(3, 12)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    conflicts = np.argwhere(rng.random((n, n)) < draw(st.sampled_from([0.0, 0.1, 0.3])))
    group = rng.integers(-1, n // 2 + 1, n) if draw(st.booleans()) else None
    early = n - draw(st.integers(0, 2))
    pairs = [(r, s) for r in range(early) for s in rng.permutation(early)[:k] if r != s]
    pairs = np.array(pairs, dtype=int).reshape(-1, 2)
    started = rng.permutation(len(pairs)) < np.ceil(rng.uniform(0.3, 0.6) * len(pairs))
    stays, hands_in = rng.random(n) < 0.85, rng.random(n) < 0.8
    begun = pairs[started]
    finished = begun[rng.random(len(begun)) < 0.5]
    submissions = hands_in & stays | (rng.random(n) < 0.1)
    return Round(n, k, begun, pairs[~started], finished, stays, submissions, group, conflicts)


# --- checks that share no code with the repair ------------------------------------------------


def as_set(pairs):
    return set(map(tuple, np.asarray(pairs).tolist()))


def needs(case):
    """What each submission lacks beside its counted reviews, counted review by review."""
    finished, counted = as_set(case.finished), np.zeros(case.n, dtype=int)
    for r, s in as_set(case.begun):
        counted[s] += bool(case.reviewers[r] or (r, s) in finished)
    return np.where(case.submissions, np.maximum(case.k - counted, 0), 0), counted


def violations(case, outcome):
    """Every promise that a repair breaks, as words."""
    pairs, begun, opened = as_set(outcome.pairs), as_set(case.begun), as_set(case.open)
    tasks, barred, found = pairs - begun, case.barred(), set()
    lacking, counted = needs(case)
    received = counted + np.bincount([s for _, s in tasks], minlength=case.n)
    valid = {(r, s) for r, s in opened - begun if case.reviewers[r] and case.submissions[s]}
    valid = {pair for pair in valid if not barred[pair]}
    if len(pairs) != len(outcome.pairs):
        found.add("repeat")
    if not begun <= pairs:
        found.add("begun")
    if any(barred[pair] for pair in tasks):
        found.add("forbidden")
    if not all(case.reviewers[r] and case.submissions[s] for r, s in tasks):
        found.add("inactive")
    if (received != counted + lacking).any() or (received != outcome.received).any():
        found.add("received")
    if (np.bincount([r for r, _ in pairs], minlength=case.n) != outcome.loads).any():
        found.add("loads")
    if as_set(outcome.added) != tasks - opened or as_set(outcome.removed) != opened - begun - tasks:
        found.add("told")
    if outcome.changes != len(valid - tasks):
        found.add("changes")
    return found


def score(case, outcome):
    """The three aims of a repair: unevenness, how far newcomers are from k, changes."""
    begun = np.bincount([r for r, _ in as_set(case.begun)], minlength=case.n)
    held = {r for r, _ in as_set(case.begun) | as_set(case.open)}
    fresh = [r for r in range(case.n) if case.reviewers[r] and r not in held]
    loads = outcome.loads
    uneven = (loads**2 - begun**2)[case.reviewers].sum()
    return int(uneven), int(np.abs(loads[fresh] - case.k).sum()), outcome.changes


def optimum(case):
    """The best score possible, one aim after the other, by integer programmes; None if none."""
    begun, opened, barred = as_set(case.begun), as_set(case.open), case.barred()
    held = {r for r, _ in begun | opened}
    pairs = [
        (r, s)
        for r, s in np.argwhere(np.outer(case.reviewers, case.submissions) & ~barred).tolist()
        if (r, s) not in begun
    ]
    own = np.bincount([r for r, _ in begun], minlength=case.n)
    steps = [(r, own[r] + t) for r in np.flatnonzero(case.reviewers) for t in range(1, case.n + 1)]
    size = len(pairs) + len(steps)
    if not size:
        return None if needs(case)[0].any() else (0, 0, 0)
    row = [s for _, s in pairs] + [case.n + r for r, _ in pairs] + [case.n + r for r, _ in steps]
    column = [*range(len(pairs)), *range(len(pairs)), *range(len(pairs), size)]
    sign = [1.0] * (2 * len(pairs)) + [-1.0] * len(steps)
    matrix = coo_matrix((sign, (row, column)), shape=(2 * case.n, size)).tocsr()
    right = np.concatenate([needs(case)[0], np.zeros(case.n)])
    rules = [LinearConstraint(matrix, right, right)]
    kept = [-1.0 * (pair in opened) for pair in pairs]
    aims = [
        [0.0] * len(pairs) + [2.0 * t - 1 for _, t in steps],
        [0.0] * len(pairs) + [(r not in held) * (1.0 if t > case.k else -1.0) for r, t in steps],
        kept + [0.0] * len(steps),
    ]
    best = []
    for aim in aims:
        solved = milp(aim, constraints=rules, integrality=np.ones(size), bounds=Bounds(0, 1))
        if solved.x is None:
            return None
        best.append(round(solved.fun))
        rules.append(LinearConstraint(np.array([aim]), best[-1], best[-1]))
    fresh = sum(r not in held for r in np.flatnonzero(case.reviewers))
    return best[0], best[1] + fresh * case.k, best[2] - round(sum(kept))


# --- the promises -------------------------------------------------------------------------


@given(disorderly_rounds(), st.integers(0, 2**63 - 1))
@settings(deadline=None, max_examples=times(200))
def test_a_repair_reaches_the_optimum_of_an_independent_integer_programme(case, seed):
    best = optimum(case)
    if best is None:
        with pytest.raises(Infeasible):
            case.repaired(seed=seed)
        return
    outcome = case.repaired(seed=seed)
    assert violations(case, outcome) == set()
    assert score(case, outcome) == best
    assert outcome.lower_bound == outcome.changes


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("n", "k", "late", "left"), [(30, 3, 3, 0), (40, 4, 2, 5), (40, 3, 0, 6), (60, 5, 4, 4)]
)
def test_a_class_with_late_works_and_drop_outs_reaches_the_optimum(n, k, late, left, seed):
    group = np.random.default_rng(seed).permutation(n) // 3
    case = a_round(n, k, late=late, left=left, begun=0.4, seed=seed, group=group)
    outcome = case.repaired(seed=seed)
    assert violations(case, outcome) == set()
    assert score(case, outcome) == optimum(case)


@given(disorderly_rounds(), st.integers(0, 1000))
@settings(deadline=None, max_examples=times(100))
def test_avoiding_reciprocal_pairs_costs_at_most_two_changes_for_each(case, seed):
    """An exchange takes at most two open tasks away, and the flow is the same."""
    try:
        plain = case.repaired(seed=seed)
    except Infeasible:
        return
    outcome = case.repaired(seed=seed, no_reciprocal=True)
    assert violations(case, outcome) == set()
    assert outcome.lower_bound == plain.changes
    assert outcome.reciprocal <= plain.reciprocal
    assert plain.changes <= outcome.changes <= plain.changes + 2 * plain.reciprocal
    assert score(case, outcome)[:2] == score(case, plain)[:2]


@pytest.mark.parametrize("seed", range(8))
def test_an_ordinary_class_has_no_reciprocal_pair_after_a_repair(seed):
    case = a_round(60, 4, late=4, left=5, seed=seed, avoid=True)
    outcome = case.repaired(seed=seed, no_reciprocal=True)
    pairs = as_set(outcome.pairs)
    assert violations(case, outcome) == set()
    assert outcome.reciprocal == 0
    assert not {(r, s) for r, s in pairs if (s, r) in pairs}
    assert outcome.changes <= outcome.lower_bound + 2


def test_a_class_of_two_thousand_with_a_hundred_late_and_a_hundred_gone_is_mended():
    case = a_round(2_100, 5, late=100, left=100, seed=1, avoid=True)
    outcome = case.repaired(seed=2, no_reciprocal=True)
    pairs = outcome.pairs[:, 0] * case.n + outcome.pairs[:, 1]
    begun = case.begun[:, 0] * case.n + case.begun[:, 1]
    lacking, counted = needs(case)
    assert np.isin(begun, pairs).all()
    assert np.unique(pairs).size == pairs.size
    assert (outcome.received == counted + lacking).all()
    assert outcome.reciprocal == 0
    assert outcome.changes - outcome.lower_bound <= 5
    assert outcome.loads[case.reviewers].max() - outcome.loads[case.reviewers].min() <= 1
    assert (outcome.loads[2_000:] == 5).all()


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (lambda o: replace(o, pairs=o.pairs[(o.pairs != o.added[0]).any(axis=1)]), "received"),
        (lambda o: replace(o, pairs=np.vstack([o.pairs, o.pairs[:1]])), "repeat"),
        (lambda o: replace(o, pairs=np.vstack([o.pairs, [(29, 29)]])), "forbidden"),
        (lambda o: replace(o, pairs=o.pairs[o.pairs[:, 0] != 3]), "begun"),
        (lambda o: replace(o, changes=o.changes + 1), "changes"),
        (lambda o: replace(o, added=o.added[1:]), "told"),
        (lambda o: replace(o, loads=o.loads + 1), "loads"),
    ],
)
def test_the_check_itself_rejects_broken_repairs(fault, name):
    case = a_round(30, 3, late=2, left=2, begun=0.6, seed=2)
    outcome = case.repaired()
    assert violations(case, outcome) == set()
    assert name in violations(case, fault(outcome))


def test_the_optimum_tells_a_needless_change():
    """Twin: two people exchange tasks for no reason; all rules hold, the score is worse."""
    case = a_round(20, 3, begun=0.4, seed=3)
    swapped = case.open.copy()
    for i, j in product(range(len(swapped)), repeat=2):
        (r, s), (q, t) = case.open[i], case.open[j]
        standing = as_set(case.begun) | as_set(case.open)
        if len({r, s, q, t}) == 4 and not {(r, t), (q, s)} & standing:
            swapped[[i, j], 1] = t, s
            break
    worse = replace(case, open=swapped).repaired()
    moved = replace(worse, changes=2, added=NOBODY, removed=NOBODY)
    assert violations(case, moved) == {"told"}
    assert score(case, moved) > optimum(case)


# --- what a teacher expects -----------------------------------------------------------------


def test_nothing_changes_where_nothing_happened():
    case = a_round(25, 3, seed=1)
    outcome = case.repaired(seed=5)
    assert as_set(outcome.pairs) == as_set(case.begun) | as_set(case.open)
    assert (outcome.changes, outcome.lower_bound, outcome.notes) == (0, 0, ())
    assert len(outcome.added) == len(outcome.removed) == 0


def test_a_repair_of_nothing_is_a_fresh_allocation():
    everyone = np.ones(12, dtype=bool)
    case = Round(12, 3, NOBODY, NOBODY, NOBODY, everyone, everyone)
    outcome = case.repaired(no_reciprocal=True)
    assert violations(case, outcome) == set()
    assert (outcome.loads == 3).all()
    assert len(outcome.added) == 36


def test_newcomers_give_and_receive_k():
    case = a_round(32, 3, late=2, seed=4)
    outcome = case.repaired()
    assert (outcome.loads == 3).all()
    assert (outcome.received == 3).all()


def test_the_same_seed_gives_the_same_repair_and_another_seed_another():
    case = a_round(60, 4, late=6, left=6, seed=5)
    one, again, other = (case.repaired(seed=s, no_reciprocal=True) for s in (1, 1, 2))
    assert np.array_equal(one.pairs, again.pairs)
    assert not np.array_equal(one.pairs, other.pairs)
    assert one.lower_bound == other.lower_bound


def test_an_unfinished_review_of_somebody_who_left_is_given_to_another():
    case = a_round(12, 2, begun=1.0, seed=6)
    active = np.arange(12) != 5
    case = replace(case, reviewers=active, finished=NOBODY)
    works = {s for r, s in as_set(case.begun) if r == 5}
    outcome = case.repaired()
    assert {s for _, s in as_set(outcome.added)} == works
    assert as_set(case.begun) <= as_set(outcome.pairs)
    kept = replace(case, finished=case.begun).repaired()
    assert len(kept.added) == 0


def test_a_new_conflict_moves_an_open_task_but_no_begun_review():
    case = a_round(15, 2, begun=0.5, seed=7)
    task, review = case.open[0], case.begun[0]
    outcome = replace(case, conflicts=np.array([task, review])).repaired()
    assert tuple(task) in as_set(outcome.removed)
    assert tuple(review) in as_set(outcome.pairs)
    assert violations(replace(case, conflicts=np.array([task, review])), outcome) == set()


def test_a_work_with_more_begun_reviews_than_k_keeps_them_and_that_is_said():
    everyone = np.ones(6, dtype=bool)
    begun = np.array([(1, 0), (2, 0), (3, 0)])
    outcome = repair(6, 2, begun=begun, open=[(4, 0)], reviewers=everyone, submissions=everyone)
    assert outcome.received[0] == 3
    assert outcome.removed.tolist() == [[4, 0]]
    assert any("all of them begun" in note for note in outcome.notes)


def test_more_reviews_than_k_are_said():
    case = a_round(20, 3, left=4, begun=0.5, seed=8)
    outcome = replace(case, finished=NOBODY).repaired()
    worst = outcome.loads[case.reviewers].max()
    assert worst > 3
    assert any(f"at most {worst}" in note for note in outcome.notes)


def test_a_work_without_enough_allowed_reviewers_is_refused_with_a_count():
    everyone = np.ones(8, dtype=bool)
    conflicts = np.array([(r, 2) for r in range(6)])
    with pytest.raises(Infeasible) as refusal:
        repair(
            8, 3, begun=[], open=[], reviewers=everyone, submissions=everyone, conflicts=conflicts
        )
    certificate = refusal.value.certificate
    assert certificate.reason == "blocked"
    assert (certificate.submissions, certificate.reviewers) == ((2,), (6, 7))
    assert (certificate.needed, certificate.possible) == (3, 2)


def test_too_few_active_reviewers_are_refused_as_too_few():
    few = np.arange(8) < 3
    with pytest.raises(Infeasible) as refusal:
        repair(8, 3, begun=[], open=[], reviewers=few, submissions=np.ones(8, dtype=bool))
    assert refusal.value.certificate.reason == "too-few"


@given(disorderly_rounds())
@settings(deadline=None, max_examples=times(100))
def test_every_refusal_of_a_repair_can_be_recounted(case):
    try:
        case.repaired()
    except Infeasible as refusal:
        certificate = refusal.certificate
        (work,) = certificate.submissions
        able = case.reviewers & ~case.barred()[:, work]
        able[[r for r, s in as_set(case.begun) if s == work]] = False
        assert certificate.reviewers == tuple(np.flatnonzero(able))
        assert certificate.possible == able.sum() < certificate.needed == needs(case)[0][work]


@pytest.mark.parametrize("n", [0, 1])
def test_a_class_where_nobody_is_left_needs_nothing(n):
    nobody = np.zeros(n, dtype=bool)
    outcome = repair(n, 3, begun=[], open=[], reviewers=nobody, submissions=nobody)
    assert outcome.pairs.shape == (0, 2)
    assert (outcome.changes, outcome.reciprocal) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"k": 0}, "k"),
        ({"n": -2}, "n"),
        ({"seed": -1}, "seed"),
        ({"begun": [(0, 9)]}, "begun"),
        ({"open": [(0, 1, 2)]}, "open"),
        ({"finished": [(0.5, 1.0)]}, "finished"),
        ({"reviewers": [True]}, "reviewers"),
        ({"reviewers": [1] * 5}, "reviewers"),
        ({"submissions": [[True] * 5]}, "submissions"),
        ({"group": [0]}, "group"),
        ({"conflicts": [(5, 5)]}, "conflicts"),
    ],
)
def test_unusable_arguments_are_refused_by_name(arguments, word):
    everyone = np.ones(5, dtype=bool)
    usable = {"n": 5, "k": 2, "begun": [], "open": [], "reviewers": everyone}
    with pytest.raises(ValueError, match=word):
        repair(**{**usable, "submissions": everyone, **arguments})
