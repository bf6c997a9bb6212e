"""How long the page of a notebook takes, against the libraries' work on its parts.

A scrubbed notebook of a megabyte is shown as a page; and, in turns in one process, its bytes are
read by `json`, its Markdown rendered by markdown-it and its code highlighted by Pygments. Prints
the medians and their ratio; exit 1 if it is above the limit.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from bench_scrubbing import AUTHOR, a_megabyte
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from scrubbing_cases import SeededRandom, common_roster

from jupyter_social.core.notebooks import read_notebook
from jupyter_social.core.pages import notebook_page
from jupyter_social.core.scrubbing import Scrubber

LIMIT = 2.0
ROUNDS = 15
WARM = 3


class Libraries:
    """What has to be done at the least, each part by the library for it."""

    def __init__(self) -> None:
        self._markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        self._lexer, self._formatter = PythonLexer(), HtmlFormatter()

    def work(self, data: bytes) -> None:
        for cell in json.loads(data)["cells"]:
            if cell["cell_type"] == "markdown":
                self._markdown.render(cell["source"])
            elif cell["cell_type"] == "code":
                highlight(cell["source"], self._lexer, self._formatter)


def main() -> int:
    scrubber = Scrubber([*common_roster(299), AUTHOR])
    libraries = Libraries()
    ours: list[float] = []
    theirs: list[float] = []
    size = shown = 0
    for turn in range(ROUNDS + WARM):
        scrubbed = scrubber.scrub(
            read_notebook(a_megabyte(turn)), authors=[AUTHOR.username], random=SeededRandom(turn)
        )
        start = time.perf_counter()
        page = notebook_page(scrubbed.content, title="Problem set 1")
        ours.append(time.perf_counter() - start)
        size, shown = len(scrubbed.data), len(page)
        start = time.perf_counter()
        libraries.work(scrubbed.data)
        theirs.append(time.perf_counter() - start)
    mine, other = statistics.median(ours[WARM:]), statistics.median(theirs[WARM:])
    print(
        f"page of {size / 1e6:.2f} MB ({shown / 1e6:.2f} MB of HTML): {mine * 1e3:.1f} ms, "
        f"libraries {other * 1e3:.1f} ms, ratio {mine / other:.2f} (limit {LIMIT})"
    )
    return int(mine / other > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
