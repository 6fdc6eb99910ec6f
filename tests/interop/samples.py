"""Small negotiation domains for tests, made up here, and what their deals are worth by the published formula."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from sim.rules import deals
from sim.scenario import load
from sim.scenario.compile import compile_scenario

FERRY = {
    "Fare": ["low", "middle", "high"],
    "Sailings": ["1 a day", "2 a day"],
    "Night & day": ["no", "yes"],
}
ISLAND: dict[str, Any] = {"weights": [5, 3, 2.5], "evaluations": [[30, 20, 0], [1, 4], [0.25, 0.5]]}
COMPANY: dict[str, Any] = {"weights": [0.5, 0.25, 0.25], "evaluations": [[2, 3, 8], [10, 3], [7, 7]]}


def domain_xml() -> str:
    """Return the domain's file of GENIUS."""
    rows = []
    for k, (name, values) in enumerate(FERRY.items(), 1):
        items = "".join(f'<item index="{n}" value="{value}"/>' for n, value in enumerate(values, 1))
        rows.append(f'<issue index="{k}" name="{name.replace("&", "&amp;")}" type="discrete">{items}</issue>')
    objective = f'<objective index="0" name="Ferry">\n{chr(10).join(rows)}\n</objective>'
    return (
        f'<negotiation_template><utility_space number_of_issues="3">{objective}</utility_space></negotiation_template>'
    )


def profile_xml(profile: dict[str, Any], reservation: float | None = None, discount: float | None = None) -> str:
    """Return a profile's file of GENIUS: all in another order than the domain's, issues without names."""
    rows = []
    for k, values in reversed(list(enumerate(FERRY.values()))):
        pairs = reversed(list(zip(values, profile["evaluations"][k], strict=True)))
        items = "".join(
            f'<item index="{n}" value="{value}" cost="0" evaluation="{evaluation}"/>\n'
            for n, (value, evaluation) in enumerate(pairs, 1)
        )
        rows.append(f'<issue index="{k + 1}" type="discrete">\n{items}</issue>')
        rows.append(f'<weight index="{k + 1}" value="{profile["weights"][k]}"/>')
    tail = "" if discount is None else f'<discount_factor value="{discount}"/>'
    tail += "" if reservation is None else f'<reservation value="{reservation}"/>'
    objective = f'<objective index="0" name="Ferry">\n{chr(10).join(rows)}\n</objective>'
    return f"<utility_space>\n{objective}\n{tail}</utility_space>"


def ferry(folder: Path, **of_island: float) -> list[str]:
    """Write the three files and return their paths."""
    texts = {"domain": domain_xml(), "island": profile_xml(ISLAND, **of_island), "company": profile_xml(COMPANY)}
    for name, text in texts.items():
        (folder / f"{name}.xml").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.xml") for name in texts]


def published(profile: dict[str, Any]) -> list[float]:
    """Return the utility of every deal by the published formula, the last issue running fastest."""
    total = sum(profile["weights"])
    found = []
    for deal in product(*(range(len(values)) for values in FERRY.values())):
        parts = zip(profile["weights"], profile["evaluations"], deal, strict=True)
        found.append(sum(weight / total * rows[at] / max(rows) for weight, rows, at in parts))
    return found


def utilities(scenario: Path | str, side: int) -> list[float]:
    """Return what the engine says that every deal is worth to a side, in the same order."""
    game = compile_scenario(load(scenario))
    ranges = (range(sum(issue.negotiable)) for issue in game.layout.issues)
    level = np.array(list(product(*ranges)), dtype=np.float64).T[:, :, None]
    params = game.params(0, 0)
    one = type(params.tastes)(*(_first(part) for part in params.tastes))
    worth = deals.cast_worth(params._replace(tastes=one), side, 0, deals.places(game.layout, level))
    return [float(each) for each in worth[:, 0]]


def _first(part: Any) -> Any:
    return tuple(_first(each) for each in part) if isinstance(part, tuple) else np.ascontiguousarray(part[..., :1])
