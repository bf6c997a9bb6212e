"""How long scrubbing takes, against `nbformat.read` and `write` of the same notebook.

A notebook of a megabyte of text, HTML, SVG and PNG, in which the author is named in all of them, is
read, scrubbed and written with a roster of 300, and read and written by nbformat, from a file to a
file, in turns, in one process. Prints the medians and their ratio; exit 1 if it is above the limit
or a name is left. Every round has a notebook of its own.
"""

from __future__ import annotations

import base64
import io
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

import nbformat
from PIL import Image
from scrubbing_cases import SeededRandom, a_notebook, code, common_roster, markdown, shows, stream

from jupyter_social.core.notebooks import read_notebook
from jupyter_social.core.people import Identity
from jupyter_social.core.scrubbing import Scrubber

LIMIT = 0.8
ROUNDS = 15
AUTHOR = Identity("alice.smith", "Alicia Smithson", "alice.smith@uni.example.edu")
WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "for",
    "it",
    "as",
    "was",
    "with",
    "be",
    "by",
    "on",
    "not",
    "he",
    "his",
    "but",
    "at",
    "are",
    "this",
    "have",
    "from",
    "or",
    "had",
    "an",
    "they",
    "which",
    "one",
    "you",
    "were",
    "all",
    "her",
    "she",
    "there",
    "would",
    "their",
    "we",
    "him",
    "been",
    "has",
    "when",
    "who",
    "will",
    "no",
    "more",
    "if",
    "out",
    "so",
    "up",
    "said",
    "what",
    "its",
    "about",
    "than",
    "into",
    "them",
    "can",
    "only",
    "other",
    "time",
    "new",
    "some",
    "could",
    "these",
    "two",
    "may",
    "first",
    "then",
    "do",
    "any",
    "like",
    "my",
    "now",
    "over",
    "such",
    "our",
    "man",
    "me",
    "even",
    "most",
    "made",
    "after",
    "also",
    "well",
    "mark",
    "regression",
    "estimate",
    "variance",
    "sample",
    "model",
    "training",
    "gradient",
    "matrix",
    "vector",
    "kernel",
    "value",
    "Table",
]


def prose(rng: random.Random, size: int) -> str:
    words, length = [], 0
    while length < size:
        word = rng.choice(WORDS)
        if rng.random() < 0.0005:
            word = rng.choice(
                ["Alicia", "Alicia Smithson", "alice.smith", "/home/alice.smith/a.py"]
            )
        words.append(word + ("\n" if rng.random() < 0.07 else " "))
        length += len(word) + 1
    return "".join(words)


def table(rng: random.Random, size: int) -> str:
    rows, length = [], 0
    while length < size:
        cells = "".join(f"\n      <td>{rng.random() * 100:.6f}</td>" for _ in range(8))
        name = "Alicia Smithson" if rng.random() < 0.02 else rng.choice(WORDS)
        row = f'    <tr style="text-align: right;">\n      <th>{name}</th>{cells}\n    </tr>\n'
        rows.append(row)
        length += len(row)
    return f'<div>\n<table border="1" class="dataframe">\n{"".join(rows)}</table>\n</div>'


def drawing(rng: random.Random, size: int) -> str:
    parts, length = [], 0
    while length < size:
        points = " \nL ".join(
            f"{rng.random() * 400:.6f} {rng.random() * 300:.6f}" for _ in range(60)
        )
        label = "by Alicia Smithson" if not parts else "score of the model"
        part = (
            f'<g id="line2d_{len(parts)}"><path d="M {points}" clip-path="url(#p1a2b3c)" '
            'style="fill: none; stroke: #1f77b4; stroke-width: 1.5"/>'
            f"<text>{label}</text></g>\n"
        )
        parts.append(part)
        length += len(part)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" '
        'width="460" height="345" viewBox="0 0 460 345"><metadata><rdf:RDF><dc:date>2026-01-02'
        f"</dc:date></rdf:RDF></metadata>{''.join(parts)}</svg>"
    )


def picture(rng: random.Random, size: int) -> str:
    from PIL import PngImagePlugin

    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Alicia Smithson")
    side = int((size / 4) ** 0.5)
    image = Image.frombytes("RGB", (side, side), rng.randbytes(side * side * 3))
    out = io.BytesIO()
    image.save(out, "PNG", pnginfo=text)
    return base64.b64encode(out.getvalue()).decode("ascii")


def a_megabyte(seed: int) -> bytes:
    rng = random.Random(seed)
    cells = []
    for number in range(25):
        cells.append(markdown(prose(rng, 2_500)))
        outputs = [
            stream(prose(rng, 9_000)),
            shows("text/html", table(rng, 10_000)),
            shows("image/svg+xml", drawing(rng, 9_000)),
            shows("image/png", picture(rng, 8_000)),
        ]
        source = f"x_{number} = [{number}]\n" + "y = x + 1  # add\n" * 20
        if number % 5 == 0:
            source = f"# by Alicia Smithson\n{source}"
        cells.append(code(source, *outputs, count=number + 3))
    notebook = a_notebook(*cells, kernelspec={"name": "a", "display_name": "b"})
    return nbformat.writes(nbformat.from_dict(notebook)).encode()


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        return measured(Path(folder) / "source.ipynb", Path(folder) / "target.ipynb")


def measured(source: Path, target: Path) -> int:
    roster = [*common_roster(299), AUTHOR]
    scrubber = Scrubber(roster)
    ours: list[float] = []
    theirs: list[float] = []
    slow = False
    for authors in ([AUTHOR.username], None):
        ours.clear()
        theirs.clear()
        size = 0
        for turn in range(ROUNDS + 2):
            source.write_bytes(a_megabyte(turn))
            size = source.stat().st_size
            start = time.perf_counter()
            clean = scrubber.scrub(
                read_notebook(source.read_bytes()), authors=authors, random=SeededRandom(turn)
            ).data
            target.write_bytes(clean)
            ours.append(time.perf_counter() - start)
            start = time.perf_counter()
            nbformat.write(nbformat.read(source, as_version=4), target)
            theirs.append(time.perf_counter() - start)
            if any(name in clean.lower() for name in (b"alicia", b"smithson", b"alice.smith")):
                print("a name is left")
                return 1
        mine, other = statistics.median(ours[2:]), statistics.median(theirs[2:])
        who = "author known" if authors else "everybody a possible author"
        print(
            f"{size / 1e6:.2f} MB, roster of {len(roster)}, {who}: scrubbing {mine * 1e3:.1f} ms, "
            f"nbformat {other * 1e3:.1f} ms, ratio {mine / other:.2f} (limit {LIMIT})"
        )
        slow = slow or mine / other > LIMIT
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
