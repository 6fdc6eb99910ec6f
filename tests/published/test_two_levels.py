"""Two-level games: Schelling 1960, Putnam 1988, Iida 1996, Tarar 2001, from the shipped scenarios."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.types import AGREEMENT
from tests.textbook import agreed, played

DRAWS = 20_000


def share(sets: tuple[str, ...], points: int = 26) -> float:
    """Return a's share in the deal struck at once, from its place on the grid."""
    return agreed("two-level-game", "pie", *sets, f"issues.pie.points={points}") / (points - 1)


def threshold(least: float) -> str:
    """Return the override that sets the threshold of a's assembly."""
    return f"parties.a.audience.threshold={least}"


@pytest.mark.parametrize(("first", "published"), [("a", 0.64), ("b", 0.60)])
def test_a_bound_side_gets_more(first: str, published: float) -> None:
    """With k1 = 0.6, d = 0.9: a gets 1 - d(1-k1) = 0.64 when it proposes first, exactly k1 when b does."""
    assert share((f"protocol.first={first}",)) == pytest.approx(published, abs=1e-9)


@pytest.mark.parametrize(("first", "published"), [("a", 10 / 19), ("b", 9 / 19)])
@pytest.mark.parametrize("least", [0.0, 0.2, 0.4])
def test_a_slack_threshold_changes_nothing(first: str, published: float, least: float) -> None:
    """With k1 <= d/(1+d) the share is Rubinstein's, 1/(1+d) = 0.526316 for the first proposer, as without a vote."""
    assert share((f"protocol.first={first}", threshold(least)), points=20) == pytest.approx(published, abs=1e-9)


def equilibria(least: float, factor: float, points: int, most: float = 1) -> list[float]:
    """Return every stationary share of a as first proposer on a grid, where a's assembly needs k1, b's leaves 1 - k2.

    A share x stands if b, asked in the next round, would give a the least point that is worth d x and is carried, and
    x is the most that leaves b d times what it then keeps.
    """
    found = []
    grid = np.arange(points) / (points - 1)
    carried = grid[(grid >= least - 1e-9) & (grid <= most + 1e-9)]
    for share_ in carried:
        given = carried[carried >= factor * share_ - 1e-9]
        asked = carried[1 - carried >= factor * (1 - given[0]) - 1e-9] if given.size else carried[:0]
        if asked.size and asked[-1] == share_:
            found.append(float(share_))
    return found


@pytest.mark.parametrize("least", [0.52, 0.56, 0.6, 0.64, 0.72, 0.8, 0.88, 0.96])
def test_a_binding_threshold_is_what_a_responder_gets(least: float) -> None:
    """Over thresholds beyond d/(1+d) a gets exactly k1 when b proposes first."""
    assert share((threshold(least), "protocol.first=b")) == pytest.approx(least, abs=1e-9)


@pytest.mark.parametrize("points", [11, 21, 26, 50])
@pytest.mark.parametrize("factor", [0.5, 0.8, 0.9])
def test_a_first_proposers_share_is_an_equilibrium_of_the_grid(points: int, factor: float) -> None:
    """Whatever the threshold, the share is an equilibrium of the grid, within s/(1-d) of max(1/(1+d), 1 - d(1-k1))."""
    for least in np.array([0.3, 0.5, 0.6, 0.7, 0.9]):
        at = np.ceil(least * (points - 1) - 1e-9) / (points - 1)  # the least point that is carried
        found = share((threshold(float(at)), *patience(factor)), points=points)
        assert np.abs(found - np.array(equilibria(float(at), factor, points))).min() < 1e-9
        exact = max(1 / (1 + factor), 1 - factor * (1 - at))
        assert abs(found - exact) <= 1 / (points - 1) / (1 - factor) + 1e-9


