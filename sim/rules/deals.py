"""The deal space: what a deal is worth, which deals are efficient, and the solution points among them.

A deal gives every issue a level.  Its value to side i is

    u_i(d) = sum_k w_ik v_ik(d_k) + effects - reliance cost

with weights that sum to 1 and values in [0, 1] (Keeney & Raiffa 1976).  The contract curve is the set of deals that no
other deal beats for both sides.  Issues that are tied together by a constraint, a joint condition or one patron's
share are enumerated jointly; the groups are then merged one by one, and what is dominated is pruned after each merge,
which loses no efficient deal of the whole because values add up across groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.rules.environment import Drivers
from sim.rules.layout import NEAR, Clause, Layout
from sim.rules.trees import untaken
from sim.rules.types import TRUE, Deals, F, Footing, I, Levels, Params

N = TypeVar("N", bound=np.generic)
TIE = 1e-10  # breaks ties of one side's value in favour of the deal better for the other
AT_ONCE = 512  # draws at least whose curves are merged together: more would not stay in the caches


class Places(NamedTuple):
    """Levels of deals, and where each stands in a table of values (L, n): worked out once, read by every table."""

    level: Levels  # (M, ..., n)
    whole: I  # (M, ..., n) the nearest whole level
    flat: I  # (M, ..., n) its place in a table laid out in one row
    between: tuple[bool, ...]  # issues whose levels may lie between two points


def counted_in(layout: Layout) -> type[np.float64 | np.int64]:
    """Return what the levels of candidates are counted in: whole numbers, where no issue is continuous."""
    return np.float64 if layout.continuous else np.int64


def places(layout: Layout, level: Levels) -> Places:
    """Return where deals ``level`` (M, ..., n) stand in tables of values."""
    draws = level.shape[-1]
    between = tuple(issue.continuous for issue in layout.issues)
    if level.dtype == np.int64:
        known = level.astype(np.int64, copy=False)
        return Places(known, known, known * draws + np.arange(draws), between)
    lower = np.rint(level)
    for k in np.flatnonzero(between):
        np.floor(level[k], out=lower[k])
    most = np.array([issue.levels - 1 for issue in layout.issues]).reshape(-1, *[1] * (level.ndim - 1))
    whole = np.clip(lower, 0, most).astype(np.int64)
    return Places(level, whole, whole * draws + np.arange(draws), between)


def value_at(table: F, at: Places, issue: int) -> F:
    """Return the values (..., n) of one issue's levels in ``table`` (L, n), linear between two levels."""
    flat = np.ascontiguousarray(table).reshape(-1)
    low = flat.take(at.flat[issue])
    if not at.between[issue]:
        return low
    draws = table.shape[1]
    last = table.shape[0] - 1
    high = flat.take(at.flat[issue] + draws * (at.whole[issue] < last))
    return low + (at.level[issue] - at.whole[issue]) * (high - low)


def worth(weight: F, values: tuple[F, ...], at: Places) -> F:
    """Return ``sum_k w_k v_k(d_k)`` of deals for weights (M, n) and value tables (L, n)."""
    total = np.zeros(at.level.shape[1:])
    for k, table in enumerate(values):
        total = total + weight[k] * value_at(table, at, k)
    return total


def holds(clause: Clause, params: Params, at: Places) -> F:
    """Return how far a clause holds for deals: 1 or 0 (..., n), or a side's value of a level."""
    met = np.ones(at.level.shape[1:])
    if clause.taste is not None:
        side, issue = clause.taste
        met = value_at(params.tastes.value[issue][side, :, TRUE], at, issue)
    for issue, allowed in clause.tests:
        met = met * np.asarray(allowed).take(at.whole[issue])
    for issue, least, most in clause.bounds:
        met = met * ((at.level[issue] >= least - NEAR) & (at.level[issue] <= most + NEAR))
    return met


def parts(layout: Layout, params: Params, level: Levels) -> F:
    """Return what deals ``level`` (M, ..., n) add to each patron's part, shape (P, ..., n)."""
    draws = params.type.shape[-1]
    added = np.zeros((params.patron.shape[0], *level.shape[1:-1], draws))
    for reliance in layout.reliances:
        for patron, issue, at, row in reliance.terms:
            added[patron] = added[patron] + params.patron_term[row] * (level[issue] == at)
    return added


