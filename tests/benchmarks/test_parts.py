"""What the benchmarks are made of: games of any size, documents, pages, processes; nothing is timed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks import apart, cold, cost, docs, drivers, machine, page
from benchmarks.__main__ import PARTS, main, part, runnable
from benchmarks.games import Size, game
from benchmarks.paths import FLAGSHIP
from sim.scenario import load
from sim.scenario.compile import compile_scenario

SPREAD = {"least": 1.0, "median": 2.0, "most": 3.0}


def figures() -> dict[str, Any]:
    """One made-up row of every part, in the form in which it is measured."""
    pair = {"seconds": SPREAD, "other_seconds": SPREAD, "ratio": SPREAD, "draws": 8}
    speeds = dict.fromkeys(drivers.SHOWN, SPREAD)
    ends = {"agreements": 1.0, "mean_round": 4.0}
    size = {"game": "g", "do": "run", "draws": 1000, "workers": 1, "keep": "all", "seconds": 1.0, "draws_per_s": 1000.0}
    domain = {"deals": 625, "draws": 9, "per_s": SPREAD, "rival_per_s": SPREAD, "ratio": SPREAD}
    row = {"command": "--help", "target": 0.25, "seconds": SPREAD, "processor_seconds": SPREAD, "ratio": SPREAD}
    parts: dict[str, dict[str, Any]] = {
        "drivers": {"scenario": "s", "variants": [{"name": "as it is", "strategies": ["bayesian"], **speeds}]},
        "rival": {"domains": [{**domain, "ends": ends, "rival_ends": ends}]},
        "limit": {"units": [{"name": "u", "title": "Unit", "difference": 0.0, **pair}]},
        "scaling": {"sizes": [{**size, "peak_bytes": 2**27, "disk_bytes": 2**20}], "cores": pair},
        "cost": {
            "base": Size()._asdict(),
            "draws": 8,
            "rows": [{"axis": "issues", "value": value, "us": SPREAD, "ratio": SPREAD} for value in (2, 4)],
        },
        "cold": {"rows": [row]},
    }
    parts = {name: {**found, "effort": "quick"} for name, found in parts.items()}
    return {"version": "0", "machine": machine.facts(), "effort": "quick", "ratios": {}, "parts": parts}


@pytest.mark.parametrize("name", PARTS)
def test_every_part_tells_its_figures(name: str) -> None:
    """Each part shows its median with its spread, and gives ratios with a direction for the baseline."""
    found = figures()["parts"][name]
    assert "2 (1 to 3)" in part(name).told(found)
    ratios = part(name).ratios(found)
    assert all(spread == SPREAD and isinstance(more, bool) for spread, more in ratios.values())
    assert all(key.startswith(f"{name} ") for key in ratios)
    assert ratios


def test_the_page_is_offline_and_names_every_chart() -> None:
    """The page holds a chart for every part, asks nothing of the network, and is the same for the same figures."""
    report = figures()
    shown = page.render(report)
    assert all(f'id="chart-{name}"' in shown for name in page.READING)
    assert "default-src 'none'" in shown
    assert "<script src" not in shown
    assert shown == page.render(report)


def test_tables_go_between_the_marks_alone(tmp_path: Path) -> None:
    """Tables replace what stands between their marks, twice as once, and nothing else of a page changes."""
    text = "# Page\n<!-- measured: cold -->\noutdated\n<!-- end -->\nkept\n<!-- measured: machine -->\n<!-- end -->\n"
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    docs.write(figures(), (path,))
    once = path.read_text(encoding="utf-8")
    docs.write(figures(), (path,))
    assert path.read_text(encoding="utf-8") == once
    assert "parley --help" in once
    assert "outdated" not in once
    assert once.startswith("# Page\n<!-- measured: cold -->")
    assert "<!-- end -->\nkept\n" in once


def test_the_documents_keep_a_place_for_every_part() -> None:
    """Each part has its mark in one of the documents at least, so that no figure need be typed."""
    pages = "".join(path.read_text(encoding="utf-8") for path in docs.PAGES)
    assert [name for name in (*PARTS, "machine") if docs.BEGIN.format(name) not in pages] == []
    assert pages.count("<!-- measured: ") == pages.count(docs.END)


@pytest.mark.parametrize("axis", cost.AXES)
def test_games_have_the_size_they_are_asked_for(axis: str) -> None:
    """Both ends of every axis compile to a game of just that size, and the short version measures some of them."""
    assert set(cost.FEWER[axis]) <= set(cost.AXES[axis])
    for value in (cost.AXES[axis][0], cost.AXES[axis][-1]):
        size = cost.BASE._replace(**{axis: value})
        layout = game(size).layout
        assert len(layout.issues) == size.issues
        assert {issue.levels for issue in layout.issues} == {size.levels}
        assert (len(layout.variables), len(layout.moves), layout.steps) == (size.variables, size.moves, size.steps)
        assert layout.protocol == size.protocol
        assert {side.offers for side in layout.strategies} == {size.strategy}
        assert any(layout.audiences) == size.audience


def test_the_flagship_can_go_by_the_clock() -> None:
    """The overrides that make both sides of the flagship go by the clock do so, and change nothing else."""
    sets = drivers.variants(FLAGSHIP)
    plain, clock = (compile_scenario(load(FLAGSHIP, sets[name])).layout for name in ("as it is", "time_dependent"))
    assert {side.offers for side in clock.strategies} == {"time_dependent"}
    assert {side.accepts for side in clock.strategies} == {"aspiration"}
    assert (clock.issues, clock.moves, clock.effects) == (plain.issues, plain.moves, plain.effects)


def test_a_task_runs_in_a_process_of_its_own() -> None:
    """A task that is measured apart plays the draws it is asked for, and its memory is seen."""
    size = Size(issues=1, levels=2, variables=0, moves=0, steps=1, audience=False)
    found = apart.measured({"do": "play", "scenario": size._asdict(), "draws": 10, "workers": 1, "keep": "outcomes"})
    assert found["peak_bytes"] > 2**20
    assert found["row_bytes"] < 64
    assert machine.used_by(os.getpid()) > 2**20


def test_every_command_from_nothing_is_one_that_works() -> None:
    """The commands that are timed exist, and those with a target are among them; a failing one is no figure."""
    assert set(cold.TARGETS) <= set(cold.COMMANDS)
    assert set(cold.FEWER) <= set(cold.COMMANDS)
    assert cold.once((*cold.PARLEY, "--version"))[0] > 0
    with pytest.raises(RuntimeError, match="ended with 2"):
        cold.once((*cold.PARLEY, "no-such-command"))


def test_a_part_without_its_library_is_left_out_or_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without numba or NegMAS the other parts are measured; asked for by name the two are bad input with a way out."""
    monkeypatch.setattr("benchmarks.__main__.find_spec", lambda _: None)
    assert list(runnable(PARTS, named=False)) == ["drivers", "scaling", "cost", "cold"]
    assert main(["limit", "--out", str(tmp_path / "latest.json")]) == 2
    assert "pip install" in capsys.readouterr().err


def test_figures_read_back_are_shown_and_not_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--read` shows stored figures again, and `--baseline` keeps ratios and facts alone."""
    stored = tmp_path / "stored.json"
    stored.write_text(json.dumps(figures()), encoding="utf-8")
    base = tmp_path / "base.json"
    assert main(["--read", str(stored), "--out", str(tmp_path / "latest.json"), "--baseline", str(base)]) == 0
    assert "parley --help" in capsys.readouterr().out
    assert set(json.loads(base.read_text(encoding="utf-8"))) == {"machine", "effort", "ratios"}
