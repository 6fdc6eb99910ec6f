"""GeniusWeb profiles in JSON: ``u(deal) = sum_k w_k utility_k(value)``, weights that sum to 1, utilities in [0, 1].

The reservation value is the utility of the reservation bid; an issue that it leaves out counts 0.  An issue of numbers
has the values low, low + step, ..., at most high, and a straight line between two utilities.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sim.interop.domain import At, Domain, Issue, Profile, check_issues, share
from sim.interop.tree import Tree, read_json
from sim.scenario.faults import show

if TYPE_CHECKING:
    from pathlib import Path

SPACE = "LinearAdditiveUtilitySpace"
NEAR = 1e-6  # by how much the weights may miss 1


def read(profiles: tuple[Path, Path]) -> Domain:
    """Return the domain of two profiles; raises ScenarioError for what is hostile, wrong or unclear."""
    trees = [read_json(path) for path in profiles]
    for tree in trees:
        if not isinstance(tree.root, dict) or SPACE not in tree.root:
            raise tree.at().error(f"this is no {SPACE}; only additive profiles of GeniusWeb can be read")
    issues = [_issues(tree) for tree in trees]
    if issues[0] != issues[1]:
        raise trees[1].at(SPACE, "domain").error("the two profiles are not of the same domain")
    checked = check_issues(issues[0], trees[0].at(SPACE, "domain"))
    one, two = (_profile(tree, checked, path.stem) for tree, path in zip(trees, profiles, strict=True))
    name = trees[0].get(SPACE, "domain", "name")
    return Domain(str(name or profiles[0].stem), checked, (one, two))


def _issues(tree: Tree) -> tuple[Issue, ...]:
    return tuple(Issue(name, _values(tree, name)) for name in tree.mapping(SPACE, "domain", "issuesValues"))


def _values(tree: Tree, name: str) -> tuple[str, ...]:
    path = (SPACE, "domain", "issuesValues", name)
    given = tree.mapping(*path)
    if set(given) == {"values"}:
        return tuple(str(value) for value in tree.sequence(*path, "values"))
    if set(given) == {"range"}:
        low, high, step = _decimals(tree, (*path, "range"))
        if not 0 < step <= high - low or (high - low) / step > 50_000:
            raise tree.at(*path).error(f"the range of {show(name)} cannot be laid out; give it a step that fits")
        return tuple(str(low + step * k) for k in range(int((high - low) / step) + 1))
    raise tree.at(*path).error(f"{show(name)} has {show(' and '.join(given))}; it must have values, or a range")


def _decimals(tree: Tree, path: tuple[str, ...]) -> tuple[Decimal, Decimal, Decimal]:
    listed = tree.sequence(*path)
    try:
        low, high, step = (Decimal(str(value)) for value in listed)
    except (ValueError, InvalidOperation):
        raise tree.at(*path).error("a range is a list of the lowest number, the highest and the step") from None
    if not all(value.is_finite() for value in (low, high, step)):
        raise tree.at(*path).error("a range has finite numbers")
    return low, high, step


def _profile(tree: Tree, issues: tuple[Issue, ...], stem: str) -> Profile:
    names = [issue.name for issue in issues]
    for key in ("issueWeights", "issueUtilities"):
        found = tree.mapping(SPACE, key)
        for name in (*names, *found):
            if name not in found or name not in names:
                raise tree.at(SPACE, key).error(
                    f"{show(name)} stands in one of {key} and the domain, and not in the other"
                )
    weights = [tree.number(SPACE, "issueWeights", name) for name in names]
    if min(weights) < 0.0 or abs(sum(weights) - 1.0) > NEAR:
        at = tree.at(SPACE, "issueWeights")
        raise at.error(f"the weights sum to {sum(weights):.10g}; in GeniusWeb they are at least 0 and sum to 1")
    worth = tuple(_worth(tree, issue) for issue in issues)
    discount = _optional(tree, "discount_factor", 1.0)
    return Profile(
        name=str(tree.get(SPACE, "name") or stem),
        weights=tuple(weights),
        worth=worth,
        reservation=_reservation(tree, issues, weights, worth),
        discount=share(discount, tree.at(SPACE), "the discount factor") or 1.0,
    )


def _optional(tree: Tree, key: str, otherwise: float) -> float:
    return otherwise if tree.get(SPACE, key) is None else tree.number(SPACE, key)


def _worth(tree: Tree, issue: Issue) -> tuple[float, ...]:
    path: tuple[str, ...] = (SPACE, "issueUtilities", issue.name)
    given = tree.mapping(*path)
    if set(given) == {"discreteutils"}:
        path = (*path, "discreteutils", "valueUtilities")
        stated = tree.mapping(*path)
        for value in (*issue.values, *stated):
            if value not in stated or value not in issue.values:
                raise tree.at(*path).error(
                    f"{show(value)} of {show(issue.name)} has no utility, or is not in the domain"
                )
        what = f"a utility of {issue.name}"
        return tuple(share(tree.number(*path, value), tree.at(*path, value), what) for value in issue.values)
    if set(given) == {"numberutils"}:
        path = (*path, "numberutils")
        low, high, least, most = (
            tree.number(*path, key) for key in ("lowValue", "highValue", "lowUtility", "highUtility")
        )
        if not low < high:
            raise tree.at(*path).error("lowValue is not below highValue")
        line = [least + (float(value) - low) * (most - least) / (high - low) for value in issue.values]
        return tuple(share(worth, tree.at(*path), f"a utility of {issue.name}") for worth in line)
    raise tree.at(*path).error(f"the utilities of {show(issue.name)} must be discreteutils or numberutils")


def _reservation(
    tree: Tree, issues: tuple[Issue, ...], weights: list[float], worth: tuple[tuple[float, ...], ...]
) -> float:
    stated = tree.get(SPACE, "reserved_value")
    if tree.get(SPACE, "reservationBid") is None:
        return 0.0 if stated is None else tree.number(SPACE, "reserved_value")
    if stated is not None:
        raise tree.at(SPACE, "reserved_value").error("there is a reservationBid and a reserved_value; keep one")
    path = (SPACE, "reservationBid", "issuevalues")
    bid = tree.mapping(*path)
    unknown = [name for name in bid if name not in {issue.name for issue in issues}]
    if unknown:
        raise tree.at(*path).error(f"the domain has no issue {show(unknown[0])}")
    total = 0.0
    for k, issue in enumerate(issues):
        if issue.name in bid:
            value = str(bid[issue.name])
            if value not in issue.values:
                raise tree.at(*path, issue.name).error(f"the domain has no value {show(value)} of {show(issue.name)}")
            total += weights[k] * worth[k][issue.values.index(value)]
    return total


def write(domain: Domain) -> dict[str, str]:
    """Return the files of a domain by name; raises ScenarioError where the format cannot say it.

    Reservation values and discount factors go into the keys ``reserved_value`` and ``discount_factor``, which NegMAS
    reads and GeniusWeb does not know.
    """
    if len({issue.name for issue in domain.issues}) < len(domain.issues):
        raise At(domain.name).error("two issues have the same name, by which GeniusWeb tells them apart; rename one")
    issues: dict[str, Any] = {issue.name: {"values": list(issue.values)} for issue in domain.issues}
    files: dict[str, Any] = {"domain.json": {"name": domain.name, "issuesValues": issues}}
    for side, profile in zip("ab", domain.profiles, strict=True):
        utilities = {
            issue.name: {"discreteutils": {"valueUtilities": dict(zip(issue.values, worth, strict=True))}}
            for issue, worth in zip(domain.issues, profile.worth, strict=True)
        }
        space = {
            "name": profile.name,
            "domain": files["domain.json"],
            "issueUtilities": utilities,
            "issueWeights": {issue.name: w for issue, w in zip(domain.issues, profile.weights, strict=True)},
            "reserved_value": profile.reservation,
            "discount_factor": profile.discount,
        }
        files[f"profile-{side}.json"] = {SPACE: space}
    return {name: json.dumps(tree, indent=2, ensure_ascii=False) + "\n" for name, tree in files.items()}
