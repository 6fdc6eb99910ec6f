"""Checks of terms, conditions on terms, values and weights against the issues."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.scenario import deals
from sim.scenario.explain import Finding
from sim.scenario.faults import listing, nearest, number, show
from sim.scenario.fields import Range
from sim.scenario.index import Index, known, known_keys, left_out
from sim.scenario.leaf import Leaf
from sim.scenario.read import Path
from sim.scenario.schema import Issue, Scenario, Shape

MOST_DEALS = 50_000
ROUNDING = 1e-9


def level_ids(issue: Issue) -> list[str]:
    """List the ids of an issue's levels; none for a range."""
    return [level.id for level in issue.levels or ()]


def grid(issue: Issue) -> list[float]:
    """List the points of a range issue's grid; none where it is continuous or has levels."""
    if issue.range is None or issue.points is None:
        return []
    low, high = issue.range
    return [low + (high - low) * i / (issue.points - 1) for i in range(issue.points)]


def check_terms(index: Index, terms: Mapping[str, str | float] | None, path: Path) -> Iterator[Finding]:
    """Find unknown issues, unknown levels and numbers outside a range in terms."""
    for name, term in (terms or {}).items():
        issue = index.issues.get(name)
        at = (*path, name)
        if issue is None:
            yield from known(name, index.issues, "issue", at, key=True)
        elif issue.levels is not None:
            ids = level_ids(issue)
            if term not in ids:
                yield Finding(at, f"{show(term)} is no level of {name}{nearest(term, ids)}")
        elif issue.range is not None:
            yield from _number_term(issue, issue.range, term, at)


def _number_term(issue: Issue, ends: tuple[float, float], term: str | float, path: Path) -> Iterator[Finding]:
    low, high = ends
    if isinstance(term, str):
        yield Finding(
            path, f"{show(term)} does not fit {issue.id}, which has a range; write a number in {_span(low, high)}"
        )
    elif not low <= term <= high:
        yield Finding(path, f"{issue.id} is {number(term)}; its range is {_span(low, high)}")
    elif issue.points is not None:
        closest = min(grid(issue), key=lambda point: abs(point - term))
        if abs(closest - term) > ROUNDING * (high - low):
            sentence = f"{issue.id} is {number(term)}, which is none of its {issue.points} points"
            yield Finding(path, f"{sentence}; the nearest is {number(closest)}")


def check_complete(index: Index, terms: Mapping[str, object], path: Path, what: str) -> Iterator[Finding]:
    """Find issues that complete terms leave out."""
    missing = left_out(terms, index.issues)
    if missing:
        yield Finding(path, f"{what} must name every issue; add {' and '.join(f'`{name}`' for name in missing)}")


def check_negotiable(index: Index, terms: Mapping[str, str | float], path: Path) -> Iterator[Finding]:
    """Find levels in offered terms that may not be offered."""
    for name, term in terms.items():
        issue = index.issues.get(name)
        for level in (issue.levels if issue is not None else None) or ():
            if level.id == term and not level.negotiable:
                yield Finding((*path, name), f"{show(term)} is not negotiable, so that it cannot be offered")


def check_condition(index: Index, condition: Mapping[str, Any] | None, path: Path) -> Iterator[Finding]:
    """Find unknown issues, unknown levels and ranges that nothing satisfies in a condition on terms."""
    for name, wanted in (condition or {}).items():
        issue = index.issues.get(name)
        at = (*path, name)
        if issue is None:
            yield from known(name, index.issues, "issue", at, key=True)
        elif issue.levels is None and issue.range is None:
            continue
        elif isinstance(wanted, Range):
            if issue.range is None:
                yield Finding(at, f"{name} has levels, so that a condition names some of {listing(level_ids(issue))}")
            else:
                yield from check_range(wanted, issue.range, name, at)
        elif issue.levels is None:
            yield Finding(
                at, f"{name} has a range, so that a condition is written {{at_least: x}}, {{at_most: x}} or both"
            )
        else:
            yield from _level_names(issue, wanted, at)