def herfindahl(layout: Layout, params: Params, side: int, part: F, drivers: F | Drivers) -> F:
    """Return the cost of leaning on one patron, ``cost * sum_p share_p^2``, for parts (P, ..., n) from the terms.

    Each patron's part is ``base + slope * driver + part``, never below zero; shares are parts over their sum
    (Hirschman 1945).  Zero where nobody gives anything.
    """
    leaning = [(row, reliance) for row, reliance in enumerate(layout.reliances) if reliance.side == side]
    if not leaning:
        return np.broadcast_to(0.0, part.shape[1:])
    cost = np.zeros(part.shape[1:])
    for row, reliance in leaning:
        total, square = np.zeros(part.shape[1:]), np.zeros(part.shape[1:])
        for patron, driver in reliance.patrons:
            given = params.patron[patron, 0] + part[patron]
            if driver >= 0:
                given += params.patron[patron, 1] * drivers[driver]
            np.maximum(given, 0.0, out=given)
            total += given
            given *= given
            square += given
        total *= total
        square *= params.reliance[row]
        cost += square / np.maximum(total, 1e-300, out=total)
    return cost


def footing(layout: Layout, params: Params, level: Levels) -> Footing:
    """Return everything about terms ``level`` (M, n) that does not move with the environment."""
    at = places(layout, level)
    return Footing(
        level=level.astype(np.float64, copy=False),
        base=np.stack([casts_worth(layout, params, side, at) for side in (0, 1)]),
        clause=clauses(layout, params, at),
        part=parts(layout, params, level),
        support=support(layout, params, at),
    )


def clauses(layout: Layout, params: Params, at: Places) -> F:
    """Return every clause of the layout for deals, shape (C, ..., n)."""
    met = np.zeros((len(layout.clauses), *at.level.shape[1:]))
    for c, clause in enumerate(layout.clauses):
        met[c] = holds(clause, params, at)
    return met


def support(layout: Layout, params: Params, at: Places) -> F:
    """Return each audience's own value of deals, shape (S, ..., n)."""
    backing = np.zeros((2, *at.level.shape[1:]))
    for side in (0, 1):
        if layout.audiences[side]:
            backing[side] = worth(params.audience_weight[side], side_values(params.audience_value, side), at)
    return backing


def casts_worth(layout: Layout, params: Params, side: int, at: Places) -> F:
    """Return what deals are worth to every cast of one side (casts, ..., n), by its own weights."""
    casts = range(layout.casts) if layout.private_tastes[side] else (TRUE,)
    found = [cast_worth(params, side, cast, at) for cast in casts]
    return np.stack(found if len(found) == layout.casts else found * layout.casts)


def cast_worth(params: Params, side: int, cast: int, at: Places) -> F:
    """Return what deals are worth to one cast of one side (..., n), by its own weights."""
    tastes = params.tastes
    return worth(tastes.weight[side, :, cast], tuple(table[side, :, cast] for table in tastes.value), at)


def side_values(tables: tuple[F, ...], side: int) -> tuple[F, ...]:
    """Return one side's value tables, one (L, n) per issue."""
    return tuple(table[side] for table in tables)


def perceived_weight(params: Params, cast: int, viewer: int) -> F:
    """Return the other's weights as ``viewer`` sees them: ``w^a noise^(1-a)``, normalised; accuracy 1 is the truth."""
    other = 1 - viewer
    truth = params.tastes.weight[other, :, cast]
    accuracy = params.accuracy[viewer]
    blurred = np.exp(accuracy * np.log(np.maximum(truth, 1e-300)) + (1.0 - accuracy) * np.log(params.noise[viewer]))
    total = np.zeros(blurred.shape[1:])
    for row in blurred:
        total = total + row
    return np.where(accuracy >= 1.0, truth, blurred / total)


def sees_through(layout: Layout, params: Params, viewer: int) -> bool:
    """Tell whether ``viewer`` sees in every draw what deals are worth to the other: all there is to know it knows."""
    return not layout.types[1 - viewer] and bool((params.accuracy[viewer] >= 1.0).all())


def seen_worth(layout: Layout, params: Params, viewer: int, at: Places) -> F:
    """Return what deals are worth to each cast of the other (casts, ..., n), by the weights ``viewer`` sees."""
    other = 1 - viewer
    casts = range(layout.casts) if layout.private_tastes[other] else (TRUE,)
    found = [
        worth(
            perceived_weight(params, cast, viewer),
            tuple(table[other, :, cast] for table in params.tastes.value),
            at,
        )
        for cast in casts
    ]
    return np.stack(found if len(found) == layout.casts else found * layout.casts)


