"""A finite game of alternating offers against Gambit: the strategies that the rules play are best in every subgame.

The tree is written from the game's definition, with exact fractions and without any code of the package; Gambit says
what each player could still gain in it.
"""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import count
from typing import NamedTuple

import numpy as np
import pygambit
import pytest
from pygambit import H

from sim.solution.profile import Profile, profile
from tests.strategies import Tree, compiled, pie, played, walked

SIDES = ("a", "b")
CRUMB = Fraction(1, 2**20)  # what a round of talks yields where ties are to be turned down


class Division(NamedTuple):
    """A pie of so many units, offered whole units at a time over so many rounds."""

    units: int
    rounds: int
    factors: tuple[Fraction, Fraction]
    talks: Fraction = Fraction(0)

    def tree(self, first: str = "a") -> Tree:
        """Return the scenario."""
        one, two = (float(factor) for factor in self.factors)
        found = pie((one, two), deadline=self.rounds, window=self.rounds + 1, first=first, points=self.units + 1)
        found["status_quo"]["flows"] = {"a": float(self.talks), "b": float(self.talks) - 1}
        return found

    def payoff(self, at: int, final: tuple[Fraction, Fraction]) -> str:
        """Return what both have if talks last until round ``at`` and end in ``final``, as Gambit reads it."""
        kept = [factor**at for factor in self.factors]
        both = [(1 - k) * self.talks + k * last for k, last in zip(kept, final, strict=True)]
        return f"{{ {both[0]}, {both[1]} }}"

    def efg(self, first: int, at: int = 0, pending: int | None = None) -> str:
        """Return the subgame that begins in round ``at``, or at the answer to an offer that is on the table."""
        self_ = Numbered(self, first)
        body = self_.offers(at) if pending is None else self_.answer(at, pending)
        return "\n".join(['EFG 2 R "division" { "a" "b" }', '""', *body])


class Numbered:
    """Writes a tree in Gambit's format, numbering information sets and outcomes as it goes."""

    def __init__(self, game: Division, first: int) -> None:
        self.game, self.first = game, first
        self.sets = (count(1), count(1))
        self.ends = count(1)

    def offers(self, at: int) -> list[str]:
        """Return the lines from the node at which round ``at`` begins."""
        if at == self.game.rounds:
            return [self.end(at, (Fraction(0), Fraction(0)))]
        who = (self.first + at) % 2
        names = " ".join(f'"{k}"' for k in range(self.game.units + 1))
        lines = [f'p "" {who + 1} {next(self.sets[who])} "" {{ {names} }} 0']
        for k in range(self.game.units + 1):
            lines += self.answer(at, k)
        return lines

    def answer(self, at: int, k: int) -> list[str]:
        """Return the lines from the node at which the other answers to a's share of ``k`` units."""
        who = 1 - (self.first + at) % 2
        share = Fraction(k, self.game.units)
        return [
            f'p "" {who + 1} {next(self.sets[who])} "" {{ "yes" "no" }} 0',
            self.end(at, (share, 1 - share)),
            *self.offers(at + 1),
        ]

    def end(self, at: int, final: tuple[Fraction, Fraction]) -> str:
        """Return the line of an end."""
        return f't "" {next(self.ends)} "" {self.game.payoff(at, final)}'


def regret(game: Division, first: int, found: Profile, at: int, pending: int | None = None) -> float:
    """Return what the player who could gain most gains in one subgame by any other strategy, says Gambit."""
    tree = pygambit.read_efg(io.BytesIO(game.efg(first, at, pending).encode()))
    plan = tree.mixed_behavior_profile()
    fill(plan, game, found, at, pending)
    return float(plan.max_regret())


def fill(plan: pygambit.MixedBehaviorProfile, game: Division, found: Profile, at: int, pending: int | None) -> None:
    """Write the strategies into Gambit's profile of a subgame, at every node."""

    def offers(path: tuple[str, ...], t: int) -> None:
        if t < game.rounds:
            plan[H.path(*path)] = {str(found.offer[t]): 1}
            for k in range(game.units + 1):
                answer((*path, str(k)), t, k)

    def answer(path: tuple[str, ...], t: int, k: int) -> None:
        plan[H.path(*path)] = {"yes" if found.accepted[t, k] else "no": 1}
        offers((*path, "no"), t + 1)

    if pending is None:
        offers((), at)
    else:
        answer((), at, pending)


