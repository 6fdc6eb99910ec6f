"""Checks that look at several fields together: references, choices between fields, private numbers, outcomes."""

from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sim.scenario.correlations import check_correlations
from sim.scenario.explain import Finding
from sim.scenario.faults import close_to, number, show
from sim.scenario.fields import Range
from sim.scenario.index import Index, known, known_all, known_keys, unique
from sim.scenario.leaf import NAME, Bounds, Leaf, Problems
from sim.scenario.private import check_private, owner_of, places_of, with_private_tastes
from sim.scenario.read import Path
from sim.scenario.schema import (
    Alternating,
    Aspiration,
    Attrition,
    Audience,
    Effect,
    Equilibrium,
    Fixed,
    HoldingOut,
    MeanShift,
    Move,
    OneSided,
    Party,
    Predicate,
    RandomRecognition,
    Scenario,
    Simultaneous,
    StackedAlternating,
    TimeDependent,
    Zeuthen,
)
from sim.scenario.shares import check_shares
from sim.scenario.terms import (
    can_vanish,
    check_complete,
    check_condition,
    check_deals,
    check_issue,
    check_negotiable,
    check_range,
    check_terms,
    check_values,
)
from sim.scenario.walk import misfits, walk_places
from sim.scenario.when import check_time

Findings = Iterator[Finding]
MOST_INTERIM = 64
MOST_PIVOTS = 3
BY_CLOCK = ("aspiration", "time_dependent", "fixed", "random")  # offers that need no look-ahead and no memory
ANSWERING = ("aspiration", "next", "constant", "time")


def check(scenario: Scenario, stem: str | None = None) -> Findings:
    """Give everything that is wrong with a scenario whose single fields are right."""
    if stem is not None and scenario.id != stem:
        yield Finding(("id",), f"id is `{scenario.id}`, but the file is named {show(stem)}; make them equal")
    index = Index(scenario)
    for part in REFERRING:
        yield from part(scenario, index)
    for other in OTHERS:
        yield from other(scenario)


def _ids(scenario: Scenario) -> Findings:
    lists: dict[str, Any] = {
        name: getattr(scenario, name)
        for name in ("parties", "issues", "exits", "moves", "effects", "outcomes", "questions", "variables")
    }
    for name, items in lists.items():
        yield from unique(items, (name,))
    taken = {each.id: f"item {i + 1} of variables" for i, each in enumerate(scenario.variables)}
    yield from unique(scenario.communities, ("communities",), taken)
    taken = {each.id: f"item {i + 1} of parties" for i, each in enumerate(scenario.parties)}
    yield from unique(scenario.third_parties, ("third_parties",), taken)
    for i, party in enumerate(scenario.parties):
        if party.id == "random":
            yield Finding(("parties", i, "id"), "a party cannot be named `random`, since protocol.first may be random")


def _protocol(scenario: Scenario, index: Index) -> Findings:
    protocol = scenario.protocol
    if isinstance(protocol, (Alternating, StackedAlternating)):
        yield from known(protocol.first, {*index.parties, "random"}, "party", ("protocol", "first"))
    elif isinstance(protocol, OneSided):
        yield from known(protocol.by, index.parties, "party", ("protocol", "by"))
    if isinstance(protocol, StackedAlternating):
        yield from _stacked(scenario)
    if scenario.spaced:
        yield from _meetings(scenario)
    if isinstance(protocol, RandomRecognition) and protocol.recognition:
        at: Path = ("protocol", "recognition")
        yield from known_keys(protocol.recognition, index.parties, "party", at)
        if can_vanish(list(protocol.recognition.values())):
            yield Finding(at, "the weights can all be 0, so that nobody would propose; at least one must be above 0")


def _meetings(scenario: Scenario) -> Findings:
    """Find what needs a round in every step, where the parties meet at a rate."""
    at: Path = ("protocol", "meetings")
    if scenario.breakdown is not None and scenario.breakdown.chance is not None:
        sentence = "breakdown.chance counts rejections, and without a meeting nothing is rejected"
        yield Finding(at, f"{sentence}; write breakdown.rate, or let the parties meet in every step", key=True)
    for party in scenario.parties:
        if party.accepts.strategy == "attrition":
            sentence = f"{party.id} gives in by lot in every step (attrition), for which the two need not meet"
            yield Finding(at, f"{sentence}; leave meetings out", key=True)


