"""Whoever reviews or is reviewed sees the same bytes, whoever the others are."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from nightly import FACTOR
from worlds import Secret, World, a_world, differences, student_operations

PAIRS = 3 * FACTOR


def played(folder: Path, secret: Secret, url: str = "") -> tuple[World, list[object]]:
    with a_world(folder / "course", url or f"sqlite:///{folder}/state/course.db", secret) as world:
        world.play()
        return world, world.pairs()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, list[object]]:
    return played(tmp_path_factory.mktemp("plain"), Secret.plain())


@pytest.mark.parametrize("seed", range(PAIRS))
def test_nobody_can_tell_who_wrote_what(
    tmp_path: Path, plain: tuple[World, list[object]], seed: int
) -> None:
    world, pairs = played(tmp_path, Secret.drawn(random.Random(seed)))
    assert differences(plain[0].seen, world.seen) == []
    assert pairs != plain[1], "the worlds differ, as staff see who reveal"


def test_every_operation_of_a_student_was_seen_to_work(
    plain: tuple[World, list[object]],
) -> None:
    assert plain[0].seen.succeeded == student_operations().keys()
