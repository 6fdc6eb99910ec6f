"""GENIUS and ANAC domains: one XML file for the issues, one for each profile.

    u(deal) = sum_k w_k evaluation_k(value) / max_v evaluation_k(v)        weights normalised

(Lin, Kraus, Baarslag, Tykhonov, Hindriks & Jonker 2014, *Computational Intelligence* 30(1)).  An issue of whole
numbers has a linear evaluator instead, ``min(max(offset + slope (value - lowest), 0), 1)``.  Issues of a profile are
those of the domain with the same index.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import quoteattr

from sim.interop.domain import At, Domain, Issue, Profile, check_issues, normalised, share
from sim.interop.markup import Node, read_xml
from sim.scenario.faults import show

if TYPE_CHECKING:
    from pathlib import Path

ADDITIVE = (None, "any", "additive", "linear", "uncertain")
NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
SMALLEST = 1e-5  # evaluations all below it count as 0, as in GENIUS


class Wanted(NamedTuple):
    """An issue of the domain's file: its number and its kind beside what it may be."""

    number: str
    kind: str  # discrete | integer | real
    issue: Issue
    range: tuple[float, float] | None


def read(domain: Path, profiles: tuple[Path, Path], points: int | None = None) -> Domain:
    """Return a domain with two profiles; raises ScenarioError for what is hostile, wrong or unclear.

    ``points``: on how many values an issue of real numbers is laid out; without it such an issue is refused.
    """
    root = read_xml(domain)
    wanted = [_wanted(node, points) for node in _issues(root)]
    indices = [each.number for each in wanted]
    for index in indices:
        if indices.count(index) > 1:
            raise root.at.error(f"two issues have the index {show(index)}; number them apart")
    issues = check_issues(tuple(each.issue for each in wanted), root.at)
    one, two = (_profile(path, wanted) for path in profiles)
    return Domain(_name(root) or domain.stem, issues, (one, two))


def _name(root: Node) -> str | None:
    return next((node.get("name") for node in root.walk() if node.tag == "objective"), None)


def _issues(root: Node) -> list[Node]:
    """Return the issues of a file, which all stand in one objective."""
    return _holder(root).all("issue")


def _holder(root: Node) -> Node:
    """Return the element in which the issues and their weights stand."""
    space = root
    if root.tag != "utility_space":
        if root.tag not in ("negotiation_template", "negotiation_domain"):
            raise root.at.error(f"this begins with <{root.tag}>; a GENIUS file begins with <utility_space>")
        spaces = root.all("utility_space")
        if len(spaces) != 1:
            raise root.at.error(f"there are {len(spaces)} utility spaces here; there must be one")
        space = spaces[0]
    kind = space.get("type")
    if (kind.lower() if kind else None) not in ADDITIVE:
        raise space.at.error(f"this utility space is {kind}; only additive ones can be read")
    objectives = space.all("objective")
    if not objectives:
        return space
    if len(objectives) > 1 or objectives[0].all("objective"):
        at = (objectives[0].all("objective") or objectives[1:])[0].at
        raise at.error("there is a second objective here; all issues must stand in one")
    if space.all("issue"):
        raise space.all("issue")[0].at.error("this issue stands outside the objective that holds the others")
    if space.all("ufun") or objectives[0].all("ufun"):
        raise space.at.error("this utility space is not additive; only additive ones can be read")
    return objectives[0]


def _wanted(node: Node, points: int | None) -> Wanted:
    """Return one issue of the domain's file."""
    index = node.get("index")
    if index is None:
        raise node.at.error("this issue has no index; number it")
    name = node.get("name") or f"Issue {index}"
    kind = (node.get("type", "etype", "vtype") or "discrete").lower()
    if kind == "discrete":
        return Wanted(index, kind, Issue(name, _listed(node, name)), None)
    if kind not in ("integer", "real"):
        raise node.at.error(f"{show(name)} is of the type {show(kind)}; discrete, integer and real can be read")
    low, high = _range(node, name)
    if kind == "integer":
        if low != int(low) or high != int(high) or high - low > 50_000:
            raise node.at.error(
                f"{show(name)} goes from {low:.10g} to {high:.10g}; give it two whole numbers near enough"
            )
        return Wanted(index, kind, Issue(name, tuple(str(v) for v in range(int(low), int(high) + 1))), (low, high))
    if points is None:
        sentence = f"{show(name)} is of real numbers, of which there is no end; say on how many points it is laid out"
        raise node.at.error(f"{sentence}: --points 11")
    grid = [low + (high - low) * k / (points - 1) for k in range(points)]
    return Wanted(index, kind, Issue(name, tuple(f"{x:.12g}" for x in grid)), (low, high))