def _stacked(scenario: Scenario) -> Findings:
    """Find what stacked alternating offers cannot be played with: they need an end, and strategies by the clock."""
    time = scenario.time
    if time.deadline is None:
        sentence = "stacked alternating offers need a number of rounds; set time.deadline to it"
        yield Finding(("time", "deadline") if "deadline" in time.model_fields_set else ("time",), sentence)
    if time.at_deadline != "breakdown":
        sentence = "under stacked alternating offers no agreement leaves the breakdown point; write `breakdown`"
        yield Finding(("time", "at_deadline"), sentence)
    for i, party in enumerate(scenario.parties):
        for key, fit in (("offers", BY_CLOCK), ("accepts", ANSWERING)):
            name = getattr(party, key).strategy
            if name not in fit:
                sentence = f"{name} looks ahead or back, which nobody does under stacked alternating offers"
                yield Finding(("parties", i, key), f"{sentence}; use {fit[0]}")


def _holding_out(scenario: Scenario, path: Path) -> Findings:
    if not isinstance(scenario.protocol, StackedAlternating):
        yield Finding(path, "offers by aspiration belong to the protocol stacked_alternating; use time_dependent")
    if any(issue.continuous for issue in scenario.issues):
        yield Finding(
            path, "aspiration looks through all deals, so that they must be countable; give the issue `points`"
        )


def _parties(scenario: Scenario, index: Index) -> Findings:
    private = any(leaf.private for _, leaf in walk_places(scenario))
    for i, party in enumerate(scenario.parties):
        path: Path = ("parties", i)
        yield from _discounting(party, path)
        yield from _strategy(party, index, scenario, path, private=private)
        yield from _reading(party, scenario, path)
        if party.breach is not None:
            yield from check_terms(index, party.breach.terms, (*path, "breach", "terms"))
        if party.audience is not None:
            yield from _audience(party.audience, index, (*path, "audience"))
        weights = [issue.weights[party.id] for issue in scenario.issues if party.id in issue.weights]
        if weights and can_vanish(weights):
            sentence = f"the weights of {party.id} can all be 0; at least one issue must always matter"
            yield Finding(("issues", 0, "weights", party.id), sentence)


def _discounting(party: Party, path: Path) -> Findings:
    if party.discount_rate is None and party.discount_factor is None:
        yield Finding(path, f"{party.id} needs `discount_rate` (per year) or `discount_factor` (per step)")
    elif party.discount_rate is not None and party.discount_factor is not None:
        sentence = "discount_rate and discount_factor say the same thing; keep one of them"
        yield Finding((*path, "discount_factor"), sentence, key=True)


def _stand_off(party: Party, scenario: Scenario, at: Path, *, private: bool) -> Findings:
    """Find what keeps a party from weighing two standing offers by what conflict costs the other."""
    name = getattr(party, str(at[-1])).strategy
    if not isinstance(scenario.protocol, Simultaneous):
        yield Finding(at, f"{name} compares two standing offers; write `protocol: simultaneous`")
    if private or party.accuracy.support[0] < 1:
        sentence = f"{name} weighs what conflict costs the other, which it must know"
        yield Finding(at, f"{sentence}; set accuracy to 1 and keep nothing private")


def _may_collapse(scenario: Scenario) -> bool:
    """Tell whether talks may break down by themselves."""
    chances = (scenario.breakdown.rate, scenario.breakdown.chance) if scenario.breakdown else ()
    return any(leaf is not None and leaf.support[1] > 0.0 for leaf in chances)


def _in_no_hurry(party: Party) -> bool:
    """Tell whether a day in years to come counts as today, in every draw."""
    rate, factor = party.discount_rate, party.discount_factor
    return (rate is not None and rate.support[1] <= 0.0) or (factor is not None and factor.support[0] >= 1.0)


