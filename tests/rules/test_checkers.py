"""The checkers find what is wrong: strategies of published games, and each with one decision changed."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.checkers import is_subgame_perfect, one_shot_gains
from sim.rules.types import B, F, I

UNITS = 20


def stahl(rounds: int, factor: float) -> tuple[I, B, F]:
    """Return backward induction on a grid of shares, ties accepted: offers, answers and worths."""
    share = np.linspace(0.0, 1.0, UNITS + 1)
    worths = np.stack([share, 1.0 - share], axis=1)
    later = np.zeros(2)
    offer, accepted = np.empty(rounds, dtype=np.int64), np.empty((rounds, UNITS + 1), dtype=np.bool_)
    for t in reversed(range(rounds)):
        p, r = t % 2, 1 - t % 2
        accepted[t] = worths[:, r] >= factor * later[r] - 1e-12
        offer[t] = np.argmax(np.where(accepted[t], worths[:, p], -1.0))
        later = worths[offer[t]]
    return offer, accepted, worths


@pytest.mark.parametrize("rounds", [1, 2, 5])
def test_backward_induction_is_subgame_perfect(rounds: int) -> None:
    """What backward induction gives passes."""
    offer, accepted, worths = stahl(rounds, 0.75)
    assert is_subgame_perfect(offer, accepted, worths, np.full(2, 0.75), conflict=np.zeros(2))


def test_any_other_offer_is_found_out() -> None:
    """Each offer of each round but the one of backward induction is a deviation that could be bettered."""
    offer, accepted, worths = stahl(3, 0.75)
    for t in range(3):
        for k in range(UNITS + 1):
            changed = offer.copy()
            changed[t] = k
            assert is_subgame_perfect(changed, accepted, worths, np.full(2, 0.75), conflict=np.zeros(2)) == (
                k == offer[t]
            )


def test_any_other_answer_is_found_out_even_where_play_never_comes() -> None:
    """Turning one answer round is seen in every round, unless the answer was a tie: off the path too."""
    offer, accepted, worths = stahl(3, 0.7)
    later = [worths[offer[1]], worths[offer[2]], np.zeros(2)]
    for t in range(3):
        r = 1 - t % 2
        for k in range(UNITS + 1):
            if abs(worths[k, r] - 0.7 * later[t][r]) < 1e-9:
                continue
            changed = accepted.copy()
            changed[t, k] = not changed[t, k]
            assert not is_subgame_perfect(offer, changed, worths, np.full(2, 0.7), conflict=np.zeros(2))


def test_the_gain_is_the_size_of_the_mistake() -> None:
    """Who offers 0.1 less than the other would take for granted loses 0.1, and the table says so."""
    offer, accepted, worths = stahl(1, 0.9)
    generous = offer - 2
    gains = one_shot_gains(generous, accepted, worths, np.full(2, 0.9), conflict=np.zeros(2))
    assert gains[0] == pytest.approx([0.1, 0.0])


def test_talks_that_never_end_are_worth_what_they_yield() -> None:
    """Sides that accept nothing and offer nothing go on for ever: with 0.6 each from talking that is an equilibrium."""
    share = np.linspace(0.0, 1.0, 5)
    worths = np.stack([share, 1.0 - share], axis=1)
    never, none = np.zeros((2, 5), dtype=np.bool_), np.array([-1, -1])
    assert one_shot_gains(none, never, worths, np.full(2, 0.9), talks=np.full(2, 0.6))[0] == pytest.approx([0.0, 0.4])
    assert is_subgame_perfect(none, never, worths * 0.5, np.full(2, 0.9), talks=np.full(2, 0.6))


def test_a_collapse_counts_with_its_chance() -> None:
    """With h = 0.05 and nothing after it the demand of Binmore, Rubinstein & Wolinsky (1986), 1/(2-h), is perfect."""
    x = 1 / (2 - 0.05)
    share = np.sort([0.0, 1 - x, x, 0.6, 1.0])
    worths = np.stack([share, 1.0 - share], axis=1)
    accepted = np.array([1 - share >= 1 - x - 1e-12, share >= 1 - x - 1e-12])
    offer = np.array([int(np.argmin(np.abs(share - x))), int(np.argmin(np.abs(share - (1 - x))))])
    assert is_subgame_perfect(offer, accepted, worths, np.ones(2), hazard=0.05)
    assert not is_subgame_perfect(offer, accepted, worths, np.ones(2), hazard=0.3)


def test_an_odd_number_of_rounds_by_turns_cannot_repeat() -> None:
    """Three rounds for ever would let one side propose twice in a row; the sentence says what to do."""
    with pytest.raises(ValueError, match="even number"):
        one_shot_gains(np.zeros(3, dtype=np.int64), np.ones((3, 1), dtype=np.bool_), np.ones((1, 2)), np.full(2, 0.9))
