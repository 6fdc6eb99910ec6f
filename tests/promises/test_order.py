"""Promise 2: a result is free of how many processes play it, of what is played together, and of the order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim import montecarlo, randomness
from sim.ledger import Result
from sim.rules import step as rules
from sim.rules.layout import Layout
from sim.rules.types import I
from tests.strategies import compiled, written
from tests.test_montecarlo import eventful

Played = Iterator[tuple[int, Result]]
DRAWS = 4 * randomness.BLOCK + 104  # five blocks, the last one broken off
WAYS = [  # workers, blocks played at once, shuffled
    *((1, 1, True), (2, 2, False), (4, 1, True)),
    *((1, 1, False), (1, 2, False), (1, 2, True), (1, 99, True), (2, 1, False), (2, 1, True), (2, 2, True)),
    *((2, 99, False), (2, 99, True), (4, 1, False), (4, 2, False), (4, 2, True), (4, 99, False), (4, 99, True)),
]
EVERY_DAY = 3  # of these ways


def files(out: Path, workers: int) -> dict[str, str]:
    """Return the sha256 of the table and the summary of a run of the eventful scenario, kept in a folder of its own."""
    out.mkdir()
    folder = sim.run(written(eventful(), out), draws=DRAWS, workers=workers, out=out, report=False).folder
    assert folder is not None
    kept = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in kept}


def test_workers_batches_and_their_order_change_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool, reached: Callable[[int, str], None]
) -> None:
    """On 1, 2 or 4 processes, by 1, 2 or all blocks at once, in order or shuffled: the same table and summary."""
    plain = files(tmp_path / "plain", 1)
    assert "draws.parquet" in plain
    monkeypatch.setattr(montecarlo, "ALONE", 0)
    in_order = montecarlo._played
    ways = WAYS if full else WAYS[:EVERY_DAY]
    for number, (workers, together, shuffled) in enumerate(ways):
        monkeypatch.setattr(montecarlo, "TOGETHER", together)
        monkeypatch.setattr(montecarlo, "_played", out_of_order(in_order, number) if shuffled else in_order)
        assert files(tmp_path / str(number), workers) == plain, (workers, together, shuffled)
    reached(2, f"{len(ways)} ways of workers {{1, 2, 4}} x batches {{1, 2, all}} x order: 0 bytes differ")


def out_of_order(play_all: Callable[..., Played], seed: int) -> Callable[..., Played]:
    """Return the driver's loop over batches with the batches in another order."""

    def shuffled(compiled: Any, run: int, batches: list[montecarlo.Batch], *how: Any, **kept: Any) -> Played:
        order = np.random.default_rng(seed).permutation(len(batches))
        for place, part in play_all(compiled, run, [batches[at] for at in order], *how, **kept):
            yield int(order[place]), part

    return shuffled


@pytest.mark.parametrize(("chunk", "draws"), [(1, 12), (7, 40), (1024, 2100)])
def test_chunks_and_their_order_change_no_bit(
    chunk: int,
    draws: int,
    monkeypatch: pytest.MonkeyPatch,
    full: bool,
    reached: Callable[[int, str], None],
) -> None:
    """Draws played in shuffled chunks of 1, 7 or 1,024 give the columns and counts of those played all at once."""
    game, draws = compiled(eventful()), 2100 if full else draws
    whole = fingerprint(montecarlo.simulate(game, draws))
    monkeypatch.setattr(montecarlo, "by_first_mover", in_chunks(chunk))
    assert fingerprint(montecarlo.simulate(game, draws)) == whole
    reached(2, f"{draws} draws in shuffled chunks of {chunk}: 0 bits differ")


def in_chunks(size: int) -> Callable[[Layout, Any], Iterator[tuple[Layout, I]]]:
    """Return the driver's division of a batch by first movers, divided further into shuffled chunks of draws."""
    whole, rng = montecarlo.by_first_mover, np.random.default_rng(size)

    def divided(layout: Layout, first: Any) -> Iterator[tuple[Layout, I]]:
        for one, members in whole(layout, first):
            mixed = rng.permutation(members)
            yield from ((one, mixed[at : at + size]) for at in range(0, len(mixed), size))

    return divided


def fingerprint(found: Result) -> str:
    """Return the sha256 of every column and every count, names and types included."""
    sha256 = hashlib.sha256()
    for name, array in (found.columns | found.tallies).items():
        sha256.update(f"{name} {array.dtype} {array.shape}".encode())
        sha256.update(np.ascontiguousarray(array).tobytes())
    return sha256.hexdigest()


def test_a_driver_that_hangs_on_the_order_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """If each chunk were to draw from a generator of its own, the chunks would show, and this is seen."""
    game, hidden = compiled(eventful()), np.random.default_rng(0)
    endure = rules.endure

    def by_luck(*given: Any) -> Any:
        state, fallen = endure(*given)
        return state._replace(payoff=state.payoff + hidden.random()), fallen

    monkeypatch.setattr(rules, "endure", by_luck)
    whole = fingerprint(montecarlo.simulate(game, 14))
    hidden = np.random.default_rng(0)
    monkeypatch.setattr(montecarlo, "by_first_mover", in_chunks(7))
    assert fingerprint(montecarlo.simulate(game, 14)) != whole