def _zeuthen(party: Party, scenario: Scenario, path: Path, *, private: bool) -> Findings:
    at = (*path, "offers")
    yield from _stand_off(party, scenario, at, private=private)
    if any(issue.continuous for issue in scenario.issues):
        sentence = "zeuthen concedes by the smallest step there is; give continuous issues `points: 41` instead"
        yield Finding(at, sentence)


def _successors(scenario: Scenario, index: Index) -> Findings:
    places = places_of(scenario)
    for i, party in enumerate(scenario.parties):
        yield from unique(party.successors, ("parties", i, "successors"))
        for j, heir in enumerate(party.successors):
            path: Path = ("parties", i, "successors", j)
            yield from known(heir.after, index.moves, "move", (*path, "after"))
            for name in heir.replace:
                at = (*path, "replace", name)
                if name not in places:
                    yield from known(name, places, "number", at, key=True)
                elif not _is_of(scenario, party, i, places[name]):
                    yield Finding(at, f"{show(name)} is no number of {party.id}; a successor brings its own", key=True)
                else:
                    yield from check_fits(scenario, places[name], heir.replace[name], at)


def _is_of(scenario: Scenario, party: Party, at: int, place: Path) -> bool:
    """Say whether the number at a place of the file is one of the party's own."""
    own = place[:2] == ("parties", at) and place[2] != "successors"
    reliance = place[0] == "reliance" and place[2:] == ("cost",) and scenario.reliance[int(place[1])].party == party.id
    return own or reliance or owner_of(scenario, place) == party.id


def check_fits(scenario: Scenario, place: Path, leaf: Leaf, at: Path) -> Findings:
    """Find a successor's number that lies outside the range of the field whose place it takes."""
    for sentence in misfits(scenario, place, leaf):
        yield Finding(at, sentence.replace(NAME, str(at[-1])))


def _pivots(scenario: Scenario) -> Findings:
    pivotal = [("moves", i) for i, move in enumerate(scenario.moves) if move.pivotal]
    pivotal += [("variables", i) for i, variable in enumerate(scenario.variables) if variable.pivotal]
    for place in pivotal[MOST_PIVOTS:]:
        sentence = f"at most {MOST_PIVOTS} things can be pivotal, since every combination of their ways is worked out"
        yield Finding((*place, "pivotal"), sentence, key=True)


def _interim(scenario: Scenario, index: Index) -> Findings:
    if scenario.interim is None:
        return
    at: Path = ("interim", "terms")
    yield from check_condition(index, scenario.interim.terms, at)
    combinations = 1
    for name, wanted in scenario.interim.terms.items():
        issue = index.issues.get(name)
        if issue is None:
            continue
        if issue.continuous or issue.duration:
            kind = "continuous" if issue.continuous else "the duration of a deal"
            yield Finding((*at, name), f"{name} is {kind}, which cannot be agreed ahead; leave it out", key=True)
        elif not isinstance(wanted, Range):
            closed = [level.id for level in issue.levels or () if level.id in wanted and not level.negotiable]
            for level in closed:
                yield Finding((*at, name), f"{level} of {name} is not negotiable; leave it out")
        combinations *= 1 + (issue.points or 1 if isinstance(wanted, Range) else len(wanted))
    if combinations > MOST_INTERIM:
        sentence = f"these levels make {combinations} combinations; at most {MOST_INTERIM} are weighed, so name fewer"
        yield Finding(at, sentence)


def _conceding(offers: TimeDependent, path: Path) -> Findings:
    if offers.shape == "exponential" and offers.opening.support[0] <= 0:
        sentence = (
            "exponential concession grows from its opening, which must be above 0 here; or leave shape polynomial"
        )
        yield Finding(path, sentence)


