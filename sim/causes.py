"""Why a draw ends without a deal, and whether it has one once that single friction is removed.

A confirmed cause is a counterfactual: the same draw, with the same numbers and the same chance, without that friction.
One draw is put to the test by the agents, many draws are by Monte Carlo; both come to the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim import mechanisms as switch
from sim.ledger import binding_cause, classify
from sim.rules.types import CAUSES, B, I, State
from sim.scenario.compile import compile_scenario

if TYPE_CHECKING:
    from sim.replays import Columns, Replays
    from sim.scenario.compile import Compiled
    from sim.scenario.schema import Scenario


class Removal(NamedTuple):
    """One way to remove a friction: in words that follow "without" or "with", and the scenario that is left."""

    words: str
    scenario: Scenario


def cause(compiled: Compiled, final: State, seed: int, draw: int, paths: int = 1) -> dict[str, Any] | None:
    """Return why a draw that was played to ``final`` (arrays of length one) has no deal, None where one was signed.

    ``{name, confirmed, removed, without: {outcome, agreed, step}}``: the binding cause (`ledger.binding_cause`),
    what was removed, and how the same draw then ends, with the step of its first deal or None.  A cause is confirmed
    where a deal is signed.  Where a friction can be removed in several ways, they are tried in turn until one confirms;
    without one, the first is told.  ``no_zone`` is no friction: nothing is removed; ``removed``, ``without`` are None.
    """
    code = int(binding_cause(compiled, final)[0])
    if code < 0:
        return None
    told: dict[str, Any] = {"name": CAUSES[code], "confirmed": False, "removed": None, "without": None}
    for removal in removals(CAUSES[code], compiled, int(final.exit[0])):
        without = replay(removal.scenario, seed, draw, paths)
        if without["agreed"] or told["without"] is None:
            told |= {"confirmed": without["agreed"], "removed": removal.words, "without": without}
        if without["agreed"]:
            break
    return told


def put_to_the_test(compiled: Compiled, columns: Columns, replays: Replays) -> dict[str, Any]:
    """Return how many of the draws that a cause kept from a deal have one once that friction is removed.

    ``columns`` hold `cause` and `exit` of at least as many draws of the whole scenario as are played again.  Returns
    ``{draws, rows: [{cause, draws, confirmed, ways: [{removed, draws, confirmed}]}]}``, the commonest cause first:
    ``draws`` it was the binding cause of, and the share of them that is ``confirmed``, as `analysis.outcomes.estimated`
    tells it, None where there is no friction to remove.  Where a friction can be removed in several ways, each is tried
    in the draws that none before it has confirmed.
    """
    from sim.analysis.outcomes import estimated

    bound, taken = (np.asarray(columns[name])[: replays.draws] for name in ("cause", "exit"))
    counts = np.bincount(bound[bound >= 0], minlength=len(CAUSES))
    codes = sorted(np.flatnonzero(counts).tolist(), key=lambda code: -counts[code])
    attempts = {code: _attempts(CAUSES[code], compiled, bound == code, taken) for code in codes}
    played = iter(replays.of([removal.scenario for ways in attempts.values() for removal, _ in ways]))
    rows = []
    for code, ways in attempts.items():
        confirmed = np.zeros(len(bound), dtype=np.bool_)
        told: list[dict[str, Any]] = []
        for removal, here in ways:
            left = here & ~confirmed
            agreed = left & (np.asarray(next(played)["agreed_step"]) >= 0)
            confirmed |= agreed
            told.append({"removed": removal.words, "draws": int(left.sum()), "confirmed": int(agreed.sum())})
        share = estimated(confirmed, replays.paths, bound == code) if ways else None
        rows.append({"cause": CAUSES[code], "draws": int(counts[code]), "confirmed": share, "ways": told})
    return {"draws": replays.draws, "rows": rows}


def _attempts(name: str, compiled: Compiled, bound: B, taken: I) -> list[tuple[Removal, B]]:
    """Return the ways to remove a cause's friction, each with those draws (N,) that it ``bound`` which are tried."""
    if name != "exit":
        return [(removal, bound) for removal in removals(name, compiled)]
    rows = np.unique(taken[bound]).tolist()
    return [(removal, bound & (taken == row)) for row in rows for removal in removals(name, compiled, row)]


def counterfactuals(compiled: Compiled) -> list[Scenario]:
    """Return every scenario without a friction that `put_to_the_test` may have to play."""
    exits = [removals("exit", compiled, row) for row in range(len(compiled.exits))]
    every = [*(removals(name, compiled) for name in CAUSES), *exits]
    return [removal.scenario for ways in every for removal in ways]


def removals(name: str, compiled: Compiled, taken: int = -1) -> Iterator[Removal]:
    """Yield the ways to remove the friction behind a cause, the plainest first; ``taken`` is the row of the exit."""
    scenario = compiled.scenario
    if name == "misperception":
        known = switch.without_private_types(switch.without_misperception(scenario))
        yield Removal("without misread priorities and private information", known)
    elif name == "mistrust":
        yield Removal("without distrust of promises", switch.without_distrust(scenario))
    elif name == "time":
        yield from _more_time(scenario)
    elif name == "failed_ratification":
        yield Removal("without ratification at home", switch.without_audience(scenario))
    elif name == "shock":
        yield Removal("without collapses", switch.without_shocks(scenario))
    elif name == "rival_bid":
        yield Removal("without rival bids", switch.without_rival_bids(scenario))
    elif name == "exit" and taken >= 0:
        option = compiled.exits[taken]
        yield Removal(f"without the exit “{option.label}”", switch.without_exit(scenario, option.id))


def _more_time(scenario: Scenario) -> Iterator[Removal]:
    steps = f"{2 * scenario.time.window} steps instead of {scenario.time.window}"
    later = "" if scenario.time.deadline is None else " and a deadline as much later"
    yield Removal(f"with {steps}{later}", switch.longer(scenario))
    if scenario.spaced:
        yield Removal("with a meeting in every step", switch.without_waiting(scenario))
    for party in scenario.parties:
        yield Removal(f"without the impatience of {party.label}", switch.patient(scenario, party.id))


def replay(scenario: Scenario, seed: int, draw: int, paths: int = 1) -> dict[str, Any]:
    """Play a draw of a changed scenario: its outcome class, whether a deal was ever signed, and in which step."""
    from sim.agents import Bargain

    compiled = compile_scenario(scenario)
    final = Bargain(compiled, seed, draw, paths).play()
    agreed = int(final.agreed_step[0])
    ending = scenario.outcomes[int(classify(compiled.readings[0], final)[0])]
    return {"outcome": ending.id, "agreed": agreed >= 0, "step": agreed if agreed >= 0 else None}