def strategies(game: Division, first: str) -> Profile:
    """Return what the rules play; deals stand in the order of a's share."""
    found = profile(compiled(game.tree(first)))
    places = np.rint(found.worths[:, 0] * game.units).astype(np.int64)
    assert places.tolist() == list(range(game.units + 1))
    return found


GAMES = [
    Division(4, 3, (Fraction(1, 2), Fraction(1, 2))),
    Division(5, 3, (Fraction(1), Fraction(1))),
    Division(6, 2, (Fraction(3, 4), Fraction(1, 2))),
    Division(3, 4, (Fraction(7, 8), Fraction(1, 4))),
]


@pytest.mark.parametrize("first", SIDES)
@pytest.mark.parametrize("talks", [Fraction(0), CRUMB], ids=["ties accepted", "ties turned down"])
@pytest.mark.parametrize("game", GAMES, ids=lambda game: f"{game.units} units, {game.rounds} rounds")
def test_nobody_gains_by_another_strategy_in_any_subgame(game: Division, talks: Fraction, first: str) -> None:
    """In every subgame of every round, on the path and off it, Gambit finds a regret of nothing."""
    game = game._replace(talks=talks)
    found, mover = strategies(game, first), SIDES.index(first)
    for at in range(game.rounds):
        assert regret(game, mover, found, at) < 1e-9
        for k in range(game.units + 1):
            assert regret(game, mover, found, at, k) < 1e-9
    assert (found.gains() < 1e-9).all()


def test_the_two_rules_for_ties_give_different_offers() -> None:
    """Where waiting is worth exactly an offer, a crumb for talking turns the answer, and a unit more is given."""
    game = GAMES[0]
    kind, proud = (strategies(game._replace(talks=talks), "a") for talks in (Fraction(0), CRUMB))
    assert (kind.accepted & ~proud.accepted).any()
    assert kind.offer[0] > proud.offer[0]


@pytest.mark.parametrize("talks", [Fraction(0), CRUMB])
@pytest.mark.parametrize("game", GAMES, ids=lambda game: f"{game.units} units, {game.rounds} rounds")
def test_both_drivers_play_what_gambit_was_shown(game: Division, talks: Fraction) -> None:
    """Monte Carlo and the agents agree in the round and on the share where Gambit's profile ends, and are paid so."""
    game = game._replace(talks=talks)
    found = strategies(game, "a")
    tree = pygambit.read_efg(io.BytesIO(game.efg(0).encode()))
    plan = tree.mixed_behavior_profile()
    fill(plan, game, found, 0, None)
    at = next(t for t in range(game.rounds) if found.accepted[t, found.offer[t]])
    columns = played(game.tree()).columns
    state = walked(game.tree()).state
    assert columns["agreed_step"][0] == state.agreed_step[0] == at
    assert columns["agreed.pie"][0] == state.agreed[0, 0] == found.offer[at]
    for side, name in enumerate(SIDES):
        assert columns[f"payoff.{name}"][0] == state.payoff[side, 0]
        assert columns[f"payoff.{name}"][0] == pytest.approx(float(plan.payoffs[name]), abs=1e-12)


def test_gambit_and_the_checker_see_the_same_mistake() -> None:
    """Ask for a unit less in the first round, or take too little in the last: both see it, where it lies."""
    game = GAMES[1]._replace(factors=(Fraction(3, 4), Fraction(3, 4)))
    found = strategies(game, "a")
    timid = found._replace(offer=np.array([found.offer[0] - 1, *found.offer[1:]]))
    assert regret(game, 0, timid, 0) == pytest.approx(1 / game.units)
    assert timid.gains()[0, 0] == pytest.approx(1 / game.units)
    hard = found._replace(accepted=found.accepted.copy())
    hard.accepted[2, 1] = not hard.accepted[2, 1]
    assert regret(game, 0, hard, 2, 1) > 0.1
    assert hard.gains()[2, 1] > 0.1
