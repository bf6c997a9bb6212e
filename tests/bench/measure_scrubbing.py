"""How well scrubbing does on real notebooks: a Markdown table for the measurements page.

Usage: `python tests/bench/measure_scrubbing.py [DIRECTORY …]`. Notebooks of the installed packages,
of the given directories and one that is written here are scrubbed with a roster of 300 common
names. Twice: as they are, to count words that change although they are nobody's; and with the
author's identifiers planted in Markdown, comments, outputs and code, to count those that are
removed, reported or missed. Exit 1 if one is missed, more than 0.1 % of the words change wrongly,
a result is no valid notebook, or its code differs in more than comments.
"""

from __future__ import annotations

import copy
import io
import json
import random
import re
import sys
import sysconfig
import tokenize
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

import nbformat
from scrubbing_cases import SeededRandom, a_notebook, code, common_roster, markdown, stream

from jupyter_social.core.notebooks import InvalidNotebook, read_notebook
from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing import Rule, Scrubber

MAX_WRONG = 0.001
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Rules that remove words which are nobody's name, as they should.
_TRACES = {Rule.PATHS.value, Rule.ADDRESSES.value, Rule.REMOTE_REFERENCES.value,
           Rule.HIDDEN_MARKUP.value, Rule.ACTIVE_CONTENT.value, Rule.MEDIA_TYPES.value}  # fmt: skip


@dataclass
class Row:
    """The counts of one source of notebooks."""

    name: str
    notebooks: int = 0
    words: int = 0
    planted: int = 0
    removed: int = 0
    reported: int = 0
    missed: int = 0
    wrong: int = 0
    invalid: int = 0
    code_changed: int = 0
    examples: Counter[str] = field(default_factory=Counter)


def identifiers(author: Identity) -> list[str]:
    """Ways to write an author, without the parts that are ordinary words alone."""
    words = author.name.split()
    first, last = words[0], words[-1]
    forms = [author.name, f"{last}, {first}", author.name.upper(), author.email, author.username]
    forms += [f"{author.username}@lab:~$ ls", f"/home/{author.username}/hw/x.py"]
    if len(words) > 1 and author.name.isascii():
        forms += [f"{first}{last}", f"{first}_{last}".lower(), f"{first[0]}. {last}"]
        forms += [f"by {first}", f"{first}'s", f"{last}"]
    return forms


def plant(content: dict[str, Any], author: Identity, rng: random.Random) -> list[tuple[int, str]]:
    """Write each identifier into a random cell; return (cell, form)."""
    cells = content["cells"]
    planted = []
    for form in identifiers(author):
        index = rng.randrange(len(cells))
        cell = cells[index]
        if cell["cell_type"] != "code":
            cell["source"] += f"\n\n{form} was here"
        else:
            where = rng.choice(["comment", "output", "string"])
            if where == "comment" and not cell["source"].lstrip().startswith("%%"):
                cell["source"] += f"\n# {form} was here"
            elif where == "string" and not cell["source"].lstrip().startswith("%%"):
                cell["source"] += f"\nplanted = {f'{form} was here'!r}"
            else:
                cell["outputs"].append(stream(f"\n{form} was here\n", "stderr"))
        planted.append((index, form))
    return planted


def measure(content: dict[str, Any], row: Row, scrubber: Scrubber, author: Identity) -> None:
    rng = random.Random(f"{row.name} {row.notebooks}")
    row.notebooks += 1
    _measure_words(content, row, scrubber, author)
    if not content["cells"]:
        return
    content = copy.deepcopy(content)
    planted = plant(content, author, rng)
    clean = scrubber.scrub(content, authors=[author.username], random=SeededRandom())
    reported = {f.cell for f in clean.remaining}
    row.planted += len(planted)
    for index, form in planted:
        left = _cell_text(clean.content["cells"][index])
        if not re.search(rf"(?<!\w){re.escape(f'{form} was here')}", left):
            row.removed += 1
        elif index in reported:
            row.reported += 1
        else:
            row.missed += 1
            row.examples[f"missed {form!r}"] += 1
    try:
        nbformat.validate(nbformat.from_dict(clean.content))
    except nbformat.ValidationError:
        row.invalid += 1
    for old, new in zip(content["cells"], clean.content["cells"], strict=True):
        if old["cell_type"] == "code" and not _same_code(old["source"], new["source"]):
            row.code_changed += 1
            row.examples[f"code {old['source'][:60]!r}"] += 1


