"""Fixtures for whole classes. They take a while to make, so each is made once for all tests."""

import shutil
from pathlib import Path

import pytest
from quickstart_class import build


@pytest.fixture(scope="session")
def quickstart_class(tmp_path_factory) -> Path:
    """The root of the quickstart course with twelve hand-ins. Read it; to change it, copy it."""
    return build(tmp_path_factory.mktemp("quickstart"))


@pytest.fixture
def quickstart_class_copy(quickstart_class, tmp_path) -> Path:
    """A copy of the quickstart course that a test may change."""
    return Path(shutil.copytree(quickstart_class, tmp_path / quickstart_class.name))
