"""What the demo's students write: sound, nearly right, unfinished, brilliant, and telling.

The answers are for `ps1` of the template `peer-review-lab`, by grade id. People leave traces in
notebooks without noticing; the habits here are some of those that real classes have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jupyter_social.core.people import Identity

TEMPLATE = "peer-review-lab"
ASSIGNMENT = "ps1"

READ_TABLE = (
    """    rows = []
    for line in csv.DictReader(text.splitlines()):
        bikes = int(line["bikes"]) if line["bikes"] else None
        rows.append({"day": line["day"], "rain_mm": int(line["rain_mm"]), "bikes": bikes})
    return rows""",
    """    table = []
    for line in text.splitlines()[1:]:
        day, rain, bikes = line.split(",")
        table.append({"day": day, "rain_mm": int(rain), "bikes": int(bikes or 0) or None})
    return table""",
    """    return list(csv.DictReader(text.splitlines()))""",
)
TYPICAL = (
    """    known = [value for value in values if value is not None]
    return median(known) if known else None""",
    """    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    middle = len(known) // 2
    return known[middle]""",
    """    return sum(v for v in values if v) / len(values)""",
)
COMPARE = (
    """    dry = [row["bikes"] for row in rows if row["rain_mm"] == 0]
    wet = [row["bikes"] for row in rows if row["rain_mm"] > 0]
    return {"dry": typical(dry), "wet": typical(wet)}""",
    """    days = {"dry": [], "wet": []}
    for row in rows:
        days["wet" if row["rain_mm"] > 1 else "dry"].append(row["bikes"])
    return {kind: typical(values) for kind, values in days.items()}""",
)
CLAIMS = (
    "On wet days about half as many bicycles crossed the bridge. I used the median because the "
    "second Sunday is far from all the others. Five wet days are few: a month of counts could "
    "change my mind.",
    "Rain halves cycling. The numbers are clear.",
    "It rains and people take the bus, at least most of them. But Saturdays are low without any "
    "rain, so I would compare weekday by weekday before I say how much is due to rain.",
    "I am not sure yet. The wet days are mostly in the second week, when other things happened.",
)
FEEDBACK = (
    "**This works well:** the claim is one clear sentence.\n\n**I see:** Monday counts as 0, "
    "although nothing was counted.\n\n**It matters because:** the sum is then too small.\n\n"
    "**You could:** leave Monday out in both weeks.",
    "**This works well:** short code.\n\n**I see:** one very large Sunday.\n\n**It matters "
    "because:** without it the second week is smaller.\n\n**You could:** use the median.",
)


@dataclass(frozen=True)
class Cell:
    """A cell that a student adds: where (at the start or the end) and what."""

    kind: str
    source: str
    at_start: bool = False


def _signature(who: Identity) -> Cell:
    return Cell("markdown", f"# My analysis\n\nby **{who.name}** ({who.email})", at_start=True)


def _comment(who: Identity) -> Cell:
    return Cell("code", f"# {who.name}, second try\nround(0.1 + 0.2, 3)")


def _where_am_i(who: Identity) -> Cell:
    return Cell("code", "import getpass, os\nprint(getpass.getuser(), 'in', os.getcwd())")


def _prompt(who: Identity) -> Cell:
    return Cell("code", "!echo $USER@bridge:~$ ls && echo notes.txt ps1.ipynb")


def _broken_path(who: Identity) -> Cell:
    return Cell("code", "import os\nopen(os.path.expanduser('~/Documents/bridge.csv')).read()")


def _picture(who: Identity) -> Cell:
    source = (
        "from IPython.display import SVG\n"
        'bars = \'\'.join(f\'<rect x="{30 * i}" y="{90 - n / 12}" width="20" height="{n / 12}"\''
        " ' fill=\"steelblue\"/>' for i, n in enumerate([812, 845, 420, 830, 610]))\n"
        'SVG(f\'<svg xmlns="http://www.w3.org/2000/svg" width="160" height="100">'
        f"<title>by {who.name}</title>{{bars}}</svg>')"
    )
    return Cell("code", source)


def _thanks(who: Identity) -> Cell:
    return Cell("markdown", f"Thanks to my group for the hint! – {who.name.split()[0]}")


def _address(who: Identity) -> Cell:
    return Cell("code", "object()")


SIGNED = 7
HABITS: tuple[Callable[[Identity], Cell] | None, ...] = (
    _signature,
    None,
    _comment,
    _where_am_i,
    None,
    _prompt,
    _broken_path,
    _picture,
    None,
    _thanks,
    _address,
)


def fill_in(notebook: dict[str, Any], who: Identity, number: int) -> None:
    """Write the answers of student number `number` into a released notebook, in place."""
    texts = {
        "ps1-read-table": READ_TABLE[number % 7 % 3],
        "ps1-typical": TYPICAL[number % 5 % 3],
        "ps1-compare": COMPARE[number % 3 % 2],
        "ps1-claim": CLAIMS[number % len(CLAIMS)],
        "ps1-feedback": FEEDBACK[number % len(FEEDBACK)],
    }
    for cell in notebook["cells"]:
        text = texts.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
        if text is None:
            continue
        if cell["cell_type"] == "markdown":
            cell["source"] = text
        elif not number or number % 11:
            cell["source"] = cell["source"].replace(
                "    # YOUR CODE HERE\n    raise NotImplementedError()", text
            )


def habits(who: Identity, number: int) -> list[Cell]:
    """Return what this student adds without thinking of it, if anything."""
    chosen = [HABITS[number % len(HABITS)], _signature if number % SIGNED == SIGNED - 1 else None]
    return [habit(who) for habit in chosen if habit]