def _measure_words(content: dict[str, Any], row: Row, scrubber: Scrubber, author: Identity) -> None:
    """Count the words that a person who is nowhere named loses."""
    before = _texts(content)
    row.words += sum(len(_WORD.findall(text)) for text in before)
    clean = scrubber.scrub(content, authors=[author.username], random=SeededRandom())
    for finding in clean.removed:
        if finding.rule in _TRACES or finding.place == "metadata":
            continue
        if finding.rule in (Rule.IMAGES, Rule.ATTACHMENT_NAMES, Rule.EXECUTION_COUNTS):
            continue
        row.wrong += finding.count * max(1, len(_WORD.findall(finding.what)))
        row.examples[f"{finding.rule}: {finding.what[:50]}"] += finding.count


def _texts(content: dict[str, Any]) -> list[str]:
    return [_cell_text(cell) for cell in content["cells"]]


def _cell_text(cell: dict[str, Any]) -> str:
    parts = [cell["source"]]
    for output in cell.get("outputs", []):
        parts.append(output.get("text", ""))
        parts.extend(output.get("traceback", []))
        for mimetype, value in output.get("data", {}).items():
            if mimetype.startswith("text/") and isinstance(value, str):
                parts.append(value)
    return "\n".join(parts)


def _tokens(source: str) -> list[tuple[int, str]] | None:
    try:
        found = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return None
    return [(t.type, t.string) for t in found if t.type not in (tokenize.COMMENT, tokenize.NL)]


def _same_code(old: str, new: str) -> bool:
    tokens = _tokens(old)
    if tokens is not None:
        return tokens == _tokens(new)
    lines = zip(old.split("\n"), new.split("\n"), strict=True)
    return all(a == b or a.partition("#")[0] == b.partition("#")[0] for a, b in lines)


def written_here() -> list[dict[str, Any]]:
    """A notebook with the words that are also names, written for this measure."""
    prose = (
        "May I mark the will of Grace? In May, Will used a Taylor series and a Jordan block; the "
        "Young modulus of the Stone bridge is high. Rose, Hope and Joy are words. Kim and Lee "
        "(2019) say that Newton's method converges; see Park et al. The art of hunting for a max, "
        "min or long sum. A king on a green hill. See also Li, Wang and Chen (2020)."
    )
    return [a_notebook(markdown(prose), code("x = 1  # may fail", stream(prose)))]


def sources(directories: list[str]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    packages = Path(sysconfig.get_paths()["purelib"])
    for path in sorted(packages.rglob("*.ipynb")):
        found.setdefault(path.relative_to(packages).parts[0], []).append(path)
    for directory in directories:
        found[Path(directory).name] = sorted(Path(directory).rglob("*.ipynb"))
    return found


def main(directories: list[str]) -> int:
    roster = common_roster()
    scrubber = Scrubber(roster)
    rows = []
    turn = 0
    for name, paths in sources(directories).items():
        row = Row(name)
        for path in paths:
            try:
                content = read_notebook(path.read_bytes()).content
            except InvalidNotebook:
                continue
            measure(content, row, scrubber, roster[turn % len(roster)])
            turn += 1
        rows.append(row)
    row = Row("written for this")
    for content in written_here():
        for author in roster:
            measure(content, row, scrubber, author)
    rows.append(row)
    print("| notebooks of | notebooks | words | planted | removed | reported | missed "
          "| words changed wrongly | invalid | code changed |")  # fmt: skip
    print("| --- " * 10 + "|")
    failed = False
    for row in rows:
        share = row.wrong / max(1, row.words)
        print(f"| {row.name} | {row.notebooks} | {row.words} | {row.planted} | {row.removed} "
              f"| {row.reported} | {row.missed} | {row.wrong} ({share:.3%}) | {row.invalid} "
              f"| {row.code_changed} |")  # fmt: skip
        bad = row.missed or row.invalid or row.code_changed or share > MAX_WRONG
        failed = failed or bool(bad)
    for row in rows:
        for example, count in row.examples.most_common(12):
            print(f"  {row.name}: {example} ({count})", file=sys.stderr)
    print(json.dumps({"passed": not failed}), file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
