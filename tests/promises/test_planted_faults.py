"""Faults planted in the rules are told by published numbers: thirty and more, each by the number named beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from tests.conftest import FULL
from tests.promises.faults import FAULTS, Fault
from tests.published.claims import CLAIMS, LIMITS

SAMPLE = range(0, len(FAULTS), 1 if FULL else 4)
claims = {claim.name: claim for claim in CLAIMS}
limits = {limit.name: limit for limit in LIMITS}


def holds(name: str) -> bool:
    """Tell whether the engine still gives a published number, or approaches a limit as it should."""
    if name in limits:
        return limits[name].is_approached(limits[name].gaps())
    claim = claims[name]
    worked = [claim.holds(number.values) for number in claim.worked]
    return all(worked) if worked else claim.holds(claim.others(np.random.default_rng(0)))


@cache
def holds_without(name: str) -> bool:
    """Tell the same of the rules as they are."""
    return holds(name)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a wrong rule may divide by nothing
@pytest.mark.parametrize("at", SAMPLE, ids=lambda at: f"{FAULTS[at].where}: {FAULTS[at].wrong}")
def test_a_planted_fault_is_told_by_a_published_number(at: int, reached: Callable[[int, str], None]) -> None:
    """With the fault in the rules the number is missed; without it, it is met."""
    fault = FAULTS[at]
    with fault.planted():
        assert not holds(fault.told_by)
    assert holds_without(fault.told_by)
    reached(5, f"{fault.where}: {fault.wrong}, told by {fault.told_by}")


def test_there_are_thirty_faults_and_all_fit() -> None:
    """At least thirty different faults, each of which still fits the source it is planted in."""
    assert len(set(FAULTS)) >= 30
    for fault in FAULTS:
        with fault.planted():
            pass
    assert isinstance(FAULTS[0], Fault)