def _level_names(issue: Issue, wanted: Sequence[str], path: Path) -> Iterator[Finding]:
    ids = level_ids(issue)
    for i, name in enumerate(wanted):
        if name not in ids:
            yield Finding((*path, i), f"{show(name)} is no level of {issue.id}{nearest(name, ids)}")


def check_range(wanted: Range, ends: tuple[float, float], name: str, path: Path) -> Iterator[Finding]:
    """Find bounds of a condition on a number that lie outside what the number can be."""
    for key in ("at_least", "at_most"):
        bound = getattr(wanted, key)
        if bound is not None and not ends[0] <= bound <= ends[1]:
            yield Finding((*path, key), f"{key} is {number(bound)}, but {name} lies in {_span(*ends)}")


def check_values(values: Any, issue: Issue, path: Path) -> Iterator[Finding]:
    """Find levels without a value, values without a level, and curves that lack their numbers."""
    if issue.levels is None:
        if not isinstance(values, Shape):
            yield Finding(
                path, f"{issue.id} has a range, so that its values are a curve: {{shape: linear, best: high}}"
            )
        else:
            yield from _curve(values, path)
        return
    if isinstance(values, Shape):
        yield Finding(path, f"{issue.id} has levels, so that every level needs a value; curves belong to ranges")
        return
    ids = level_ids(issue)
    for name in values:
        if name not in ids:
            yield Finding((*path, name), f"{show(name)} is no level of {issue.id}{nearest(name, ids)}", key=True)
    missing = [f"`{name}`" for name in left_out(values, ids)]
    if missing:
        have = "has" if len(missing) == 1 else "have"
        yield Finding(path, f"{' and '.join(missing)} of {issue.id} {have} no value; add one in [0, 1]")


def _curve(curve: Shape, path: Path) -> Iterator[Finding]:
    needs = {"linear": (), "power": ("exponent",), "logistic": ("midpoint", "steepness")}[curve.shape]
    for key in ("exponent", "midpoint", "steepness"):
        given = getattr(curve, key) is not None
        if given and key not in needs:
            yield Finding((*path, key), f"`{key}` does not belong to a {curve.shape} curve; delete it", key=True)
        elif not given and key in needs:
            yield Finding(path, f"a {curve.shape} curve needs `{key}`; add it")


def check_issue(index: Index, issue: Issue, path: Path) -> Iterator[Finding]:
    """Find what is wrong with one issue's form, weights and values."""
    yield from _form(issue, path)
    for field in ("weights", "values"):
        given = getattr(issue, field)
        yield from known_keys(given, index.parties, "party", (*path, field))
        missing = left_out(given, index.parties)
        if missing:
            yield Finding(
                (*path, field), f"{field} must name both parties; add {' and '.join(f'`{name}`' for name in missing)}"
            )
    if (issue.levels is None) != (issue.range is None):
        for party, values in issue.values.items():
            yield from check_values(values, issue, (*path, "values", party))


def _form(issue: Issue, path: Path) -> Iterator[Finding]:
    if (issue.levels is None) == (issue.range is None):
        both = (
            "has levels and a range; keep one of them" if issue.levels else "needs `levels`, or a `range` with `points`"
        )
        yield Finding(path, f"{issue.id} {both}")
        return
    if issue.range is not None:
        yield from _range_form(issue, issue.range, path)
        return
    for key, given in (("unit", issue.unit), ("points", issue.points), ("continuous", issue.continuous)):
        if given:
            yield Finding((*path, key), f"`{key}` belongs to an issue with a range; delete it", key=True)
    yield from _levels_form(issue, path)


def _range_form(issue: Issue, ends: tuple[float, float], path: Path) -> Iterator[Finding]:
    if ends[0] >= ends[1]:
        yield Finding(
            (*path, "range"), f"range's lower end {number(ends[0])} is not below its upper end {number(ends[1])}"
        )
    if issue.continuous == (issue.points is not None):
        sentence = (
            "keep one of `points` and `continuous: true`"
            if issue.continuous
            else "add `points: 5` or `continuous: true`"
        )
        yield Finding((*path, "range"), f"a range is either a grid of points or continuous; {sentence}")
    if issue.duration:
        yield Finding((*path, "duration"), "a duration needs levels, each with `years`", key=True)


