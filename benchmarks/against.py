"""What became slower than a baseline: ratios alone are compared, since seconds belong to a machine and an hour."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.figures import Spread, short

BEYOND = 0.10  # less than this part of a median is never called a change


class Change(NamedTuple):
    """A ratio that lies outside the spread of the baseline's."""

    name: str
    before: Spread
    now: Spread
    slower: bool

    def __str__(self) -> str:
        """Return the change as a line."""
        word = "slower" if self.slower else "faster"
        factor = max(self.now.median, self.before.median) / max(min(self.now.median, self.before.median), 1e-300)
        return f"{word} by {short(factor)}: {self.name}: {self.before}, now {self.now}"


def baseline_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a report is kept to hold a later one against: ratios and the machine's facts."""
    return {"machine": report["machine"], "effort": report["effort"], "ratios": report["ratios"]}


def changes(baseline: Mapping[str, Any], report: Mapping[str, Any]) -> list[Change]:
    """Return every ratio that both hold and that changed beyond both spreads, and by a tenth at least; slower first.

    A ratio is slower where it fell and more of it is better, or rose and less of it is better.
    """
    found = []
    for name, row in report["ratios"].items():
        if name not in baseline["ratios"]:
            continue
        before, now = spread(baseline["ratios"][name]), spread(row)
        apart = now.least > before.most or now.most < before.least
        if apart and abs(now.median - before.median) > BEYOND * before.median:
            found.append(Change(name, before, now, slower=(now.median < before.median) == row["more_is_better"]))
    return sorted(found, key=lambda change: (not change.slower, change.name))


def spread(row: Mapping[str, Any]) -> Spread:
    """Return the spread in a row of ratios."""
    return Spread(row["least"], row["median"], row["most"])


def told(baseline: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """Return what changed, in words; which machine and effort the baseline is of where these differ."""
    found = changes(baseline, report)
    common = len(set(baseline["ratios"]) & set(report["ratios"]))
    lines = [f"  {change}" for change in found]
    lines.append(f"  {common} ratios compared, {sum(change.slower for change in found)} slower")
    if baseline["machine"]["processor"] != report["machine"]["processor"]:
        lines.append(f"  the baseline is of another processor: {baseline['machine']['processor']}")
    if baseline["effort"] != report["effort"]:
        lines.append(f"  the baseline is of another effort: {baseline['effort']}")
    return "\n".join(lines)


def read(path: Path) -> dict[str, Any]:
    """Return a baseline from its file; ValueError with a sentence where it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        for row in found["ratios"].values():
            Spread(row["least"], row["median"], row["most"])
        found["machine"]["processor"], found["effort"]
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no baseline; write one with --baseline {path}") from error
    return dict(found)
