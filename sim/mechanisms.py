"""Mechanisms: parts of a scenario that can be switched off, and what each of them does to the results.

A switch is a function from a scenario to one without the mechanism.  Ids, and with them the names of all streams of
chance, stay as they are: each draw meets the same luck with a mechanism and without it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from sim.scenario.dates import step_of
from sim.scenario.leaf import Leaf
from sim.scenario.schema import ONE, ZERO, Move, Party, Scenario, TimeDependent, model_hash

if TYPE_CHECKING:
    from sim.replays import Columns, Replays
    from sim.scenario.schema import Community

NEVER = 10**6  # a step that no window reaches

Switch = Callable[[Scenario], Scenario]


class Mechanism(NamedTuple):
    """Something of a scenario that can be switched off."""

    id: str
    label: str
    off: Switch


def mechanisms(scenario: Scenario) -> tuple[Mechanism, ...]:
    """Return every mechanism that the scenario has: those whose switch changes what it means."""
    meaning = model_hash(scenario)
    return tuple(each for each in _switches(scenario) if model_hash(each.off(scenario)) != meaning)


def measure(
    scenario: Scenario, replays: Replays, *, on: Columns | None = None, only: Container[str] | None = None
) -> dict[str, Any]:
    """Play draws without each mechanism in turn and compare them with the same draws with all of them.

    ``only`` some are played where their ids are given.  ``on`` are the columns of at least as many draws of the whole
    scenario, where they are known already.  Returns ``{draws, rows: [{id, label, draws, changed, most, shares,
    payoffs}]}`` (see `sim.analysis.paired.compare`), the one that moves most first.
    """
    from sim.analysis.paired import compare

    draws, paths = replays.draws, replays.paths
    switches = [each for each in mechanisms(scenario) if only is None or each.id in only]
    on = replays.of([scenario])[0] if on is None else on
    played = replays.of([each.off(scenario) for each in switches])
    outcomes, parties = [row.id for row in scenario.outcomes], [party.id for party in scenario.parties]
    rows: list[dict[str, Any]] = [
        {"id": each.id, "label": each.label, "draws": draws} | compare(on, off, outcomes, parties, paths, draws)
        for each, off in zip(switches, played, strict=True)
    ]
    rows.sort(key=lambda row: (-abs(row["most"]["z"]), -abs(row["most"]["difference"]), row["id"]))
    return {"draws": draws, "rows": rows}


def _switches(scenario: Scenario) -> Iterator[Mechanism]:
    for option in scenario.exits:
        yield Mechanism(f"exit.{option.id}", f"Exit: {option.label}", partial(without_exit, name=option.id))
    for party in scenario.parties:
        yield Mechanism(
            f"audience.{party.id}", f"Ratification: {party.label}", partial(without_audience, party=party.id)
        )
    yield from _of_the_parties()
    yield Mechanism("collapse", "Hazard of collapse", without_collapse)
    movers = {move.by: None for move in scenario.moves}
    names = {each.id: each.label for each in (*scenario.parties, *scenario.third_parties)}
    for mover in movers:
        yield Mechanism(f"moves.{mover}", f"Moves: {names[mover]}", partial(without_moves, mover=mover))
    yield Mechanism("rival_bids", "Rival bids", without_rival_bids)
    for community in scenario.communities:
        switch = partial(without_community, name=community.id)
        yield Mechanism(f"community.{community.id}", f"Opinion: {community.label}", switch)
    yield Mechanism("communities", "All communities' opinions", without_communities)
    yield Mechanism("noise", "Noise of the environment", without_noise)
    yield Mechanism("lumps", "One-off gains and costs", without_lumps)
    yield Mechanism("constraints", "Excluded combinations", lambda game: _with(game, constraints=()))
    yield Mechanism("correlations", "Correlations between numbers", lambda game: _with(game, correlations=()))
    yield from _of_the_talks()


def _of_the_parties() -> Iterator[Mechanism]:
    yield Mechanism("distrust", "Distrust of promises", without_distrust)
    yield Mechanism("breach", "Breach of deals", lambda game: _of_parties(game, breach=None))
    yield Mechanism("reopening", "Reopening of deals", lambda game: _of_parties(game, reopening=None))
    yield Mechanism("reliance", "Cost of reliance", lambda game: _with(game, reliance=()))
    yield Mechanism("private", "Private information", without_private_types)
    yield Mechanism("misperception", "Misread priorities", without_misperception)


def _of_the_talks() -> Iterator[Mechanism]:
    yield Mechanism("interim", "Interim deals", lambda game: _with(game, interim=None))
    yield Mechanism("successors", "Successors", lambda game: _of_parties(game, successors=()))
    yield Mechanism("chosen", "Moves chosen for gain", without_chosen_moves)
    yield Mechanism("respond", "Answers to rival bids", lambda game: _of_moves(game, respond=None))
    yield Mechanism("pivotal", "Waiting for pivotal events", without_pivots)
    yield Mechanism("meetings", "Time between meetings", without_waiting)


def _with(node: Any, **fields: Any) -> Any:
    """Return a copy of a part of a scenario with some fields changed, those alone that it has."""
    known = {name: value for name, value in fields.items() if name in type(node).model_fields}
    return node.model_copy(update=known)


def _each(items: tuple[Any, ...], change: Callable[[Any], dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(_with(item, **change(item)) for item in items)


def _of(name: str | None, **fields: Any) -> Callable[[Any], dict[str, Any]]:
    """Return the fields to change of the item with an id, of every item where it is None."""
    return lambda item: fields if name in (None, item.id) else {}


def _of_parties(scenario: Scenario, **fields: Any) -> Scenario:
    return _with(scenario, parties=_each(scenario.parties, _of(None, **fields)))  # type: ignore[no-any-return]


def _of_moves(scenario: Scenario, **fields: Any) -> Scenario:
    return _with(scenario, moves=_each(scenario.moves, _of(None, **fields)))  # type: ignore[no-any-return]


def without_exit(scenario: Scenario, name: str) -> Scenario:
    """Return the scenario with an exit that never opens; it stays in the file's conditions."""
    exits = _each(scenario.exits, _of(name, from_=NEVER, until=None))
    return _with(scenario, exits=exits)  # type: ignore[no-any-return]


