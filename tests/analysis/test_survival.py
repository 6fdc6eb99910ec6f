"""Kaplan and Meier's estimate is the published one, and agrees with SciPy's wherever both are defined."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.analysis.survival import kaplan_meier, lives, log_log_band, median_life

# Freireich et al. (1963), weeks of remission under 6-mercaptopurine, as printed by Cox & Oakes (1984, table 1.1)
ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
WATCHED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PUBLISHED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
ERRORS = {6: 0.0764, 7: 0.0869, 10: 0.0963, 13: 0.1068, 16: 0.1141, 22: 0.1282, 23: 0.1346}


def freireich() -> dict[int, dict[str, float]]:
    """The estimate for the 21 patients, by week."""
    durations = np.array(ENDED + WATCHED)
    return {int(row["step"]): row for row in kaplan_meier(durations, np.arange(21) < len(ENDED))}


def test_the_published_remissions() -> None:
    """The nine relapses among 21 patients give the survival that every textbook prints."""
    rows = freireich()
    for week, share in PUBLISHED.items():
        assert rows[week]["probability"] == pytest.approx(share, abs=5.1e-4)
    assert (rows[6]["at_risk"], rows[6]["ended"]) == (21, 3)
    assert (rows[7]["at_risk"], rows[10]["at_risk"], rows[23]["at_risk"]) == (17, 15, 6)
    assert median_life(list(rows.values())) == 23


def test_the_published_errors_stand_behind_the_band() -> None:
    """The band is the log-log interval of Greenwood's published standard errors."""
    rows = freireich()
    for week, error in ERRORS.items():
        share = rows[week]["probability"]
        low, high = log_log_band(share, (error / share) ** 2, 21)
        assert (rows[week]["low"], rows[week]["high"]) == pytest.approx((low, high), abs=5e-4)


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=2, max_size=60))
def test_it_agrees_with_scipy(found: list[tuple[int, bool]]) -> None:
    """Estimate and log-log band are SciPy's for any durations, wherever the band is defined."""
    durations = np.array([step for step, _ in found])
    ended = np.array([over for _, over in found])
    if not ended.any():
        return
    sample = stats.CensoredData(uncensored=durations[ended], right=durations[~ended])
    theirs = stats.ecdf(sample).sf
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy says where its band is undefined
        band = theirs.confidence_interval(0.95, method="log-log")
    for row in kaplan_meier(durations, ended):
        assert row["probability"] == pytest.approx(float(theirs.evaluate(row["step"])), abs=1e-12)
        assert 0 <= row["low"] <= row["probability"] <= row["high"] <= 1
        edges = [float(edge.evaluate(row["step"])) for edge in (band.low, band.high)]
        if 0 < row["probability"] < 1 and np.isfinite(edges).all():
            assert (row["low"], row["high"]) == pytest.approx(edges, abs=1e-4)  # 1.96 for 1.95996


def test_without_ends_the_band_is_wilsons() -> None:
    """While nothing has ended the band falls short of 1 by what so few could hide; where all have it reaches 0."""
    rows = kaplan_meier(np.array([1, 2, 2]), np.array([0, 1, 1]))
    assert rows[0]["probability"] == 1
    assert rows[0]["low"] == pytest.approx(3 / (3 + 1.96**2))
    assert (rows[2]["probability"], rows[2]["low"]) == (0, 0)
    assert rows[2]["high"] == rows[1]["high"]


def test_lives_are_counted_from_the_signing() -> None:
    """A deal signed in step 2 and ended in step 5 lasted three steps; one never ended was watched to the last step."""
    durations, over = lives(np.array([2, 2, 9]), np.array([5, -1, -1]), 10)
    assert durations.tolist() == [3, 7, 0]
    assert over.tolist() == [True, False, False]


def test_what_cannot_be_is_refused() -> None:
    """Durations below nought, and flags that do not match, are refused; no durations give no rows."""
    for durations, ended in (([-1], [1]), ([1, 2], [1])):
        with pytest.raises(ValueError, match="each duration"):
            kaplan_meier(np.array(durations), np.array(ended))
    assert kaplan_meier(np.zeros(0, dtype=np.int64), np.zeros(0)) == []
