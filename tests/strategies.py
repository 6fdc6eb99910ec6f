"""Scenarios for tests: pies to divide, random domains of indivisible issues, and how to play them from YAML."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim import montecarlo, randomness
from sim.agents import Bargain
from sim.ledger import Result
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario

Tree = dict[str, Any]
NOTHING: Tree = {"absolute": True, "flows": {"a": 0, "b": 0}}  # a collapse that leaves nothing to either side


def normals(seed: int, stream: str, block: int, steps: int = 1) -> NDArray[np.float64]:
    """Return standard normals of a stream, all steps at once (steps, 1024)."""
    return randomness.generator(seed, stream, block).standard_normal((steps, randomness.BLOCK))


def compiled(tree: Tree) -> Compiled:
    """Return the game of a scenario given as a tree, by way of its YAML text."""
    with tempfile.TemporaryDirectory() as folder:
        return compile_scenario(load(written(tree, Path(folder))))


def written(tree: Tree, folder: Path) -> Path:
    """Write a scenario given as a tree as YAML; returns the file."""
    path = folder / f"{tree['id']}.yaml"
    path.write_text(yaml.dump(tree, Dumper=_Plain, sort_keys=False), encoding="utf-8")
    return path


class _Plain(yaml.SafeDumper):
    """Writes out what is named twice."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def played(tree: Tree, draws: int = 1, seed: int = 0) -> Result:
    """Return what the Monte Carlo driver finds."""
    return montecarlo.simulate(compiled(tree), draws, seed)


def walked(tree: Tree, seed: int = 0, draw: int = 0) -> Bargain:
    """Return the Mesa model of one draw, played to its end."""
    model = Bargain(compiled(tree), seed, draw)
    model.play()
    return model


def party(name: str, offers: Any = "equilibrium", accepts: Any = "going_on", **more: Any) -> Tree:
    """Return one party."""
    return {"id": name, "label": name, "offers": offers, "accepts": accepts, **more}


def share_of(name: str = "pie", weights: tuple[float, float] = (1, 1), points: int | None = None) -> Tree:
    """Return an issue to be divided: the share that goes to side a."""
    return {
        "id": name,
        "label": name,
        "range": [0, 1],
        **({"continuous": True} if points is None else {"points": points}),
        "weights": dict(zip("ab", weights, strict=True)),
        "values": {"a": {"shape": "linear", "best": "high"}, "b": {"shape": "linear", "best": "low"}},
    }


def pie(
    factors: tuple[Any, Any] = (0.9, 0.8),
    *,
    deadline: int | str = "none",
    window: int = 4,
    first: str = "a",
    offers: tuple[Any, Any] = ("equilibrium", "equilibrium"),
    points: int | None = None,
    **more: Any,
) -> Tree:
    """Return a pie of size one between a and b, worth nothing while they talk, and nothing if they never agree."""
    return {
        "format_version": 1,
        "id": "pie",
        "title": "A pie",
        "summary": "Two sides divide a pie.",
        "time": {"step": "round", "window": window, "deadline": deadline},
        "protocol": {"kind": "alternating", "first": first},
        "curve_points": 512,
        "parties": [
            party(name, offer, discount_factor=factor)
            for name, offer, factor in zip("ab", offers, factors, strict=True)
        ],
        "issues": [share_of(points=points)],
        "status_quo": {"terms": {"pie": 0}, "flows": {"b": -1}},
        "breakdown": NOTHING,
        "outcomes": [
            {"id": "agreement", "label": "A deal", "when": {"status": "agreement"}},
            {"id": "none", "label": "None", "when": {}},
        ],
        **more,
    }


def rates(tree: Tree, first: float, second: float, years: float) -> Tree:
    """Return the scenario with discount rates per year and rounds of so many years."""
    for one, rate in zip(tree["parties"], (first, second), strict=True):
        del one["discount_factor"]
        one["discount_rate"] = rate
    tree["time"]["step"] = {"years": years}
    return tree


def ultimatum(low: float, high: float, *, win: float = 0.5, cost: float = 0.1, **more: Any) -> Tree:
    """Return Fearon's ultimatum: a demands once, b's cost of fighting is uniform on [low, high] and its own secret."""
    spread = (high - low) / 2
    fight: Any = 1 - win - (low + high) / 2
    if spread > 0:
        fight = {"value": fight, "private": {"spread": spread}}
    tree = pie((1, 1), deadline=1, window=1, offers=("bayesian", "bayesian"), **more)
    tree["protocol"] = {"kind": "one_sided", "by": "a"}
    tree["breakdown"] = {"absolute": True, "flows": {"a": win - cost, "b": fight}}
    return tree


def secret(value: float, spread: float, **more: Any) -> Tree:
    """Return a private number; ``more``: its type, its bias."""
    return {"value": value, "private": {"spread": spread, **more}}


def constant_breakdown(tree: Tree) -> Tree:
    """Return the scenario with a collapse that is worth what talking is worth: nothing changes with time."""
    tree["breakdown"] = {"terms": {}, "flows": dict(tree["status_quo"].get("flows", {}))}
    return tree


def random_domain(seed: int, *, offers: str = "equilibrium", deadline: int | str = "none") -> Tree:
    """Return a random bargain over one to three indivisible issues, in an environment that never changes."""
    rng = np.random.default_rng(seed)
    factors = tuple(round(float(d), 3) for d in rng.uniform(0.3, 0.99, 2))
    tree = pie((factors[0], factors[1]), deadline=deadline, offers=(offers, offers), first=str(rng.choice(["a", "b"])))
    issues, start = [], {}
    for k in range(rng.integers(1, 4)):
        levels = [f"l{at}" for at in range(rng.integers(2, 5))]
        issues.append(
            {
                "id": f"i{k}",
                "label": "An issue",
                "levels": [{"id": level} for level in levels],
                "weights": {side: round(float(rng.uniform(0.1, 1.0)), 3) for side in "ab"},
                "values": {side: {level: round(float(rng.random()), 3) for level in levels} for side in "ab"},
            }
        )
        start[f"i{k}"] = str(rng.choice(levels))
    tree["issues"] = issues
    tree["status_quo"] = {
        "terms": start,
        "flows": {side: round(float(rng.uniform(-0.5, 0.3)), 3) for side in "ab"},
    }
    return constant_breakdown(tree)


def with_exits(tree: Tree, seed: int) -> Tree:
    """Return the scenario with a random exit for each side that the seed gives one."""
    rng = np.random.default_rng(seed)
    tree["exits"] = [
        {
            "id": f"quit_{by}",
            "label": "A way out",
            "by": by,
            "terms": {},
            "flows": {side: round(float(rng.uniform(0.0, 0.7)), 3) for side in "ab"},
            "absolute": True,
        }
        for by in "ab"
        if rng.random() < 0.6
    ]
    return tree


seeds = st.integers(min_value=0, max_value=2**31 - 1)
factors = st.floats(min_value=0.05, max_value=0.99)
