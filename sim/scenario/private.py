"""Private numbers: who owns one, and that each party has at most one."""

from collections.abc import Iterator

from sim.scenario.explain import Finding
from sim.scenario.read import Path
from sim.scenario.schema import Scenario
from sim.scenario.walk import walk_places

PLACES = (
    "values, weights, effects with a party, flows of the status quo, exits and breakdown, an audience's threshold, "
    "discount_rate, and the list of lumps"
)


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
    return owner


def check_private(scenario: Scenario) -> Iterator[Finding]:
    """Find private numbers that nobody owns, and second ones of the same owner."""
    first: dict[str, Path] = {}
    for path, leaf in walk_places(scenario):
        if leaf.private is None:
            continue
        at = (*path, "private")
        owner = owner_of(scenario, path)
        if owner is None:
            yield Finding(
                at, f"nobody owns this number, so that it cannot be private; `private` may stand at {PLACES}", key=True
            )
        elif owner in first:
            other = ".".join(str(part) for part in first[owner])
            yield Finding(at, f"{owner} has a private number already, at {other}; each party has at most one", key=True)
        else:
            first[owner] = path
