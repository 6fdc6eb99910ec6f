"""Fixtures that every test may use, and the table of what the promises' tests counted."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.promises import page as promises
from tests.scenario import examples

FULL = os.environ.get("PARLEY_PROMISES") == "full"
PROMISE = "promise"


def pytest_configure() -> None:
    """Hear an interrupt as at a terminal: a command in a shell's background is deaf to it, and hands that on."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, so that at the end no process waits long for another."""
    items.sort(key=lambda item: item.path.stem != "test_parity")


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
def reached(record_property: Callable[[str, object], None]) -> Callable[[int, str], None]:
    """A function that notes, for a promise by number, the figure a test reached."""
    return lambda promise, figure: record_property(PROMISE, (promise, figure))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures reached, a line for each promise, when the full counts ran; and note them in the page."""
    if not FULL:
        return
    figures: dict[int, list[str]] = {}
    for report in terminalreporter.stats.get("passed", []):
        for name, (promise, figure) in report.user_properties:
            if name == PROMISE:
                figures.setdefault(promise, []).append(figure)
    terminalreporter.section("figures reached")
    for promise in sorted(figures):
        terminalreporter.write_line(f"{promise:>3}  {'; '.join(figures[promise])}")
    if page := os.environ.get("PARLEY_PROMISES_PAGE"):
        promises.note(Path(page), figures)
