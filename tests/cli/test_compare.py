"""`parley compare`: the same draws in each game, differences with intervals, and who goes where."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.charts.changes import changes
from sim.charts.text import percent
from sim.cli import main
from sim.compare import compare, sides_of

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
    assert set(found["parties"]) == set(row["payoffs"]) == {"a", "b"}
    share = row["shares"]["agreement"]
    # Fearon (1995): the chance of a fight is (z* - lo) / (hi - lo), z* = (0.4 - cA) / 2; cA goes from 0.1 to 0.2
    assert share["low"] < 0.125 < share["high"]
    assert "end differently" in chart.read_text(encoding="utf-8")
    labels = changes(found, row).data[0]["node"]["label"]
    ends = [sum(draws for (_, end), draws in flows.items() if end == key) / 2000 for key in found["outcomes"]]
    assert [words.endswith(percent(end)) for words, end in zip(labels[2:], ends, strict=True)] == [True, True]


def kept(out: Path, *more: str, draws: int = 400) -> Path:
    """A run of the one-demand game on disk."""
    before = set(out.glob("*/run-*"))
    assert main(["run", FEARON, "-n", str(draws), "--workers", "1", "--out", str(out), "--no-report", "-q", *more]) == 0
    (folder,) = set(out.glob("*/run-*")) - before
    return folder


def compared(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What `compare --json` prints."""
    capsys.readouterr()
    assert main(["compare", *words, "--workers", "1", "--json", "-q"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


VARIANT = ("--set", "breakdown.flows.a=0.3")


def test_stored_runs_are_compared_as_their_scenarios_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two runs with one seed, or a run and a scenario, give to the last digit what the two games played here give."""
    base, other = kept(tmp_path), kept(tmp_path, *VARIANT)
    played = compared(capsys, FEARON, *VARIANT, "-n", "400")["rows"][0]
    for found in (compared(capsys, str(base), str(other)), compared(capsys, FEARON, str(other / "summary.json"))):
        assert (found["draws"], found["seed"]) == (400, 0)
        (row,) = found["rows"]
        assert {key: row[key] for key in played if key != "name"} == {
            key: played[key] for key in played if key != "name"
        }
        assert row["name"].endswith(f"{other.name} (breakdown.flows.a=0.3)")
    (row,) = compared(capsys, str(base), FEARON)["rows"]
    assert (row["changed"], row["paired"]) == (0.0, True)


def test_more_draws_on_one_side_leave_those_that_both_have(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Draws that only one run has are left out, and that is said: what is left is draw by draw the same chance."""
    base, longer = kept(tmp_path), kept(tmp_path, *VARIANT, draws=600)
    (row,) = compared(capsys, str(base), str(longer))["rows"]
    (same,) = compared(capsys, str(base), str(kept(tmp_path, *VARIANT)))["rows"]
    assert (row["draws"], row["draws_of_first"]) == (400, 400)
    assert "600 draws here, 400" in row["note"]
    assert (row["shares"], row["flows"]) == (same["shares"], same["flows"])


def test_runs_without_common_chance_count_as_independent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another seed: no draw is matched, the interval is Newcombe's for two shares, and no flow is drawn."""
    base, other = kept(tmp_path), kept(tmp_path, *VARIANT, "--seed", "5", draws=300)
    (row,) = compared(capsys, str(base), str(other))["rows"]
    assert (row["paired"], row["changed"], row["flows"]) == (False, None, [])
    assert "seed 5 here, 0 in" in row["why"]
    p, q = (json.loads((each / "summary.json").read_text())["outcomes"]["none"] for each in (base, other))
    low = q["probability"] - p["probability"] - math.hypot(q["probability"] - q["low"], p["high"] - p["probability"])
    assert row["shares"]["none"]["low"] == pytest.approx(low, abs=1e-12)
    assert row["shares"]["none"]["high"] - row["shares"]["none"]["low"] > 0.1
    (matched,) = compared(capsys, str(base), str(kept(tmp_path, *VARIANT)))["rows"]
    assert matched["shares"]["none"]["se"] < row["shares"]["none"]["se"]
    assert main(["compare", str(base), str(other), "--chart", str(tmp_path / "flow.html")]) == 2
    assert "no flow can be drawn" in capsys.readouterr().err


def test_runs_that_cannot_be_compared_are_a_sentence(
    example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged run (exit 7), other outcome classes, a sweep, an empty folder, a variant of a run: each says why."""
    base, other = kept(tmp_path, draws=20), kept(tmp_path, *VARIANT, draws=20)
    assert main(["compare", str(base), str(example)]) == 2
    assert "other outcome classes" in capsys.readouterr().err
    assert main(["compare", str(base), *VARIANT]) == 2
    assert "makes variants of a scenario" in capsys.readouterr().err
    assert main(["compare", str(base), str(tmp_path)]) == 2
    assert "holds no run" in capsys.readouterr().err
    assert main(["sweep", FEARON, "--vary", "breakdown.flows.a=0.2,0.3", "-n", "4", "-q", "--out", str(tmp_path)]) == 0
    (swept,) = tmp_path.glob("*/sweep-*")
    assert main(["compare", str(base), str(swept)]) == 2
    assert "is a sweep, not a run" in capsys.readouterr().err
    data = (other / "draws.parquet").read_bytes()
    (other / "draws.parquet").write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    assert main(["compare", str(base), str(other)]) == 7
    assert "draws.parquet is not what was written" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[FEARON], [FEARON, FEARON, "--set", "time.window=3"]])
def test_what_cannot_be_compared_is_a_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One scenario alone, or several with variants, is bad input."""
    assert main(["compare", *words]) == 2
    assert "compare two scenarios or runs or more" in capsys.readouterr().err


def test_games_with_other_classes_are_refused(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Draws of games with other classes cannot be matched."""
    assert main(["compare", FEARON, str(example), "-n", "10"]) == 2
    assert "other outcome classes" in capsys.readouterr().err


def test_very_many_draws_need_a_yes(capsys: pytest.CaptureFixture[str]) -> None:
    """All scenarios' draws count; stored runs are not played."""
    assert main(["compare", FEARON, *VARIANT, "-n", "10000000"]) == 8
    assert "20,000,000 draws" in capsys.readouterr().err


def test_progress_runs_over_all_scenarios() -> None:
    """What is told grows to the draws of both together."""
    told: list[int] = []
    game = sim.load(FEARON)
    compare(sides_of([("one", game), ("two", game)], 300, 0), 1, told.append)
    assert told == sorted(told)
    assert told[-1] == 600
