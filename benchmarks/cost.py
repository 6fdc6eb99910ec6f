"""What a draw and step costs by strategy, issues, levels, variables, moves and audience: one axis at a time."""

from __future__ import annotations

from typing import Any

from benchmarks.figures import Effort, Spread, seconds_of, table
from benchmarks.games import Size, game
from sim import montecarlo

BASE = Size()
AXES: dict[str, tuple[Any, ...]] = {
    "strategy": ("time_dependent", "equilibrium", "bayesian", "tit_for_tat", "random"),
    "issues": (1, 2, 4, 6),
    "levels": (2, 3, 5, 9, 14),
    "variables": (0, 2, 4, 8, 16),
    "moves": (0, 2, 4, 8),
    "protocol": ("alternating", "simultaneous", "stacked_alternating"),
    "audience": (False, True),
}
FEWER: dict[str, tuple[Any, ...]] = {
    "strategy": ("time_dependent", "bayesian"),
    "issues": (2, 4),
    "levels": (3, 5),
    "variables": (0, 4),
    "moves": (0, 2),
    "protocol": ("alternating", "stacked_alternating"),
    "audience": (False, True),
}


def measure(effort: Effort) -> dict[str, Any]:
    """Return microseconds a draw and step, and their ratio to the base case, for each value of each axis."""
    draws, repeats = effort.of(1024, 2048, 4096), effort.of(1, 3, 5)
    axes = FEWER if effort is Effort.QUICK else AXES
    base = game(BASE)
    seconds_of(lambda: montecarlo.simulate(base, 1024))
    rows = []
    for axis, values in axes.items():
        for value in values:
            size = BASE._replace(**{axis: value})
            rows.append({"axis": axis, "value": value, **against_base(base, size, draws, repeats)})
    return {"base": BASE._asdict(), "draws": draws, "rows": rows}


def against_base(base: Any, size: Size, draws: int, repeats: int) -> dict[str, Any]:
    """Return the cost of a game a draw and step, and its ratio to the base case within each repeat."""
    other = game(size)
    per = 1e6 / (draws * size.steps)
    costs, found = [], []
    for _ in range(repeats):
        plain = seconds_of(lambda: montecarlo.simulate(base, draws)) if size != BASE else 0.0
        cost = seconds_of(lambda: montecarlo.simulate(other, draws))
        costs.append(cost * per)
        found.append(cost / plain if plain else 1.0)
    return {"us": Spread.of(costs)._asdict(), "ratio": Spread.of(found)._asdict()}


def ratios(found: dict[str, Any]) -> dict[str, tuple[dict[str, float], bool]]:
    """Return what a later run is held against: cost over that of the base case; less is better."""
    rows = [row for row in found["rows"] if row["value"] != found["base"][row["axis"]]]
    return {f"cost {row['axis']} {row['value']}": (row["ratio"], False) for row in rows}


def told(found: dict[str, Any]) -> str:
    """Return the part as a table for people."""
    base = ", ".join(f"{value} {name}" if name != "strategy" else str(value) for name, value in found["base"].items())
    rows = [
        (
            f"{row['axis']}: {str(row['value']).lower()}",
            str(Spread(**row["us"])),
            str(Spread(**row["ratio"])) if row["value"] != found["base"][row["axis"]] else "base",
        )
        for row in found["rows"]
    ]
    return f"  base: {base}\n{table(('cost, one process', 'us a draw and step', 'over the base'), rows)}"
