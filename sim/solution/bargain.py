"""What theory says of a scenario before anybody plays: efficient deals, zone of agreement, solution points.

Everything is taken at the start, in the world as it is expected then: a deal is worth K_i of the model, what the sides
have without one is ``rules.disagreement``, and the points are ``rules.reference``.  Uncertain numbers stand at their
medians for the one bargain that is shown in full; their spread is played over draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.rules import disagreement, outlook, space
from sim.rules import start as starting
from sim.rules.types import F, Params

if TYPE_CHECKING:
    from sim.scenario.compile import Compiled

MOST = 1_000_000  # deals that are listed one by one


class TooManyError(Exception):
    """There are more deals than can be listed."""


class Wish(NamedTuple):
    """What is asked beside the scenario."""

    kind: str | None = None  # which value counts as the disagreement: talks, breakdown; None: the scenario's own
    point: tuple[float, float] | None = None  # a stated one instead, in the parties' order of the file
    power: float | None = None  # of the party that the file names first


class Bargain(NamedTuple):
    """One draw's bargain, sides in the order of the layout."""

    game: space.Game
    pieces: space.Pieces
    disagreement: F  # (2,)
    reserve: F  # (2,)
    power: float | None  # of the first side when rounds are short


def opened(compiled: Compiled, params: Params, wish: Wish) -> tuple[space.Game, disagreement.Fallback]:
    """Return the bargain of some draws at their start, and what the sides have without a deal."""
    layout = compiled.layout
    draws = params.type.shape[-1]
    state = starting.first_state(layout, params)
    plan = starting.terms_alone(layout, params, state)
    ahead = outlook.of_today(0, layout, params, plan, state)
    game = space.Game(layout, params, plan, ahead)
    if wish.point is not None:
        stated = np.array([wish.point[party] for party in order_of(compiled)])[:, None] + np.zeros(draws)
        return game, disagreement.Fallback(stated, stated)
    kind = wish.kind or disagreement.kind_of(layout)
    return game, disagreement.fallback(layout, params, state, ahead, kind)


def order_of(compiled: Compiled) -> list[int]:
    """Return for each side the place of its party in the file; both orders are of two, so it serves both ways."""
    names = [party.id for party in compiled.scenario.parties]
    return [names.index(side) for side in compiled.layout.sides]


def bargain(compiled: Compiled, params: Params, wish: Wish) -> Bargain:
    """Return the bargain of one draw.  Raises TooManyError where there are more deals than can be listed."""
    listable(compiled)
    game, back = opened(compiled, params, wish)
    power = disagreement.powers(game.layout, params, game.ahead)
    return Bargain(
        game,
        space.pieces(game),
        back.disagreement[:, 0],
        back.reserve[:, 0],
        None if power is None else float(power[0]),
    )


def listable(compiled: Compiled) -> None:
    """Raise TooManyError where there are more deals than can be listed."""
    deals = space.count(compiled.layout)
    if deals > MOST:
        sentence = f"{compiled.scenario.id} has {deals:,} deals; at most {MOST:,} can be compared one by one"
        raise TooManyError(f"{sentence}: leave out an issue, give one fewer levels, or exclude combinations")
