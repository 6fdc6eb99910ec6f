"""Games of any size, made for measuring: so many issues of so many levels, variables and moves, and a strategy.

Every weight, value and exponent is drawn anew in every draw, so that no work can be shared between draws that a real
scenario could not share.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario

Tree = dict[str, Any]
PARTIES = ("a", "b")
ANSWERS = {
    "time_dependent": "aspiration",
    "bayesian": "going_on",
    "equilibrium": "going_on",
    "tit_for_tat": "next",
    "random": "next",
}


class Size(NamedTuple):
    """How large a game is; the base case of all comparisons."""

    strategy: str = "time_dependent"
    issues: int = 4
    levels: int = 5
    variables: int = 4
    moves: int = 2
    steps: int = 24
    protocol: str = "alternating"
    audience: bool = True


def game(size: Size, *sets: str) -> Compiled:
    """Return a game of that size, ready to be played."""
    with tempfile.TemporaryDirectory() as folder:
        return compile_scenario(load(written(size, Path(folder)), sets))


def written(size: Size, folder: Path) -> Path:
    """Write the game as a scenario's file; returns its path."""
    path = folder / "measured.yaml"
    path.write_text(json.dumps(tree(size), indent=1), encoding="utf-8")
    return path


def tree(size: Size) -> Tree:
    """Return the game as the tree of its file.

    Side a gains by high levels and side b by low ones; each variable moves one side's flow in talks and deals, each
    move shakes one variable, and a's audience must ratify.
    """
    rng = np.random.default_rng(0)
    stacked = size.protocol == "stacked_alternating"
    issues = [_issue(k, size.levels, rng) for k in range(size.issues)]
    return {
        "format_version": 1,
        "id": "measured",
        "title": "A game for measuring",
        "summary": "Made by a program; it describes nothing.",
        "time": {"step": "month", "window": size.steps, **({"deadline": size.steps} if stacked else {})},
        "protocol": {"kind": size.protocol} | ({} if size.protocol == "simultaneous" else {"first": "random"}),
        "parties": [_party(name, size) for name in PARTIES],
        "issues": issues,
        "status_quo": {"terms": {issue["id"]: "l0" for issue in issues}, "flows": {"a": -0.1}},
        "breakdown": {"rate": 0.1, "absolute": True, "flows": {name: {"uniform": [0.1, 0.3]} for name in PARTIES}},
        "variables": [_variable(k) for k in range(size.variables)],
        "third_parties": [{"id": "third", "label": "A third party"}],
        "moves": [_move(k, size.variables) for k in range(size.moves)],
        "effects": [_effect(k) for k in range(size.variables)],
        "outcomes": [
            {"id": "agreement", "label": "Agreement", "when": {"status": "agreement"}},
            {"id": "none", "label": "No agreement", "when": {}},
        ],
    }


def _party(name: str, size: Size) -> Tree:
    exponent = {"exponent": {"uniform": [0.5, 2.0]}} if size.strategy == "time_dependent" else {}
    found: Tree = {
        "id": name,
        "label": name,
        "discount_rate": {"uniform": [0.05, 0.2]},
        "offers": {"strategy": size.strategy, **exponent},
        "accepts": ANSWERS[size.strategy],
    }
    if size.audience and name == "a":
        pull = {"threshold": {"uniform": [0.1, 0.3]}, "precision": {"uniform": [8, 16]}}
        found["audience"] = {"link": "logistic", "on_failure": "end", **pull}
    return found


def _issue(k: int, levels: int, rng: np.random.Generator) -> Tree:
    def rising(*, up: bool) -> Tree:
        middle = sorted(rng.uniform(0.1, 0.9, levels - 2).tolist(), reverse=not up)
        ends = ([0.0], [1.0]) if up else ([1.0], [0.0])
        values = [*ends[0], *({"uniform": [v - 0.09, v + 0.09]} for v in middle), *ends[1]]
        return {f"l{level}": value for level, value in enumerate(values)}

    return {
        "id": f"issue{k:02}",
        "label": f"Issue {k + 1}",
        "levels": [{"id": f"l{level}"} for level in range(levels)],
        "weights": {name: {"uniform": [0.5, 2.0]} for name in PARTIES},
        "values": {name: rising(up=name == "a") for name in PARTIES},
    }


def _variable(k: int) -> Tree:
    return {
        "id": f"variable{k:02}",
        "label": f"Variable {k + 1}",
        "bounds": [0, 1],
        "start": {"uniform": [0.3, 0.7]},
        "mean": {"uniform": [0.3, 0.7]},
        "reversion": {"uniform": [0.5, 2.0]},
        "volatility": {"uniform": [0.1, 0.4]},
    }


def _move(k: int, variables: int) -> Tree:
    jumps = {f"variable{k % variables:02}": {"uniform": [-0.3, 0.3]}} if variables else {}
    return {
        "id": f"move{k:02}",
        "label": f"Move {k + 1}",
        "by": "third",
        "rate": {"uniform": [0.1, 0.5]},
        "jumps": jumps,
    }


def _effect(k: int) -> Tree:
    coefficient = {"uniform": [-0.2, 0.2]}
    return {
        "id": f"effect{k:02}",
        "on": "flow",
        "party": PARTIES[k % 2],
        "variable": f"variable{k:02}",
        "coefficient": coefficient,
        "status": ["talks", "agreement"],
    }
