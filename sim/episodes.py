"""What a ledger follows beside states: the first deal's life, what is believed, what leaving would have paid."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.rules import beliefs, environment, expectation, outlook
from sim.rules.types import AGREEMENT, TRUE, F, I, Params, Plan, Record, State

if TYPE_CHECKING:
    from sim.rules.layout import Layout

Array = NDArray[Any]
ENDINGS = ("breach", "reopened", "expired", "collapse")
BREACH, REOPENED, EXPIRED, COLLAPSE = range(len(ENDINGS))


class FirstDeals:
    """The first deal of every draw: when and how it ended, by whom, and how far the variables had moved by then.

    ``ended`` (n,) step, -1 where it never ended or there was none; ``how`` (n,) place in ``ENDINGS``, -1; ``by`` (n,)
    the side that broke or reopened it, -1 nobody; ``moved`` (X, n) each variable's change since the signing.
    """

    def __init__(self, layout: Layout, draws: int) -> None:
        self.ended = np.full(draws, -1, dtype=np.int16)
        self.how = np.full(draws, -1, dtype=np.int8)
        self.by = np.full(draws, -1, dtype=np.int8)
        self.moved = np.zeros((len(layout.variables), draws), dtype=np.float32)
        self._in_force = np.zeros(draws, dtype=np.bool_)

    def enter(self, at: int, keep: I, state: State, record: Record) -> None:
        """Note which of the draws ``keep`` signed their first deal in step ``at - 1``, and which saw it end."""
        signed = np.flatnonzero(state.agreed_step == at - 1)
        ended = np.flatnonzero(self._in_force[keep] & (state.status != AGREEMENT))
        if len(ended):
            self._close(at, keep[ended], ended, state, record)
        if len(signed):
            self._in_force[keep[signed]] = True
            self.moved[:, keep[signed]] = state.x[:, signed]

    def _close(self, at: int, draws: I, rows: I, state: State, record: Record) -> None:
        breached, reopened = record.breached[rows], record.reopened[rows]
        self._in_force[draws] = False
        self.ended[draws] = at - 1
        self.by[draws] = np.maximum(breached, reopened)
        self.how[draws] = np.select(
            [breached >= 0, reopened >= 0, record.expired[rows]], [BREACH, REOPENED, EXPIRED], COLLAPSE
        )
        self.moved[:, draws] = state.x[:, rows] - self.moved[:, draws]

    def moved_until_the_end(self) -> Array:
        """Return the changes (X, n) between signing and end; NaN where no first deal ended."""
        return np.where(self.ended >= 0, self.moved, np.float32(np.nan))


class Posteriors:
    """What each side thinks of the other's private types in [-1, 1], in bins of equal width after every step.

    ``mean`` (S, Z, T+1, n) lies in [-1, 1], ``deviation`` in [0, 1], ``error`` (distance of mean and truth) in [0, 2],
    ``truth`` (S, Z, n) in [-1, 1]; ``guessed`` are the pairs of a viewer and a type of the other, all else is nought.
    """

    def __init__(self, layout: Layout, draws: int, bins: int) -> None:
        self.guessed = tuple((side, at) for side in (0, 1) for at in range(len(layout.types[1 - side])))
        self.bins = bins
        axes = max(layout.axes(0), layout.axes(1))
        shape = (2, axes, layout.steps + 1, draws if self.guessed else 0)
        self.mean, self.deviation, self.error = (np.zeros(shape, dtype=np.uint8) for _ in range(3))
        self.truth = np.zeros((2, axes, shape[-1]), dtype=np.uint8)
        self._type = np.zeros((2, axes, shape[-1]))

    def open(self, keep: I, params: Params) -> None:
        """Note what the types of the draws ``keep`` are."""
        for side, type_ in self.guessed:
            truth = params.type[1 - side, type_]
            self._type[side, type_, keep] = truth
            self.truth[side, type_, keep] = self._bin(truth, -1.0, 1.0)

    def enter(self, at: int, keep: I, state: State) -> None:
        """Note what is believed after ``at`` steps."""
        for side, type_ in self.guessed:
            mean, deviation = moments(state.belief[side], type_)
            self.mean[side, type_, at, keep] = self._bin(mean, -1.0, 1.0)
            self.deviation[side, type_, at, keep] = self._bin(deviation, 0.0, 1.0)
            self.error[side, type_, at, keep] = self._bin(np.abs(mean - self._type[side, type_, keep]), 0.0, 2.0)

    def _bin(self, values: F, low: float, high: float) -> Array:
        return binned(values, low, high, self.bins)

    def tallies(self, noted: Array) -> dict[str, Array]:
        """Return histograms (S, Z, T+1, bins), of the truth (S, Z, bins); ``noted`` (T+1, n) is what still holds."""
        found = {}
        for name, codes in (("mean", self.mean), ("deviation", self.deviation), ("error", self.error)):
            table = np.zeros((*codes.shape[:2], len(noted), self.bins), dtype=np.int64)
            for pair in self.guessed:
                for at, rows in enumerate(noted):
                    table[pair][at] = np.bincount(codes[pair][rows, np.arange(len(rows))], minlength=self.bins)
            found[f"belief_{name}"] = table
        found["belief_truth"] = np.zeros((*self.truth.shape[:2], self.bins), dtype=np.int64)
        for pair in self.guessed:
            found["belief_truth"][pair] = np.bincount(self.truth[pair], minlength=self.bins)
        return found


def moments(log_mass: F, type_: int = 0) -> tuple[F, F]:
    """Return mean and standard deviation (n,) of one type under log masses (J, n) of cells, even within intervals."""
    mass = beliefs.marginal(np.exp(log_mass), type_)
    edges = beliefs.knots()
    middle, wide = 0.5 * (edges[1:] + edges[:-1]), edges[1:] - edges[:-1]
    mean = beliefs.mean_type(mass)[0]
    second = (mass * (middle * middle + wide * wide / 12.0)).sum(axis=0)
    return mean, np.sqrt(np.maximum(second - mean * mean, 0.0))


def binned(values: Array, low: Any, high: Any, bins: int) -> Array:
    """Return the place of each value among ``bins`` equal parts of [low, high]; what lies outside is in the last."""
    return np.clip((values - low) * (bins / (high - low)), 0, bins - 1).astype(np.uint8)


def alternatives(layout: Layout, params: Params, plan: Plan, state: State) -> dict[str, F]:
    """Return what going without a deal is worth to both sides (S, n) at the start, as it may then be expected.

    ``exit``: the best exit of its own that is open in the first step, -inf where none is; ``breakdown``: a collapse;
    ``status_quo``: talks that go on for ever.
    """
    now = environment.drivers(state.x, state.fired)
    talks, _ = expectation.expected_chances(layout, params, state)
    reverts = expectation.means(layout, params, state.footing.clause)
    means = [expectation.settled(side, layout, params, talks, now, reverts) for side in (0, 1)]
    lumps = [outlook.steady(layout, params, plan, state, side) for side in (0, 1)]
    return {
        "exit": np.stack([outlook.exits(0, layout, params, plan, s, now, means, lumps)[0][TRUE] for s in (0, 1)]),
        "breakdown": np.stack([outlook.collapse_value(layout, params, plan, s, means[s][0])[TRUE] for s in (0, 1)]),
        "status_quo": np.stack([rows[TRUE] for rows in outlook.endless(layout, params, state, talks, now, reverts)]),
    }


def stages(steps: int, step_years: float) -> list[int]:
    """Return after how many steps the flow between statuses is read: each half year, or less often in a long window.

    >>> stages(25, 1 / 12), stages(3, 1.0), stages(40, 1.0)
    ([0, 6, 12, 18, 25], [0, 1, 2, 3], [0, 8, 16, 24, 32, 40])
    """
    stride = max(1, round(0.5 / step_years))
    while steps > MOST_STAGES * stride:
        stride *= 2
    found = list(range(0, steps, stride))
    if len(found) > 1 and 2 * (steps - found[-1]) < stride:
        found.pop()
    return [*found, steps]


MOST_STAGES = 8


def transitions(status: Array, read: list[int], size: int) -> Array:
    """Return how many draws went from which status to which (T+1, C, C): a row at each stage since the one before.

    ``status`` (T+1, n) is what each draw is after every step; rows between the stages ``read`` are nought.
    """
    flows = np.zeros((len(status), size, size), dtype=np.int64)
    for before, after in pairwise(read):
        pairs = status[before].astype(np.int64) * size + status[after]
        flows[after] = np.bincount(pairs, minlength=size * size).reshape(size, size)
    return flows
