"""Who reviews whom: valid, exact, random, connected, reproducible, or refused with a proof."""

from __future__ import annotations

import ast
import sys
from itertools import combinations, product
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nightly import times
from scipy.optimize import Bounds, LinearConstraint, milp

from jupyter_social.reviews.allocation import ALGORITHM, Certificate, Infeasible, allocate, holds

# --- checks that share no code with the allocator -------------------------------------------


def forbidden(n, group=None, conflicts=None):
    """The n x n table of what is not allowed, built the slow and obvious way."""
    table = np.eye(n, dtype=bool)
    for r, s in product(range(n), repeat=2):
        if group is not None and group[r] >= 0 and group[r] == group[s]:
            table[r, s] = True
    for r, s in conflicts if conflicts is not None else []:
        table[r, s] = True
    return table


def violations(rows, n, k, *, group=None, conflicts=None, no_reciprocal=False):
    """Every rule that an allocation breaks, as words."""
    rows, found = np.asarray(rows), set()
    if rows.shape != (n, k):
        return {"shape"}
    barred = forbidden(n, group, conflicts)
    if (np.bincount(rows.ravel(), minlength=n) != k).any():
        found.add("balance")
    for r, row in enumerate(rows.tolist()):
        if len(set(row)) < k:
            found.add("repeat")
        if r in row:
            found.add("self")
        if any(barred[r, s] for s in row if s != r):
            found.add("conflict")
        if no_reciprocal and any(r in rows[s] for s in row if s != r):
            found.add("reciprocal")
    return found


def violations_at_scale(rows, *, group, conflicts, no_reciprocal):
    """The same rules counted with keys, for classes too large for a table."""
    n, k = rows.shape
    reviewer, work = np.repeat(np.arange(n), k), rows.ravel().astype(np.int64)
    keys, back = reviewer * n + work, work * n + reviewer
    return {
        "balance": int((np.bincount(work, minlength=n) != k).sum()),
        "repeat": keys.size - np.unique(keys).size,
        "self": int((reviewer == work).sum()),
        "group": int((group[reviewer] == group[work]).sum()),
        "conflict": int(np.isin(keys, conflicts[:, 0] * n + conflicts[:, 1]).sum()),
        "reciprocal": int(np.isin(keys, back).sum()) if no_reciprocal else 0,
    }


def parts(rows):
    """Number of connected parts of the reviewer-author graph."""
    graph = nx.empty_graph(len(rows))
    graph.add_edges_from((r, int(s)) for r, row in enumerate(rows) for s in row)
    return nx.number_connected_components(graph)


def exists(n, k, barred):
    """Whether any allocation exists, by an independent maximum flow."""
    network = nx.DiGraph()
    network.add_nodes_from(["source", "sink"])
    for unit in range(n):
        network.add_edge("source", ("r", unit), capacity=k)
        network.add_edge(("s", unit), "sink", capacity=k)
    for r, s in np.argwhere(~barred).tolist():
        network.add_edge(("r", r), ("s", s), capacity=1)
    return nx.maximum_flow_value(network, "source", "sink") == n * k


def exists_without_reciprocal(n, k, barred):
    """Whether any allocation without reciprocal pairs exists, by an integer programme."""
    pairs = [tuple(p) for p in np.argwhere(~barred).tolist()]
    if not pairs:
        return False
    place = {pair: i for i, pair in enumerate(pairs)}
    degrees = np.zeros((2 * n, len(pairs)))
    for (r, s), i in place.items():
        degrees[r, i] = degrees[n + s, i] = 1
    rules = [LinearConstraint(degrees, k, k)]
    for (r, s), i in place.items():
        if r < s and (s, r) in place:
            both = np.zeros((1, len(pairs)))
            both[0, [i, place[s, r]]] = 1
            rules.append(LinearConstraint(both, 0, 1))
    one = np.ones(len(pairs))
    return milp(0 * one, constraints=rules, integrality=one, bounds=Bounds(0, 1)).x is not None


