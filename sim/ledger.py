"""The ledger of a batch: a column per quantity, a row per draw, and counts over time.

The driver enters what it sees after every step; nothing here is read by the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.chronicle import Chronicle
from sim.episodes import FirstDeals, Posteriors, alternatives, binned, stages, transitions
from sim.rules.trees import each
from sim.rules.types import (
    CAUSES,
    DEADLINE,
    EXIT,
    HISTORY,
    STATUSES,
    TALKS,
    F,
    I,
    Params,
    Plan,
    Record,
    State,
    status_of,
)

if TYPE_CHECKING:
    from sim.rules.layout import Layout
    from sim.scenario.compile import Compiled

BINS = 64
# Columns that a run may leave out: uncertain numbers can be drawn again, the rest played again, by seed and number.
CAN_BE_REPEATED = (
    *("leaf.", "start.", "moved.", "conceded."),
    *("surplus_share", "distance", "unforeseen", "history"),
)
FINE = 251  # bins of a belief: odd, so that the prior's mean lies in the middle of one
Array = NDArray[Any]


@dataclass(frozen=True)
class Result:
    """What a simulation found: a column per quantity, a row per draw, and counts over time."""

    columns: dict[str, Array]
    tallies: dict[str, Array]


class Ledger:
    """Collects a block's columns and counts while draws finish and are dropped."""

    def __init__(self, compiled: Compiled, draws: int) -> None:
        self.compiled = compiled
        self.layout = compiled.layout
        self.draws = draws
        self.classes, self.questions = compiled.readings
        steps = self.layout.steps + 1
        self.outcome = np.zeros((steps, draws), dtype=np.int8)
        self.status = np.zeros((steps, draws), dtype=np.int8)
        self.bins = np.zeros((steps, len(self.layout.variables), draws), dtype=np.uint8)
        self.last = np.zeros(draws, dtype=np.int64)
        self.answers = np.zeros((len(self.questions), draws), dtype=np.bool_)
        self.deals = FirstDeals(self.layout, draws)
        self.posteriors = Posteriors(self.layout, draws, FINE)
        self.chronicle = Chronicle(self.layout.steps, draws)
        self.start: dict[str, F] = {}
        self.final: State | None = None

    def open(self, keep: I, layout: Layout, params: Params, plan: Plan, state: State) -> None:
        """Note what the draws ``keep`` start from."""
        self.posteriors.open(keep, params)
        worths = alternatives(layout, params, plan, state)
        if self.compiled.scenario.breakdown is None:
            del worths["breakdown"]  # talks never collapse: there is nothing that it would leave
        for name, value in worths.items():
            self.start.setdefault(name, np.zeros((2, self.draws)))[:, keep] = value
        self.enter(0, keep, state)

    def enter(self, at: int, keep: I, state: State, record: Record | None = None) -> None:
        """Note the state after ``at`` steps of the draws ``keep``; what is noted last holds to the end.

        ``record`` is what happened in the last of these steps.
        """
        self.last[keep] = at
        if record is not None:
            self.deals.enter(at, keep, state, record)
            self.chronicle.enter(at - 1, keep, record)
        self.posteriors.enter(at, keep, state)
        self.outcome[at, keep] = classify(self.classes, state)
        self.status[at, keep] = status_of(state)
        if self.layout.variables:
            low, high = np.array(self.layout.bounds).T[:, :, None]
            self.bins[at][:, keep] = binned(state.x, low, high, BINS)
        for row, (test, step) in enumerate(zip(self.questions, self.compiled.question_steps, strict=True)):
            if at <= step:
                self.answers[row, keep] = test(state)

    def close(self, keep: I, state: State) -> None:
        """Keep the last state of the draws ``keep``."""
        if self.final is None:
            self.final = each(state, lambda array: np.zeros((*array.shape[:-1], self.draws), dtype=array.dtype))
        _write(self.final, keep, state)

    def tallies(self) -> dict[str, Array]:
        """Return how many draws stood where after each number of steps."""
        steps, draw = np.arange(self.layout.steps + 1), np.arange(self.draws)
        noted = np.minimum(steps[:, None], self.last)
        bins = np.zeros((len(steps), len(self.layout.variables), BINS), dtype=np.int64)
        for at in steps:
            for row in range(len(self.layout.variables)):
                bins[at, row] = np.bincount(self.bins[noted[at], row, draw], minlength=BINS)
        status = self._statuses()
        return {
            "outcomes": _counts(self.outcome[noted, draw], len(self.classes)),
            "status": _counts(status, len(STATUSES)),
            "flow": transitions(status, stages(self.layout.steps, self.layout.step_years), len(STATUSES)),
            "variables": bins,
            **self.posteriors.tallies(noted),
        }

    def _statuses(self) -> Array:
        """Return each draw's status after every step (T+1, n); one that is over stays as it was."""
        noted = np.minimum(np.arange(self.layout.steps + 1)[:, None], self.last)
        statuses: Array = self.status[noted, np.arange(self.draws)]
        return statuses

    def result(self, offset: int) -> Result:
        """Return the columns of the block, whose first draw has number ``offset``."""
        layout, compiled, final = self.layout, self.compiled, self.final
        assert final is not None
        columns: dict[str, Array] = {
            "draw": np.arange(offset, offset + self.draws),
            "outcome": self.outcome[self.last, np.arange(self.draws)],
            "status": self.status[self.last, np.arange(self.draws)],
            "history": self.chronicle.lines(self._statuses()),
            "exit": final.exit.astype(np.int8),
            "agreed_step": final.agreed_step.astype(np.int16),
        }
        for row, issue in enumerate(compiled.issues):
            columns[f"agreed.{issue.id}"] = _as_terms(
                issue, layout.issues[row].levels, final.agreed[row], final.agreed_step < 0
            )
        for row, issue in enumerate(compiled.issues):
            columns[f"terms.{issue.id}"] = _as_terms(issue, layout.issues[row].levels, final.footing.level[row], None)
        for side, party in enumerate(layout.sides):
            columns[f"payoff.{party}"] = final.payoff[side]
        flipped = compiled.scenario.parties[0].id != layout.sides[0]
        columns["surplus_share"] = 1.0 - final.share if flipped else final.share
        columns["distance"] = final.distance
        for side, party in enumerate(layout.sides):
            columns[f"conceded.{party}"] = np.where(final.agreed_step >= 0, final.conceded[side], np.nan)
        columns |= self._of_first_deals(flipped) | self._of_the_start()
        columns["breaches"] = final.history[HISTORY.index("breach")].astype(np.int16)
        columns["offers"] = final.offers.astype(np.int16)
        columns["unforeseen"] = final.history[HISTORY.index("unforeseen")].astype(np.int16)
        columns["cause"] = binding_cause(compiled, final)
        for row, question in enumerate(compiled.scenario.questions):
            columns[f"question.{question.id}"] = self.answers[row]
        return Result(columns, self.tallies())

    def _of_first_deals(self, flipped: bool) -> dict[str, Array]:
        deals = self.deals
        by = np.where(deals.by >= 0, 1 - deals.by, deals.by) if flipped else deals.by
        moved = dict(zip(self.layout.variables, deals.moved_until_the_end(), strict=True))
        return {
            "ended_step": deals.ended,
            "ended_how": deals.how,
            "ended_by": by,
            **{f"moved.{name}": change for name, change in moved.items()},
        }

    def _of_the_start(self) -> dict[str, Array]:
        return {
            f"start.{name}.{party}": np.where(np.isfinite(value[side]), value[side], np.nan).astype(np.float32)
            for name, value in self.start.items()
            for side, party in enumerate(self.layout.sides)
        }


