"""The same rules, fused by hand into compiled loops over draws: what the machine allows, to be held against the arrays.

Nothing in ``sim`` uses these, and they are no second rulebook: they know one kind of game (see ``benchmarks.limit``),
and the limit is only a limit if their results equal those of the rules.  Arrays are those of the rules, draws last.
"""

from __future__ import annotations

from math import exp, expm1
from typing import Any

import numpy as np
from numba import njit

F = Any  # arrays: numba reads no annotations
TALKS, AGREEMENT, BREAKDOWN, DEADLINE = 0, 1, 3, 4
TILE = 64  # draws that go through the steps together
TOLERANCE, TIE = 1e-12, 1e-10


@njit(cache=True)
def receive(
    status: F,
    x: F,
    fired: F,
    base: F,
    clause: F,
    part: F,
    weight: F,
    payoff: F,
    discount: F,
    effects: F,
    coefficient: F,
    status_quo: F,
    reliances: F,
    cost: F,
    patrons: F,
    patron: F,
) -> None:
    """Add one step's flow to the payoffs of the draws that go on, as ``step.receive`` does; writes in place.

    ``effects`` rows: side, counts in talks, counts under a deal, driver, clause (-1 none); ``reliances`` rows: side,
    first and last of its rows in ``patrons`` (patron, driver).
    """
    many = x.shape[0]
    flow, total, square = np.empty(TILE), np.empty(TILE), np.empty(TILE)
    driver = np.empty(TILE)
    for low in range(0, status.shape[0], TILE):
        size = min(TILE, status.shape[0] - low)
        for side in range(2):
            for j in range(size):
                flow[j] = base[side, low + j]
            for e in range(effects.shape[0]):
                if effects[e, 0] != side:
                    continue
                drives(x, fired, many, effects[e, 3], low, size, driver)
                for j in range(size):
                    driver[j] *= coefficient[e, low + j]
                if effects[e, 4] >= 0:
                    for j in range(size):
                        driver[j] *= clause[effects[e, 4], low + j]
                if effects[e, 1] and effects[e, 2]:
                    for j in range(size):
                        flow[j] += driver[j]
                elif effects[e, 1] or effects[e, 2]:
                    wanted = TALKS if effects[e, 1] else AGREEMENT
                    for j in range(size):
                        flow[j] += driver[j] if status[low + j] == wanted else 0.0
            for r in range(reliances.shape[0]):
                if reliances[r, 0] != side:
                    continue
                total[:] = 0.0
                square[:] = 0.0
                for p in range(reliances[r, 1], reliances[r, 2]):
                    row = patrons[p, 0]
                    drives(x, fired, many, patrons[p, 1], low, size, driver)
                    slope = 1.0 if patrons[p, 1] >= 0 else 0.0
                    for j in range(size):
                        i = low + j
                        given = patron[row, 0, i] + part[row, i] + slope * patron[row, 1, i] * driver[j]
                        given = max(given, 0.0)
                        total[j] += given
                        square[j] += given * given
                for j in range(size):
                    flow[j] -= cost[r, low + j] * square[j] / max(total[j] * total[j], 1e-300)
            for j in range(size):
                i = low + j
                if status[i] in (TALKS, AGREEMENT):
                    now = flow[j] + (status_quo[side, i] if status[i] == TALKS else 0.0)
                    payoff[side, i] += weight[side, i] * (1.0 - discount[side, i]) * now
                    weight[side, i] *= discount[side, i]


@njit(cache=True)
def drives(x: F, fired: F, many: int, row: int, low: int, size: int, driver: F) -> None:
    """Write one driver of a tile of draws: 1 without one, a variable, or 1 once a move has happened."""
    for j in range(size):
        if row < 0:
            driver[j] = 1.0
        elif row < many:
            driver[j] = x[row, low + j]
        else:
            driver[j] = min(fired[row - many, low + j], 1.0)


