"""The history of a draw says what the agents, playing the same draw, are seen to do."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

import sim
from sim.agents import Bargain, told
from sim.batch import games
from sim.chronicle import ENDINGS, WORDS, dated
from sim.rules.types import STATUSES, status_of
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from tests.scenario import examples

FLAGSHIP = Path(__file__).parents[1] / "scenarios" / "khmeimim-tartus-2024.yaml"
TOLD = {"breach": "breach", "reopening": "reopened", "expiry": "expired", "revoked": "revoked"}


class Watched(Bargain):
    """A bargain that keeps its status after every step."""

    def step(self) -> None:
        """Play a step and look."""
        super().step()
        self.statuses = [*getattr(self, "statuses", []), STATUSES[int(status_of(self.state)[0])]]


def seen(game: Compiled, draw: int) -> str:
    """The history that the states of the Mesa model and its told events come to."""
    model = Watched(game, 0, draw)
    events = told(model, 0, draw)["events"]
    ended = {event["step"]: TOLD[event["kind"]] for event in events if event["kind"] in TOLD}
    words, now = ["talks@0"], "talks"
    for t, after in enumerate(model.statuses):
        words += [f"{ended[t]}@{t}"] if t in ended else []
        words += [f"{after}@{t}"] if after != now else []
        now = after
    return " ".join(words)


def test_a_history_is_what_the_agents_do(tmp_path: Path) -> None:
    """Draw by draw the stored history equals the Mesa model's statuses and what its trace tells of endings."""
    words: set[str] = set()
    for path, draws in ((examples.written(tmp_path, examples.FULL, "harbour-full"), 12), (FLAGSHIP, 6)):
        game, run = compile_scenario(load(path)), sim.run(path, draws=draws, workers=1, out=tmp_path, report=False)
        assert run.folder is not None
        stored = pq.read_table(run.folder / "draws.parquet")["history"].to_pylist()
        assert stored == run.draws["history"].to_pylist() == [seen(game, draw) for draw in range(draws)]
        words |= {word.split("@")[0] for line in stored for word in line.split()}
    assert {"talks", "interim", "agreement", "exit", "breach", "reopened", "expired"} <= words <= set(WORDS)


def test_a_history_agrees_with_the_other_columns(tmp_path: Path) -> None:
    """The first agreement, the first deal's end, the count of breaches and the last status are the columns' own."""
    draws = sim.run(examples.written(tmp_path, examples.FULL, "harbour-full"), draws=300, workers=1).draws
    ended = 0
    for row in draws.to_pylist():
        turns = [word.split("@") for word in row["history"].split()]
        agreed = [int(step) for what, step in turns if what == "agreement"]
        assert row["agreed_step"] == (agreed[0] if agreed else -1)
        assert sum(what == "breach" for what, _ in turns) == row["breaches"]
        assert [what for what, _ in turns if what in STATUSES][-1] == STATUSES[row["status"]]
        if row["ended_step"] >= 0 and row["ended_how"] < 3:
            ended += 1
            assert (ENDINGS[row["ended_how"]], str(row["ended_step"])) in [(what, step) for what, step in turns]
    assert ended


def test_turns_have_dates(tmp_path: Path) -> None:
    """A history from Python is in calendar order, and a step's turns are dated by its end."""
    run = sim.run(examples.written(tmp_path, examples.FULL, "harbour-full"), draws=5, workers=1)
    dates = run.summary["time"]["dates"]
    for draw in range(5):
        first, *later = run.history(draw)
        assert first == (0, dates[0], "talks")
        assert [turn.date for turn in later] == [dates[turn.step + 1] for turn in later]
        assert [turn.step for turn in later] == sorted(turn.step for turn in later)
    assert dated("talks@0", dates) == [(0, dates[0], "talks")]
    with pytest.raises(IndexError):
        run.history(5)
    few = sim.run(tmp_path / "harbour-full.yaml", draws=5, workers=1, keep="outcomes")
    with pytest.raises(ValueError, match="keeps all columns"):
        few.history(0)


def test_sweeps_keep_no_histories() -> None:
    """A sweep's tables leave the text out: seed and model say it again."""
    assert "history".startswith(games.LEFT_OUT)
