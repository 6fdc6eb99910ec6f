"""Fixtures that every test may use, and the table of what the promises' tests counted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenario import examples

FULL = os.environ.get("PARLEY_PROMISES") == "full"
REACHED: dict[int, list[str]] = {}


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The path of a small neutral scenario, in a folder of its own."""
    shelf = tmp_path.parent / f"{tmp_path.name}-shelf"
    shelf.mkdir()
    return examples.written(shelf)


@pytest.fixture
def full() -> bool:
    """Whether the full counts are wanted (`make promises`) rather than the small ones of every day."""
    return FULL


@pytest.fixture
def reached() -> Callable[[int, str], None]:
    """A function that notes, for a promise by number, the figure a test reached."""

    def note(promise: int, figure: str) -> None:
        REACHED.setdefault(promise, []).append(figure)

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures reached, one line for each promise, when the full counts ran."""
    if FULL:
        terminalreporter.section("figures reached")
        for promise in sorted(REACHED):
            terminalreporter.write_line(f"{promise:>3}  {'; '.join(REACHED[promise])}")
