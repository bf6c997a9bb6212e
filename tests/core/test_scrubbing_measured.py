"""The measured promise on whole notebooks, planted with their authors' identifiers."""

from __future__ import annotations

from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"


def test_no_identifier_is_missed_and_hardly_a_word_changed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing missed, at most 0.1 % of words changed wrongly, all valid, code equal."""
    monkeypatch.syspath_prepend(str(BENCH))
    from measure_scrubbing import main  # type: ignore[import-not-found]

    assert main([]) == 0
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if " | " in line]
    measured = {row[0].strip("| "): row for row in rows}
    assert {"nbgrader", "written for this"} <= measured.keys()
    assert all(int(measured[name][3]) > 1000 for name in ("nbgrader", "written for this"))
