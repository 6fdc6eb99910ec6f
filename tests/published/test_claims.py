"""Every number of the literature that the engine can play, the same formulas at other values, and limits."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from tests.docs.pages import read
from tests.docs.test_model import TEST, all_tests
from tests.promises.faults import FAULTS
from tests.published import verification
from tests.published.claims import CLAIMS, LIMITS
from tests.published.claims.claim import ERRORS, Claim, Limit, Worked

PAGE = read("docs/verification.md")
STALE = "make the page anew: python -m tests.published.verification"
DEAR = "found by trying, or in many long games: in full only (make promises)"
WORKED = [(claim, number) for claim in CLAIMS for number in claim.worked]


def named(thing: object) -> str | None:
    """Return the name of a claim or a limit in a test's id."""
    return thing.name if isinstance(thing, Claim | Limit) else None


@pytest.mark.parametrize(("claim", "number"), WORKED, ids=named)
def test_the_engine_gives_the_published_number(claim: Claim, number: Worked, full: bool) -> None:
    """The number as printed, to its six digits, the formula behind it as exactly as the engine can, and the page."""
    if claim.dear and not full and number is not claim.worked[0]:
        pytest.skip(DEAR)
    assert claim.theory(**number.values) == pytest.approx(number.published, abs=5.1e-7)
    found = claim.engine(**number.values)
    assert abs(found.value - number.published) <= 5.1e-7 + claim.within + ERRORS * found.error
    assert claim.gap(number.values, found) <= claim.within
    assert verification.row(claim, number, found) in PAGE, STALE


@pytest.mark.parametrize("claim", CLAIMS, ids=named)
def test_other_values_of_the_same_formula(claim: Claim, full: bool, reached: Callable[[int, str], None]) -> None:
    """The engine follows each formula at values that no paper has worked out."""
    if claim.dear and not full:
        pytest.skip(DEAR)
    rng = np.random.default_rng(1)
    count = 30 if full else 1
    for _ in range(count):
        values = claim.others(rng)
        found = claim.engine(**values)
        assert claim.gap(values, found) <= claim.within, f"{values}: {found}, not {claim.theory(**values)}"
    reached(5, f"{claim.name} at {count} other values")


@pytest.mark.parametrize("limit", LIMITS, ids=named)
def test_a_limit_is_approached_in_its_order(limit: Limit, full: bool) -> None:
    """The distance from a limit falls with the step, and as fast as it should."""
    if limit.dear and not full:
        pytest.skip(DEAR)
    gaps = limit.gaps()
    assert limit.is_approached(gaps), (gaps, limit.orders(gaps))
    assert verification.line(limit, gaps) in PAGE, STALE


def test_the_page_holds_nothing_else() -> None:
    """The page of what is verified has one line for each number and each limit, in their order."""
    numbers, limits, _ = verification.tables(PAGE)
    assert [line.split(" | ")[0] for line in numbers] == [f"| {claim.of}" for claim, _ in WORKED]
    assert [line.split(" | ")[0] for line in limits] == [f"| {limit.of}" for limit in LIMITS]


def test_the_page_counts_the_planted_faults() -> None:
    """The number of faults that the page states is the number planted."""
    assert f"\n{len(FAULTS)} faults are planted" in PAGE


def test_every_test_named_on_the_page_exists() -> None:
    """The page names tests that are there."""
    assert set(TEST.findall(PAGE)) <= all_tests()


def test_every_subject_has_a_number_a_limit_or_a_reason() -> None:
    """Of T1 to T18 each is played, or stands among what is not verified with the reason."""
    subjects = [claim.of for claim, _ in WORKED] + [limit.of for limit in LIMITS]
    met = {re.sub(r"\D", "", subject) for subject in subjects}
    reasons = PAGE.split("## Not verified, and why")[1]
    assert [n for n in range(1, 19) if str(n) not in met and f"| T{n}" not in reasons] == []