@njit(cache=True)
def move_variables(
    status: F, x: F, fired: F, clause: F, variable: F, bounds: F, shifts: F, shift: F, shock: F, moved: F
) -> None:
    """Write the variables (X, n) after one step, as the rules do; ``shifts``: variable, driver, clause."""
    many = x.shape[0]
    mean, driver = np.empty(TILE), np.empty(TILE)
    for low in range(0, status.shape[0], TILE):
        size = min(TILE, status.shape[0] - low)
        for v in range(many):
            for j in range(size):
                mean[j] = variable[v, 1, low + j]
            for s in range(shifts.shape[0]):
                if shifts[s, 0] != v:
                    continue
                drives(x, fired, many, shifts[s, 1], low, size, driver)
                for j in range(size):
                    driver[j] *= shift[s, low + j]
                if shifts[s, 2] >= 0:
                    for j in range(size):
                        driver[j] *= clause[shifts[s, 2], low + j]
                for j in range(size):
                    mean[j] += driver[j]
            for j in range(size):
                i = low + j
                new = mean[j] + (x[v, i] - mean[j]) * variable[v, 2, i] + variable[v, 3, i] * shock[v, i]
                new = min(max(new, bounds[v, 0]), bounds[v, 1])
                moved[v, i] = new if status[i] in (TALKS, AGREEMENT) else x[v, i]


