"""The efficient set and every point against plain enumeration of the YAML's own numbers, on random domains."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import pytest

from sim.solution.bargain import Wish, bargain
from sim.solution.sharpen import points
from sim.solution.summary import efficient
from tests.strategies import Tree, compiled, party

DOMAINS = 200
SAME = 1e-9

Terms = dict[str, str]


class Listed(NamedTuple):
    """One deal of the list: its terms and what it is worth to a and b."""

    terms: Terms
    worth: tuple[float, float]


def domain(seed: int) -> Tree:
    """Return a domain with up to five issues; every other one has values of one digit, so that many deals tie."""
    rng = random.Random(seed)  # noqa: S311 domains, no secrets
    digits = 1 if seed % 2 else 6
    issues: list[Tree] = []
    for k in rng.sample(range(100), rng.randint(1, 5)):
        levels = [f"l{at}" for at in range(rng.randint(2, 5))]
        rng.shuffle(levels)
        issues.append(
            {
                "id": f"i{k}",
                "label": "An issue",
                "levels": [{"id": level} for level in levels],
                "weights": {side: round(rng.uniform(0.1, 1), digits) for side in "ab"},
                "values": {side: {level: round(rng.random(), digits) for level in levels} for side in "ab"},
            }
        )
    tree: Tree = {
        "format_version": 1,
        "id": "domain",
        "title": "A domain",
        "summary": "Random.",
        "time": {"step": "round", "window": 3},
        "protocol": {"kind": "alternating", "first": "a"},
        "parties": [party("a", discount_factor=0.9), party("b", discount_factor=0.8)],
        "issues": issues,
        "status_quo": {"terms": {issue["id"]: rng.choice(issue["levels"])["id"] for issue in issues}},
        "outcomes": [{"id": "any", "label": "Any", "when": {}}],
    }
    if seed % 4 < 2:
        tree["time"]["deadline"] = 3
        tree["breakdown"] = {"absolute": True, "flows": {side: round(rng.uniform(0, 0.6), digits) for side in "ab"}}
    else:
        tree["status_quo"]["flows"] = {side: round(rng.uniform(-0.6, 0.2), digits) for side in "ab"}
    if seed % 3 == 0:
        flows = {side: round(rng.uniform(0, 0.7), digits) for side in "ab"}
        tree["exits"] = [{"id": "x", "label": "Out", "by": rng.choice("ab"), "absolute": True, "flows": flows}]
    if seed % 5 == 0 and len(issues) > 1:
        one, two = issues[:2]
        pair = {issue["id"]: rng.choice(issue["levels"])["id"] for issue in (one, two)}
        tree["constraints"] = [{"exclude": pair}]
    return tree


def worth(tree: Tree, terms: Terms, side: str) -> float:
    """Return the weighted sum of one side's values."""
    total = sum(issue["weights"][side] for issue in tree["issues"])
    parts = (issue["weights"][side] * issue["values"][side][terms[issue["id"]]] for issue in tree["issues"])
    return float(sum(part / total for part in parts))


def listed(tree: Tree) -> list[Listed]:
    """Return all deals, issues in the order of their ids and levels in that of the file."""
    issues = sorted(tree["issues"], key=lambda issue: str(issue["id"]))
    rows = []
    for levels in product(*([level["id"] for level in issue["levels"]] for issue in issues)):
        terms = {issue["id"]: level for issue, level in zip(issues, levels, strict=True)}
        excluded = (rule["exclude"] for rule in tree.get("constraints", []))
        if not any(all(terms[name] == level for name, level in rule.items()) for rule in excluded):
            rows.append(Listed(terms, (worth(tree, terms, "a"), worth(tree, terms, "b"))))
    return rows


def fallbacks(tree: Tree) -> tuple[list[float], list[float]]:
    """Return d and the least that each takes, straight from the file."""
    if "breakdown" in tree:
        point = [tree["breakdown"]["flows"][side] for side in "ab"]
    else:
        terms, flows = tree["status_quo"]["terms"], tree["status_quo"]["flows"]
        point = [worth(tree, terms, side) + flows[side] for side in "ab"]
    reserve = list(point)
    for way in tree.get("exits", []):
        owner = "ab".index(way["by"])
        if way["flows"][way["by"]] > point[owner]:
            reserve[owner] = way["flows"][way["by"]]
            reserve[1 - owner] = min(point[1 - owner], way["flows"]["ab"[1 - owner]])
    return [min(*pair) for pair in zip(point, reserve, strict=True)], reserve


def beats(one: Listed, two: Listed) -> bool:
    """Whether the first gives one side more than the second and the other no less."""
    gain = [x - y for x, y in zip(one.worth, two.worth, strict=True)]
    return min(gain) > -SAME and max(gain) > SAME


def best(rows: list[Listed], score: Callable[[Listed], float]) -> Listed:
    """Return the first of the best rows that no other of them beats."""
    top = max(score(row) for row in rows)
    tied = [row for row in rows if score(row) > top - SAME]
    return next(row for row in tied if not any(beats(other, row) for other in tied))


def expected(rows: list[Listed], point: list[float], reserve: list[float]) -> dict[str, Listed] | None:
    """Return the four points from their definitions; None where no deal gives both their reserve."""
    fair = [row for row in rows if all(u >= r - SAME for u, r in zip(row.worth, reserve, strict=True))]
    if not fair:
        return None
    most = [max(max(row.worth[side] for row in fair) - point[side], 0.0) or 1.0 for side in (0, 1)]

    def gain(row: Listed, side: int) -> float:
        return max(row.worth[side] - point[side], 0.0)

    return {
        "nash": best(fair, lambda row: (gain(row, 0) * gain(row, 1)) ** 0.5),
        "kalai_smorodinsky": best(fair, lambda row: min(gain(row, 0) / most[0], gain(row, 1) / most[1])),
        "egalitarian": best(fair, lambda row: min(gain(row, 0), gain(row, 1))),
        "utilitarian": best(fair, lambda row: sum(row.worth)),
    }


@pytest.mark.parametrize("part", range(4))
def test_enumeration_gives_the_same_efficient_set_and_the_same_points(part: int) -> None:
    """Over 200 random domains both list the same efficient deals, and every point is the same deal."""
    zones = 0
    for seed in range(part, DOMAINS, 4):
        tree = domain(seed)
        game = compiled(tree)
        rows, (point, reserve) = listed(tree), fallbacks(tree)
        one = bargain(game, game.middle_params(), Wish())
        assert one.disagreement == pytest.approx(point, abs=1e-12)
        assert one.reserve == pytest.approx(reserve, abs=1e-12)
        found = sorted(tuple(sorted(row["deal"].items())) for row in efficient(game, one))
        kept = [row for row in rows if not any(beats(other, row) for other in rows)]
        assert found == sorted(tuple(sorted(row.terms.items())) for row in kept), seed
        wanted, got = expected(rows, point, reserve), points(game, game.middle(), one)
        zones += wanted is not None
        for name, reached in got.items():
            if wanted is None:
                assert reached is None
                continue
            assert reached is not None
            assert reached[0] == pytest.approx(wanted[name].worth, abs=1e-12), (seed, name)
            assert game.terms_of(reached[1]) == wanted[name].terms, (seed, name)
    assert 10 < zones < DOMAINS // 4