def _strategy(party: Party, index: Index, scenario: Scenario, path: Path, *, private: bool) -> Findings:
    if isinstance(party.offers, Zeuthen):
        yield from _zeuthen(party, scenario, path, private=private)
    if isinstance(party.accepts, Attrition):
        yield from _stand_off(party, scenario, (*path, "accepts"), private=private)
        if not _may_collapse(scenario) and all(_in_no_hurry(each) for each in scenario.parties):
            sentence = "a war of attrition is won by patience, and here nobody loses anything by waiting"
            yield Finding((*path, "accepts"), f"{sentence}; set a discount_rate above 0, or a breakdown with a rate")
    if isinstance(party.offers, HoldingOut):
        yield from _holding_out(scenario, (*path, "offers"))
    if isinstance(party.offers, TimeDependent):
        yield from _conceding(party.offers, (*path, "offers"))
    if isinstance(party.accepts, Aspiration) and not isinstance(party.offers, (TimeDependent, HoldingOut)):
        sentence = "aspiration needs a party whose offers are time_dependent, since its clock is theirs; use next"
        yield Finding((*path, "accepts"), sentence)
    if isinstance(party.offers, Equilibrium) and party.offers.beliefs == "exact":
        yield from _exact(party, (*path, "offers"), private=private)
    if isinstance(party.offers, Fixed):
        for j, offer in enumerate(party.offers.script):
            at = (*path, "offers", "script", j)
            yield from check_terms(index, offer, at)
            yield from check_complete(index, offer, at, "an offer")
            yield from check_negotiable(index, offer, at)


def _reading(party: Party, scenario: Scenario, path: Path) -> Findings:
    """Find a reader of offers that have nothing to tell."""
    if party.learning is None or party.learning.offers is None:
        return
    if not with_private_tastes(scenario) - {party.id, None}:
        sentence = "offers tell of weights and values, and none of the other party's is private"
        yield Finding((*path, "learning", "offers"), f"{sentence}; make one so, or leave `offers` out", key=True)


def _exact(party: Party, at: Path, *, private: bool) -> Findings:
    """Find what keeps a party from solving the game that is played."""
    if party.accuracy.support[0] < 1:
        yield Finding(
            at,
            "equilibrium needs a party that sees the other exactly; set accuracy to 1, use bayesian, or let it "
            "solve the game it perceives: {strategy: equilibrium, beliefs: certainty_equivalent}",
        )
    if private:
        yield Finding(
            at,
            "equilibrium needs a scenario without private numbers; use bayesian, or let it take the other at its "
            "expected type: {strategy: equilibrium, beliefs: certainty_equivalent}",
        )


def _audience(audience: Audience, index: Index, path: Path) -> Findings:
    for key, link in (("precision", "logistic"), ("spread", "cdf")):
        given = getattr(audience, key) is not None
        if audience.link == link and not given:
            yield Finding(path, f"the link {link} needs `{key}`; add it")
        elif audience.link != link and given:
            yield Finding(
                (*path, key), f"`{key}` belongs to the link {link}, not to {audience.link}; delete it", key=True
            )
    yield from known_keys(audience.communities, index.communities, "community", (*path, "communities"))
    weights = audience.weights
    if weights is not None:
        yield from known_keys(weights, index.issues, "issue", (*path, "weights"))
        if can_vanish(list(weights.values())):
            yield Finding(
                (*path, "weights"), "the audience's weights can all be 0; at least one issue must always matter"
            )
    for name, values in (audience.values or {}).items():
        at = (*path, "values", name)
        if name in index.issues:
            yield from check_values(values, index.issues[name], at)
        else:
            yield from known(name, index.issues, "issue", at, key=True)


def _issues(scenario: Scenario, index: Index) -> Findings:
    for i, issue in enumerate(scenario.issues):
        yield from check_issue(index, issue, ("issues", i))
    durations = [i for i, issue in enumerate(scenario.issues) if issue.duration]
    for i in durations[1:]:
        sentence = f"{scenario.issues[durations[0]].id} is a duration already; one deal has one duration"
        yield Finding(("issues", i, "duration"), sentence, key=True)
    heard = [party.id for party in scenario.parties if party.audience is not None]
    for i, issue in enumerate(scenario.issues):
        if heard and issue.continuous:
            sentence = (
                f"{issue.id} is continuous, and {heard[0]} has an audience; an audience needs issues with levels or "
                "points; give the range `points: 21` instead of `continuous: true`"
            )
            yield Finding(("issues", i, "continuous"), sentence, key=True)


