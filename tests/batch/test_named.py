"""Sweeps that a scenario holds under a name are checked with it, and are played as if written on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario import ScenarioError, load
from sim.scenario.axes import DesignError
from sim.scenario.hashes import model_hash, text_hash
from sim.sweep import plan, sweep

ROOT = Path(__file__).resolve().parent.parent.parent
FEARON = ROOT / "scenarios" / "textbook" / "fearon-ultimatum.yaml"
COST = "breakdown.flows.a"


def held(tmp_path: Path, *lines: str) -> Path:
    """The one-demand game with other sweeps."""
    path = tmp_path / FEARON.name
    path.write_text("\n".join([FEARON.read_text(encoding="utf-8").split("\nsweeps:")[0], *lines]), encoding="utf-8")
    return path


def of(*vary: str, more: str = "") -> list[str]:
    """The lines of one sweep, `costs`."""
    return ["sweeps:", "  - id: costs", "    vary:", *(f"      - {each}" for each in vary), more]


def test_a_named_sweep_is_what_its_options_are(tmp_path: Path) -> None:
    """The sweep of a scenario lays out the points, and plays the draws, that the same options would."""
    path = held(tmp_path, *of(f"{COST}=0.2:0.4:3", "breakdown.flows.b=0.2,0.3", more="    draws: 60"))
    named = plan(path, name="costs")
    typed = plan(path, [f"{COST}=0.2:0.4:3", "breakdown.flows.b=0.2,0.3"], draws=60)
    assert list(named.design) == list(typed.design)
    a, b = sweep(named, tmp_path / "out"), sweep(typed, tmp_path / "out")
    assert a.folder.name == "sweep-costs"
    assert a.summary["rows"] == b.summary["rows"]
    assert {row["state"] for row in a.summary["rows"]} == {"done"}


def test_a_named_sweep_is_extended_by_options(tmp_path: Path) -> None:
    """Draws and points on the command line come before those of the scenario; other defaults stay."""
    path = held(tmp_path, *of("breakdown.flows.b=0.2:0.4", more="    design: sobol\n    points: 4"))
    assert (plan(path, name="costs").design.size, plan(path, name="costs").draws) == (4, 2000)
    larger = plan(path, name="costs", points=8, draws=30)
    assert (larger.design.kind, larger.design.size, larger.draws) == ("sobol", 8, 30)


def test_sweeps_change_no_number(tmp_path: Path) -> None:
    """The model's hash is the same with and without them; the hash of texts is not."""
    (tmp_path / "a").mkdir()
    without, with_some = load(held(tmp_path / "a")), load(held(tmp_path, *of(f"{COST}=0.2,0.3")))
    assert model_hash(without) == model_hash(with_some)
    assert text_hash(without) != text_hash(with_some)


@pytest.mark.parametrize(
    ("lines", "place", "words"),
    [
        (of(f"{COST}=0.2,0.3", "breakdown.flow.b=0.1,0.2"), (5, 9), "did you mean `breakdown.flows.b`?"),
        (of("breakdown.flows.a"), (4, 9), "has no distribution of its own"),
        (of(f"{COST}=0.3:0.2:3"), (4, 9), "the first must be the smaller"),
        (of(f"{COST}=0.2,0.3", f"{COST}=0.4,0.5"), (5, 9), "is varied twice"),
        (of("moves.storm=on,off"), (4, 9), "there is no `moves.storm` to switch"),
        (of(f"{COST}=0.2,0.3", more="    points: 3"), (2, 5), "a grid has as many points as its axes make"),
        (of(f"{COST}=0.2,0.3", more="    desing: lhs"), (5, 5), "did you mean `design`?"),
        ([*of(f"{COST}=0.2,0.3"), *of(f"{COST}=0.2,0.3")[1:]], (6, 9), "costs"),
    ],
)
def test_a_wrong_sweep_is_a_fault_with_its_place(
    tmp_path: Path, lines: list[str], place: tuple[int, int], words: str
) -> None:
    """A path that leads nowhere, a range that cannot be read, and a design that cannot be, each where it stands."""
    path = held(tmp_path, *lines)
    with pytest.raises(ScenarioError) as caught:
        load(path)
    (fault,) = caught.value.faults
    first = path.read_text(encoding="utf-8").split("\n").index("sweeps:") + 1
    assert words in fault.sentence
    assert (fault.line - first + 1, fault.column) == place


def test_an_override_may_fix_what_a_sweep_varies(tmp_path: Path) -> None:
    """A run with `--set` is not refused for a sweep that it does not play; the sweep itself is."""
    path = held(tmp_path, *of(f"{COST}", more=""))
    text = path.read_text(encoding="utf-8").replace("a: {value: 0.4, ", "a: {uniform: [0.3, 0.5], ")
    path.write_text(text, encoding="utf-8")
    assert plan(path, name="costs").design.size == 5
    assert load(path, [f"{COST}=0.4"]).sweeps[0].id == "costs"
    with pytest.raises(DesignError, match="fixed number"):
        plan(path, name="costs", sets=[f"{COST}=0.4"])


def test_an_unknown_name_is_refused_with_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that the scenario does not hold, with nothing varied, is bad input; so is one that is asked twice."""
    out = ["--out", str(tmp_path)]
    assert main(["sweep", str(FEARON), "--name", "costs-of-wor", *out]) == 2
    assert "did you mean `costs-of-war`?" in " ".join(capsys.readouterr().err.split())
    assert main(["sweep", str(FEARON), "--name", "costs-of-war", "--vary", f"{COST}=0.2,0.3", *out]) == 2
    assert "take another --name" in " ".join(capsys.readouterr().err.split())
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["textbook/fearon-ultimatum", "khmeimim-tartus-2026"])
def test_the_sweeps_that_come_with_parley_can_be_played(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every shipped sweep lays out, its first and last points are games, and `check` names it."""
    from sim.batch.games import scenario_of

    path = ROOT / "scenarios" / f"{name}.yaml"
    for each in load(path).sweeps:
        planned = plan(path, name=each.id)
        points = list(planned.design)
        for point in (points[0], points[-1]):
            assert model_hash(scenario_of(planned.job, point)) != planned.job.key
        assert main(["check", str(path)]) == 0
        assert each.id in capsys.readouterr().out