def _listed(node: Node, name: str) -> tuple[str, ...]:
    """Return the values of a discrete issue."""
    values: dict[str, None] = {}
    for item in node.all("item"):
        value = item.get("value")
        if value is None:
            raise item.at.error(f"this item of {show(name)} has no value")
        if value in values:
            raise item.at.error(f"the value {show(value)} of {show(name)} stands there twice; keep one")
        values[value] = None
    if not values:
        raise node.at.error(f"{show(name)} has no item; give it some")
    return tuple(values)


def _range(node: Node, name: str) -> tuple[float, float]:
    """Return the lowest and the highest number of an issue."""
    ranges = node.all("range")
    low, high = (
        next((found for found in (each.get(key) for each in (*ranges, node)) if found is not None), None)
        for key in ("lowerbound", "upperbound")
    )
    if low is None or high is None:
        raise node.at.error(f"{show(name)} has no lowerbound and upperbound; give both")
    bounds = _number(low, node.at, "lowerbound"), _number(high, node.at, "upperbound")
    if bounds[0] >= bounds[1]:
        raise node.at.error(f"the lowerbound of {show(name)} is not below its upperbound")
    return bounds


def _number(text: str | None, at: At, what: str) -> float:
    if text is None or not NUMBER.fullmatch(text):
        raise at.error(f"{what} is {show(text)}; it must be a number")
    value = float(text)
    if not isfinite(value):
        raise at.error(f"{what} is {show(text)}; it must be a finite number")
    return value


def _profile(path: Path, wanted: list[Wanted]) -> Profile:
    """Return one profile's weights, worths, reservation and discount factor."""
    root = read_xml(path)
    holder = _holder(root)
    nodes = {}
    for node in holder.all("issue"):
        index = node.get("index")
        if index is None or index in nodes:
            raise node.at.error("this issue has no index of its own; number it as in the domain")
        nodes[index] = node
    for index, node in nodes.items():
        if index not in {each.number for each in wanted}:
            raise node.at.error(f"the domain has no issue with the index {show(index)}")
    weights, worth = [], []
    given = _weights(holder)
    for each in wanted:
        if each.number not in nodes:
            raise holder.at.error(
                f"there is no issue with the index {each.number}, which the domain calls {each.issue.name}"
            )
        if each.number not in given:
            raise nodes[each.number].at.error(f"the issue with the index {each.number} has no weight; give it one")
        weights.append(given[each.number])
        worth.append(_worth(nodes[each.number], each))
    unknown = [index for index in given if index not in nodes and index != holder.get("index")]
    if unknown:
        raise holder.at.error(f"the weight with the index {show(unknown[0])} belongs to no issue")
    reservation = _one_of(root, "reservation", 0.0)
    discount = _one_of(root, "discount_factor", 1.0)
    share(discount, root.at, "the discount factor")
    return Profile(path.stem, normalised(weights, holder.at), tuple(worth), reservation, discount or 1.0, sum(weights))


def _weights(holder: Node) -> dict[str, float]:
    """Return the weights by the index of their issue."""
    found: dict[str, float] = {}
    for node in holder.all("weight"):
        index = node.get("index")
        if index is None or index in found:
            raise node.at.error("this weight has no index of its own; number it as its issue")
        found[index] = _number(node.get("value"), node.at, "a weight")
        if found[index] < 0.0:
            raise node.at.error(f"a weight is {found[index]:.10g}; it must be at least 0")
    return found


def _one_of(root: Node, tag: str, otherwise: float) -> float:
    """Return the number that an element states, wherever it stands; every such element must say the same."""
    nodes = [node for node in root.walk() if node.tag == tag]
    values = [_number(node.get("value"), node.at, tag) for node in nodes]
    for node, value in zip(nodes, values, strict=True):
        if value != values[0]:
            raise node.at.error(f"{tag} is stated twice, as {values[0]:.10g} and {value:.10g}; keep one")
    return values[0] if values else otherwise


