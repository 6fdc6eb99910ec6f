"""The numbers of one side alone: what a successor brings, and how it takes its party's place."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.rules.layout import Layout
from sim.rules.types import B, Params, Tastes

OF_A_SIDE = (
    *("type", "accuracy", "noise", "bias", "trust", "reputation", "after_breach", "learning", "reading", "breach"),
    *("reopening", "audience", "audience_weight", "audience_value", "audience_pull", "strategy", "accept"),
)
TASTES_OF_A_SIDE = "discount", "weight", "value", "status_quo", "breakdown", "threshold"


def numbers_of(layout: Layout, params: Params, side: int) -> Params:
    """Return the numbers of one side alone, as its successor keeps them: its own rows, and none of what is not its."""
    places, of_tastes = _places(layout, side)
    nothing = np.empty((0, params.type.shape[-1]))
    own: dict[str, Any] = {name: _picked(getattr(params, name), at) for name, at in places.items()}
    tastes = {name: _picked(getattr(params.tastes, name), at) for name, at in of_tastes.items()}
    return Params(**dict.fromkeys(params._fields, nothing) | own | {"tastes": Tastes(**tastes), "heirs": ((), ())})


def succeeded(layout: Layout, params: Params, heir: Params, side: int, where: B) -> Params:
    """Return the numbers with those of ``side`` taken from its heir (``numbers_of``) in the draws ``where``."""
    places, of_tastes = _places(layout, side)

    def after(old: NamedTuple, new: NamedTuple, places: dict[str, Any]) -> dict[str, Any]:
        rows = ((name, at, getattr(old, name), getattr(new, name)) for name, at in places.items())
        return {name: _replaced(before, at, then, where) for name, at, before, then in rows}

    tastes = params.tastes._replace(**after(params.tastes, heir.tastes, of_tastes))
    return params._replace(tastes=tastes, **after(params, heir, places))


def _places(layout: Layout, side: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return where the numbers of a side stand, by field of ``Params`` and ``Tastes``: an index of the first axes."""
    reliance = [row for row, rule in enumerate(layout.reliances) if rule.side == side]
    effect = [row for row, rule in enumerate(layout.effects) if rule.side == side]
    lump = [row for row, rule in enumerate(layout.lumps) if rule.bearer == side]
    exits = slice(None), side
    return (
        dict.fromkeys(OF_A_SIDE, side) | {"reliance": reliance},
        dict.fromkeys(TASTES_OF_A_SIDE, side) | {"effect": effect, "exit": exits, "lump": lump},
    )


def _picked(tree: Any, at: Any) -> Any:
    return tuple(_picked(part, at) for part in tree) if isinstance(tree, tuple) else tree[at]


def _replaced(tree: Any, at: Any, new: Any, where: B) -> Any:
    if isinstance(tree, tuple):
        return tuple(_replaced(old, at, then, where) for old, then in zip(tree, new, strict=True))
    changed = tree.copy()
    changed[at] = np.where(where, new, tree[at])
    return changed
