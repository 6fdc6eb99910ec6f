"""A known last round: Ståhl 1972, from the shipped scenario."""

from __future__ import annotations

import pytest

from sim.rules.types import DEADLINE
from tests.textbook import agreed, played


def share(rounds: int, one: float, two: float) -> float:
    """Return the first proposer's share: x(T) = 1 - d2 + d1 d2 x(T-2), x(1) = 1, x(2) = 1 - d2."""
    if rounds <= 2:
        return 1 if rounds == 1 else 1 - two
    return 1 - two + one * two * share(rounds - 2, one, two)


def patience(one: float, two: float) -> tuple[str, str]:
    """Return the overrides that give the sides these discount factors."""
    return f"parties.a.discount_factor={one}", f"parties.b.discount_factor={two}"


def test_the_shipped_three_rounds_give_the_published_share() -> None:
    """With three rounds and d = 0.9 the first proposer, who would also speak last, gets 0.91."""
    assert agreed("stahl", "pie") == pytest.approx(0.91, abs=1e-9)


@pytest.mark.parametrize(
    ("rounds", "equal", "unequal"),
    [
        (1, 1.0, 1.0),
        (2, 0.1, 0.2),
        (3, 0.91, 0.92),
        (4, 0.181, 0.344),
        (5, 0.8371, 0.8624),
        (10, 0.342801, 0.576077),
        (50, 0.523603, 0.714092),
    ],
)
def test_a_deadline_gives_stahl(rounds: int, equal: float, unequal: float) -> None:
    """With d = 0.9 the share is (1-(-d)^T)/(1+d); with d = (0.9, 0.8) it is 1 - d2 + d1 d2 x(T-2)."""
    same = agreed("stahl", "pie", f"time.deadline={rounds}")
    assert same == pytest.approx((1 - (-0.9) ** rounds) / 1.9, abs=1e-9)
    assert same == pytest.approx(equal, abs=5e-7)
    other = agreed("stahl", "pie", f"time.deadline={rounds}", *patience(0.9, 0.8))
    assert other == pytest.approx(share(rounds, 0.9, 0.8), abs=1e-9)
    assert other == pytest.approx(unequal, abs=5e-7)


@pytest.mark.parametrize("one", [0.2, 0.6, 0.95])
@pytest.mark.parametrize("two", [0.3, 0.8, 1.0])
@pytest.mark.parametrize("rounds", [2, 3, 7, 8])
def test_the_recursion_holds_over_a_grid(one: float, two: float, rounds: int) -> None:
    """Whatever the patience of the two, with an odd and with an even number of rounds."""
    found = agreed("stahl", "pie", f"time.deadline={rounds}", *patience(one, two))
    assert found == pytest.approx(share(rounds, one, two), abs=1e-9)


def test_whoever_would_speak_last_has_the_upper_hand() -> None:
    """One round more turns the table, and so does the other's beginning; the advantage fades as d^T."""
    odd, even = agreed("stahl", "pie"), agreed("stahl", "pie", "time.deadline=4")
    assert odd > 0.5 > even
    begun_by_the_other = agreed("stahl", "pie", "protocol.first=b")
    assert begun_by_the_other == pytest.approx(1 - odd, abs=1e-9)
    swings = [
        agreed("stahl", "pie", f"time.deadline={rounds}") - agreed("stahl", "pie", f"time.deadline={rounds + 1}")
        for rounds in (3, 13, 23)
    ]
    assert swings == pytest.approx([0.9**rounds for rounds in (3, 13, 23)], abs=1e-9)


def test_a_distant_last_round_is_none() -> None:
    """As T grows the share tends to Rubinstein's (1-d2)/(1-d1 d2), with an error of at most (d1 d2)^(T/2)."""
    limit = 0.2 / (1 - 0.72)
    for rounds in (10, 20, 30, 50):
        gap = abs(agreed("stahl", "pie", f"time.deadline={rounds}", *patience(0.9, 0.8)) - limit)
        assert gap <= 0.72 ** (rounds / 2)


def test_a_missed_deadline_leaves_nothing() -> None:
    """Sides who insist on more than there is miss the deadline, and have nothing."""
    stubborn = (
        "parties.a.offers={strategy: fixed, script: [{pie: 1}]}",
        "parties.b.offers={strategy: fixed, script: [{pie: 0}]}",
        "parties.a.accepts={strategy: constant, least: 0.5}",
        "parties.b.accepts={strategy: constant, least: 0.5}",
    )
    found = played("stahl", *stubborn)
    assert found["status"][0] == DEADLINE
    assert found["payoff.a"][0] == found["payoff.b"][0] == 0