def without_audience(scenario: Scenario, party: str | None = None) -> Scenario:
    """Return the scenario in which a party, or neither of them, must carry a deal at home."""
    effects = tuple(each for each in scenario.effects if each.on != "support" or party not in (None, each.party))
    return _with(scenario, parties=_each(scenario.parties, _of(party, audience=None)), effects=effects)  # type: ignore[no-any-return]


def without_distrust(scenario: Scenario) -> Scenario:
    """Return the scenario in which both are sure that promises are kept."""

    def sure(party: Party) -> dict[str, Any]:
        return {"trust": _with(party.trust, breach_rate=ZERO)}

    return _with(scenario, parties=_each(scenario.parties, sure))  # type: ignore[no-any-return]


def without_misperception(scenario: Scenario) -> Scenario:
    """Return the scenario in which each sees the other's weights as they are."""
    return _of_parties(scenario, accuracy=ONE)


def without_private_types(scenario: Scenario) -> Scenario:
    """Return the scenario in which each knows the other's numbers: what was private is what was public."""
    return _public(scenario)  # type: ignore[no-any-return]


def _public(node: Any) -> Any:
    if isinstance(node, Leaf):
        return node if node.private is None else node.model_copy(update={"private": None, "bias": None, "type": ""})
    if isinstance(node, BaseModel):
        fields = {name: getattr(node, name) for name in type(node).model_fields}
        changed = {name: new for name, old in fields.items() if (new := _public(old)) is not old}
        return node.model_copy(update=changed) if changed else node
    if isinstance(node, dict):
        found = {key: _public(value) for key, value in node.items()}
        return found if any(found[key] is not node[key] for key in node) else node
    if isinstance(node, tuple):
        items = tuple(_public(item) for item in node)
        return items if any(new is not old for new, old in zip(items, node, strict=True)) else node
    return node


def without_collapse(scenario: Scenario) -> Scenario:
    """Return the scenario in which talks never collapse by themselves."""
    if scenario.breakdown is None:
        return scenario
    calm = {name: ZERO for name in ("rate", "chance") if getattr(scenario.breakdown, name) is not None}
    return _with(scenario, breakdown=_with(scenario.breakdown, **calm))  # type: ignore[no-any-return]


def without_shocks(scenario: Scenario) -> Scenario:
    """Return the scenario in which neither the hazard nor a move ends talks in a collapse."""
    return _of_moves(without_collapse(scenario), collapse=ZERO)


def _still(scenario: Scenario, which: Callable[[Move], bool]) -> Scenario:
    """Return the scenario in which some moves never happen; they stay in the file's conditions."""

    def change(move: Move) -> dict[str, Any]:
        return _never(move) if which(move) else {}

    return _with(scenario, moves=_each(scenario.moves, change))  # type: ignore[no-any-return]


def _never(move: Move) -> dict[str, Any]:
    """Return what to change so that a move never happens, whether it has a rate, a date or is chosen."""
    return {"chance": ZERO, "chosen": None} if move.on is not None else {"rate": ZERO, "chosen": None}


def without_moves(scenario: Scenario, mover: str) -> Scenario:
    """Return the scenario in which somebody makes no move."""
    return _still(scenario, lambda move: move.by == mover)


