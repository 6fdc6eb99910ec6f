"""The same draws under several scenarios: what differs, how surely, and which draws end differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario import Scenario


def compare(games: Sequence[tuple[str, Scenario]], draws: int, seed: int, workers: int = 1) -> dict[str, Any]:
    """Play every game with the same chance; compare each with the first.

    Returns ``{draws, seed, of, outcomes: {id: label}, rows: [{name, changed, shares, payoffs, flows}]}``: differences
    with 95 % intervals, and how many draws went from which class to which.  Raises ValueError where the games have
    other outcome classes or parties than the first.
    """
    from sim.analysis.paired import compare as paired
    from sim.montecarlo import simulate
    from sim.scenario.compile import compile_scenario

    (of, first), *others = games
    outcomes = {each.id: each.label for each in first.outcomes}
    parties = [each.id for each in first.parties]
    for name, game in others:
        if [each.id for each in game.outcomes] != list(outcomes) or [each.id for each in game.parties] != parties:
            raise ValueError(f"{name} has other outcome classes or parties than {of}: draws cannot be matched")
    base = simulate(compile_scenario(first), draws, seed, workers).columns
    rows = []
    for name, game in others:
        columns = simulate(compile_scenario(game), draws, seed, workers).columns
        found = paired(base, columns, list(outcomes), parties)
        shares, payoffs = ({key: _between(row) for key, row in found[kind].items()} for kind in ("shares", "payoffs"))
        flows = _flows(base["outcome"], columns["outcome"], list(outcomes))
        rows.append({"name": name, "changed": found["changed"], "shares": shares, "payoffs": payoffs, "flows": flows})
    return {"draws": draws, "seed": seed, "of": of, "outcomes": outcomes, "rows": rows}


def _between(row: dict[str, Any]) -> dict[str, float]:
    half = 1.96 * row["se"]
    difference = row["difference"]
    return {"difference": difference, "se": row["se"], "low": difference - half, "high": difference + half}


def _flows(before: Any, after: Any, outcomes: Sequence[str]) -> list[dict[str, Any]]:
    """Return how many draws went from which class to which, those that stayed too, none left out but the empty."""
    found = []
    for i, start in enumerate(outcomes):
        for j, end in enumerate(outcomes):
            count = int(((before == i) & (after == j)).sum())
            if count:
                found.append({"start": start, "end": end, "draws": count})
    return found