@pytest.mark.parametrize(
    ("one", "two", "first", "published"),
    [(0.6, 0.3, "b", 0.6), (0.72, 0.2, "b", 0.72), (0.64, 0.36, "a", 0.64), (0.64, 0.36, "b", 0.64)],
)
@pytest.mark.parametrize("factor", [0.99, 0.999, 0.9999])
def test_patience_leaves_the_constraint_alone(
    one: float, two: float, first: str, published: float, factor: float
) -> None:
    """As d tends to 1 the share is clip(1/2, k1, 1-k2), though the side that is bound less speaks first."""
    found = share((*both(one, two), *patience(factor), f"protocol.first={first}"))
    assert found == pytest.approx(published, abs=1e-9)


@pytest.mark.parametrize(("one", "two"), [(0.6, 0.3), (0.2, 0.6), (0.0, 0.52)])
@pytest.mark.parametrize("factor", [0.8, 0.99])
def test_two_bound_sides_meet_in_an_equilibrium_of_the_grid(one: float, two: float, factor: float) -> None:
    """With two assemblies the share is one of the grid's equilibria; the continuous answer is within a step of one."""
    found = share((*both(one, two), *patience(factor)))
    stand = np.array(equilibria(one, factor, 26, 1 - two))
    assert np.abs(found - stand).min() < 1e-9
    x, y = 1 / (1 + factor), 1 / (1 + factor)
    for _ in range(10_000):
        x, y = min(1 - two, 1 - factor * y), min(1 - one, 1 - factor * x)
    assert np.abs(x - stand).min() <= 1 / 25 + 1e-9


def both(one: float, two: float) -> tuple[str, str]:
    """Return the overrides that give both sides an assembly."""
    return threshold(one), f"parties.b.audience={{link: step, threshold: {two}}}"


def patience(factor: float) -> tuple[str, str]:
    """Return the overrides that give both sides this discount factor."""
    return f"parties.a.discount_factor={factor}", f"parties.b.discount_factor={factor}"


def test_tighter_thresholds_never_hurt_the_bound_side_until_none_is_left() -> None:
    """The bound side's share rises with its threshold, and beyond the other's there is no deal at all."""
    shares = [share((threshold(least),)) for least in (0.4, 0.56, 0.64, 0.8, 0.96)]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.3
    assert played("two-level-game", *both(0.6, 0.5))["agreed_step"][0] == -1


@pytest.mark.parametrize(("one", "two"), [(0.6, 0.44), (0.68, 0.36), (0.9, 0.9)])
def test_disjoint_win_sets_leave_no_deal(one: float, two: float) -> None:
    """With k1 + k2 > 1 nothing that one assembly carries is carried by the other, and nothing is ever signed."""
    found = played("two-level-game", *both(one, two))
    assert found["agreed_step"][0] == -1
    assert found["payoff.a"][0] == found["payoff.b"][0] == 0


@pytest.mark.parametrize(
    ("low", "high", "offer", "fails"),
    [(0.3, 0.7, 0.65, 0.125), (0.1, 0.9, 0.55, 0.4375), (0.2, 0.8, 0.6, 1 / 3), (0.4, 0.6, 0.6, 0), (0.5, 0.5, 0.5, 0)],
)
def test_an_uncertain_threshold_makes_ratification_fail(low: float, high: float, offer: float, fails: float) -> None:
    """Against k1 uniform on [lo, hi] b offers clip((1+lo)/2, lo, hi), and the deal fails with chance (hi-s)/(hi-lo)."""
    middle, spread = (low + high) / 2, (high - low) / 2
    sets = (f"parties.a.audience.threshold={middle}", f"parties.a.audience.spread={spread:.3f}")
    found = played("failed-ratification", *sets, draws=DRAWS)
    deal = found["status"] == AGREEMENT
    assert np.abs(found["agreed.pie"][deal] / 40 - offer).max() < 1e-9
    assert abs((~deal).mean() - fails) <= 3 * np.sqrt(fails * (1 - fails) / DRAWS)
    error = 3 * (1 - offer) * np.sqrt(fails * (1 - fails) / DRAWS)
    assert abs(found["payoff.b"].mean() - (1 - offer) * (1 - fails)) <= error + 1e-12
