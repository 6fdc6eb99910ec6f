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
def driver_of(x: F, fired: F, row: int, i: int) -> F:
    """Return one driver of draw i: a variable, or 1 once a move has happened."""
    return x[row, i] if row < x.shape[0] else min(fired[row - x.shape[0], i], 1.0)


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
    for i in range(status.shape[0]):
        at = status[i]
        if at not in (TALKS, AGREEMENT):
            continue
        for side in range(2):
            flow = base[side, i]
            for e in range(effects.shape[0]):
                if effects[e, 0] != side or effects[e, 1 + at] == 0:
                    continue
                term = coefficient[e, i]
                if effects[e, 3] >= 0:
                    term = term * driver_of(x, fired, effects[e, 3], i)
                if effects[e, 4] >= 0:
                    term = term * clause[effects[e, 4], i]
                flow += term
            for r in range(reliances.shape[0]):
                if reliances[r, 0] != side:
                    continue
                total = square = 0.0
                for p in range(reliances[r, 1], reliances[r, 2]):
                    row = patrons[p, 0]
                    given = patron[row, 0, i] + part[row, i]
                    if patrons[p, 1] >= 0:
                        given += patron[row, 1, i] * driver_of(x, fired, patrons[p, 1], i)
                    given = max(given, 0.0)
                    total += given
                    square += given * given
                flow -= cost[r, i] * square / max(total * total, 1e-300)
            if at == TALKS:
                flow += status_quo[side, i]
            payoff[side, i] += weight[side, i] * (1.0 - discount[side, i]) * flow
            weight[side, i] *= discount[side, i]


@njit(cache=True)
def move_variables(
    status: F, x: F, fired: F, clause: F, variable: F, bounds: F, shifts: F, shift: F, shock: F, moved: F
) -> None:
    """Write the variables after one step into ``moved`` (X, n), as the rules do; ``shifts``: variable, driver, clause."""
    for i in range(status.shape[0]):
        for v in range(x.shape[0]):
            if status[i] not in (TALKS, AGREEMENT):
                moved[v, i] = x[v, i]
                continue
            mean = variable[v, 1, i]
            for s in range(shifts.shape[0]):
                if shifts[s, 0] != v:
                    continue
                by = shift[s, i]
                if shifts[s, 1] >= 0:
                    by = by * driver_of(x, fired, shifts[s, 1], i)
                if shifts[s, 2] >= 0:
                    by = by * clause[shifts[s, 2], i]
                mean += by
            new = mean + (x[v, i] - mean) * variable[v, 2, i] + variable[v, 3, i] * shock[v, i]
            moved[v, i] = min(max(new, bounds[v, 0]), bounds[v, 1])


@njit(cache=True)
def efficient(own: F, other: F, keep: int, rows: F) -> int:
    """Write the rows of the efficient deals of one draw, worst for the viewer first, as ``deals.prune`` does.

    Returns how many rows were written: ``keep``, the best repeated at the end.
    """
    order = np.argsort(own + TIE * other)[::-1]
    count = -1
    best = -np.inf
    place = np.empty(order.shape[0], dtype=np.int64)
    for k in range(order.shape[0]):
        place[k] = -1
        if k == 0 or other[order[k]] > best + TIE:
            count += 1
            place[k] = count
        best = max(best, other[order[k]])
    for k in range(keep):
        rows[k] = order[0]
    for k in range(order.shape[0]):
        if place[k] >= 0:
            from_worst = count - place[k]
            if count + 1 > keep:
                from_worst = (from_worst * (keep - 1) + count // 2) // max(count, 1)
            rows[from_worst] = order[k]
    rows[keep - 1] = order[0]
    return keep


@njit(cache=True)
def curve(values: F, keep: int, level: F) -> int:
    """Write the levels (M, keep) of one draw's contract curve, group by group as ``deals.merge`` does.

    ``values`` (2, M, L): what each level of each issue adds to the viewer and to the other.  Returns its length.
    """
    issues, levels = values.shape[1], values.shape[2]
    own, other = np.zeros(1), np.zeros(1)
    picked = np.zeros((issues, 1), dtype=np.int64)
    for g in range(issues):
        width = own.shape[0]
        joint_own, joint_other = np.empty(width * levels), np.empty(width * levels)
        for w in range(width):
            for at in range(levels):
                joint_own[w * levels + at] = own[w] + values[0, g, at]
                joint_other[w * levels + at] = other[w] + values[1, g, at]
        size = min(keep, width * levels)
        rows = np.empty(size, dtype=np.int64)
        efficient(joint_own, joint_other, size, rows)
        own, other = joint_own[rows], joint_other[rows]
        grown = np.zeros((issues, size), dtype=np.int64)
        for k in range(size):
            for earlier in range(g):
                grown[earlier, k] = picked[earlier, rows[k] // levels]
            grown[g, k] = rows[k] % levels
        picked = grown
    for g in range(issues):
        for k in range(picked.shape[1]):
            level[g, k] = picked[g, k]
    return int(picked.shape[1])


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
    ``effects``: side, driver; they count in every regime.  A few dozen draws go through the steps together, so that
    what is read by draw and what is read by step both stay in the caches.
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
                        ruin[s] = breakdown[s, i] + always[s]
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
                for e in range(effects.shape[0]):
                    if effects[e, 0] == s:
                        v = effects[e, 1]
                        held_on = status[i] == AGREEMENT
                        towards = xs[j, v] if held_on else settled(xs[j], variable, bounds, discount, s, v, i)
                        last += coefficient[e, i] * towards
                payoff[s, i] += weights[j, s] * last
            if status[i] == TALKS:
                status[i] = DEADLINE