def without_move(scenario: Scenario, name: str) -> Scenario:
    """Return the scenario in which one move never happens."""
    return _still(scenario, lambda move: move.id == name)


def without_rival_bids(scenario: Scenario) -> Scenario:
    """Return the scenario in which no rival bids."""
    return _still(scenario, lambda move: move.rival_bid)


def without_chosen_moves(scenario: Scenario) -> Scenario:
    """Return the scenario in which no move is made for gain."""
    return _still(scenario, lambda move: move.chosen is not None)


def without_pivots(scenario: Scenario) -> Scenario:
    """Return the scenario in which nobody waits for an event to be decided."""
    variables = _each(scenario.variables, _of(None, pivotal=False))
    return _with(_of_moves(scenario, pivotal=False), variables=variables)  # type: ignore[no-any-return]


def without_waiting(scenario: Scenario) -> Scenario:
    """Return the scenario in which the parties meet in every step."""
    return _with(scenario, protocol=_with(scenario.protocol, meetings=None))  # type: ignore[no-any-return]


def without_community(scenario: Scenario, name: str) -> Scenario:
    """Return the scenario in which one community's opinion touches nobody: no audience, no other community, nothing."""
    return _deaf(scenario, frozenset({name}))


def without_communities(scenario: Scenario) -> Scenario:
    """Return the scenario in which no community's opinion touches anything."""
    return _deaf(scenario, frozenset(community.id for community in scenario.communities))


def _deaf(scenario: Scenario, names: frozenset[str]) -> Scenario:
    def hears(party: Party) -> dict[str, Any]:
        audience = party.audience
        if audience is None:
            return {}
        kept = {key: leaf for key, leaf in audience.communities.items() if key not in names}
        return {"audience": _with(audience, communities=kept)}

    def untouched(item: Any) -> dict[str, Any]:
        return {"shifts": _each(item.shifts, lambda shift: {"by": ZERO} if shift.variable in names else {})}

    def silent(rule: Any) -> dict[str, Any]:
        return {"coefficient": ZERO} if rule.variable in names else {}

    def alone(rule: Any) -> dict[str, Any]:
        return {"patrons": _each(rule.patrons, lambda patron: {"slope": ZERO} if patron.variable in names else {})}

    return _with(  # type: ignore[no-any-return]
        scenario,
        parties=_each(scenario.parties, hears),
        variables=_each(scenario.variables, untouched),
        communities=_each(scenario.communities, lambda item: untouched(item) | _unpulled(item, scenario, names)),
        effects=_each(scenario.effects, silent),
        reliance=_each(scenario.reliance, alone),
    )


def _unpulled(community: Community, scenario: Scenario, names: frozenset[str]) -> dict[str, Any]:
    """Return what to change so that none of ``names`` pulls on a community; others, where there are any, fill the gap.

    Where nothing is written, a community pulls by its share of the people.
    """
    others = [other.id for other in scenario.communities if other.id != community.id]
    pulling = [name for name in others if not community.pulls or community.pulls.get(name)]
    share = {"share": ZERO} if community.id in names else {}
    if pulling and not set(pulling) - names:
        return {"openness": ZERO} | share
    return {"pulls": {key: weight for key, weight in community.pulls.items() if key not in names}} | share


def without_noise(scenario: Scenario) -> Scenario:
    """Return the scenario in which variables and opinions follow their means without chance."""
    calm = _of(None, volatility=ZERO)
    variables, communities = _each(scenario.variables, calm), _each(scenario.communities, calm)
    return _with(scenario, variables=variables, communities=communities)  # type: ignore[no-any-return]


def without_lumps(scenario: Scenario) -> Scenario:
    """Return the scenario in which no transition and no move pays or costs anything at once."""
    return _of_moves(_with(scenario, lumps=()), lumps={})


def patient(scenario: Scenario, party: str) -> Scenario:
    """Return the scenario in which a party is in no hurry: a day in years to come counts as today."""

    def change(owner: Party) -> dict[str, Any]:
        if owner.id != party:
            return {}
        return {"discount_rate": ZERO} if owner.discount_rate is not None else {"discount_factor": ONE}

    return _with(scenario, parties=_each(scenario.parties, change))  # type: ignore[no-any-return]


def longer(scenario: Scenario) -> Scenario:
    """Return the scenario with twice the steps, and a deadline that lies as many steps later."""
    time = scenario.time
    deadline = None if time.deadline is None else step_of(time, time.deadline) + time.window

    def paced(party: Party) -> dict[str, Any]:
        timed = isinstance(party.offers, TimeDependent) and party.offers.until is None and deadline is None
        return {"offers": _with(party.offers, until=time.window)} if timed else {}

    stretched = _with(time, window=2 * time.window, deadline=deadline)
    return _with(scenario, time=stretched, parties=_each(scenario.parties, paced))  # type: ignore[no-any-return]
