"""Scenarios and stored runs side by side: what differs, how surely, and which draws end differently."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sim.scenario import Scenario

DRAWS = 5000  # of a scenario, where neither the caller nor a run says how many


@dataclass(frozen=True)
class Side:
    """One thing to compare, before its draws are read or played; ``folder`` is that of a stored run."""

    name: str
    outcomes: Mapping[str, str]
    parties: Mapping[str, str]
    draws: int
    seed: int
    paths: int
    code: str
    scenario: Scenario | None = None
    folder: Path | None = None
    manifest: Mapping[str, Any] | None = None


def compare(sides: Sequence[Side], workers: int = 1, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
    """Compare every side with the first; ``progress`` is told how many draws of all scenarios are played.

    Two sides with equal seed and paths have the same chance in the draws that both have: these are compared draw by
    draw.  Otherwise all draws of both are, and the intervals are those of independent draws.

    Returns ``{draws, seed, of, outcomes: {id: label}, parties: {id: label}, rows}``, a row for each other game:
    ``name``, ``paired``, ``why`` (not paired), ``draws`` and ``draws_of_first`` compared, ``note``, ``changed``,
    ``shares`` and ``payoffs`` (differences with 95 % intervals) and ``flows`` (how many draws went from which class to
    which).  Raises ValueError where outcome classes or parties are not those of the first, or a side has not two draws
    of the parameters: from one nothing tells how sure a difference is.
    """
    first, *others = sides
    for side in sides:
        if side.draws <= side.paths:
            of = f"{side.draws} draws with {side.paths} paths each" if side.paths > 1 else "one draw"
            raise ValueError(
                f"{side.name}: {of} cannot be compared; nothing tells how sure a difference is below {side.paths + 1}"
            )
    for side in others:
        if set(side.outcomes) != set(first.outcomes) or set(side.parties) != set(first.parties):
            raise ValueError(
                f"{side.name} has other outcome classes or parties than {first.name}: they cannot be compared"
            )
    played = 0

    def tell(done: int) -> None:
        if progress is not None:
            progress(played + done)

    found = []
    for side in sides:
        found.append(_columns(side, first, workers, tell))
        played += side.draws if side.scenario is not None else 0
    base, *columns = found
    rows = [_row(first, base, side, its) for side, its in zip(others, columns, strict=True)]
    head = {"draws": first.draws, "seed": first.seed, "paths": first.paths, "of": first.name}
    return {**head, "outcomes": dict(first.outcomes), "parties": dict(first.parties), "rows": rows}


def sides_of(
    games: Sequence[tuple[str, Scenario | Path]], draws: int | None = None, seed: int | None = None
) -> list[Side]:
    """Return what is compared, from names with a scenario or the folder of a stored run each; nothing is played.

    Scenarios are played with the draws, the seed and the paths of the first run among the games, unless ``draws`` and
    ``seed`` say otherwise.  Raises `DamagedError` for a run that is not what was written.
    """
    from sim.batch.manifest import code_hash

    runs = {place: _stored(name, game) for place, (name, game) in enumerate(games) if isinstance(game, Path)}
    run = next(iter(runs.values()), None)
    paths = run.paths if run else 1
    code = code_hash() if run else ""
    draws = draws or (run.draws if run else DRAWS)
    seed = seed if seed is not None else run.seed if run else 0
    sides = []
    for place, (name, game) in enumerate(games):
        if isinstance(game, Path):
            sides.append(runs[place])
        else:
            outcomes, parties = ({each.id: each.label for each in kind} for kind in (game.outcomes, game.parties))
            sides.append(Side(name, outcomes, parties, draws, seed, paths, code, scenario=game))
    return sides


def _stored(name: str, folder: Path) -> Side:
    from sim.batch import store

    manifest = store.verify(folder)
    summary, inputs = store.read_summary(folder, manifest), manifest["inputs"]
    outcomes = {key: each["label"] for key, each in summary["outcomes"].items()}
    parties = {each["id"]: each["label"] for each in summary["parties"]}
    if inputs["sets"]:
        name = f"{name} ({', '.join(inputs['sets'])})"
    told = (inputs["draws"], inputs["seed"], inputs["paths"], inputs["code"])
    return Side(name, outcomes, parties, *told, folder=folder, manifest=manifest)


def _columns(side: Side, first: Side, workers: int, progress: Callable[[int], None]) -> dict[str, Any]:
    """Return outcome classes, numbered as the first side numbers them, and payoffs of a side's draws."""
    import numpy as np

    found: Mapping[str, Any]
    if side.scenario is not None:
        from sim.montecarlo import simulate
        from sim.scenario.compile import compile_scenario

        game = compile_scenario(side.scenario)
        found = simulate(game, side.draws, side.seed, workers, progress, side.paths).columns
    else:
        from sim.batch import store

        assert side.folder is not None
        assert side.manifest is not None
        table = store.read_draws(side.folder, side.manifest)
        found = {name: table[name].to_numpy() for name in ("outcome", *(f"payoff.{key}" for key in first.parties))}
    number = {key: place for place, key in enumerate(first.outcomes)}
    codes = np.array([number[key] for key in side.outcomes])
    return {"outcome": codes[found["outcome"]]} | {f"payoff.{key}": found[f"payoff.{key}"] for key in first.parties}