def alike(tables: Sequence[F]) -> bool:
    """Tell whether every draw has the same numbers in each of some tables (..., n)."""
    return all((table == table[..., :1]).all() for table in tables)


def merge(own: Sequence[F], other: Sequence[F], keep: int) -> I:
    """Merge groups into the curve of efficient deals, from the worst to the best for the viewer.

    ``own[g]``, ``other[g]``: value of each combination of group g, (combinations, n).  Returned are the deals (G, K, n)
    as rows of each group's combinations, padded by repeating the best.  At most ``keep`` deals are kept after each
    merge, evenly spaced along the curve; with ``keep`` large enough no efficient deal is lost.  The largest group goes
    first, so that what is sorted stays small.
    """
    draws = own[0].shape[-1]
    row = np.empty((len(own), min(keep, prod(rows.shape[0] for rows in own)), draws), dtype=np.int64)
    count = max(1, draws // AT_ONCE)
    for part in range(count):
        here = slice(draws * part // count, draws * (part + 1) // count)
        _merge([rows[:, here] for rows in own], [rows[:, here] for rows in other], keep, row[..., here])
    return row


def _merge(own: Sequence[F], other: Sequence[F], keep: int, row: I) -> None:
    """Write the curve of some draws into ``row`` (G, K, n)."""
    draws = own[0].shape[-1]
    worth, merges = np.zeros((2, draws, 1)), []
    for g in sorted(range(len(own)), key=lambda g: -own[g].shape[0]):
        more = np.stack([own[g].T, other[g].T])
        size, width = more.shape[2], worth.shape[2]
        joint = (more[..., None] + worth[:, :, None]).reshape(2, draws, size * width)
        kept = prune(joint[0], joint[1], keep)
        worth = _at(joint, kept)
        merges.append((g, width, kept))
    last = np.minimum(np.arange(row.shape[1]), worth.shape[2] - 1)
    old = np.broadcast_to(last, (draws, len(last)))
    for g, width, kept in reversed(merges):  # each deal back to those that it was merged from
        place = _at(kept, old)
        new = place // width
        old = place - new * width
        row[g] = new.T


def prune(own: F, other: F, keep: int) -> I:
    """Return the places (n, K') of the efficient among (own, other), by own value, the best repeated at the end.

    ``own`` and ``other`` are (n, K).  One is kept when none with at least its own value has as much for the other
    side.  Where more than ``keep`` are efficient, evenly spaced ones stay, both ends among them; K' is the most that
    stay in any draw.
    """
    size = own.shape[1]
    order = descending(own + TIE * other)  # best for the viewer first
    theirs = _at(other, order)
    before = np.maximum.accumulate(theirs[:, :-1], axis=1)
    before += TIE
    efficient = np.ones(own.shape, dtype=np.bool_)
    np.greater(theirs[:, 1:], before, out=efficient[:, 1:])
    counts = np.count_nonzero(efficient, axis=1)
    at = np.flatnonzero(efficient)
    draw, count = at // size, np.repeat(counts, counts)
    goes_to = np.repeat(np.cumsum(counts), counts) - 1 - np.arange(len(at))  # 0 is the worst for the viewer
    most = int(counts.max())
    keep = min(keep, most)
    if most > keep:
        spaced = (goes_to * (keep - 1) + (count - 1) // 2) // np.maximum(count - 1, 1)
        goes_to = np.where(count > keep, spaced, goes_to)
    kept = np.repeat(order[:, :1], keep, axis=1)
    kept.reshape(-1)[draw * keep + goes_to] = order.reshape(-1)[at]
    kept[:, -1] = order[:, 0]  # several may fall on one place, and the last written stays: not at this end
    return kept


def descending(values: F) -> I:
    """Return the places (n, K) of finite values (n, K) from the highest to the lowest, equals in a fixed order.

    Each number's last bits are made its place, and numbers alone are sorted, which is several times as fast as sorting
    places; where the bits given up have put two numbers in the wrong order, places are sorted after all.

    >>> descending(np.array([[0.3, 0.1, 0.5, 0.2], [1.0, -2.0, 1.0 + 1e-15, 0.0]])).tolist()
    [[2, 0, 3, 1], [2, 0, 3, 1]]
    """
    mask = 2 ** (values.shape[1] - 1).bit_length() - 1
    packed = values.view(np.int64) & ~mask
    packed |= np.arange(values.shape[1])
    packed.view(np.float64).sort(axis=1)
    place = packed[:, ::-1] & mask
    ordered = _at(values, place)
    wrong = np.flatnonzero((ordered[:, 1:] > ordered[:, :-1]).any(axis=1))
    if len(wrong):
        place[wrong] = np.argsort(values[wrong], axis=1, kind="stable")[:, ::-1]
    return place


def _at(array: NDArray[N], place: I) -> NDArray[N]:
    """Return ``array[..., i, place[i, ...]]`` for every draw i: (..., n, keep) of (..., n, K)."""
    draws, size = array.shape[-2:]
    flat = array.reshape(*array.shape[:-2], draws * size)
    return flat.take(place + size * np.arange(draws)[:, None], axis=-1)


def chain(own: Sequence[F], other: Sequence[F]) -> tuple[F, F]:
    """Return the curve of issues that are all continuous: levels (M, K, n) and 1 where a segment joins two deals.

    Every issue starts where the other side likes it best; the steps then go to the viewer in the order of the ratio
    of what it gains to what the other loses (logrolling; Raiffa 1982), which is efficient for concave values.
    """
    steps: list[tuple[int, int, F, F, F]] = []
    draws = own[0].shape[-1]
    start = []
    for k, (mine, theirs) in enumerate(zip(own, other, strict=True)):
        size = mine.shape[0]
        upward = theirs[-1] <= theirs[0]  # the other likes the low end best
        start.append(np.where(upward, 0.0, size - 1.0))
        for s in range(size - 1):
            low, high = s, s + 1
            gain = np.where(upward, mine[high] - mine[low], mine[size - 2 - s] - mine[size - 1 - s])
            loss = np.where(upward, theirs[low] - theirs[high], theirs[size - 1 - s] - theirs[size - 2 - s])
            steps.append((k, s, gain, loss, np.where(upward, 1.0, -1.0)))
    useful = np.stack([gain > 0 for _, _, gain, _, _ in steps])
    ratio = np.stack([gain / np.maximum(loss, 1e-12) for _, _, gain, loss, _ in steps])
    order = np.argsort(np.where(useful, -ratio, np.inf), axis=0, kind="stable")
    level = np.empty((len(own), len(steps) + 1, draws))
    joined = np.zeros((len(steps) + 1, draws))
    level[:, 0] = np.stack(start)
    issue = np.array([k for k, *_ in steps])[order]
    direction = np.take_along_axis(np.stack([way for *_, way in steps]), order, axis=0)
    moving = np.take_along_axis(useful, order, axis=0)
    for place in range(len(steps)):
        level[:, place + 1] = level[:, place]
        for k in range(len(own)):
            step = np.where((issue[place] == k) & moving[place], direction[place], 0.0)
            level[k, place + 1] = level[k, place + 1] + step
        joined[place] = moving[place]
    return level, joined


def joints(layout: Layout, level: Levels) -> F | None:
    """Return 1 where the next candidate differs in nothing but one neighbouring point of a continuous issue."""
    if not layout.continuous:
        return None
    joined = np.zeros(level.shape[1:])
    if level.shape[1] < 2:
        return joined
    apart = np.abs(level[:, 1:] - level[:, :-1])
    moved = (apart > 0).sum(axis=0)
    near = np.zeros(moved.shape, dtype=np.bool_)
    for k, issue in enumerate(layout.issues):
        if issue.continuous:
            near |= apart[k] == 1.0
    joined[:-1] = (moved == 1) & near
    return joined


def at_row(array: NDArray[N], row: I, draw: I | None = None) -> NDArray[N]:
    """Return ``array[..., row[..., i], draw[i]]`` for every i, all draws by default: rows (..., n) of (..., K, n)."""
    draws = array.shape[-1]
    flat = array.reshape(*array.shape[:-2], array.shape[-2] * draws)
    return flat.take(row * draws + (np.arange(draws) if draw is None else draw), axis=-1)


def between(array: NDArray[Any], segment: I, fraction: F | None, draw: I | None = None) -> NDArray[Any]:
    """Return rows (..., n) of ``array`` (..., K, n) between two candidates; without a fraction at the candidate."""
    low = at_row(array, segment, draw)
    if fraction is None:
        return low
    high = at_row(array, np.minimum(segment + 1, array.shape[-2] - 1), draw)
    return low + fraction * (high - low)


def levels_at(list_: Deals, segment: I, fraction: F | None) -> F:
    """Return the levels (M, n) of one candidate, or of a point between two, in each draw."""
    level, draw = untaken(list_, "level")
    at = np.minimum(segment, level.shape[-2] - 1)  # where another list's candidate is meant, any will do
    return between(level, at, fraction, draw).astype(np.float64)
