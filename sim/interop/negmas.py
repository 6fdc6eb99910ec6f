"""NegMAS scenarios in YAML or JSON: a file for the outcome space, one for each utility function.

    u(deal) = bias + sum_k w_k f_k(value)        nothing is normalised

Utilities must lie in [0, 1]; which scale is meant otherwise is not for an import to guess.  Any additive utility in
[0, 1] can be written with weights that sum to 1 and values in [0, 1] (``rescaled``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.interop.domain import ROUNDING, At, Domain, Issue, Profile, check_issues
from sim.interop.tree import Tree, read_json, read_yaml
from sim.scenario.faults import show

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SUFFIXES = (".yml", ".yaml", ".json")
DISCRETE = ("CategoricalIssue", "OrdinalIssue", "CardinalIssue", "DiscreteCategoricalIssue", "DiscreteOrdinalIssue")
NEAR = 1e-9


def read(files: tuple[Path, ...]) -> Domain:
    """Return the domain of a folder, or of a domain's file and two utility functions'; raises ScenarioError."""
    trees = [_read(path) for path in (_in_folder(files[0]) if len(files) == 1 else list(files))]
    spaces = [tree for tree in trees if isinstance(tree.get("issues"), list)]
    functions = [tree for tree in trees if tree.get("weights") is not None]
    if len(spaces) != 1 or len(functions) != 2:
        found = f"{len(spaces)} outcome spaces and {len(functions)} utility functions with weights"
        raise At(str(files[0])).error(f"there are {found} here; one and two are wanted")
    issues = check_issues(
        tuple(_issue(spaces[0], k) for k in range(len(spaces[0].sequence("issues")))), spaces[0].at("issues")
    )
    one, two = (_profile(tree, issues) for tree in functions)
    return Domain(str(spaces[0].get("name") or "domain"), issues, (one, two))


def _in_folder(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise At(str(folder)).error("this is no folder; name one, or the domain's file and two utility functions'")
    found = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and not path.name.startswith("_"))
    if not 1 <= len(found) <= 20:
        raise At(str(folder)).error(f"{len(found)} YAML and JSON files lie here; name the three that are meant")
    return found


def _read(path: Path) -> Tree:
    return read_json(path) if path.suffix == ".json" else read_yaml(path)


def _type(tree: Tree, *path: str | int) -> str:
    """Return the last part of the name of a Python class."""
    found = tree.get(*path, "type") or tree.get(*path, "__python_class__") or ""
    return str(found).rpartition(".")[2]


def _issue(tree: Tree, k: int) -> Issue:
    name = str(tree.get("issues", k, "name"))
    kind, values = _type(tree, "issues", k), tree.get("issues", k, "values")
    at = tree.at("issues", k)
    if kind == "ContiguousIssue" or (not kind and isinstance(values, int)):
        bounds = [0, values - 1] if isinstance(values, int) else values
        if not (isinstance(bounds, list) and len(bounds) == 2 and all(type(each) is int for each in bounds)):
            raise at.error(f"the values of {show(name)} are {show(values)}; a whole number, or two, are wanted")
        if not 0 <= bounds[1] - bounds[0] <= 50_000:
            raise at.error(f"{show(name)} has too many values, or none")
        return Issue(name, tuple(str(value) for value in range(bounds[0], bounds[1] + 1)))
    if kind not in (*DISCRETE, "") or not isinstance(values, list):
        raise at.error(f"{show(name)} is a {kind or 'thing'} of {show(values)}; issues of countable values can be read")
    return Issue(name, tuple(str(value) for value in values))


def _profile(tree: Tree, issues: tuple[Issue, ...]) -> Profile:
    kind = _type(tree)
    if kind not in ("LinearAdditiveUtilityFunction", ""):
        raise tree.at().error(f"this is a {kind}; only a LinearAdditiveUtilityFunction can be read")
    weights = [tree.number("weights", _key(tree, "weights", k, issue)) for k, issue in enumerate(issues)]
    worth = [_worth(tree, _key(tree, "values", k, issue), issue) for k, issue in enumerate(issues)]
    for key in ("weights", "values"):
        if len(tree.get(key)) != len(issues):
            raise tree.at(key).error(f"there are {len(tree.get(key))} {key} for {len(issues)} issues")
    bias = tree.number("bias") if tree.get("bias") is not None else 0.0
    if tree.get("reserved_outcome") is not None:
        raise tree.at("reserved_outcome").error("a reserved_outcome is not read; state its utility as reserved_value")
    stated = tree.get("reserved_value")
    whole = rescaled(weights, worth, bias, tree.at("values"))
    return Profile(
        name=str(tree.get("name") or "profile"),
        weights=whole[0],
        worth=whole[1],
        reservation=0.0 if stated in (None, float("-inf")) else tree.number("reserved_value"),
        discount=1.0,
    )


def _key(tree: Tree, key: str, k: int, issue: Issue) -> str | int:
    """Return where an issue's entry stands: by place in a list, by name in a mapping."""
    found = tree.get(key)
    if isinstance(found, dict) and issue.name in found:
        return issue.name
    if isinstance(found, list) and k < len(found):
        return k
    raise tree.at(key).error(f"{key} has no entry for {show(issue.name)}; give one for each issue")


