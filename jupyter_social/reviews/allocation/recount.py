"""Certificates made from a cut, and the independent recount that anyone can run on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jupyter_social.reviews.allocation.certificate import Certificate, Infeasible, counted
from jupyter_social.reviews.allocation.constraints import Constraints

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from jupyter_social.reviews.allocation.certificate import Side

MOST_PRUNED = 256


def holds(
    certificate: Certificate,
    n: int,
    k: int,
    *,
    group: ArrayLike | None = None,
    conflicts: ArrayLike | None = None,
) -> bool:
    """Recount a certificate from the inputs of `allocate`: True if it proves what it says."""
    constraints = Constraints(n, group, conflicts)
    if certificate.reason == "too-few":
        return n < k + 1
    if certificate.side == "units":
        return n < 2 * k + 1 or bool(
            (constraints.partners()[list(certificate.reviewers)] < 2 * k).any()
        )
    named = _mask(n, _named(certificate))
    possible, others = _capacity(constraints, k, certificate.side, named)
    told = certificate.reviewers if certificate.side == "submissions" else certificate.submissions
    return possible < k * int(named.sum()) and tuple(np.flatnonzero(others).tolist()) == told


def blocked(
    constraints: Constraints, k: int, reviewers: NDArray[np.bool_], submissions: NDArray[np.bool_]
) -> Certificate:
    """Turn a minimum cut into the shorter of its two counting arguments.

    `reviewers` R were reached by the search and `submissions` T were not. Then
    k|R| > k(n - |T|) + allowed pairs of R x T, which bounds both counts of `Certificate`.
    """
    side: Side = "submissions" if submissions.sum() <= reviewers.sum() else "reviewers"
    named = _pruned(constraints, k, side, submissions if side == "submissions" else reviewers)
    possible, others = _capacity(constraints, k, side, named)
    blocked_units, able = _tuple(named), _tuple(others)
    needed = k * len(blocked_units)
    reviewer_side = side == "reviewers"
    return Certificate(
        reason="blocked",
        reviewers=blocked_units if reviewer_side else able,
        submissions=able if reviewer_side else blocked_units,
        detail=_sentence(side, len(blocked_units), len(able), needed, possible),
        side=side,
        needed=needed,
        possible=possible,
    )


def refuse_too_few(n: int, k: int) -> None:
    """Raise Infeasible if there are fewer than k + 1 units."""
    if n > k:
        return
    everyone = tuple(range(n))
    possible = n * max(n - 1, 0)
    detail = (
        f"{k} reviews of each work need at least {k + 1} units that handed in, since nobody "
        f"reviews their own work or one work twice; there are {n}, who can give {possible} of "
        f"the {n * k} reviews needed."
    )
    raise Infeasible(
        Certificate("too-few", everyone, everyone, detail, "submissions", n * k, possible)
    )


def refuse_reciprocal(constraints: Constraints, k: int) -> None:
    """Raise Infeasible if some unit has fewer than the 2k partners it needs."""
    partners = constraints.partners()
    short = np.flatnonzero(partners < 2 * k)
    if not short.size:
        return
    n, worst = constraints.n, int(partners[short].min())
    if n < 2 * k + 1:
        cause = f"with {n} units it has only {n - 1}; at least {2 * k + 1} units are needed"
        short, worst = np.arange(n), n - 1
    else:
        cause = f"{short.size} of {n} units have fewer, the worst of them {worst}"
    detail = f"Without reciprocal pairs a unit needs {2 * k} different partners, and {cause}."
    named = tuple(short.tolist())
    raise Infeasible(Certificate("reciprocal", named, named, detail, "units", 2 * k, worst))


def refuse_unfound(left: NDArray[np.int64], k: int, n: int) -> None:
    """Raise Infeasible, saying honestly that a search for no reciprocal pairs found nothing."""
    named = tuple(np.unique(left % n).tolist())
    detail = (
        f"No allocation without reciprocal pairs was found for {n} units and {k} reviews each; "
        f"the best one tried had {len(left)} such slots. This is not a proof that there is none."
    )
    raise Infeasible(
        Certificate("reciprocal", named, (), detail, "units", 0, len(left), proved=False)
    )


def _named(certificate: Certificate) -> tuple[int, ...]:
    on_submissions = certificate.side == "submissions"
    return certificate.submissions if on_submissions else certificate.reviewers


def _capacity(
    constraints: Constraints, k: int, side: Side, named: NDArray[np.bool_]
) -> tuple[int, NDArray[np.bool_]]:
    """Count the reviews possible for the named units, and tell who can take part in them."""
    count = (
        constraints.allowed_submissions(named)
        if side == "submissions"
        else constraints.allowed_reviewers(named)
    )
    return int(np.minimum(count, k).sum()), count > 0


def _pruned(
    constraints: Constraints, k: int, side: Side, named: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Leave out units, one by one, without which the count still falls short."""
    chosen = named.copy()
    if chosen.sum() > MOST_PRUNED:
        return chosen
    for unit in np.flatnonzero(named):
        chosen[unit] = False
        if _capacity(constraints, k, side, chosen)[0] >= k * int(chosen.sum()):
            chosen[unit] = True
    return chosen


def _sentence(side: Side, blocked_units: int, able: int, needed: int, possible: int) -> str:
    if side == "submissions":
        return (
            f"{counted(blocked_units, 'work')} of {needed} reviews in all, but only "
            f"{counted(able, 'reviewer')} who may review any of them, giving at most {possible}."
        )
    return (
        f"{counted(blocked_units, 'reviewer')} with {needed} reviews to give, but only "
        f"{counted(able, 'work')} that may go to any of them, taking at most {possible}."
    )


def _mask(n: int, units: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(n, dtype=bool)
    mask[list(units)] = True
    return mask


def _tuple(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(np.flatnonzero(mask).tolist())