def _terms(scenario: Scenario, index: Index) -> Findings:
    yield from check_terms(index, scenario.status_quo.terms, ("status_quo", "terms"))
    yield from check_complete(index, scenario.status_quo.terms, ("status_quo", "terms"), "the status quo")
    yield from known_keys(scenario.status_quo.flows, index.parties, "party", ("status_quo", "flows"))
    if scenario.expiry is not None:
        yield from check_terms(index, scenario.expiry.terms, ("expiry", "terms"))
    breakdown = scenario.breakdown
    if breakdown is not None:
        yield from check_terms(index, breakdown.terms, ("breakdown", "terms"))
        yield from known_keys(breakdown.flows, index.parties, "party", ("breakdown", "flows"))
        if breakdown.rate is not None and breakdown.chance is not None:
            sentence = "a breakdown has a rate or a chance per rejection, not both; keep one"
            yield Finding(("breakdown", "chance"), sentence, key=True)
    for i, constraint in enumerate(scenario.constraints):
        yield from check_condition(index, constraint.exclude, ("constraints", i, "exclude"))
    yield from check_deals(scenario)


def _exits(scenario: Scenario, index: Index) -> Findings:
    for i, exit_ in enumerate(scenario.exits):
        yield from known(exit_.by, index.parties, "party", ("exits", i, "by"))
        yield from check_terms(index, exit_.terms, ("exits", i, "terms"))
        yield from known_keys(exit_.flows, index.parties, "party", ("exits", i, "flows"))


def _environment(scenario: Scenario, index: Index) -> Findings:
    for i, variable in enumerate(scenario.variables):
        path: Path = ("variables", i)
        yield from _inside(variable.bounds, {"start": variable.start, "mean": variable.mean}, path)
        yield from _shifts(variable.shifts, variable.id, index, path)
    for i, community in enumerate(scenario.communities):
        path = ("communities", i)
        yield from _inside(community.bounds, {"start": community.start, "anchor": community.anchor}, path)
        yield from _shifts(community.shifts, community.id, index, path)
        yield from known_keys(community.pulls, index.communities, "community", (*path, "pulls"))
        if community.pulls and not any(community.pulls.values()):
            yield Finding((*path, "pulls"), "the pulls are all 0; at least one must be above 0, or set openness to 0")
        if community.id in community.pulls:
            yield Finding((*path, "pulls", community.id), f"{community.id} cannot pull on itself; delete it", key=True)
    if scenario.communities and can_vanish([each.share for each in scenario.communities]):
        yield Finding(("communities", 0, "share"), "the communities' shares can all be 0; at least one must be above 0")


def _inside(bounds: tuple[float, float], numbers: dict[str, Leaf], path: Path) -> Findings:
    low, high = bounds
    if low >= high:
        yield Finding((*path, "bounds"), f"the lower bound {number(low)} is not below the upper bound {number(high)}")
        return
    for key, leaf in numbers.items():
        yield from outside(Bounds(low, high), leaf, (*path, key))


def outside(bounds: Bounds, leaf: Leaf, path: Path) -> Findings:
    """Find a leaf that reaches outside bounds which another field states."""
    problems = Problems()
    bounds.check(leaf, problems)
    for _, sentence, _ in problems.found:
        yield Finding(path, sentence.replace(NAME, str(path[-1])))


def _shifts(shifts: tuple[MeanShift, ...], owner: str, index: Index, path: Path) -> Findings:
    for i, shift in enumerate(shifts):
        at = (*path, "shifts", i)
        given = [key for key in ("terms", "move", "variable") if getattr(shift, key) is not None]
        if len(given) != 1:
            yield Finding(
                at, f"a shift has exactly one of terms, move and variable; here is {' and '.join(given) or 'none'}"
            )
        yield from check_condition(index, shift.terms, (*at, "terms"))
        yield from known(shift.move, index.moves, "move", (*at, "move"))
        yield from known(shift.variable, index.variables, "variable or community", (*at, "variable"))
        if shift.variable == owner:
            sentence = (
                f"{owner} shifts its own mean; how fast it returns to it is its `reversion`: name another, or delete"
            )
            yield Finding((*at, "variable"), sentence)