def _worth(tree: Tree, key: str | int, issue: Issue) -> tuple[float, ...]:
    path: tuple[str | int, ...] = ("values", key)
    kind = _type(tree, *path)
    if kind in ("TableFun", "") and isinstance(tree.get(*path), dict):
        path = (*path, "mapping") if isinstance(tree.get(*path, "mapping"), dict) else path
        missing = [value for value in issue.values if value not in tree.mapping(*path)]
        if missing:
            raise tree.at(*path).error(f"{show(missing[0])} of {show(issue.name)} has no utility; give it one")
        return tuple(tree.number(*path, value) for value in issue.values)
    lines: dict[str, Callable[[float], float]] = {
        "IdentityFun": lambda x: x,
        "LinearFun": lambda x: tree.number(*path, "slope") * x,
        "AffineFun": lambda x: tree.number(*path, "slope") * x + tree.number(*path, "bias"),
        "ConstFun": lambda _: tree.number(*path, "bias"),
    }
    if kind not in lines:
        raise tree.at(*path).error(f"{kind or 'this'} is a kind of function that is not read; write a TableFun")
    try:
        return tuple(lines[kind](float(value)) for value in issue.values)
    except ValueError as problem:
        if hasattr(problem, "faults"):
            raise
        raise tree.at(*path).error(
            f"{kind} needs values that are numbers, which those of {show(issue.name)} are not"
        ) from None


def rescaled(
    weights: list[float], worth: list[tuple[float, ...]], bias: float, at: At
) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
    """Return weights that sum to 1 and worths in [0, 1] that give the same utility of every deal.

    With ``c_k = w_k f_k``, ``m_k`` its least and ``g_k`` its range, ``G = sum g`` and ``M = bias + sum m``,

        u = M + sum_k (c_k - m_k) = sum_k (g_k / G) ((c_k - m_k) G / g_k + M)

    >>> rescaled([2.0, 0.5], [(0.0, 0.25), (0.2, 1.0)], 0.0, At(""))
    ((0.5555555555555556, 0.4444444444444445), ((0.1, 1.0), (0.1, 1.0)))
    """
    fits = all(0.0 <= value <= 1.0 for values in worth for value in values)
    if fits and bias == 0.0 and abs(sum(weights) - 1.0) < ROUNDING and min(weights) >= 0.0:
        return tuple(weights), tuple(worth)
    parts = [[weight * value for value in values] for weight, values in zip(weights, worth, strict=True)]
    least, spread = bias + sum(min(part) for part in parts), [max(part) - min(part) for part in parts]
    total = sum(spread)
    if not (least >= -NEAR and least + total <= 1.0 + NEAR):
        scale = f"the utilities go from {least:.10g} to {least + total:.10g}"
        raise at.error(f"{scale}; they must lie in [0, 1]: normalise them, so that no scale has to be guessed")
    if total <= 0.0:
        return tuple(1.0 / len(parts) for _ in parts), tuple(tuple(_share(least) for _ in part) for part in parts)
    found = tuple(
        tuple(_share((value - min(part)) * total / range_ + least) if range_ > 0.0 else 0.0 for value in part)
        for part, range_ in zip(parts, spread, strict=True)
    )
    return tuple(range_ / total for range_ in spread), found


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def write(domain: Domain) -> dict[str, str]:
    """Return the files of a domain by name, in JSON; a discount factor has no place in them."""
    for profile in domain.profiles:
        if profile.discount != 1.0:
            sentence = (
                f"{profile.name} discounts, which a utility function of NegMAS in JSON cannot say; export it as genius"
            )
            raise At(domain.name).error(sentence)
    files: dict[str, Any] = {
        "domain.json": {
            "name": domain.name,
            "type": "DiscreteCartesianOutcomeSpace",
            "issues": [
                {"name": issue.name, "type": "CategoricalIssue", "values": list(issue.values)}
                for issue in domain.issues
            ],
        }
    }
    for side, profile in zip("ab", domain.profiles, strict=True):
        tables = [
            {"type": "TableFun", "mapping": dict(zip(issue.values, worth, strict=True))}
            for issue, worth in zip(domain.issues, profile.worth, strict=True)
        ]
        files[f"profile-{side}.json"] = {
            "name": profile.name,
            "type": "LinearAdditiveUtilityFunction",
            "reserved_value": profile.reservation,
            "weights": list(profile.weights),
            "values": tables,
        }
    return {name: json.dumps(tree, indent=2, ensure_ascii=False) + "\n" for name, tree in files.items()}
