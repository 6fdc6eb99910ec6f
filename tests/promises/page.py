"""Writes the figures that the promises' tests reached into docs/promises.md."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|.*$", re.MULTILINE)
MANY = 4  # figures beyond these are counted


def note(page: Path, figures: Mapping[int, Sequence[str]]) -> None:
    """Replace the figures of each promise that some test counted; the other rows stay as they are."""

    def row(found: re.Match[str]) -> str:
        number = int(found[1])
        if number not in figures:
            return found[0]
        return f"| {number} | {found[2]} | {found[3]} | {told(figures[number])} |"

    page.write_text(ROW.sub(row, page.read_text(encoding="utf-8")), encoding="utf-8")


def told(figures: Sequence[str]) -> str:
    """Return figures in a sentence, the first of many."""
    shown = [figure.replace("|", "/") for figure in figures]
    rest = f"; and {len(shown) - MANY} more" if len(shown) > MANY + 1 else ""
    return "; ".join(shown[:MANY] if rest else shown) + rest
