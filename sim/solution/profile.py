"""The strategies that a scenario's parties play, written out: every offer, and the answer to every deal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim import chance, montecarlo
from sim.rules import look_ahead, outlook, space, table
from sim.rules.checkers import one_shot_gains
from sim.rules.strategies.aim import Aim
from sim.rules.types import ACCEPT, TRUE, B, F, I, View

if TYPE_CHECKING:
    from sim.scenario.compile import Compiled

SAME = 1e-9  # levels closer than this are the same deal


class Profile(NamedTuple):
    """Two strategies of a game of offers, as ``rules.checkers`` reads them."""

    offer: I  # (T,) place of the deal offered, -1 none
    accepted: B  # (T, K)
    worths: F  # (K, 2)
    discount: F  # (2,)
    conflict: F | None  # (2,) after the last round; None: the rounds repeat for ever
    proposer: I  # (T,)
    talks: F  # (2,)
    hazard: float
    ruin: F  # (2,)

    def gains(self) -> F:
        """Return what the proposer and the answering side gain by one deviation in each round (T, 2)."""
        return one_shot_gains(
            self.offer,
            self.accepted,
            self.worths,
            self.discount,
            conflict=self.conflict,
            proposer=self.proposer,
            talks=self.talks,
            hazard=self.hazard,
            ruin=self.ruin,
        )


def profile(compiled: Compiled, levels: F | None = None) -> Profile:
    """Return the strategies of a scenario in which nothing moves and nothing is private, as the rules play them.

    Every round up to the deadline is asked for, without one the first two, whether play would come to it or not.
    ``levels`` (M, K) are the deals that the answers are asked about, by default all; what is offered is added.
    Raises ValueError where the world moves, a type is private, a party may leave, or the sides do not take turns: the
    profile would not be that of a game of offers with constant payoffs.
    """
    layout, params, shocks, plan, state = montecarlo.one_draw(compiled, 0, 0)
    moving = layout.variables or layout.moves or layout.exits or any(layout.types) or any(layout.audiences)
    if moving or layout.protocol != "alternating":
        raise ValueError("a profile needs alternating offers, constant payoffs, no exits, audiences or private numbers")
    rounds = layout.deadline if layout.deadline >= 0 else 2
    found = [_round(compiled, t) for t in range(rounds)]
    level = space.every(layout) if levels is None else levels
    for own, _, _ in found:
        if not _same(level, own).any():
            level = np.concatenate([level, own[:, None]], axis=1)
    ahead = outlook.outlook(0, layout, params, plan, state)
    worths = space.Game(layout, params, plan, ahead).worth(level[:, :, None])[:, :, 0]
    here = ahead.path[0]
    ruin = np.array([float(seen.collapse[TRUE, 0]) for seen in here])
    talks = np.array([float(seen.talk[TRUE, 0]) for seen in here])
    del shocks
    return Profile(
        offer=np.array([_place(level, own) if made else -1 for own, made, _ in found]),
        accepted=np.stack([_answers(compiled, t, worths) for t in range(rounds)]),
        worths=worths,
        discount=params.tastes.discount[:, TRUE, 0],
        conflict=None if layout.deadline < 0 else ruin if layout.deadline_collapses else talks,
        proposer=np.array([proposer for _, _, proposer in found]),
        talks=talks,
        hazard=float(ahead.risk[0]),
        ruin=ruin,
    )


def _same(level: F, own: F) -> B:
    same: B = np.all(np.abs(level - own[:, None]) < SAME, axis=0)
    return same


def _place(level: F, own: F) -> int:
    return int(np.flatnonzero(_same(level, own))[0])


def _at(compiled: Compiled, t: int) -> tuple[int, tuple[View, View], list[Aim]]:
    """Return who proposes in round t, and what both sides see and aim at."""
    layout, params, shocks, plan, state = montecarlo.one_draw(compiled, 0, 0)
    shock = chance.at_step(shocks, min(t, layout.steps - 1))
    ahead = outlook.outlook(t, layout, params, plan, state)
    given = t, layout, params, plan, state
    one, two = (look_ahead.view(*given, side, ahead, look_ahead.values(*given, side, ahead)) for side in (0, 1))
    aims = [table.aim_of(t, layout, params, plan, state, shock, side, ahead) for side in (0, 1)]
    return int(table.proposer_of(t, layout, params, plan, shock)[0]), (one, two), aims


def _round(compiled: Compiled, t: int) -> tuple[F, bool, int]:
    """Return the levels (M,) offered in round t, whether anything is, and by whom."""
    layout, params, _, plan, _ = montecarlo.one_draw(compiled, 0, 0)
    proposer, views, aims = _at(compiled, t)
    offer = table.offer_of(layout, proposer, views[proposer], aims[proposer])
    level = table.offered_terms(layout, params, plan, np.array([proposer]), offer).level
    return level[:, 0], bool(offer.made[0]), proposer


def _answers(compiled: Compiled, t: int, worths: F) -> B:
    """Return which deals (K,) the answering side accepts in round t."""
    proposer, views, aims = _at(compiled, t)
    side = 1 - proposer
    made = np.ones(len(worths), dtype=np.bool_)
    accepted: B = table.answer_of(compiled.layout, side, views[side], aims[side], worths[:, side], made) == ACCEPT
    return accepted
