"""Rounds that come at a rate: only the discounting until the next meeting counts, from the shipped scenarios.

With a chance m of meeting in a round, the mean discount factor until the next meeting is ``e = d m / (1 - d (1-m))``;
in continuous time it is ``e = l / (l + r)``, l the rate of meetings and r that of time preference (offers at the times
of a Poisson process: Binmore 1987; Ambrus & Lu 2015).
"""

from __future__ import annotations

from math import exp, log
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.published.test_random_recognition import game, hope, shares
from tests.textbook import played, walked

DRAWS = 4096
PATIENCE = [(0.9, 0.8), (0.5, 0.95), (0.99, 0.2)]


def rate(meeting: float) -> str:
    """Return the override for a chance of meeting in a round of one year."""
    return f"protocol.meetings={-log(1 - meeting)}"


def until_met(factor: float, meeting: float) -> float:
    """Return the mean discount factor until the next meeting, d m / (1 - d (1-m))."""
    return factor * meeting / (1 - factor * (1 - meeting))


@pytest.mark.parametrize("meeting", [0.1, 0.5, 0.95])
@pytest.mark.parametrize(("one", "two"), PATIENCE)
def test_by_lot_the_shares_are_those_of_the_patience_until_the_next_meeting(
    meeting: float, one: float, two: float
) -> None:
    """Binmore's shares, with e_i in the place of d_i; whenever they first meet."""
    found = played("random-recognition", *game(0.3, one, two), rate(meeting), draws=256)
    pie = found["agreed.pie"][found["agreed_step"] >= 0]
    gaps = np.abs(pie[:, None] - np.array(shares(0.3, until_met(one, meeting), until_met(two, meeting))))
    assert gaps.min(axis=1).max() < 1e-9
    assert (gaps < 1e-9).any(axis=0).all()


@pytest.mark.parametrize("meeting", [0.1, 0.5, 0.95])
@pytest.mark.parametrize(("one", "two"), PATIENCE)
def test_each_knows_what_going_on_is_worth(meeting: float, one: float, two: float) -> None:
    """By lot it is e V, V before the lot is drawn; by turns R, what one has if it refuses, and d R to who offered."""
    early, late = until_met(one, meeting), until_met(two, meeting)
    value = hope(0.3, early, late)
    known = walked("random-recognition", *game(0.3, one, two), rate(meeting)).records[0].threshold[:, 0]
    assert known == pytest.approx([early * value, late * (1 - value)], abs=1e-9)
    known = walked("rubinstein", *factors(one, two), rate(meeting)).records[0].threshold[:, 0]
    demands = by_turns(one, two, meeting)
    assert known == pytest.approx([one * demands[0], demands[1]], abs=1e-9)


@pytest.mark.parametrize("meeting", [0.1, 0.5, 0.95])
@pytest.mark.parametrize(("one", "two"), PATIENCE)
def test_who_proposes_always_takes_all_whenever_they_meet(meeting: float, one: float, two: float) -> None:
    """One side's offers leave the other what it has without a deal, however rare they are."""
    sets = ("protocol={kind: one_sided, by: a}", *factors(one, two), rate(meeting))
    found = played("rubinstein", *sets, draws=256)
    pie = found["agreed.pie"][found["agreed_step"] >= 0]
    assert len(pie) > 100
    assert pie == pytest.approx(np.ones(len(pie)), abs=1e-9)


@pytest.mark.parametrize("meeting", [0.1, 0.5, 0.95])
@pytest.mark.parametrize(("one", "two"), PATIENCE)
def test_turns_that_may_be_missed_have_known_shares(meeting: float, one: float, two: float) -> None:
    """By turns, a turn that is missed being the other's next: two equations in what each would have."""
    sets = ("protocol={kind: alternating, first: a}", *factors(one, two), rate(meeting))
    found = played("rubinstein", *sets, draws=256)
    at, demands = found["agreed_step"], by_turns(one, two, meeting)
    expected = np.where(at % 2 == 0, 1 - demands[1], demands[0])
    assert np.abs(found["agreed.pie"] - expected)[at >= 0].max() < 1e-9
    assert set(at[at >= 0] % 2) == {0, 1}


@pytest.mark.parametrize("meeting", [0.2, 0.7])
def test_meetings_come_in_their_share_of_the_rounds(meeting: float) -> None:
    """The step of the first meeting is geometric: its mean and the share that meet at once, within four errors."""
    at = played("random-recognition", "time.window=60", rate(meeting), draws=DRAWS)["agreed_step"]
    assert (at >= 0).all()
    assert at.mean() == pytest.approx((1 - meeting) / meeting, abs=4 * at.std() / np.sqrt(DRAWS))
    assert (at == 0).mean() == pytest.approx(meeting, abs=4 * np.sqrt(meeting * (1 - meeting) / DRAWS))


def test_in_short_steps_the_rate_alone_counts() -> None:
    """With rates r_i and l meetings a year, e_i = l / (l + r_i), to the first order in the length of a step."""
    rates, meetings = (0.1, 0.2), 2.0
    limit = shares(0.3, *(meetings / (meetings + each) for each in rates))
    gaps = []
    for years, steps in ((0.1, 30), (0.02, 60), (0.004, 160)):  # long enough for both to have had their say
        sets = (f"time.step={{years: {years}}}", *game(0.3, *(exp(-each * years) for each in rates)))
        found = played("random-recognition", *sets, f"protocol.meetings={meetings}", f"time.window={steps}", draws=64)
        pie = np.unique(np.round(found["agreed.pie"][found["agreed_step"] >= 0], 9))
        assert len(pie) == 2
        gaps.append(np.abs(pie - np.sort(limit)).max())
    assert np.array(gaps[:-1]) / np.array(gaps[1:]) == pytest.approx(5, rel=0.1)


def test_who_never_meets_never_agrees() -> None:
    """At a rate of nought nothing is ever offered."""
    found = played("rubinstein", "protocol.meetings=0", draws=64)
    assert (found["agreed_step"] < 0).all()
    assert (found["offers"] == 0).all()


@pytest.mark.parametrize("protocol", ["alternating, first: a", "random", "simultaneous", "one_sided, by: b"])
@pytest.mark.parametrize("factor", [0.9, 1])
def test_who_never_meets_has_what_talks_alone_are_worth(protocol: str, factor: float) -> None:
    """With no meeting to come, going on is worth the flow of the talks, to the patient without end too."""
    sets = (f"protocol={{kind: {protocol}, meetings: 0}}", *factors(factor, factor), "status_quo.flows.b=-0.7")
    model = walked("rubinstein", *sets)
    assert [float(record.threshold[side, 0]) for record in model.records[:3] for side in (0, 1)] == pytest.approx(
        [0.0, 0.3] * 3, abs=1e-9
    )


def by_turns(one: float, two: float, meeting: float) -> NDArray[Any]:
    """Return what each would have if it refused, ``R_i = d_i m (1 - R_j) + d_i d_i (1-m) R_i``."""
    rooms = [1 - factor**2 * (1 - meeting) for factor in (one, two)]
    return np.linalg.solve([[rooms[0], one * meeting], [two * meeting, rooms[1]]], [one * meeting, two * meeting])


def factors(one: float, two: float) -> tuple[str, str]:
    """Return the overrides for both discount factors."""
    return f"parties.a.discount_factor={one}", f"parties.b.discount_factor={two}"
