"""`parley compare`: the same draws in each game, differences with intervals, and who goes where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.charts.changes import changes
from sim.charts.text import percent
from sim.cli import main

FEARON = str(Path(__file__).resolve().parents[2] / "scenarios" / "textbook" / "fearon-ultimatum.yaml")


def test_a_variant_is_compared_draw_by_draw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A side that loses more by fighting asks for less: some draws go from refusal to a deal and none goes back."""
    chart = tmp_path / "flow.html"
    variant = "breakdown.flows.a=0.3"
    arguments = ["compare", FEARON, "--set", variant, "-n", "2000", "--workers", "1", "--chart", str(chart), "-q"]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (row,) = found["rows"]
    flows = {(flow["start"], flow["end"]): flow["draws"] for flow in row["flows"]}
    assert sum(flows.values()) == 2000
    assert flows["none", "agreement"] == round(row["changed"] * 2000) > 0
    assert ("agreement", "none") not in flows
    share = row["shares"]["agreement"]
    # Fearon (1995): the chance of a fight is (z* - lo) / (hi - lo), z* = (0.4 - cA) / 2; cA goes from 0.1 to 0.2
    assert share["low"] < 0.125 < share["high"]
    assert "end differently" in chart.read_text(encoding="utf-8")
    labels = changes(found, row).data[0]["node"]["label"]
    ends = [sum(draws for (_, end), draws in flows.items() if end == key) / 2000 for key in found["outcomes"]]
    assert [words.endswith(percent(end)) for words, end in zip(labels[2:], ends, strict=True)] == [True, True]


@pytest.mark.parametrize("words", [[FEARON], [FEARON, FEARON, "--set", "time.window=3"]])
def test_what_cannot_be_compared_is_a_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One scenario alone, or several with variants, is bad input."""
    assert main(["compare", *words]) == 2
    assert "compare two scenarios or more" in capsys.readouterr().err


def test_games_with_other_classes_are_refused(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Draws of games with other classes cannot be matched."""
    assert main(["compare", FEARON, str(example), "-n", "10"]) == 2
    assert "other outcome classes" in capsys.readouterr().err
