"""Every number of the literature that the engine can play, the same formulas at other values, and limits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.published.claims import CLAIMS, LIMITS
from tests.published.claims.claim import ERRORS, Claim, Limit, Worked

WORKED = [(claim, number) for claim in CLAIMS for number in claim.worked]


def named(thing: object) -> str | None:
    """Return the name of a claim or a limit in a test's id."""
    return thing.name if isinstance(thing, Claim | Limit) else None


@pytest.mark.parametrize(("claim", "number"), WORKED, ids=named)
def test_the_engine_gives_the_published_number(claim: Claim, number: Worked) -> None:
    """The number as printed, to its six digits, and the formula behind it as exactly as the engine can."""
    assert claim.theory(**number.values) == pytest.approx(number.published, abs=5.1e-7)
    found = claim.engine(**number.values)
    assert abs(found.value - number.published) <= 5.1e-7 + claim.within + ERRORS * found.error
    assert claim.gap(number.values, found) <= claim.within


@pytest.mark.parametrize("claim", CLAIMS, ids=named)
def test_other_values_of_the_same_formula(claim: Claim, full: bool, reached: Callable[[int, str], None]) -> None:
    """The engine follows each formula at values that no paper has worked out."""
    rng = np.random.default_rng(1)
    count = 30 if full else 1
    for _ in range(count):
        values = claim.others(rng)
        found = claim.engine(**values)
        assert claim.gap(values, found) <= claim.within, f"{values}: {found}, not {claim.theory(**values)}"
    reached(5, f"{claim.name} at {count} other values")


@pytest.mark.parametrize("limit", LIMITS, ids=named)
def test_a_limit_is_approached_in_its_order(limit: Limit) -> None:
    """The distance from a limit falls with the step, and as fast as it should."""
    gaps = limit.gaps()
    assert limit.is_approached(gaps), (gaps, limit.orders(gaps))
