"""Parley: two wary parties, many issues, a moving world, thousands of draws.

`run` simulates a scenario and `load` reads and validates one; `is_individually_rational`, `is_pareto_efficient` and
`is_subgame_perfect` check a result. All are imported when they are first used, so that `import sim` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiment import Run, run
    from sim.rules.checkers import is_individually_rational, is_pareto_efficient, is_subgame_perfect
    from sim.scenario import load

__version__ = "0.1.0"
__all__ = [
    "Run",
    "__version__",
    "is_individually_rational",
    "is_pareto_efficient",
    "is_subgame_perfect",
    "load",
    "run",
]

_HOMES = {
    "Run": "sim.experiment",
    "run": "sim.experiment",
    "load": "sim.scenario",
    "is_individually_rational": "sim.rules.checkers",
    "is_pareto_efficient": "sim.rules.checkers",
    "is_subgame_perfect": "sim.rules.checkers",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
