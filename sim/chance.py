"""The chance of every step: a stream of random numbers for each thing that chance touches, drawn as steps come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from sim import randomness
from sim.rules.layout import Layout
from sim.rules.types import F, Shocks

Rows = Callable[[], F]


def steps(layout: Layout, seed: int, blocks: range) -> Iterator[Shocks]:
    """Yield the shocks (..., n) of one step after the other, for all draws of some neighbouring blocks.

    Nothing is kept, so that a long window takes no more memory than a short one.  What a game does not use is nought.
    """
    moves = tuple(move.id for move in layout.moves)
    rows = partial(_rows, seed, blocks)
    propose = rows(("recognition:",), used=[layout.protocol == "random"])
    meet = rows(("meeting:",), used=[layout.meetings])
    collapse = rows(("collapse",))
    variable = rows(_named("variable", layout.variables), draw=np.random.Generator.standard_normal)
    move = rows(_named("move", moves))
    incident = rows(_named("incident", moves), used=[move.ends for move in layout.moves])
    ratify, comply, fallout, reopen = (
        rows(_named(kind, layout.sides)) for kind in ("ratify", "comply", "fallout", "reopen")
    )
    offer = rows(_named("offer", layout.sides), used=[layout.by_lot] * 2)
    for _ in range(layout.steps):
        yield Shocks(
            variable=variable(),
            move=move(),
            incident=incident(),
            collapse=collapse()[0],
            ratify=ratify(),
            comply=comply(),
            fallout=fallout(),
            reopen=reopen(),
            propose=propose()[0],
            meet=meet()[0],
            offer=offer(),
        )


def whole(layout: Layout, seed: int, blocks: range) -> Shocks:
    """Return the shocks of all steps (T, ..., n)."""
    return Shocks(*(np.stack(rows) for rows in zip(*steps(layout, seed, blocks), strict=True)))


def at_step(shocks: Shocks, t: int) -> Shocks:
    """Return the shocks of step t, from those of all steps."""
    return Shocks(*(array[t] for array in shocks))


def _named(kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{kind}:{name}" for name in names)


def _rows(
    seed: int,
    blocks: range,
    streams: tuple[str, ...],
    *,
    used: Sequence[bool] = (),
    draw: Callable[..., F] = np.random.Generator.random,
) -> Rows:
    """Return a function that draws the next row of every stream (R, n) each time it is called.

    A stream that is not ``used`` is nought; all are, where nothing is said.
    """
    drawn = [row for row in range(len(streams)) if not used or used[row]]
    generators = [[randomness.generator(seed, streams[row], block) for block in blocks] for row in drawn]

    def following() -> F:
        rows = np.zeros((len(streams), len(blocks), randomness.BLOCK))
        for row, those in zip(drawn, generators, strict=True):
            for generator, out in zip(those, rows[row], strict=True):
                draw(generator, out=out)
        return rows.reshape(len(streams), len(blocks) * randomness.BLOCK)

    return following
