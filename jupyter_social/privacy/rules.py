"""Whose a row is: the one list of how each table leads to a person. Pure.

A row belongs to a person directly (`person`), through the pseudonym they act under (`unit`), as a
part of a row that does (`part`), or by the label the journal knows them by (`label`). A test
refuses a table with personal data that is not here, so that neither an export nor an erasure can
forget one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ERASED_TEXT = "(erased)"


@dataclass(frozen=True)
class Belongs:
    """How a table's rows lead to a person.

    `by` is `person`, `unit`, `part` or `label`; `column` holds the id. A part's `column` names the
    id of a row of `of`. `hidden` columns name other people's pseudonyms and are not given out.
    """

    by: str
    column: str
    of: str = ""
    hidden: frozenset[str] = frozenset()


_OTHERS = frozenset({"author", "reviewer", "unit_id", "review_id"})

BELONGS: Mapping[str, tuple[Belongs, ...]] = MappingProxyType(
    {
        "person": (Belongs("person", "id"),),
        "member": (Belongs("person", "person_id"),),
        "extension": (Belongs("person", "person_id"),),
        "unit": (Belongs("person", "person_id"),),
        "journal": (Belongs("label", "actor"),),
        "submission": (Belongs("unit", "unit_id"),),
        "submission_file": (Belongs("part", "submission_id", of="submission"),),
        "anonymous_notebook": (Belongs("part", "submission_id", of="submission"),),
        "preview": (Belongs("unit", "unit_id"),),
        "preview_file": (Belongs("part", "preview_id", of="preview"),),
        "preview_notebook": (Belongs("part", "preview_id", of="preview"),),
        "blob": (),
        "review_task": (Belongs("unit", "reviewer", hidden=_OTHERS),),
        "given_away_task": (Belongs("unit", "reviewer", hidden=_OTHERS),),
        "declared_conflict": (Belongs("unit", "reviewer", hidden=_OTHERS),),
        "review": (
            Belongs("unit", "reviewer", hidden=_OTHERS | {"submission_id"}),
            Belongs("person", "staff_id", hidden=_OTHERS | {"submission_id"}),
        ),
        "review_draft": (Belongs("part", "review_id", of="review"),),
        "review_entry": (Belongs("part", "review_id", of="review"),),
        "feedback_opened": (Belongs("unit", "unit_id"),),
        "helpfulness": (Belongs("part", "review_id", of="received", hidden=_OTHERS),),
        "review_report": (Belongs("part", "review_id", of="received", hidden=_OTHERS),),
        "mark_override": (Belongs("unit", "unit_id"),),
    }
)
"""`received` stands for the reviews of the person's own works; a blob belongs to whoever's files
name it."""