def _worth(node: Node, wanted: Wanted) -> tuple[float, ...]:
    """Return the worth in [0, 1] of each value of one issue."""
    name, domain = node.get("name"), wanted.issue.name
    if name is not None and _squeezed(name) != _squeezed(domain) and not domain.startswith("Issue "):
        raise node.at.error(
            f"the issue with the index {wanted.number} is {show(name)} here and {show(domain)} in the domain"
        )
    if wanted.kind == "discrete":
        return _evaluated(node, wanted)
    assert wanted.range is not None
    if _range(node, domain) != wanted.range:
        raise node.at.error(f"{show(domain)} has another range here than in the domain")
    evaluators = node.all("evaluator")
    if len(evaluators) != 1 or (evaluators[0].get("ftype") or "linear") != "linear":
        raise node.at.error(f"{show(domain)} needs one evaluator, a linear one")
    at = evaluators[0].at
    names = ("offset", "slope") if wanted.kind == "integer" else ("parameter0", "parameter1")
    offset, slope = (_number(evaluators[0].get(key), at, key) for key in names)
    origin = wanted.range[0] if wanted.kind == "integer" else 0.0
    return tuple(min(max(offset + slope * (float(value) - origin), 0.0), 1.0) for value in wanted.issue.values)


def _evaluated(node: Node, wanted: Wanted) -> tuple[float, ...]:
    """Return each value's evaluation as a share of the issue's largest."""
    name = wanted.issue.name
    found: dict[str, float] = {}
    for item in node.all("item"):
        value = item.get("value")
        if value not in wanted.issue.values:
            raise item.at.error(f"the domain has no value {show(value)} of {show(name)}")
        assert value is not None
        if value in found:
            raise item.at.error(f"the value {show(value)} of {show(name)} stands there twice; keep one")
        stated = item.get("evaluation")
        if stated in (None, "null"):
            raise item.at.error(f"the value {show(value)} of {show(name)} has no evaluation; give it one")
        found[value] = _number(stated, item.at, "an evaluation")
        if found[value] < 0.0:
            raise item.at.error(f"an evaluation is {found[value]:.10g}; it must be at least 0")
    for value in wanted.issue.values:
        if value not in found:
            raise node.at.error(f"the value {show(value)} of {show(name)} has no evaluation here; give it one")
    most = max(found.values())
    return tuple(found[value] / most if most >= SMALLEST else 0.0 for value in wanted.issue.values)


def _squeezed(name: str) -> str:
    return " ".join(name.split()).casefold()


def write(domain: Domain) -> dict[str, str]:
    """Return the files of a domain by name; raises ScenarioError where the format cannot say it."""
    for profile in domain.profiles:
        for issue, worth in zip(domain.issues, profile.worth, strict=True):
            if 0.0 < max(worth) < 1.0:
                sentence = (
                    f"the best value of {show(issue.name)} is worth {max(worth):.10g} to {profile.name}; GENIUS "
                    "divides by the largest, which would change the utilities: export it as geniusweb or negmas"
                )
                raise At(domain.name).error(sentence)
    return {
        "domain.xml": _domain_text(domain),
        **{f"profile-{side}.xml": _profile_text(domain, p) for side, p in zip("ab", domain.profiles, strict=True)},
    }


def _domain_text(domain: Domain) -> str:
    inner = [line for k in range(len(domain.issues)) for line in _issue_lines(domain, k, None)]
    body = "\n".join(f"    {line}" for line in (*_objective(domain), *inner, "</objective>"))
    space = f'  <utility_space number_of_issues="{len(domain.issues)}">\n{body}\n  </utility_space>'
    return f"<negotiation_template>\n{space}\n</negotiation_template>\n"


def _profile_text(domain: Domain, profile: Profile) -> str:
    inner = [line for k in range(len(domain.issues)) for line in _issue_lines(domain, k, profile)]
    inner += [f'  <weight index="{k + 1}" value="{w!r}"/>' for k, w in enumerate(profile.weights)]
    body = "\n".join(f"  {line}" for line in (*_objective(domain), *inner, "</objective>"))
    tail = f'  <discount_factor value="{profile.discount!r}"/>\n  <reservation value="{profile.reservation!r}"/>'
    return f"<utility_space>\n{body}\n{tail}\n</utility_space>\n"


def _objective(domain: Domain) -> tuple[str]:
    return (f'<objective index="0" etype="objective" type="objective" description="" name={quoteattr(domain.name)}>',)


def _issue_lines(domain: Domain, k: int, profile: Profile | None) -> list[str]:
    issue = domain.issues[k]
    head = f'  <issue index="{k + 1}" etype="discrete" type="discrete" vtype="discrete" name={quoteattr(issue.name)}>'
    stated = (
        [f" evaluation={quoteattr(repr(worth))}" for worth in profile.worth[k]] if profile else [""] * len(issue.values)
    )
    items = [
        f'    <item index="{n + 1}" value={quoteattr(value)}{more}/>'
        for n, (value, more) in enumerate(zip(issue.values, stated, strict=True))
    ]
    return [head, *items, "  </issue>"]
