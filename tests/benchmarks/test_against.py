"""A baseline tells what became slower, on made-up figures: no test measures a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import against
from benchmarks.__main__ import main

FACTS = {"processor": "a machine"}


def ratio(least: float, median: float, most: float, *, more: bool) -> dict[str, Any]:
    """A ratio with its spread."""
    return {"least": least, "median": median, "most": most, "more_is_better": more}


def report(**ratios: dict[str, Any]) -> dict[str, Any]:
    """A report that holds nothing but ratios."""
    return {"version": "0", "machine": FACTS, "effort": "normal", "ratios": ratios, "parts": {}}


BEFORE = report(peer=ratio(90, 100, 110, more=True), limit=ratio(1.9, 2.0, 2.1, more=False))


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ({"peer": ratio(95, 104, 112, more=True)}, []),
        ({"peer": ratio(60, 80, 95, more=True)}, []),  # the spreads meet
        ({"peer": ratio(60, 70, 80, more=True)}, [("peer", True)]),
        ({"peer": ratio(150, 160, 170, more=True)}, [("peer", False)]),
        ({"limit": ratio(2.11, 2.12, 2.13, more=False)}, []),  # beyond the spread, by less than a tenth
        ({"limit": ratio(2.5, 3.0, 3.5, more=False)}, [("limit", True)]),
        ({"limit": ratio(1.0, 1.1, 1.2, more=False)}, [("limit", False)]),
        ({"new": ratio(1, 1, 1, more=True)}, []),
        (
            {"limit": ratio(1.0, 1.1, 1.2, more=False), "peer": ratio(60, 70, 80, more=True)},
            [("peer", True), ("limit", False)],
        ),
    ],
)
def test_only_what_lies_beyond_the_spread_has_changed(
    now: dict[str, dict[str, Any]], found: list[tuple[str, bool]]
) -> None:
    """A ratio changed where the spreads do not meet and medians differ by a tenth; slower is said by its direction."""
    changed = against.changes(against.baseline_of(BEFORE), report(**now))
    assert [(change.name, change.slower) for change in changed] == found


def stored(path: Path, value: Any) -> Path:
    """Write a value as JSON."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


@pytest.mark.parametrize(("median", "code"), [(100.0, 0), (50.0, 1)])
def test_the_exit_code_says_whether_anything_became_slower(
    median: float, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--against` ends with 1 where a ratio fell behind the baseline, and names it."""
    base = stored(tmp_path / "baseline.json", against.baseline_of(BEFORE))
    now = stored(tmp_path / "now.json", report(peer=ratio(median - 1, median, median + 1, more=True)))
    assert main(["--read", str(now), "--against", str(base), "--out", str(tmp_path / "out" / "latest.json")]) == code
    said = capsys.readouterr().out
    assert "1 ratios compared" in said
    assert ("slower by 2: peer: 100 (90 to 110), now 50 (49 to 51)" in said) == bool(code)
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.parametrize("text", ["{}", "[]", "nonsense", '{"ratios": {"a": {}}}'])
def test_what_is_no_baseline_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that holds no baseline is bad input, said in one sentence that names it."""
    path = tmp_path / "odd.json"
    path.write_text(text, encoding="utf-8")
    assert main(["--read", str(path), "--against", str(path)]) == 2
    assert str(path) in capsys.readouterr().err
    assert main(["--read", str(path)]) == 2
    assert f"{path} holds no figures" in capsys.readouterr().err


def test_the_committed_baseline_can_be_read() -> None:
    """The baseline in the repository holds a ratio of every part, and no figure that belongs to one machine alone."""
    found = against.read(Path(__file__).resolve().parents[2] / "benchmarks" / "baseline.json")
    parts = {name.split()[0] for name in found["ratios"]}
    assert parts == {"drivers", "rival", "limit", "scaling", "cost", "cold"}
    assert set(found) == {"machine", "effort", "ratios"}