def _moves(scenario: Scenario, index: Index) -> Findings:
    for i, move in enumerate(scenario.moves):
        path: Path = ("moves", i)
        yield from known(move.by, index.movers, "party or third party", (*path, "by"))
        yield from _timing(move, path)
        yield from known_keys(move.jumps, index.variables, "variable or community", (*path, "jumps"))
        yield from known_keys(move.lumps, index.parties, "party", (*path, "lumps"))
        yield from known_keys(move.breach_rate, index.parties, "party", (*path, "breach_rate"))
        if move.when is not None:
            at = (*path, "when")
            yield from check_condition(index, move.when.terms, (*at, "terms"))
            yield from known_all(move.when.after, index.moves, "move", (*at, "after"))
            yield from known_all(move.when.unless, index.moves, "move", (*at, "unless"))
        if move.respond is not None:
            yield from _respond(move, scenario, index, (*path, "respond"))
    yield from _never(scenario)


def _never(scenario: Scenario) -> Findings:
    """Find moves whose conditions can never hold: they wait for one another in a circle, or for what forbids them."""
    waits = {move.id: move.when.after for move in scenario.moves if move.when is not None}
    if len({move.id for move in scenario.moves}) < len(scenario.moves):
        return  # of two moves with one id nobody knows which is waited for
    ring: list[str] = []
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        ring = error.args[1][:0:-1]  # each waits for the next, the last for the first
        first = ring.index(min(ring))
        ring = ring[first:] + ring[:first]
    for i, move in enumerate(scenario.moves):
        path: Path = ("moves", i, "when")
        if ring and move.id == ring[0]:
            chain = " waits for ".join([*ring, ring[0]])
            sentence = f"{chain}, so that none of these can ever happen; delete one `after`"
            if len(ring) == 1:
                sentence = f"{move.id} waits for itself, so that it can never happen; delete it"
            yield Finding((*path, "after"), sentence)
        for name in sorted(set(waits.get(move.id, ())) & set(move.when.unless if move.when else ())):
            sentence = (
                f"{name} must have happened and must not, so that {move.id} never happens; delete it here or there"
            )
            yield Finding((*path, "unless"), sentence)


def _respond(move: Move, scenario: Scenario, index: Index, path: Path) -> Findings:
    respond = move.respond
    assert respond is not None
    if not move.rival_bid:
        yield Finding(path, f"{move.id} is no rival bid, so that it cannot answer one; add `rival_bid: true`", key=True)
    yield from known(respond.party, index.parties, "party", (*path, "party"))
    yield from known(respond.variable, index.variables, "variable or community", (*path, "variable"))
    variable = index.variables.get(respond.variable)
    if variable is None or respond.party not in index.parties:
        return
    yield from outside(Bounds(*variable.bounds), respond.limit, (*path, "limit"))
    exits = {option.id for option in scenario.exits if option.by == respond.party}
    pays = any(
        effect.variable == respond.variable
        and effect.party == respond.party
        and (
            (effect.on == "exit" and effect.exit in exits)
            or (effect.on == "flow" and "exit" in (effect.status or "exit"))
        )
        for effect in scenario.effects
    )
    named = {effect.exit for effect in scenario.effects if effect.exit is not None}
    if named - set(index.exits) or {option.by for option in scenario.exits} - set(index.parties):
        return  # which exits hang on what is not known yet
    if not pays:
        sentence = (
            f"no exit of {respond.party} hangs on {respond.variable}, so that the bid would pay nothing; add an effect"
        )
        yield Finding((*path, "variable"), sentence)