@njit(cache=True)
def curve(values: F, keep: int, level: F) -> int:
    """Write the levels (M, keep) of one draw's contract curve, group by group as ``deals.merge`` does.

    ``values`` (2, M, L): what each level of each issue adds to side 0 and to side 1.  A curve is sorted, so that its
    sums with one issue's levels are as many sorted rows: they are merged, best first, and never sorted again.
    Returns the curve's length.
    """
    issues, levels = values.shape[1], values.shape[2]
    own, other = np.zeros(keep), np.zeros(keep)
    next_own, next_other = np.empty(keep), np.empty(keep)
    picked = np.zeros((issues, keep), dtype=np.int64)
    grown = np.zeros((issues, keep), dtype=np.int64)
    best_of = np.empty((3, keep * levels))  # the efficient sums, best first: own, other, and which they are
    at = np.empty(levels, dtype=np.int64)
    key = np.empty(levels)
    width = 1
    for g in range(issues):
        for lev in range(levels):
            at[lev] = width - 1
            key[lev] = sum_of(own, other, values, g, at[lev], lev)
        found, best = 0, -np.inf
        for _ in range(width * levels):
            pick = 0
            for lev in range(1, levels):
                if key[lev] > key[pick]:
                    pick = lev
            w = at[pick]
            gets = other[w] + values[1, g, pick]
            if found == 0 or gets > best + TIE:
                best_of[0, found], best_of[1, found] = own[w] + values[0, g, pick], gets
                best_of[2, found] = w * levels + pick
                found += 1
            best = max(best, gets)
            at[pick] -= 1
            key[pick] = sum_of(own, other, values, g, at[pick], pick) if at[pick] >= 0 else -np.inf
        size = min(keep, width * levels)
        for k in range(size):
            put(best_of, 0, k, levels, g, next_own, next_other, picked, grown)
        for k in range(found):
            place = found - 1 - k
            if found > size:
                place = (place * (size - 1) + (found - 1) // 2) // max(found - 1, 1)
            put(best_of, k, place, levels, g, next_own, next_other, picked, grown)
        put(best_of, 0, size - 1, levels, g, next_own, next_other, picked, grown)
        own, next_own = next_own, own
        other, next_other = next_other, other
        picked, grown = grown, picked
        width = size
    for g in range(issues):
        for k in range(width):
            level[g, k] = picked[g, k]
    return width


@njit(cache=True, inline="always")
def sum_of(own: F, other: F, values: F, g: int, w: int, lev: int) -> float:
    """Return what a deal of the curve is worth with one more issue, ties broken by the other's worth."""
    return own[w] + values[0, g, lev] + TIE * (other[w] + values[1, g, lev])  # type: ignore[no-any-return]


@njit(cache=True, inline="always")
def put(best_of: F, k: int, place: int, levels: int, g: int, own: F, other: F, picked: F, grown: F) -> None:
    """Put the k-th efficient deal at its place on the next curve."""
    own[place], other[place] = best_of[0, k], best_of[1, k]
    row = int(best_of[2, k])
    for earlier in range(g):
        grown[earlier, place] = picked[earlier, row // levels]
    grown[g, place] = row % levels


@njit(cache=True)
def candidates(
    weight: F,
    value: F,
    audience_weight: F,
    audience_value: F,
    audience: F,
    keep: F,
    level: F,
    worth: F,
    support: F,
) -> None:
    """Write every draw's candidates as side 0 lists them: its contract curve, then what helps at home, worst first.

    ``weight`` (2, M, n), ``value`` (M, 2, L, n), the audiences' alike; ``audience`` (2,) tells who has one, ``keep``
    (2,) how many of each kind.  Written are ``level`` (n, M, K), ``worth`` and ``support`` (n, 2, K).
    """
    issues, levels = weight.shape[1], value.shape[2]
    values = np.empty((2, issues, levels))
    backing = np.zeros((2, issues, levels))
    found = np.empty((issues, keep[0]), dtype=np.int64)
    for i in range(weight.shape[2]):
        for side in range(2):
            for m in range(issues):
                for at in range(levels):
                    values[side, m, at] = weight[side, m, i] * value[m, side, at, i]
                    if audience[side]:
                        backing[side, m, at] = audience_weight[side, m, i] * audience_value[m, side, at, i]
        place = 0
        for kind in range(2 if audience[0] or audience[1] else 1):
            count = curve(values + backing if kind else values, keep[kind], found)
            for k in range(keep[kind]):
                for m in range(issues):
                    level[i, m, place + k] = found[m, min(k, count - 1)]
            place += keep[kind]
        for side in range(2):
            for k in range(place):
                total = carried = 0.0
                for m in range(issues):
                    total += values[side, m, level[i, m, k]]
                    carried += backing[side, m, level[i, m, k]]
                worth[i, side, k], support[i, side, k] = total, carried


@njit(cache=True)
def settled(x: F, variable: F, bounds: F, discount: F, side: int, v: int, i: int) -> float:
    """Return the discounted mean of one variable of draw i from now on, as ``environment.settled`` has it."""
    centre = variable[v, 1, i]
    share = (1.0 - discount[side, i]) / max(1.0 - discount[side, i] * variable[v, 2, i], 1e-12)
    return float(min(max(centre + (x[v] - centre) * share, bounds[v, 0]), bounds[v, 1]))


@njit(cache=True)
def bargain(
    steps: int,
    dt: float,
    first: F,
    clock: F,
    until: F,
    audience: F,
    fatal: F,
    effects: F,
    bounds: F,
    jumps: F,
    level: F,
    worth: F,
    support: F,
    discount: F,
    coefficient: F,
    status_quo: F,
    talk_base: F,
    breakdown: F,
    threshold: F,
    link: F,
    variable: F,
    rate: F,
    jump: F,
    hazard: F,
    strategy: F,
    normals: F,
    moving: F,
    collapse: F,
    ratify: F,
    status: F,
    agreed_step: F,
    agreed: F,
    payoff: F,
) -> None:
    """Play stacked alternating offers by the clock from start to end; writes the last four.

    ``level``, ``worth`` and ``support`` are those of ``candidates``; side 1 lists them the other way round.
    ``effects``: side, driver; they count while talks go on and under a deal.  A few dozen draws go through the steps
    together, so that what is read by draw and what is read by step both stay in the caches.
    """
    draws, count, many = hazard.shape[0], worth.shape[2], variable.shape[0]
    xs, fired = np.empty((TILE, many)), np.empty((TILE, rate.shape[0]))
    weights, sitting = np.empty((TILE, 2)), np.empty((TILE, 2))
    standings = np.empty(TILE, dtype=np.int64)
    ruin, always, held = np.empty(2), np.empty(2), np.empty(2)
    speaks = np.empty(2, dtype=np.int64)
    chance = np.empty((2, count))
    for low in range(0, draws, TILE):
        high = min(low + TILE, draws)
        for i in range(low, high):
            j = i - low
            status[i], agreed_step[i], standings[j] = TALKS, -1, -1
            fired[j] = 0.0
            xs[j] = variable[:, 0, i]
            for s in range(2):
                weights[j, s], payoff[s, i], sitting[j, s] = 1.0, 0.0, talk_base[s, i]
            for m in range(level.shape[1]):
                agreed[m, i] = -1.0
        for t in range(steps):
            for i in range(low, high):
                if status[i] == BREAKDOWN:
                    continue
                j = i - low
                x, weight = xs[j], weights[j]
                for v in range(many):
                    centre = variable[v, 1, i]
                    new = centre + (x[v] - centre) * variable[v, 2, i] + variable[v, 3, i] * normals[t, v, i]
                    x[v] = min(max(new, bounds[v, 0]), bounds[v, 1])
                for m in range(rate.shape[0]):
                    if fired[j, m] == 0.0 and moving[t, m, i] < -expm1(-rate[m, i] * dt):
                        fired[j, m] += 1.0
                        for row in range(jumps.shape[0]):
                            if jumps[row, 0] == m:
                                v = jumps[row, 1]
                                x[v] = min(max(x[v] + jump[jumps[row, 2], i], bounds[v, 0]), bounds[v, 1])
                talking = status[i] == TALKS
                if talking:
                    for s in range(2):
                        always[s] = 0.0
                        for e in range(effects.shape[0]):
                            if effects[e, 0] == s:
                                always[s] += coefficient[e, i] * settled(
                                    x, variable, bounds, discount, s, effects[e, 1], i
                                )
                        ruin[s] = breakdown[s, i]
                    for k in range(count):
                        for a in range(2):
                            chance[a, k] = 1.0
                            if audience[a]:
                                margin = link[a, i] * (support[i, a, k] - threshold[a, i])
                                chance[a, k] = 1.0 / (1.0 + exp(min(max(-margin, -700.0), 700.0)))
                    for s in range(2):
                        speaks[s] = -1
                        worst, most = np.inf, -np.inf
                        for k in range(count):
                            if_put = (worth[i, s, k] + always[s] - ruin[s]) * (chance[0, k] * chance[1, k]) + ruin[s]
                            worst, most = min(worst, if_put), max(most, if_put)
                        floor = min(max(worst, ruin[s]), most)
                        gone = min(t, until[s]) / until[s] if clock[s] == 0 else min((t + 1) / (until[s] + 1), 1.0)
                        opening = strategy[s, 1, i]
                        part = opening + (1.0 - opening) * gone ** (1.0 / strategy[s, 0, i])
                        held[s] = most - part * (most - floor)
                        top = -np.inf
                        for place in range(count):
                            k = place if s == 0 else count - 1 - place
                            rho = chance[0, k] * chance[1, k]
                            if (worth[i, s, k] + always[s] - ruin[s]) * rho + ruin[s] >= held[s] - TOLERANCE:
                                other = (worth[i, 1 - s, k] + always[1 - s] - ruin[1 - s]) * rho + ruin[1 - s]
                                if other > top:
                                    speaks[s], top = k, other
                    for turn in range(3):
                        speaker = first[i] if turn == 1 else 1 - first[i]
                        if turn == 2:
                            standings[j] = speaks[speaker]
                            break
                        k = standings[j] if turn == 0 else speaks[speaker]
                        if k < 0:
                            continue
                        hearer = 1 - speaker
                        rho = chance[0, k] * chance[1, k]
                        if_put = rho * (worth[i, hearer, k] + always[hearer]) + (1.0 - rho) * ruin[hearer]
                        if if_put < held[hearer] - TOLERANCE:
                            continue
                        standings[j] = -1
                        passed = True
                        for a in range(2):
                            if not ratify[t, a, i] < chance[a, k]:
                                passed = False
                                if fatal[a]:
                                    status[i] = BREAKDOWN
                        if passed:
                            status[i], agreed_step[i] = AGREEMENT, t
                            for s in range(2):
                                sitting[j, s] = worth[i, s, k]
                            for m in range(level.shape[1]):
                                agreed[m, i] = level[i, m, k]
                        break
                if status[i] != BREAKDOWN:
                    for s in range(2):
                        flow = sitting[j, s]
                        for e in range(effects.shape[0]):
                            if effects[e, 0] == s:
                                flow += coefficient[e, i] * x[effects[e, 1]]
                        if status[i] == TALKS:
                            flow += status_quo[s, i]
                        payoff[s, i] += weight[s] * (1.0 - discount[s, i]) * flow
                        weight[s] *= discount[s, i]
                    if status[i] == TALKS and collapse[t, i] < -expm1(-hazard[i] * dt):
                        status[i] = BREAKDOWN
                if talking and status[i] == BREAKDOWN:
                    for s in range(2):
                        payoff[s, i] += weight[s] * ruin[s]
        for i in range(low, high):
            j = i - low
            if status[i] == BREAKDOWN:
                continue
            for s in range(2):
                last = sitting[j, s] if status[i] == AGREEMENT else breakdown[s, i]
                if status[i] == AGREEMENT:
                    for e in range(effects.shape[0]):
                        if effects[e, 0] == s:
                            last += coefficient[e, i] * xs[j, effects[e, 1]]
                payoff[s, i] += weights[j, s] * last
            if status[i] == TALKS:
                status[i] = DEADLINE
