"""The history of a draw as one line of text: every status it came to, and what ended its deals, each with its step.

``talks@0 interim@5 agreement@9 breach@14 talks@14 deadline@24``: it begins with talks; an interim deal is made in step
5 and a deal in step 9, counted from 0 as in the other columns; the deal is broken in step 14, and talks go on.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.rules.types import STATUSES, I, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = NDArray[Any]
ENDINGS = ("breach", "reopened", "expired", "revoked")  # why a deal, or an interim deal, was in force no longer
WORDS = (*ENDINGS, *STATUSES)


class Turn(NamedTuple):
    """One entry of a history."""

    step: int  # counted from 0
    date: str  # at the end of the step; of what a draw begins with, the start
    what: str  # one of ``WORDS``


class Chronicle:
    """Collects what ended deals and interim deals; the statuses themselves are the ledger's."""

    def __init__(self, steps: int, draws: int) -> None:
        self.ending = np.full((steps, draws), -1, dtype=np.int8)  # place in ``ENDINGS``

    def enter(self, t: int, keep: I, record: Record) -> None:
        """Note what ended a deal in step t of the draws ``keep``: no step ends more than one."""
        ended = (record.breached >= 0, record.reopened >= 0, record.expired, record.revoked >= 0)
        for code, where in enumerate(ended):
            self.ending[t, keep[where]] = code

    def lines(self, status: Array) -> Array:
        """Return the history of each draw (n,) in ASCII bytes; ``status`` (T+1, n) is what it was after each step."""
        step, draw = np.nonzero(status[1:] != status[:-1])
        when, whose = np.nonzero(self.ending >= 0)
        of = np.concatenate([np.arange(status.shape[1]), draw, whose])
        at = np.concatenate([np.zeros(status.shape[1], dtype=np.int64), step, when])
        code = np.concatenate([status[0], status[step + 1, draw], self.ending[when, whose] - len(ENDINGS)])
        rank = np.repeat([0, 2, 1], [status.shape[1], len(step), len(when)])  # an ending before the status it leads to
        order = np.lexsort((rank, at, of))
        known = {(t, c): f"{WORDS[c + len(ENDINGS)]}@{t}".encode() for t, c in set(zip(at, code, strict=True))}
        words = [known[turn] for turn in zip(at[order], code[order], strict=True)]
        edges = np.append(np.searchsorted(of[order], np.arange(status.shape[1])), len(words))
        return np.array([b" ".join(words[low:high]) for low, high in pairwise(edges)])


def dated(history: str, dates: Sequence[str]) -> list[Turn]:
    """Return the turns of a history; ``dates`` (T+1,) are the ends of steps, the start first.

    >>> dated("talks@0 agreement@1", ["2025-01", "2025-02", "2025-03"])[1]
    Turn(step=1, date='2025-03', what='agreement')
    """
    turns = [word.split("@") for word in history.split()]
    found = [Turn(int(step), dates[int(step) + 1], what) for what, step in turns]
    return [found[0]._replace(date=dates[0]), *found[1:]]
