"""Draws played again in changed scenarios: the same numbers, the same chance, something left out.

Ids, and with them the names of all streams of chance, stay as they are when a part is switched off: so each draw meets
the same luck in every game, and differences between games are those of the same draws.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from sim.processes import begin
from sim.scenario.schema import Scenario, model_hash

Columns = Mapping[str, Any]


class Replays:
    """The first draws of one game after the other; each game is played once, however often it is asked for.

    Attributes
    ----------
    draws, seed, paths : what is played of each game, as in `montecarlo.simulate`.
    """

    def __init__(
        self, draws: int, seed: int, workers: int = 1, progress: Callable[[int], None] | None = None, paths: int = 1
    ) -> None:
        """Take how much is played; ``progress`` is told how many draws are, all games together."""
        self.draws, self.seed, self.workers, self.paths = draws, seed, workers, paths
        self._progress, self._past = progress, 0
        self._known: dict[str, Columns] = {}

    def of(self, games: Sequence[Scenario]) -> list[Columns]:
        """Return the columns `outcome`, `agreed_step`, `cause`, `exit` and `payoff.<party>` of each game.

        Games too small to be shared out go whole to one of the ``workers`` each; no result depends on that.
        """
        keys = [model_hash(game) for game in games]
        fresh = {key: game for key, game in zip(keys, games, strict=True) if key not in self._known}
        self._known.update(zip(fresh, self._played(list(fresh.values())), strict=True))
        return [self._known[key] for key in keys]

    def _played(self, games: list[Scenario]) -> Iterator[Columns]:
        """Yield the columns of games that were not played yet; a pool that dies leaves the rest to this process."""
        from sim.montecarlo import ALONE

        left = list(games)
        if self.workers > 1 and self.draws <= ALONE and len(games) > 1:
            context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
            with ProcessPoolExecutor(min(self.workers, len(games)), mp_context=context, initializer=begin) as pool:
                futures = [pool.submit(_columns, game, self.draws, self.seed, self.paths) for game in games]
                try:
                    for future in futures:
                        found = future.result()
                        left.pop(0)
                        self._past += self.draws
                        self._tell(0)
                        yield found
                except BrokenProcessPool:
                    pass
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
        for game in left:
            found = _columns(game, self.draws, self.seed, self.paths, self.workers, self._tell)
            self._past += self.draws
            yield found

    def _tell(self, done: int) -> None:
        if self._progress is not None:
            self._progress(self._past + done)


def _columns(
    game: Scenario, draws: int, seed: int, paths: int, workers: int = 1, tell: Callable[[int], None] | None = None
) -> Columns:
    """Return what games are compared by: class and payoffs of each draw, its first deal, and why there was none."""
    from sim.montecarlo import simulate
    from sim.scenario.compile import compile_scenario

    found = simulate(compile_scenario(game), draws, seed, workers, tell, paths).columns
    kept = "outcome", "agreed_step", "cause", "exit"
    return {name: column for name, column in found.items() if name in kept or name.startswith("payoff.")}
