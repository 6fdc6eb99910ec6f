"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenario import examples


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The path of a small neutral scenario, in a folder of its own."""
    shelf = tmp_path.parent / f"{tmp_path.name}-shelf"
    shelf.mkdir()
    return examples.written(shelf)
