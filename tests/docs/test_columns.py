"""The page of commands says what each column of a run's table holds."""

from __future__ import annotations

import re
from pathlib import Path

import sim
from sim.rules.types import CAUSES, STATUSES
from tests.docs.pages import read
from tests.scenario import examples

SECTION = read("docs/cli.md").split("### Columns of `draws.parquet`")[1].split("\n## ")[0]
ROWS = [line.split(" | ")[0] for line in SECTION.splitlines() if line.startswith("| `")]
NAMES = [re.sub(r"<\w+>", ".+", name) for row in ROWS for name in re.findall(r"`([^`]+)`", row)]


def test_every_column_has_its_row(tmp_path: Path) -> None:
    """Each column of the full example's table is in the page, and each name in the page is a column of it."""
    path = examples.written(tmp_path, examples.FULL, "harbour-full")
    columns = sim.run(path, draws=2, workers=1).draws.column_names
    patterns = [re.compile(name) for name in NAMES]
    assert [name for name in columns if not any(each.fullmatch(name) for each in patterns)] == []
    assert [each.pattern for each in patterns if not any(map(each.fullmatch, columns))] == []


def test_codes_are_told_in_their_order() -> None:
    """Statuses and causes stand in the page in the order of their codes."""
    assert ", ".join(STATUSES) in SECTION
    assert ", ".join(CAUSES) in SECTION