def _row(first: Side, base: Mapping[str, Any], side: Side, columns: Mapping[str, Any]) -> dict[str, Any]:
    from sim.analysis.paired import apart, compare

    outcomes, parties = list(first.outcomes), list(first.parties)
    why = _why_not(first, side)
    row: dict[str, Any] = {"name": side.name, "paired": why is None, "why": why, "note": _note(first, side)}
    if why is not None:
        found = apart(base, columns, outcomes, parties, (first.paths, side.paths))
        row |= {"draws": side.draws, "draws_of_first": first.draws, "changed": None, "flows": []}
    else:
        both = min(first.draws, side.draws)
        one, two = ({key: values[:both] for key, values in each.items()} for each in (base, columns))
        found = compare(one, two, outcomes, parties, first.paths)
        row |= {"draws": both, "draws_of_first": both, "changed": found["changed"]}
        row["flows"] = _flows(one["outcome"], two["outcome"], outcomes)
    return row | {kind: {key: _between(each) for key, each in found[kind].items()} for kind in ("shares", "payoffs")}


def _why_not(first: Side, side: Side) -> str | None:
    """Say why the draws of two sides do not share their chance, None where they do."""
    for word, a, b in (("seed", first.seed, side.seed), ("paths", first.paths, side.paths)):
        if a != b:
            return f"{word} {b} here, {a} in {first.name}: the draws are not the same, so they count as independent"
    return None


def _note(first: Side, side: Side) -> str | None:
    """Say what else two sides do not have in common, beside the model."""
    said = []
    if first.draws != side.draws and _why_not(first, side) is None:
        said.append(f"{side.draws:,} draws here, {first.draws:,} in {first.name}: those that both have are compared")
    if first.code != side.code:
        said.append("the two were played by different code, which may make differences of its own")
    return "; ".join(said) or None


def _between(row: dict[str, Any]) -> dict[str, float]:
    half = 1.96 * row["se"]
    difference = row["difference"]
    low, high = row.get("low", difference - half), row.get("high", difference + half)
    return {"difference": difference, "se": row["se"], "low": low, "high": high}


def _flows(before: Any, after: Any, outcomes: Sequence[str]) -> list[dict[str, Any]]:
    """Return how many draws went from which class to which, those that stayed too, none left out but the empty."""
    found = []
    for i, start in enumerate(outcomes):
        for j, end in enumerate(outcomes):
            count = int(((before == i) & (after == j)).sum())
            if count:
                found.append({"start": start, "end": end, "draws": count})
    return found
