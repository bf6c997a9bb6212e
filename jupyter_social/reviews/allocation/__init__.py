"""Who reviews whom: a seeded random allocation that breaks no rule, or the proof there is none.

Every unit gives k reviews and receives k. `regular` draws k random permutations (`draws`), which is
already balanced and uniform, and exchanges the few slots that break a rule with random others
(`slots`).
Where conflicts are so dense that exchanges stall, augmenting paths finish exactly (`completion`),
and if they cannot, the minimum cut becomes a certificate (`certificate`, `recount`). Last, the
reviewer-author graph is made connected, so that marks of all works hang on each other
(`connectivity`). Late works and drop-outs are the business of `repair`.
"""

from jupyter_social.reviews.allocation.certificate import Certificate, Infeasible
from jupyter_social.reviews.allocation.recount import holds
from jupyter_social.reviews.allocation.regular import ALGORITHM, allocate
from jupyter_social.reviews.allocation.repair import Repair, repair

__all__ = ["ALGORITHM", "Certificate", "Infeasible", "Repair", "allocate", "holds", "repair"]