def _timing(move: Move, path: Path) -> Findings:
    given = [key for key in ("rate", "on", "chosen") if getattr(move, key) is not None]
    if len(given) != 1:
        many = f"has {' and '.join(given)}; keep one"
        none = "needs `rate` (per year), `on` (a date or step) or `chosen` (by its mover)"
        keys = ((*path, "rate"), (*path, "on"), (*path, "chosen"))
        yield Finding(path, f"{move.id} {many if given else none}", rests_on=keys)
    elif move.chosen is not None and move.pivotal:
        sentence = f"{move.id} is chosen, and nobody reckons with a choice to come; `pivotal` needs a rate or a date"
        yield Finding((*path, "pivotal"), sentence, key=True)
    elif move.on is None and "chance" in move.model_fields_set:
        yield Finding((*path, "chance"), "`chance` belongs to a move with `on`; a move with a rate has none", key=True)
    elif move.on is not None and move.repeats:
        yield Finding(
            (*path, "repeats"), "a move on a date happens once; delete `repeats`, or give it a rate", key=True
        )


NEEDS: dict[str, tuple[str, ...]] = {
    "flow": ("party",),
    "exit": ("exit", "party"),
    "support": ("party",),
    "rate": ("move",),
    "gain": ("move",),
    "breakdown": (),
    "weight": ("party", "issue"),
}


def _effects(scenario: Scenario, index: Index) -> Findings:
    for i, effect in enumerate(scenario.effects):
        path: Path = ("effects", i)
        yield from _effect_form(effect, path)
        yield from known(effect.party, index.parties, "party", (*path, "party"))
        yield from known(effect.exit, index.exits, "exit", (*path, "exit"))
        yield from known(effect.issue, index.issues, "issue", (*path, "issue"))
        yield from known(effect.move, index.moves, "move", (*path, "move"))
        yield from known(effect.variable, index.variables, "variable or community", (*path, "variable"))
        yield from check_condition(index, effect.terms, (*path, "terms"))
        yield from _effect_target(effect, scenario, index, path)


def _effect_form(effect: Effect, path: Path) -> Findings:
    needs = NEEDS[effect.on]
    for key in needs:
        if getattr(effect, key) is None:
            yield Finding(path, f"an effect on {effect.on} needs `{key}`; add it")
    allowed = {*needs, "variable", "move", *(("terms", "status") if effect.on == "flow" else ())}
    allowed |= {"terms"} if effect.on == "gain" else set()
    for key in ("party", "exit", "issue", "terms", "status"):
        if getattr(effect, key) is not None and key not in allowed:
            yield Finding((*path, key), f"`{key}` does not belong to an effect on {effect.on}; delete it", key=True)
    if effect.on not in ("rate", "gain") and effect.variable is not None and effect.move is not None:
        yield Finding((*path, "move"), "an effect has one driver, a variable or a move; keep one", key=True)


def _effect_target(effect: Effect, scenario: Scenario, index: Index, path: Path) -> Findings:
    party = index.parties.get(effect.party or "")
    if effect.on == "support" and party is not None and party.audience is None:
        yield Finding((*path, "party"), f"{party.id} has no audience, so that there is no support to touch")
    if effect.on == "breakdown" and (scenario.breakdown is None or scenario.breakdown.rate is None):
        yield Finding((*path, "on"), "there is no breakdown.rate to touch; add it")
    move = index.moves.get(effect.move or "")
    if effect.on == "rate" and move is not None and move.rate is None:
        how = "scheduled" if move.on is not None else "chosen"
        yield Finding((*path, "move"), f"{move.id} has no rate to touch, since it is {how}")
    if effect.on == "gain" and move is not None and move.chosen is None:
        yield Finding((*path, "move"), f"{move.id} is not chosen, so that its mover weighs no gain; add `chosen: {{}}`")


def _reliance(scenario: Scenario, index: Index) -> Findings:
    for i, reliance in enumerate(scenario.reliance):
        yield from known(reliance.party, index.parties, "party", ("reliance", i, "party"))
        yield from unique(reliance.patrons, ("reliance", i, "patrons"))
        if can_vanish([patron.base for patron in reliance.patrons]):
            sentence = "the patrons' bases can all be 0, which leaves no shares; at least one must be above 0"
            yield Finding(("reliance", i, "patrons"), sentence)
        for j, patron in enumerate(reliance.patrons):
            path: Path = ("reliance", i, "patrons", j)
            yield from known(patron.variable, index.variables, "variable or community", (*path, "variable"))
            if patron.variable is None and "slope" in patron.model_fields_set:
                yield Finding((*path, "slope"), "`slope` needs `variable`; add it, or delete the slope", key=True)
            for name, levels in patron.terms.items():
                yield from check_condition(index, {name: tuple(levels)}, (*path, "terms"))


