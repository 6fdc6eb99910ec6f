"""What the draws of one run say: shares with their errors, terms, causes, payoffs and fans."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.clusters import design_effect, error_of_mean

CAUSES = ("no_zone", "misperception", "mistrust", "time", "failed_ratification", "shock", "rival_bid", "exit")
TEXT_KEYS = ("scenario", "title", "summary", "notes", "information_cutoff", "model_hash", "text_hash", "version")

Array = NDArray[Any]
Columns = Mapping[str, Any]
Finding = dict[str, Any]


def wilson(successes: float, n: float, z: float = 1.96) -> tuple[float, float]:
    """The interval of probabilities that `successes` out of `n` do not contradict.

    centre = (p + z^2/2n) / (1 + z^2/n), half = z sqrt(p(1-p)/n + z^2/4n^2) / (1 + z^2/n), p = successes/n.
    Returns (low, high) inside [0, 1]; (0, 1) when nothing was tried.
    Raises ValueError unless 0 <= successes <= n.
    Reference: Wilson (1927); Newcombe (1998), table I.

    >>> [round(x, 4) for x in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes out of {n}: the first must lie between 0 and the second")
    if n == 0:
        return 0.0, 1.0
    share = successes / n
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


def estimate(successes: int, n: int, effect: float = 1.0) -> Finding:
    """A share with its standard error sqrt(p(1-p)/n) and its Wilson 95 % interval.

    ``effect`` is the design effect of draws that share parameters: n counts as n / effect independent draws.
    """
    low, high = wilson(successes / effect, n / effect)
    share = successes / n if n else 0.0
    error = math.sqrt(effect * share * (1 - share) / n) if n else 0.0
    return {"probability": share, "se": error, "low": low, "high": high}


def estimated(hits: Any, paths: int = 1, base: Any = None) -> Finding:
    """The share of hits (N,) among all draws, or among those of ``base`` (N,); P neighbours share their parameters."""
    n = len(hits) if base is None else int(np.count_nonzero(base))
    effect = design_effect(hits, paths, base) if paths > 1 else 1.0
    return estimate(int(np.count_nonzero(hits)), n, effect)


def summarise(meta: Mapping[str, Any], columns: Columns, tallies: Mapping[str, Any]) -> Finding:
    """Turn one run's columns and tallies into the summary that charts and report read.

    `meta` describes: the text keys, draws, seed, paths, parties, issues (a continuous one also carries its `range`,
    [low, high], and one level for each bin), time, statuses, outcomes, questions and variables (mappings by id, or
    lists of mappings with an `id`), assumptions, observed. `columns` holds one array of shape (N,) for each column;
    `tallies` counts: outcomes (T+1, C), status (T+1, statuses), variables (T+1, X, bins) with X sorted by id.
    Returns plain floats, ints and strings: no NaN, ready for JSON, the same for the same input.
    """
    outcomes, questions = by_id(meta["outcomes"]), by_id(meta["questions"])
    n = len(columns["outcome"])
    dates = list(meta["time"]["dates"])
    paths = int(meta.get("paths", 1))
    agreed = np.asarray(columns["agreed_step"])
    causes, without_deal = causes_of(np.asarray(columns["cause"]))
    summary: Finding = {key: meta.get(key) for key in TEXT_KEYS}
    summary |= {
        "draws": int(meta.get("draws", n)),
        "seed": int(meta["seed"]),
        "paths": paths,
        "parties": [{"id": party["id"], "label": party["label"]} for party in meta["parties"]],
        "issues": [issue_head(issue) for issue in meta["issues"]],
        "time": dict(meta["time"]) | {"dates": dates},
        "outcomes": outcome_shares(outcomes, np.asarray(columns["outcome"]), paths),
        "over_time": {"share": dict(zip(outcomes, step_shares(tallies["outcomes"]), strict=True))},
        "status_over_time": dict(zip(meta["statuses"], step_shares(tallies["status"]), strict=True)),
        "questions": {key: question_share(row, columns[f"question.{key}"], paths) for key, row in questions.items()},
        "agreement": agreement(agreed, dates, paths),
        "terms": terms_of(meta["issues"], columns, agreed >= 0, paths),
        "causes": causes,
        "without_deal": without_deal,
        "ended_without": ended_without(columns, list(meta["statuses"])),
        "payoffs": {party["id"]: payoff(columns[f"payoff.{party['id']}"], paths) for party in meta["parties"]},
        "concessions": concessions(meta["parties"], columns, paths),
        "variables": fans(by_id(meta.get("variables") or {}), tallies.get("variables")),
        "assumptions": [dict(row) for row in meta.get("assumptions") or []],
        "observed": meta.get("observed"),
    }
    if paths > 1:
        summary["causes_effect"] = causes_effect(np.asarray(columns["cause"]), paths)
    found: Finding = plain(summary)
    return found


def by_id(rows: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    """The rows keyed by id, in their own order: a mapping stays, a list of rows is keyed by each row's `id`."""
    if isinstance(rows, Mapping):
        return {key: {"label": row} if isinstance(row, str) else row for key, row in rows.items()}
    return {row["id"]: row for row in rows}


def issue_head(issue: Mapping[str, Any]) -> Finding:
    """What a reader needs of an issue: id, label, unit and the levels' labels."""
    levels = [{"id": level["id"], "label": level.get("label") or level["id"]} for level in issue["levels"]]
    return {"id": issue["id"], "label": issue["label"], "unit": issue.get("unit"), "levels": levels}


def outcome_shares(outcomes: Mapping[str, Any], column: Array, paths: int = 1) -> Finding:
    """Each class's share of the draws, in the scenario's order."""
    return {
        key: {"label": row["label"]} | estimated(column == place, paths)
        for place, (key, row) in enumerate(outcomes.items())
    }


def step_shares(counts: Any) -> list[list[float]]:
    """Shares at each step from counts of shape (T+1, C): C lists of T+1 shares, which sum to 1 at each step."""
    table = np.asarray(counts, dtype=np.float64)
    totals = np.maximum(table.sum(axis=1, keepdims=True), 1)
    return [[float(value) for value in column] for column in (table / totals).T]


def question_share(row: Mapping[str, Any], answers: Any, paths: int = 1) -> Finding:
    """How often the answer is yes, beside what was observed."""
    column = np.asarray(answers, dtype=bool)
    described = {key: row.get(key) for key in ("text", "date", "observed", "source")}
    return described | estimated(column, paths)


def agreement(agreed_step: Array, dates: Sequence[str], paths: int = 1) -> Finding:
    """Whether and when the parties first agree.

    `agreed_step` of shape (N,) is the step t of the first agreement, counted from 0, -1 without one; step t runs from
    dates[t] to dates[t+1]. `survival` at s is the probability that there is none in the s steps up to dates[s], so it
    starts at 1; `median_step` is the lower median of t among agreements.
    """
    n = len(agreed_step)
    steps = np.sort(agreed_step[agreed_step >= 0].astype(np.int64))
    done = np.cumsum(np.bincount(steps + 1, minlength=len(dates)))
    survival = []
    for step, date in enumerate(dates):
        effect = design_effect((agreed_step < 0) | (agreed_step >= step), paths) if paths > 1 else 1.0
        share = estimate(n - int(done[step]), n, effect)
        survival.append({"step": step, "date": date} | {key: share[key] for key in ("probability", "low", "high")})
    return estimated(agreed_step >= 0, paths) | {"median_step": lower_median(steps), "survival": survival}


def lower_median(steps: Any) -> int | None:
    """The step by which half of them have come: the lower of the two in the middle; None of none.

    >>> lower_median([7, 14]), lower_median([])
    (7, None)
    """
    return int(np.sort(steps)[(len(steps) - 1) // 2]) if len(steps) else None


def terms_of(issues: Sequence[Mapping[str, Any]], columns: Columns, reached: Array, paths: int = 1) -> Finding:
    """The shares of each level among the first agreements reached, with Wilson 95 % intervals."""
    count = int(np.count_nonzero(reached))
    found: Finding = {}
    for issue in issues:
        names = [level["id"] for level in issue["levels"]]
        places = np.full(len(reached), -1)
        places[reached] = level_index(issue, np.asarray(columns[f"agreed.{issue['id']}"])[reached])
        shares = (estimated(places == place, paths, reached) for place in range(len(names)))
        found[issue["id"]] = {
            name: {key: value for key, value in share.items() if key != "se"}
            for name, share in zip(names, shares, strict=True)
        }
    return {"count": count, "issues": found if count else {}}


def level_index(issue: Mapping[str, Any], column: Array) -> NDArray[np.int64]:
    """The place of each agreed level; a continuous value goes to its bin among equal parts of the issue's range."""
    if column.dtype.kind != "f":
        return np.asarray(column, dtype=np.int64)
    low, high = issue["range"]
    bins = len(issue["levels"])
    places: NDArray[np.int64] = np.floor((column - low) / (high - low) * bins).astype(np.int64)
    return np.clip(places, 0, bins - 1)


def causes_of(column: Array) -> tuple[dict[str, float], int]:
    """The binding causes' shares among draws without a deal (those with a cause >= 0), and how many these are."""
    found = column[column >= 0].astype(np.int64)
    counts = np.bincount(found, minlength=len(CAUSES))
    shares = {name: float(hits) / len(found) for name, hits in zip(CAUSES, counts, strict=True) if hits}
    return shares, len(found)


def ended_without(columns: Columns, statuses: Sequence[str]) -> dict[str, dict[str, int]]:
    """How the draws without a deal ended: for each cause that occurs, how many in each status that occurs."""
    if "status" not in columns:
        return {}
    cause, status = np.asarray(columns["cause"]), np.asarray(columns["status"])
    found = {name: np.bincount(status[cause == row], minlength=len(statuses)) for row, name in enumerate(CAUSES)}
    return {
        name: {statuses[place]: int(count) for place, count in enumerate(counts) if count}
        for name, counts in found.items()
        if counts.any()
    }


def causes_effect(column: Array, paths: int) -> float:
    """The largest design effect of the causes' shares among draws without a deal."""
    without = column >= 0
    return max(design_effect(column == place, paths, without) for place in range(len(CAUSES)))


def spread(column: Any) -> Finding:
    """Mean and 5, 50 and 95 % points of a column of shape (N,); None where there is no finite value."""
    values = np.asarray(column, dtype=np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return dict.fromkeys(("mean", "p05", "p50", "p95"))
    low, middle, high = (float(value) for value in np.quantile(values, (0.05, 0.5, 0.95)))
    return {"mean": float(values.mean()), "p05": low, "p50": middle, "p95": high}


def concessions(parties: Sequence[Mapping[str, Any]], columns: Columns, paths: int = 1) -> Finding | None:
    """How much of its room each party gave up in the first agreement, and how often it gave up more than the other.

    Counted are agreements where both columns `conceded.<party>` of shape (N,) hold a number: those that left both with
    a gain. Equal to 1e-9 is nobody's more. None where the columns were not kept.
    """
    if not all(f"conceded.{party['id']}" in columns for party in parties):
        return None
    given = [np.asarray(columns[f"conceded.{party['id']}"], dtype=np.float64) for party in parties]
    base = np.isfinite(given[0]) & np.isfinite(given[1])
    more = [base & (mine > theirs + 1e-9) for mine, theirs in (given, given[::-1])]
    rows = {
        party["id"]: spread(np.where(base, mine, np.nan))
        | {"se": error_of_mean(mine, paths, base), "more": estimated(hits, paths, base)}
        for party, mine, hits in zip(parties, given, more, strict=True)
    }
    return {"count": int(base.sum()), "parties": rows}


def payoff(column: Any, paths: int = 1) -> Finding:
    """Mean, its standard error (`clusters.error_of_mean`), and 5, 50 and 95 % points of a party's payoffs (N,)."""
    return spread(column) | {"se": error_of_mean(column, paths)}


def fans(variables: Mapping[str, Any], counts: Any) -> Finding:
    """Each variable's 5, 25, 50, 75 and 95 % points at each step; a community keeps its share of the public.

    `counts` of shape (T+1, X, bins) are histograms over each variable's bounds, X sorted by id. A point is found by
    linear interpolation inside its bin: its error is at most one bin, a 64th of the bounds with 64 bins.
    """
    found: Finding = {}
    places = {key: place for place, key in enumerate(sorted(variables))}
    for key, row in variables.items():
        low, high = (float(bound) for bound in row["bounds"])
        table = np.asarray(counts[:, places[key], :], dtype=np.float64)
        head = {"label": row["label"], "unit": row.get("unit"), "kind": row["kind"], "bounds": [low, high]}
        head |= {"share": row.get("share"), "within": (high - low) / table.shape[1]}
        points = {name: histogram_points(table, q, low, high) for name, q in QUANTILES.items()}
        found[key] = head | points
    return found


QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


def histogram_points(table: NDArray[np.float64], q: float, low: float, high: float) -> list[float]:
    """The q-point of each row of a table of histograms (T+1, bins) over [low, high]."""
    bins = table.shape[1]
    cumulative = np.cumsum(table, axis=1)
    target = q * cumulative[:, -1]
    place = np.minimum((cumulative < target[:, None]).sum(axis=1), bins - 1)
    rows = np.arange(len(table))
    inside = table[rows, place]
    before = cumulative[rows, place] - inside
    fraction = np.divide(target - before, inside, out=np.zeros(len(table)), where=inside > 0)
    return [float(value) for value in low + (high - low) * (place + fraction) / bins]


def plain(value: Any) -> Any:
    """The value with numpy's numbers, tuples and arrays made plain; what is not finite becomes None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value if value is None else str(value)