def _counts(codes: Array, size: int) -> Array:
    return np.stack([np.bincount(row, minlength=size) for row in codes])


def _write(target: Any, keep: I, source: Any) -> None:
    if isinstance(target, np.ndarray):
        target[..., keep] = source
        return
    for mine, theirs in zip(target, source, strict=True):
        _write(mine, keep, theirs)


def _as_terms(issue: Any, points: int, level: Array, absent: Array | None) -> Array:
    """Return terms as the level's place in the file, or as a number in the issue's unit where it is continuous."""
    if not issue.continuous:
        return np.rint(level).astype(np.int16)
    low, high = issue.range
    value = low + (high - low) * level / (points - 1)
    return value if absent is None else np.where(absent, np.nan, value)


def classify(classes: tuple[Callable[[State], Array], ...], state: State) -> Array:
    """Return the first class (n,) whose condition holds."""
    code = np.full(state.status.shape, len(classes) - 1, dtype=np.int8)
    for row in range(len(classes) - 2, -1, -1):
        code = np.where(classes[row](state), np.int8(row), code)
    return code


def binding_cause(compiled: Compiled, final: State) -> Array:
    """Return why a draw never had a deal (n,), -1 where it had one: the first cause in the declared order that holds.

    ``no_zone``: no deal was ever worth it to both, even with promises sure to be kept.  ``misperception``: an offer
    thought likelier than not to be accepted was turned down.  ``mistrust``: a zone was there only if promises were sure
    to be kept.  ``time``: a zone was there, and the talks still went on.  The rest are events that ended the talks.
    """
    rivals = [row for row, move in enumerate(compiled.layout.moves) if move.rival_bid]
    bid = np.zeros(final.status.shape, dtype=np.bool_)
    for row in rivals:
        bid = bid | (final.fired[row] > 0)
    kept, trusted, last = final.zone
    lost = bid & trusted & ~last
    failed = final.history[HISTORY.index("failed_ratification")] > 0
    talking = (final.status == TALKS) | (final.status == DEADLINE)
    holds = {
        "no_zone": ~kept,
        "misperception": final.surprise > 0,
        "mistrust": kept & ~trusted,
        "time": talking & ~failed & ~lost,
        "failed_ratification": failed,
        "shock": final.history[HISTORY.index("collapse")] > 0,
        "rival_bid": lost,
        "exit": final.status == EXIT,
    }
    code = np.full(final.status.shape, CAUSES.index("time"), dtype=np.int8)
    for row in range(len(CAUSES) - 1, -1, -1):
        code = np.where(holds[CAUSES[row]], np.int8(row), code)
    return np.where(final.agreed_step >= 0, np.int8(-1), code)