def _lumps(scenario: Scenario, index: Index) -> Findings:
    for i, lump in enumerate(scenario.lumps):
        path: Path = ("lumps", i)
        yield from known(lump.party, index.parties, "party", (*path, "party"))
        yield from known(lump.by, index.parties, "party", (*path, "by"))
        yield from known(lump.exit, index.exits, "exit", (*path, "exit"))
        yield from check_condition(index, lump.terms, (*path, "terms"))
        if lump.exit is not None and lump.on != "exit":
            yield Finding((*path, "exit"), f"`exit` belongs to a lump on exit, not on {lump.on}; delete it", key=True)


def _outcomes(scenario: Scenario, index: Index) -> Findings:
    last = len(scenario.outcomes) - 1
    for i, outcome in enumerate(scenario.outcomes):
        path: Path = ("outcomes", i, "when")
        empty = outcome.when == Predicate()
        if i < last and empty:
            yield Finding(
                path, f"{outcome.id} takes every draw, so that the outcomes below it are never reached; move it last"
            )
        if i == last and not empty:
            yield Finding(
                path, "the last outcome must take every draw that is left; write `when: {}`, or add one that does"
            )
        yield from _predicate(outcome.when, index, path)
    for i, question in enumerate(scenario.questions):
        yield from _predicate(question.when, index, ("questions", i, "when"))
    if scenario.observed is not None:
        for i, seen in enumerate(scenario.observed.outcomes):
            yield from known(seen.outcome, index.outcomes, "outcome", ("observed", "outcomes", i, "outcome"))


def _predicate(predicate: Predicate, index: Index, path: Path) -> Findings:
    for event in sorted(set(predicate.ever) & set(predicate.never)):
        yield Finding((*path, "never"), f"{event} is in `ever` too, so that no draw fits; delete it here or there")
    if predicate.exit and predicate.status and "exit" not in predicate.status:
        sentence = f"an exit is taken only where `status` is exit, and here it is {' or '.join(predicate.status)}"
        yield Finding((*path, "exit"), f"{sentence}, so that no draw fits; delete one of the two")
    yield from known_all(predicate.exit, index.exits, "exit", (*path, "exit"))
    yield from check_condition(index, predicate.terms, (*path, "terms"))
    yield from known_keys(predicate.relative, index.issues, "issue", (*path, "relative"))
    yield from known_all(predicate.moved, index.moves, "move", (*path, "moved"))
    for name, wanted in predicate.variables.items():
        at = (*path, "variables", name)
        if name in index.variables:
            yield from check_range(wanted, index.variables[name].bounds, name, at)
        else:
            yield from known(name, index.variables, "variable or community", at, key=True)
    for key in ("any", "all"):
        for i, part in enumerate(getattr(predicate, key) or ()):
            yield from _predicate(part, index, (*path, key, i))
    if predicate.not_ is not None:
        yield from _predicate(predicate.not_, index, (*path, "not"))


def _sources(scenario: Scenario) -> Findings:
    for path, leaf in walk_places(scenario):
        source = leaf.source
        if source is None or source in scenario.sources or not source.isidentifier():
            continue
        meant = close_to(source, scenario.sources)
        if meant is not None:
            yield Finding((*path, "source"), f"{show(source)} is no key of `sources`; did you mean `{meant}`?")


REFERRING: tuple[Callable[[Scenario, Index], Findings], ...] = (
    _protocol,
    _parties,
    _issues,
    _successors,
    _terms,
    _interim,
    _exits,
    _environment,
    _moves,
    _effects,
    _reliance,
    _lumps,
    _outcomes,
)
OTHERS: tuple[Callable[[Scenario], Findings], ...] = (
    _ids,
    _pivots,
    _sources,
    check_private,
    check_shares,
    check_time,
    check_correlations,
)