def _levels_form(issue: Issue, path: Path) -> Iterator[Finding]:
    levels = issue.levels or ()
    seen: set[str] = set()
    for i, level in enumerate(levels):
        at = (*path, "levels", i)
        if level.id in seen:
            yield Finding((*at, "id"), f"the level {show(level.id)} stands here a second time; choose another id")
        seen.add(level.id)
        if issue.duration and level.negotiable and level.years is None:
            yield Finding(at, f"{show(level.id)} needs `years`, since {issue.id} is a duration")
        if not issue.duration and level.years is not None:
            yield Finding((*at, "years"), f"`years` has no meaning unless {issue.id} has `duration: true`", key=True)
    if not any(level.negotiable for level in levels):
        yield Finding((*path, "levels"), f"no level of {issue.id} is negotiable; at least one must be")


def can_vanish(weights: Sequence[Leaf]) -> bool:
    """Say whether numbers can all be 0 at once, other than by a chance of nought."""
    return all(0.0 in _atoms(leaf) for leaf in weights)


def _atoms(leaf: Leaf) -> set[float]:
    if leaf.certain:
        return set(leaf.args)
    if leaf.kind == "discrete":
        return {value for value, chance in zip(leaf.args[::2], leaf.args[1::2], strict=True) if chance > 0}
    return set()


def check_deals(scenario: Scenario) -> Iterator[Finding]:
    """Find a deal space that is empty or too large, and constraints that it cannot have."""
    issues = scenario.issues
    if any((issue.levels is None) == (issue.range is None) for issue in issues):
        return
    offered = [_offered(issue) for issue in issues]
    boxes = []
    for i, constraint in enumerate(scenario.constraints):
        path = ("constraints", i, "exclude")
        if not constraint.exclude:
            yield Finding(path, "this constraint names no issue, so that it excludes every deal; name at least one")
            return
        box = {}
        for k, issue in enumerate(issues):
            if issue.id in constraint.exclude:
                if issue.continuous:
                    yield Finding(
                        (*path, issue.id), f"{issue.id} is continuous, so that no constraint can name it", key=True
                    )
                    return
                box[k] = _excluded(offered[k], constraint.exclude[issue.id])
        if len(box) == len(constraint.exclude):
            boxes.append(box)
    yield from _size(deals.count([len(each) for each in offered], boxes))


def _size(size: int | None) -> Iterator[Finding]:
    if size is None:
        yield Finding(
            ("constraints",),
            "these constraints are too tangled to count the deals; use fewer or simpler ones",
            key=True,
        )
    elif size == 0:
        sentence = (
            "the deal space is empty: the constraints exclude every combination of negotiable levels; drop one of them"
        )
        yield Finding(("constraints",), sentence, key=True)
    elif size > MOST_DEALS:
        count = f"{size:,}" if size < 10**12 else f"{number(float(size))}"
        sentence = f"the issues make {count} deals; at most {MOST_DEALS:,} can be handled: use fewer levels or points"
        yield Finding(("issues",), sentence, key=True)


def _offered(issue: Issue) -> list[Any]:
    """List what can be offered on an issue: level ids or grid points; a continuous range counts once."""
    if issue.levels is not None:
        return [level.id for level in issue.levels if level.negotiable]
    return grid(issue) or [None]


def _excluded(offered: Sequence[Any], wanted: Any) -> deals.Levels:
    if not isinstance(wanted, Range):
        return frozenset(k for k, name in enumerate(offered) if name in wanted)
    low = -float("inf") if wanted.at_least is None else wanted.at_least
    high = float("inf") if wanted.at_most is None else wanted.at_most
    return frozenset(k for k, point in enumerate(offered) if isinstance(point, float) and low <= point <= high)


def _span(low: float, high: float) -> str:
    return f"[{number(low)}, {number(high)}]"
