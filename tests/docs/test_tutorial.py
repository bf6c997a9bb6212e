"""The tutorial does what it says: its shell blocks are run in order, and their output compared.

A block marked `shell` is run in the folder in which the one before it ended, and must succeed. A
`text` block right below it is what it prints: `…` in a line stands for anything, alone on a line
for any number of lines; empty lines, the ruled lines of tables and the number of blanks do not
count.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from documents import DOCS, ROOT, Block, blocks

TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
RULE = re.compile(r"[─━\s]*")


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_the_tutorial_does_what_it_says(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "anywhere"
    folder.mkdir()
    printed: str | None = None
    ran = 0
    for block in blocks(page):
        if block.language == "shell":
            printed, folder = run(block, folder, home=tmp_path)
            ran += 1
        elif block.language == "text" and printed is not None and block.follows_directly:
            assert matches(block.text, printed), (
                f"{page.name}:{block.line} should print\n{block.text}\nbut prints\n{printed}"
            )
            printed = None
    assert ran, f"{page.name} has nothing to run"
    assert not (ROOT / "my-course").exists()


def test_the_commands_of_the_readme_work_as_they_stand(tmp_path: Path) -> None:
    _, by_hand = (block for block in blocks(ROOT / "README.md") if block.language == "sh")
    activate, handing_in = ". .venv/bin/activate\n", "# Here your students hand in"
    assert activate in by_hand.text
    assert handing_in in by_hand.text
    students = "for s in e.ejemplo m.mfano p.przyklad x.exemple; do"
    text = by_hand.text.replace(activate, "").replace(
        handing_in,
        f"{students} mkdir -p submitted/$s; cp -r source/ps1 submitted/$s/; done\n{handing_in}",
    )
    printed, _ = run(replace(by_hand, text=text), tmp_path, home=tmp_path)
    assert printed.rstrip().endswith("The assignment is proven: 1 run replayed, all as stored.")


def test_another_output_would_be_found() -> None:
    assert matches("a  b\n…\nlast\n", "a b\n ────\n\nanything\nlast\n")
    assert matches("seed 7, inputs …, result … (run 1)", "seed 7, inputs ab, result cd (run 1)\n")
    assert not matches("a\nlast\n", "a\nanything\nlast\n")
    assert not matches("6 hand-ins\n", "5 hand-ins\n")
    assert not matches("first\n", "first\nsecond\n")
    assert matches("…\nfirst\n", "first\n")


def run(block: Block, folder: Path, *, home: Path) -> tuple[str, Path]:
    """Run one block; return what it printed and the folder in which it ended."""
    ended = home / "ended-in"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("JUPYTER_")},
        "HOME": str(home),
        "JUPYTER_NO_CONFIG": "1",
        "LC_ALL": "C.UTF-8",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", f'{block.text}\npwd > "{ended}"'],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{block.page.name}:{block.line} failed:\n{done.stdout}"
    return done.stdout, Path(ended.read_text(encoding="utf-8").strip())


def matches(shown: str, printed: str) -> bool:
    """Whether what was printed is what is shown."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else ".*?".join(map(re.escape, line.split("…"))) + r"\n"
        for line in normal(shown)
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in normal(printed))) is not None


def normal(text: str) -> list[str]:
    """Return the lines with single blanks, without empty and ruled ones."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if not RULE.fullmatch(line)]
