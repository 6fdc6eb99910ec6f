"""A lot names the proposer: Binmore 1987; Muthoo 1999, section 7.2.4, from the shipped scenario."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from tests.textbook import agreed, played, walked

DRAWS = 4096


def game(chance: float, one: float, two: float) -> tuple[str, ...]:
    """Return the overrides for the chance that a is named, and both discount factors."""
    return (
        f"protocol.recognition={{a: {chance}, b: {1 - chance}}}",
        f"parties.a.discount_factor={one}",
        f"parties.b.discount_factor={two}",
    )


def hope(chance: float, one: float, two: float) -> float:
    """Return what the game is worth to a before the lot is drawn: p(1-d2) / (p(1-d2) + (1-p)(1-d1))."""
    return chance * (1 - two) / (chance * (1 - two) + (1 - chance) * (1 - one))


def shares(chance: float, one: float, two: float) -> tuple[float, float]:
    """Return a's share if it is named, 1 - d2 (1 - V), and if b is, d1 V."""
    value = hope(chance, one, two)
    return 1 - two * (1 - value), one * value


def test_the_shipped_lots_give_the_known_shares() -> None:
    """With p = 0.3 and d = (0.9, 0.8) a gets 0.569231 if it is named and 0.415385 if b is, at once."""
    found = played("random-recognition", draws=64)
    assert set(np.round(found["agreed.pie"], 6)) == {0.569231, 0.415385}
    assert (found["agreed_step"] == 0).all()


@pytest.mark.parametrize("chance", [0.05, 0.3, 0.5, 0.8])
@pytest.mark.parametrize(("one", "two"), [(0.9, 0.8), (0.9, 0.9), (0.5, 0.95), (0.99, 0.2)])
def test_random_recognition_gives_the_known_shares(chance: float, one: float, two: float) -> None:
    """The proposer keeps all but what the other would have: 1 - d_j V_j, V the values before the lot is drawn."""
    sets = game(chance, one, two)
    found = played("random-recognition", *sets, draws=64)["agreed.pie"]
    gaps = np.abs(found[:, None] - np.array(shares(chance, one, two)))
    assert gaps.min(axis=1).max() < 1e-9
    assert (gaps < 1e-9).any(axis=0).all()


@pytest.mark.parametrize("chance", [0.05, 0.3, 0.8])
@pytest.mark.parametrize(("one", "two"), [(0.9, 0.8), (0.99, 0.99), (0.99, 0.2)])
def test_each_knows_what_going_on_is_worth(chance: float, one: float, two: float) -> None:
    """Whoever is named: after a refusal the game is worth d V to each, V before the lot is drawn."""
    model = walked("random-recognition", *game(chance, one, two))
    value = hope(chance, one, two)
    assert model.records[0].threshold[:, 0] == pytest.approx([one * value, two * (1 - value)], abs=1e-9)


@pytest.mark.parametrize("factor", [0.5, 0.9, 0.99])
def test_with_equal_patience_hope_is_the_chance_to_speak(factor: float) -> None:
    """With d1 = d2 the two shares, weighed by the chances of the lot, come to p, whatever the patience."""
    named, not_named = shares(0.3, factor, factor)
    assert 0.3 * named + 0.7 * not_named == pytest.approx(0.3, abs=1e-12)
    found = np.unique(np.round(played("random-recognition", *game(0.3, factor, factor), draws=64)["agreed.pie"], 9))
    assert found == pytest.approx([not_named, named], abs=1e-9)


def test_the_lot_keeps_its_weights() -> None:
    """Side a is named in its share of the draws, and has V = 0.461538 on average, within four standard errors."""
    pie = played("random-recognition", draws=DRAWS)["agreed.pie"]
    assert (pie > 0.5).mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / DRAWS))
    assert pie.mean() == pytest.approx(hope(0.3, 0.9, 0.8), abs=4 * pie.std() / np.sqrt(DRAWS))
    assert hope(0.3, 0.9, 0.8) == pytest.approx(0.461538, abs=5e-7)


@pytest.mark.parametrize(("chance", "whole"), [(1, 1), (0, 0)])
def test_who_is_always_named_takes_all(chance: float, whole: float) -> None:
    """A lot without chance is one ultimatum after the other."""
    assert agreed("random-recognition", "pie", *game(chance, 0.9, 0.8)) == pytest.approx(whole, abs=1e-9)


def test_short_rounds_make_the_chance_to_speak_a_part_of_power() -> None:
    """As rounds become short both shares tend to p r2 / (p r2 + (1-p) r1), to the first order, whoever is named."""
    limit = 0.3 * 0.2 / (0.3 * 0.2 + 0.7 * 0.1)
    spreads = []
    for years in (0.1, 0.01, 0.001):
        found = played("random-recognition", *game(0.3, exp(-0.1 * years), exp(-0.2 * years)), draws=64)["agreed.pie"]
        assert found.min() < limit < found.max()
        spreads.append(found.max() - found.min())
    assert np.array(spreads[:-1]) / np.array(spreads[1:]) == pytest.approx(10, rel=0.01)
