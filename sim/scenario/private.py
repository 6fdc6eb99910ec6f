"""Private numbers: who owns one, and with which of its owner's types it moves."""

from collections.abc import Iterator

from sim.scenario.explain import Finding
from sim.scenario.read import Path
from sim.scenario.schema import Scenario, Shape
from sim.scenario.walk import place_of, walk, walk_places

MOST_TYPES = 3  # a belief over more would hold more cells than one can think of
PLACES = (
    "values, weights, effects with a party, flows of the status quo, exits and breakdown, an audience's threshold, "
    "discount_rate, and the list of lumps"
)


def places_of(scenario: Scenario) -> dict[str, Path]:
    """Give the place in the file of every number, by its path of ids."""
    paths = (".".join(path) for path, _ in walk(scenario))
    return {path: places for path, (places, _) in zip(paths, walk_places(scenario), strict=True)}


def owner_of(scenario: Scenario, path: Path) -> str | None:
    """Give the party that owns the number at a path of the file, or None where nobody clearly does."""
    owner: str | None = None
    match path:
        case ("parties", int(i), "discount_rate") | ("parties", int(i), "audience", "threshold"):
            owner = scenario.parties[i].id
        case ("issues", int(), "weights" | "values", str(party), *_) | ("exits", int(), "flows", str(party)):
            owner = party
        case ("status_quo" | "breakdown", "flows", str(party)):
            owner = party
        case ("effects", int(i), "coefficient"):
            owner = scenario.effects[i].party
        case ("lumps", int(i), "amount"):
            owner = scenario.lumps[i].party
        case ("parties", int(i), "successors", int(), "replace", str(name)):
            place = place_of(scenario, name)
            inner = owner_of(scenario, place) if place else None
            owner = inner if inner == scenario.parties[i].id else None
    return owner


def stands_for(path: str) -> str:
    """Give the path of the number in whose place a successor's number stands; of any other its own."""
    return path.split(".replace.", 1)[-1] if path.startswith("parties.") else path


def acts_in_a_curve(scenario: Scenario, path: str) -> bool:
    """Tell whether values are no straight line in a number: a weight, a discount rate, the shape of values in a range.

    Weights are divided by their sum, and so a party's values bend in each of them.
    """
    match path.split("."):
        case ["issues", issue, "values", party, *_]:
            return any(item.id == issue and isinstance(item.values[party], Shape) for item in scenario.issues)
        case ["issues", _, "weights", _] | ["parties", _, "discount_rate"]:
            return True
    return False


def with_private_tastes(scenario: Scenario) -> set[str | None]:
    """Give the parties of whom a weight or a value is private, theirs or a successor's."""
    leaves = zip(walk(scenario), walk_places(scenario), strict=True)
    return {
        owner_of(scenario, place)
        for (path, leaf), (place, _) in leaves
        if leaf.private and stands_for(".".join(path)).startswith("issues.")
    }


def types_of_parties(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Give the names of every party's private types, sorted; "" is the one without a name."""
    found: dict[str | None, set[str]] = {party.id: set() for party in scenario.parties}
    for path, leaf in walk_places(scenario):
        if leaf.private is not None:
            found.setdefault(owner_of(scenario, path), set()).add(leaf.type)
    return {party.id: tuple(sorted(found[party.id])) for party in scenario.parties}


def check_private(scenario: Scenario) -> Iterator[Finding]:
    """Find private numbers that nobody owns, types beyond the most a party may have, and second biases of one type."""
    biased: dict[tuple[str, str], Path] = {}
    types: dict[str, list[str]] = {}
    for path, leaf in walk_places(scenario):
        if leaf.private is None:
            continue
        at = (*path, "private")
        owner = owner_of(scenario, path)
        if owner is None:
            yield Finding(
                at, f"nobody owns this number, so that it cannot be private; `private` may stand at {PLACES}", key=True
            )
            continue
        known = types.setdefault(owner, [])
        if leaf.type not in known:
            known.append(leaf.type)
            if len(known) > MOST_TYPES:
                sentence = (
                    f"{owner} has more than {MOST_TYPES} private types, {listed(known)}; let some numbers share one"
                )
                yield Finding((*at, "type") if leaf.type else at, sentence)
        if leaf.bias is not None:
            first = biased.setdefault((owner, leaf.type), path)
            if first != path:
                other = ".".join(str(part) for part in first)
                sentence = f"the belief about {owner} has a bias already, at {other}; these numbers share one type"
                yield Finding((*at, "bias"), sentence, key=True)


def listed(names: list[str]) -> str:
    """Write names of types for a person."""
    return ", ".join(name or "the one without a name" for name in names)