def recounted(certificate: Certificate, k, barred):
    """Recount a blocked certificate with plain sets: (needed, possible)."""
    allowed = ~barred if certificate.side == "submissions" else ~barred.T
    named, others = certificate.submissions, certificate.reviewers
    if certificate.side == "reviewers":
        named, others = others, named
    able = {u: sum(allowed[u, s] for s in named) for u in range(len(barred))}
    assert {u for u, count in able.items() if count} == set(others)
    return k * len(set(named)), sum(min(k, count) for count in able.values())


def ring(n, k, seed):
    """A shuffled ring: what CoCalc does. A seeded fault."""
    order = np.random.default_rng(seed).permutation(n)
    rows = np.empty((n, k), dtype=int)
    for place, unit in enumerate(order):
        rows[unit] = order[(place + 1 + np.arange(k)) % n]
    return rows


def blocks(n, k, seed):
    """Closed blocks of k + 1, each reviewing all others of its block. A seeded fault."""
    order = np.random.default_rng(seed).permutation(n).reshape(-1, k + 1)
    rows = np.empty((n, k), dtype=int)
    for block in order:
        for unit in block:
            rows[unit] = block[block != unit]
    return rows


def four_cycles(rows):
    """Pairs of works times pairs of reviewers that share them."""
    n = len(rows)
    table = np.zeros((n, n), dtype=int)
    table[np.repeat(np.arange(n), rows.shape[1]), rows.ravel()] = 1
    shared = (table.T @ table)[np.triu_indices(n, 1)]
    return int((shared * (shared - 1) // 2).sum())


@st.composite
def classes(draw, largest=14, most=4, densities=(0.0, 0.1, 0.3, 0.5)):
    """A small class with groups and conflicts, often infeasible."""
    n, k = draw(st.integers(1, largest)), draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    conflicts = np.argwhere(rng.random((n, n)) < draw(st.sampled_from(densities)))
    group = rng.integers(-1, n // 2 + 1, n) if draw(st.booleans()) else None
    return {"n": n, "k": k, "group": group, "conflicts": conflicts}


def attempt(case, **options):
    """The allocation or the certificate."""
    try:
        return allocate(**case, **options), None
    except Infeasible as refusal:
        return None, refusal.certificate


# --- rules --------------------------------------------------------------------------------


@given(classes(), st.integers(0, 2**63 - 1))
@settings(deadline=None, max_examples=times(300))
def test_an_allocation_is_valid_exactly_when_an_independent_flow_finds_one(case, seed):
    barred = forbidden(case["n"], case["group"], case["conflicts"])
    rows, certificate = attempt(case, seed=seed)
    assert (rows is not None) == exists(case["n"], case["k"], barred)
    if rows is not None:
        assert violations(rows, **case) == set()
    else:
        assert certificate.proved


@given(classes(largest=9, most=3), st.integers(0, 1000))
@settings(deadline=None, max_examples=times(120))
def test_reciprocal_pairs_are_avoided_wherever_an_integer_programme_can(case, seed):
    barred = forbidden(case["n"], case["group"], case["conflicts"])
    rows, certificate = attempt(case, seed=seed, no_reciprocal=True)
    possible = exists_without_reciprocal(case["n"], case["k"], barred)
    assert (rows is not None) == possible
    if rows is not None:
        assert violations(rows, **case, no_reciprocal=True) == set()
    elif certificate.reason == "reciprocal" and not certificate.proved:
        assert "not a proof" in certificate.detail


@given(
    st.integers(20, 400), st.integers(1, 6), st.integers(1, 5), st.booleans(), st.integers(0, 99)
)
@settings(deadline=None, max_examples=times(60))
def test_ordinary_classes_get_a_valid_connected_allocation(n, k, size, no_reciprocal, seed):
    rng = np.random.default_rng(seed)
    rules = {"group": rng.permutation(n) // size - 1, "conflicts": rng.integers(0, n, (n, 2))}
    rows = allocate(n, k, **rules, no_reciprocal=no_reciprocal, seed=seed)
    assert violations(rows, n, k, **rules, no_reciprocal=no_reciprocal) == set()
    assert parts(rows) == 1


@pytest.mark.parametrize("no_reciprocal", [False, True])
def test_a_large_class_with_groups_and_conflicts_breaks_no_rule(no_reciprocal):
    n, rng = 20_000, np.random.default_rng(5)
    rules = {"group": rng.permutation(n) // 4, "conflicts": rng.integers(0, n, (2 * n, 2))}
    rows = allocate(n, 5, **rules, no_reciprocal=no_reciprocal, seed=1)
    broken = violations_at_scale(rows, **rules, no_reciprocal=no_reciprocal)
    assert set(broken.values()) == {0}
    spoilt = rows.copy()
    spoilt[0, 0] = 0
    assert violations_at_scale(spoilt, **rules, no_reciprocal=False)["self"] == 1


@pytest.mark.parametrize("labels", [2, 3])
def test_groups_of_half_the_class_are_kept_apart(labels):
    group = np.where(np.arange(600) < 300, 0, 1 + np.arange(600) % (labels - 1))
    rows = allocate(600, 5, group=group, seed=3)
    assert violations(rows, 600, 5, group=group) == set()


def test_conflicts_that_leave_one_allocation_only_are_solved():
    n = 30
    only = (np.arange(n) + 1) % n
    conflicts = [(r, s) for r in range(n) for s in range(n) if s != only[r]]
    assert allocate(n, 1, conflicts=conflicts)[:, 0].tolist() == only.tolist()


@pytest.mark.parametrize("n", range(2, 13))
def test_everybody_can_review_everybody_else(n):
    rows = allocate(n, n - 1, seed=4)
    assert [sorted(row) for row in rows.tolist()] == [
        [s for s in range(n) if s != r] for r in range(n)
    ]


@pytest.mark.parametrize(("n", "k"), [(n, k) for n in range(5) for k in range(1, 4)])
def test_tiny_classes_are_served_or_refused(n, k):
    rows, certificate = attempt({"n": n, "k": k})
    if n > k:
        assert violations(rows, n, k) == set()
    else:
        assert certificate.reason == "too-few"
        assert (certificate.needed, certificate.possible) == (n * k, n * max(n - 1, 0))


@pytest.mark.parametrize("k", range(1, 8))
def test_the_smallest_class_without_reciprocal_pairs_has_2k_plus_1_units(k):
    rows = allocate(2 * k + 1, k, no_reciprocal=True, seed=2)
    assert violations(rows, 2 * k + 1, k, no_reciprocal=True) == set()
    _, certificate = attempt({"n": 2 * k, "k": k}, no_reciprocal=True)
    assert (certificate.reason, certificate.proved) == ("reciprocal", True)
    assert certificate.needed == 2 * k > certificate.possible == 2 * k - 1


def test_group_mates_make_reciprocal_pairs_unavoidable_and_the_refusal_counts_partners():
    group = np.arange(8) // 4
    assert violations(allocate(8, 4, group=group), 8, 4, group=group) == set()
    _, certificate = attempt({"n": 8, "k": 4, "group": group}, no_reciprocal=True)
    assert (certificate.reason, certificate.needed, certificate.possible) == ("reciprocal", 8, 7)
    assert holds(certificate, 8, 4, group=group)
    assert not holds(certificate, 12, 4)


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (lambda rows: np.vstack([rows[:, :1].T[0] * 0 + 1] * 3).T, "balance"),
        (lambda rows: np.where(np.arange(3) == 1, rows[:, :1], rows), "repeat"),
        (lambda rows: np.where(np.arange(3) == 1, np.arange(12)[:, None], rows), "self"),
        (lambda rows: rows[:, :2], "shape"),
        (lambda rows: ring(12, 3, 1), "conflict"),
        (lambda rows: blocks(12, 3, 1), "reciprocal"),
    ],
)
def test_the_check_itself_rejects_broken_allocations(fault, name):
    rules = {"group": np.arange(12) // 3, "conflicts": [(r, (r + 6) % 12) for r in range(12)]}
    rows = allocate(12, 3, **rules, no_reciprocal=True)
    assert violations(rows, 12, 3, **rules, no_reciprocal=True) == set()
    assert name in violations(fault(rows), 12, 3, **rules, no_reciprocal=True)


# --- certificates -------------------------------------------------------------------------


@given(classes(densities=(0.3, 0.5, 0.7)), st.integers(0, 50))
@settings(deadline=None, max_examples=times(150))
def test_every_refusal_carries_a_certificate_that_counts(case, seed):
    _, certificate = attempt(case, seed=seed)
    if certificate is None:
        return
    rules = {"group": case["group"], "conflicts": case["conflicts"]}
    assert holds(certificate, case["n"], case["k"], **rules)
    if certificate.reason == "blocked":
        barred = forbidden(case["n"], **rules)
        needed, possible = recounted(certificate, case["k"], barred)
        assert (needed, possible) == (certificate.needed, certificate.possible)
        assert possible < needed
        assert str(needed) in certificate.detail


def test_a_work_that_too_few_may_review_is_named_with_those_few():
    conflicts = [(r, 7) for r in range(28)]
    _, certificate = attempt({"n": 30, "k": 3, "conflicts": conflicts})
    assert certificate.submissions == (7,)
    assert certificate.reviewers == (28, 29)
    assert (certificate.needed, certificate.possible) == (3, 2)


def test_a_group_of_more_than_half_the_class_is_named():
    group = np.where(np.arange(2001) < 1001, 0, -1)
    _, certificate = attempt({"n": 2001, "k": 5, "group": group})
    assert certificate.submissions == tuple(range(1001))
    assert (certificate.needed, certificate.possible) == (5005, 5000)


def test_a_recount_rejects_a_certificate_of_another_class():
    conflicts = [(r, 7) for r in range(28)]
    _, certificate = attempt({"n": 30, "k": 3, "conflicts": conflicts})
    assert holds(certificate, 30, 3, conflicts=conflicts)
    assert not holds(certificate, 30, 3, conflicts=conflicts[1:])
    assert not holds(certificate, 30, 2, conflicts=conflicts)


# --- randomness ---------------------------------------------------------------------------


def test_the_same_inputs_and_seed_give_the_same_allocation_for_good():
    assert ALGORITHM == "1"
    golden = [[6, 5], [3, 6], [5, 7], [0, 4], [2, 1], [7, 3], [4, 2], [1, 0]]
    rules = {"group": [0, 0, 1, 1, -1, -1, -1, -1], "conflicts": [(0, 4), (5, 1)]}
    rows = allocate(8, 2, **rules, no_reciprocal=True, seed=7)
    assert rows.tolist() == golden
    assert allocate(8, 2, **rules, no_reciprocal=True, seed=8).tolist() != golden


def test_a_dense_class_is_reproducible_too():
    conflicts = np.argwhere(np.random.default_rng(1).random((60, 60)) < 0.8)
    first, again = (allocate(60, 4, conflicts=conflicts, seed=9) for _ in range(2))
    assert np.array_equal(first, again)


def chi_square_per_degree(allocator, n, k, group, seeds):
    """Pearson's statistic of how often each allowed pair occurs, over its degrees of freedom."""
    counts = np.zeros((n, n))
    for seed in range(seeds):
        counts[np.repeat(np.arange(n), k), allocator(seed).ravel()] += 1
    allowed = ~forbidden(n, group)
    expected = seeds * n * k / allowed.sum()
    return ((counts[allowed] - expected) ** 2 / expected).sum() / (allowed.sum() - 1)


@pytest.mark.parametrize("no_reciprocal", [False, True])
def test_every_allowed_pair_is_equally_likely(no_reciprocal):
    n, k, group = 12, 2, np.arange(12) // 3

    def ours(seed):
        return allocate(n, k, group=group, no_reciprocal=no_reciprocal, seed=seed)

    def biased(seed):
        rows = ours(seed)
        return rows if seed % 8 else allocate(n, k, group=group, seed=0)

    assert chi_square_per_degree(ours, n, k, group, 1500) < 1.35
    assert chi_square_per_degree(biased, n, k, group, 1500) > 1.35


def test_a_dense_class_finished_by_augmenting_paths_is_still_uniform():
    n, k, group = 8, 3, np.arange(8) // 4
    rate = chi_square_per_degree(
        lambda seed: allocate(n, k, group=group, seed=seed), n, k, group, 1500
    )
    assert rate < 1.35


def test_works_share_two_reviewers_as_rarely_as_in_a_uniform_random_regular_graph():
    """The number of 4-cycles tends to (k - 1)**4 / 4 (Bollobás 1980, for bipartite graphs)."""
    n, k, seeds = 60, 4, 120
    expected = (k - 1) ** 4 / 4

    def rate(allocator):
        return np.mean([four_cycles(allocator(n, k, seed)) for seed in range(seeds)]) / expected

    assert 0.85 < rate(lambda n, k, seed: allocate(n, k, seed=seed)) < 1.15
    assert not 0.85 < rate(ring) < 1.15
    assert not 0.85 < rate(blocks) < 1.15


# --- connectivity -------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 5, 17, 200, 5000])
def test_one_review_each_makes_a_single_cycle(n):
    assert parts(allocate(n, 1, seed=n)) == 1
    assert parts(blocks(20, 1, 0)) == 10


def every_allocation(n, k, barred):
    """All allocations of a tiny class, as rows."""
    choices = [
        [c for c in combinations(range(n), k) if not any(barred[r, s] for s in c)] for r in range(n)
    ]
    for rows in product(*choices):
        if (np.bincount(np.ravel(rows), minlength=n) == k).all():
            yield rows


@given(st.integers(3, 5), st.integers(1, 2), st.integers(0, 10_000))
@settings(deadline=None, max_examples=times(80))
def test_a_tiny_class_is_connected_wherever_any_allocation_is(n, k, seed):
    rng = np.random.default_rng(seed)
    conflicts = np.argwhere(rng.random((n, n)) < 0.3)
    rows, _ = attempt({"n": n, "k": k, "conflicts": conflicts}, seed=seed)
    if rows is not None:
        best = min(parts(a) for a in every_allocation(n, k, forbidden(n, None, conflicts)))
        assert parts(rows) == best


def test_blocks_that_conflicts_force_apart_stay_apart_without_an_endless_search():
    block = np.arange(60) // 6
    conflicts = np.argwhere(block[:, None] != block)
    rows = allocate(60, 3, conflicts=conflicts)
    assert violations(rows, 60, 3, conflicts=conflicts) == set()
    assert parts(rows) == 10


# --- arguments ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"k": 0}, "k"),
        ({"k": -1}, "k"),
        ({"k": 1.5}, "k"),
        ({"k": True}, "k"),
        ({"n": -1}, "n"),
        ({"n": 2**40}, "n"),
        ({"n": float("nan")}, "n"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"seed": None}, "seed"),
        ({"group": [0, 1]}, "group"),
        ({"group": [0.5] * 6}, "group"),
        ({"group": [float("nan")] * 6}, "group"),
        ({"group": [["a"] * 6]}, "group"),
        ({"conflicts": [0, 1]}, "conflicts"),
        ({"conflicts": [(0, 1, 2)]}, "conflicts"),
        ({"conflicts": [(0, 6)]}, "conflicts"),
        ({"conflicts": [(-1, 0)]}, "conflicts"),
        ({"conflicts": [(0.0, float("nan"))]}, "conflicts"),
    ],
)
def test_unusable_arguments_are_refused_by_name(arguments, word):
    with pytest.raises(ValueError, match=word):
        allocate(**{"n": 6, "k": 2, **arguments})


def test_odd_but_usable_arguments_are_taken():
    sparse = [10**12, 10**12, -5, -5, 7, 7]
    rows = allocate(np.int64(6), np.int32(2), group=sparse, conflicts=[], seed=2**63 - 1)
    assert rows.dtype == np.int32
    assert violations(rows, 6, 2, group=sparse) == set()
    assert violations(allocate(6, 2, conflicts=[(1, 1), (0, 3), (0, 3)]), 6, 2) == set()


def test_allocation_needs_numpy_and_the_standard_library_alone():
    package = Path(__file__).parents[2] / "jupyter_social" / "reviews" / "allocation"
    modules = sorted(package.glob("*.py"))
    assert {"__init__", "regular", "repair", "flow"} <= {module.stem for module in modules}
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for module in names:
                top = module.split(".")[0]
                assert top in {"numpy", "jupyter_social"} or top in sys.stdlib_module_names
                own = module.startswith("jupyter_social.reviews.allocation")
                assert own or top != "jupyter_social"
