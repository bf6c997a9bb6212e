"""Courses at each stage of a round."""

from __future__ import annotations

from pathlib import Path

import pytest
import whole_round


@pytest.fixture
def new_course(tmp_path: Path) -> Path:
    return whole_round.make(tmp_path / "round")


@pytest.fixture
def in_submission(new_course: Path) -> Path:
    return whole_round.handed_in(new_course)


@pytest.fixture
def in_review(new_course: Path) -> Path:
    return whole_round.in_review(new_course)


@pytest.fixture
def reviewed(new_course: Path) -> Path:
    return whole_round.reviewed(new_course)


@pytest.fixture
def released(new_course: Path) -> Path:
    return whole_round.released(new_course)
