"""The Monte Carlo driver against NegMAS, a library for software agents that negotiate: same domain, rules and rounds.

Two parties with linear additive utilities play stacked alternating offers with time-dependent aspirations; each draw
has exponents of its own, and NegMAS is given those of the first draws.  Both must come to the same end: the share of
agreements and the mean round of these draws are shown for both, and a ratio without equal ends is no ratio.

Reference: Mohammad, Nakadai & Greenwald (2021), NegMAS: a platform for situated negotiations.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from benchmarks.figures import Effort, Spread, table
from sim import montecarlo
from sim.interop.domain import Domain, Issue, Profile
from sim.interop.scenario import Play, text_of
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario

ROUNDS, VALUES = 36, 5
ISSUES = (4, 5, 6)  # 625, 3,125 and 15,625 deals
EXPONENTS = (0.5, 4.0)
PARTIES = ("a", "b")


class Ends(NamedTuple):
    """How the draws ended that both have played."""

    agreements: float  # share
    mean_round: float  # of those with an agreement


def domain_of(issues: int, seed: int) -> Domain:
    """Return a random domain of ``VALUES`` values an issue; worths are drawn from [0, 1], the best of each is 1."""
    rng = np.random.default_rng(seed)
    names = tuple(Issue(f"issue{k}", tuple(f"v{v}" for v in range(VALUES))) for k in range(issues))

    def profile(name: str) -> Profile:
        weights = rng.dirichlet(np.ones(issues))
        worths = rng.random((issues, VALUES))
        worths /= worths.max(axis=1, keepdims=True)
        return Profile(name, tuple(weights.tolist()), tuple(map(tuple, worths.tolist())), 0.0, 1.0)

    return Domain("rival", names, (profile("a"), profile("b")))


def compiled_of(domain: Domain) -> Compiled:
    """Return the domain as a game whose exponents are drawn anew in every draw."""
    exponent = f"{{uniform: [{EXPONENTS[0]}, {EXPONENTS[1]}]}}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rival.yaml"
        path.write_text(text_of(domain, "rival", Play(ROUNDS, (1.0, 1.0)), "benchmark"), encoding="utf-8")
        return compile_scenario(load(path, tuple(f"parties.{party}.offers.exponent={exponent}" for party in PARTIES)))


def ours(compiled: Compiled, draws: int) -> tuple[float, np.ndarray[Any, Any]]:
    """Play ``draws`` draws; returns negotiations a second, and the step of each agreement (draws,), -1 for none."""
    started = perf_counter()
    found = montecarlo.simulate(compiled, draws)
    return draws / (perf_counter() - started), found.columns["agreed_step"]


def theirs(domain: Domain, compiled: Compiled, draws: int) -> tuple[float, np.ndarray[Any, Any]]:
    """Play the first ``draws`` draws in NegMAS; returns the same."""
    from negmas import AspirationNegotiator, SAOMechanism, make_issue
    from negmas.preferences import LinearAdditiveUtilityFunction

    issues = [make_issue(list(issue.values), name=issue.name) for issue in domain.issues]
    names = [issue.name for issue in domain.issues]
    utilities = [
        LinearAdditiveUtilityFunction(
            values={
                issue.name: dict(zip(issue.values, worth, strict=True))
                for issue, worth in zip(domain.issues, profile.worth, strict=True)
            },
            weights=dict(zip(names, profile.weights, strict=True)),
            issues=issues,
            reserved_value=profile.reservation,
        )
        for profile in domain.profiles
    ]
    drawn = compiled.numbers(0, 0).public
    exponents = [drawn[f"parties.{party}.offers.exponent"] for party in PARTIES]
    steps = np.full(draws, -1)
    started = perf_counter()
    for draw in range(draws):
        table = SAOMechanism(issues=issues, n_steps=ROUNDS)
        for party, exponent, utility in zip(PARTIES, exponents, utilities, strict=True):
            table.add(AspirationNegotiator(name=party, aspiration_type=float(exponent[draw])), ufun=utility)
        table.run()
        if table.agreement is not None:
            steps[draw] = table.state.step - 1  # counted from 1 there
    return draws / (perf_counter() - started), steps


def ends(steps: np.ndarray[Any, Any]) -> Ends:
    """Return how draws ended, from the step of each agreement, -1 for none."""
    agreed = steps[steps >= 0]
    return Ends(len(agreed) / len(steps), float(agreed.mean()) if len(agreed) else float("nan"))


def compare(issues: int, draws: int, few: int, repeats: int) -> dict[str, Any]:
    """Return speeds, their ratio over ``repeats``, and how the first ``few`` draws ended in both."""
    domain = domain_of(issues, seed=issues)
    compiled = compiled_of(domain)
    ours(compiled, few)
    fast, slow, ratio = [], [], []
    for _ in range(repeats):
        quick, mine = ours(compiled, draws)
        steady, other = theirs(domain, compiled, few)
        fast.append(quick)
        slow.append(steady)
        ratio.append(quick / steady)
    return {
        "deals": VALUES**issues,
        "draws": draws,
        "rival_draws": few,
        "per_s": Spread.of(fast)._asdict(),
        "rival_per_s": Spread.of(slow)._asdict(),
        "ratio": Spread.of(ratio)._asdict(),
        "ends": ends(mine[:few])._asdict(),
        "rival_ends": ends(other)._asdict(),
        "equal": bool((mine[:few] == other).all()),
    }


def measure(effort: Effort) -> dict[str, Any]:
    """Return both libraries' speeds and their ratio, for each size of domain."""
    draws, few, repeats = effort.of(2_000, 20_000, 100_000), effort.of(4, 40, 80), effort.of(2, 3, 5)
    return {"rounds": ROUNDS, "domains": [compare(k, draws, few, repeats) for k in ISSUES]}


def ratios(found: dict[str, Any]) -> dict[str, tuple[dict[str, float], bool]]:
    """Return what a later run is held against: draws a second over the rival's; more is better."""
    return {f"rival {one['deals']:,} deals": (one["ratio"], True) for one in found["domains"]}


def told(found: dict[str, Any]) -> str:
    """Return the part as a table for people."""
    rows = []
    for one in found["domains"]:
        mine, other = Ends(**one["ends"]), Ends(**one["rival_ends"])
        rows.append(
            (
                f"{one['deals']:,} deals",
                f"{one['draws']:,}",
                str(Spread(**one["per_s"])),
                str(Spread(**one["rival_per_s"])),
                str(Spread(**one["ratio"])),
                f"{mine.agreements:.3f} {other.agreements:.3f}",
                f"{mine.mean_round:.2f} {other.mean_round:.2f}",
            )
        )
    head = ("negotiations/s, one process", "draws", "Monte Carlo", "NegMAS", "ratio", "agreements", "mean round")
    return table(head, rows)
