"""Parts of a whole: numbers that are divided by their sum, and so may be a Dirichlet together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.explain import Finding
from sim.scenario.walk import walk_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.scenario.leaf import Leaf
    from sim.scenario.read import Path
    from sim.scenario.schema import Scenario


def whole_of(place: Path) -> Path | None:
    """Return the whole that the number at a place of the file is a part of, None where it is a part of none.

    >>> whole_of(("issues", 2, "weights", "host")), whole_of(("exits", 0, "flows", "host"))
    (('issues', 'weights', 'host'), None)
    """
    match place:
        case ("issues", _, "weights", party):
            return "issues", "weights", party
        case ("parties", side, "audience", "weights", _):
            return "parties", side, "audience", "weights"
        case ("communities", _, "share"):
            return "communities", "share"
        case ("protocol", "recognition", _):
            return "protocol", "recognition"
        case _:
            return None


def check_shares(scenario: Scenario) -> Iterator[Finding]:
    """Find parts of a Dirichlet that belong to no whole, or to one that also has other parts."""
    wholes: dict[Path, list[tuple[Path, Leaf]]] = {}
    for place, leaf in walk_places(scenario):
        whole = whole_of(place)
        if whole is not None:
            wholes.setdefault(whole, []).append((place, leaf))
        elif leaf.kind == "dirichlet":
            sentence = (
                "a dirichlet is for parts of a whole, which are divided by their sum: weights of issues, shares of "
                "communities, chances of recognition; write a beta or a pert here"
            )
            yield Finding(place, sentence)
    for parts in wholes.values():
        if any(leaf.kind == "dirichlet" for _, leaf in parts):
            sentence = "its other parts are dirichlet; the parts of one whole are dirichlet together, or 0, or none is"
            others = [place for place, leaf in parts if leaf.kind != "dirichlet" and leaf.args != (0.0,)]
            yield from (Finding(place, sentence) for place in others)
