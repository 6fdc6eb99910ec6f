"""A domain as a scenario that plays stacked alternating offers, and a scenario as a domain."""

from __future__ import annotations

import json
import re
import unicodedata
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from sim.interop.domain import LONGEST_NAME, ROUNDING, At, Domain, Issue, Profile, check_issues, normalised
from sim.scenario.compile import compile_scenario
from sim.scenario.dates import step_of
from sim.scenario.faults import plain
from sim.scenario.read import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sim.scenario import Scenario, schema

NOTHING = "no_agreement"  # the level that holds until a deal is made
SIDES = ("a", "b")
LONGEST_ID = 48
WORDS = ("true", "false", "null", NOTHING)


class Play(NamedTuple):
    """How an imported domain is played: rounds, and each side's exponent of the aspiration ``1 - s^e``."""

    rounds: int = 100
    exponents: tuple[float, float] = (1.0, 1.0)
    tolerance: float = 0.001


_TEXT = """\
# A published negotiation domain, imported from {origin}.
# Worth of a deal: the sum over issues of weight times value. Try: --set parties.a.offers.exponent=4
format_version: 1
id: {name}
title: {title}
summary: >-
  {summary}
notes: >-
  {notes}
sources:
  domain: {{title: {source}}}

time: {{step: round, window: {rounds}, deadline: {rounds}, at_deadline: breakdown}}
protocol: {{kind: stacked_alternating, first: a}}

parties:
{parties}

issues:
{issues}

# Until there is a deal nothing holds, which is worth nothing to either side.
status_quo:
  terms: {{{nothing}}}

# What each side has without an agreement: its reservation value.
breakdown:
  absolute: true
  flows: {{{reservations}}}

outcomes:
  - {{id: agreement, label: Agreement, when: {{status: agreement}}}}
  - {{id: none, label: No agreement, when: {{}}}}
"""


def text_of(domain: Domain, name: str, play: Play, origin: str) -> str:
    """Return the YAML of a scenario with the id ``name`` that plays a domain; ``origin`` says where it comes from."""
    count = prod(len(issue.values) for issue in domain.issues)
    ids = ids_of(issue.name for issue in domain.issues)
    one, two = domain.profiles
    rounds = play.rounds
    summary = (
        f"{len(domain.issues)} issues, {count:,} deals, two additive profiles, {rounds} rounds of stacked alternating "
        "offers: in each round first A, then B answers the standing offer and makes one of its own."
    )
    notes = (
        "Imported, not judged: weights, values and reservation values say what the domain's files say. A deal at the "
        f"very end weighs {one.discount!r} to A and {two.discount!r} to B, so that each round discounts by that factor "
        f"to the power 1 / {rounds + 1}."
    ) + "".join(f" {sentence}." for sentence in rescaled(domain))
    return _TEXT.format(
        origin=_ascii(origin),
        name=as_text(name),
        title=_quoted(domain.name),
        summary=summary,
        notes=notes,
        source=_quoted(f"{origin}: {domain.name}"),
        rounds=rounds,
        parties="\n".join(_party(domain.profiles[s], s, play) for s in (0, 1)),
        issues="\n".join(_issue(domain, k, id_) for k, id_ in enumerate(ids)),
        nothing=", ".join(f"{id_}: {NOTHING}" for id_ in ids),
        reservations=", ".join(_leaf(side, p.reservation) for side, p in zip(SIDES, domain.profiles, strict=True)),
    )


def rescaled(domain: Domain) -> list[str]:
    """Return a sentence about each profile whose weights did not sum to 1.

    >>> one = Profile("one", (1.0,), ((1.0,),), 0.0, 1.0, 1.25)
    >>> rescaled(Domain("d", (Issue("Price", ("low",)),), (one, one._replace(total=1.0))))
    ['The weights of one sum to 1.25 in its file and were scaled to 1']
    """
    return [
        f"The weights of {plain(profile.name)} sum to {profile.total:.10g} in its file and were scaled to 1"
        for profile in domain.profiles
        if abs(profile.total - 1.0) > ROUNDING
    ]


def _party(profile: Profile, side: int, play: Play) -> str:
    per_round = profile.discount ** (1.0 / (play.rounds + 1))
    offers = f"{{strategy: aspiration, exponent: {play.exponents[side]!r}, tolerance: {play.tolerance!r}}}"
    return "\n".join(
        (
            f"  - id: {SIDES[side]}",
            f"    label: {_quoted(profile.name)}",
            f"    {_leaf('discount_factor', per_round)}",
            f"    offers: {offers}",
            "    accepts: aspiration",
        )
    )


def _issue(domain: Domain, k: int, id_: str) -> str:
    issue = domain.issues[k]
    levels = level_ids(issue.values)
    rows = [
        f"      - {{id: {level}, label: {_quoted(value)}}}" for level, value in zip(levels, issue.values, strict=True)
    ]
    rows.append(f"      - {{id: {NOTHING}, label: No agreement, negotiable: false}}")
    weights = ", ".join(_leaf(side, p.weights[k]) for side, p in zip(SIDES, domain.profiles, strict=True))
    values = []
    for side, profile in zip(SIDES, domain.profiles, strict=True):
        values.append(f"      {side}:")
        values += [f"        {_leaf(level, worth)}" for level, worth in zip(levels, profile.worth[k], strict=True)]
        values.append(f"        {NOTHING}: 0")
    return "\n".join(
        (
            f"  - id: {id_}",
            f"    label: {_quoted(issue.name)}",
            "    levels:",
            *rows,
            f"    weights: {{{weights}}}",
            "    values:",
            *values,
        )
    )


def _leaf(key: str, value: float) -> str:
    return f"{key}: {{value: {value!r}, source: domain}}"


def ids_of(names: Iterable[str]) -> list[str]:
    """Return ids of issues that sort in the order of the names.

    >>> ids_of(["Hard disk", "Price (EUR)", "Hard-disk"])
    ['i1_hard_disk', 'i2_price_eur', 'i3_hard_disk']
    """
    listed = list(names)
    width = len(str(len(listed)))
    return [f"i{k:0{width}d}_{_slug(name)}".rstrip("_")[:LONGEST_ID] for k, name in enumerate(listed, 1)]


def level_ids(values: Iterable[str]) -> list[str]:
    """Return an id for each value of an issue, all different.

    >>> level_ids(["60 Gb", "60-Gb", "Dell", "no agreement"])
    ['v_60_gb', 'v_60_gb_2', 'dell', 'v_no_agreement']
    """
    found: list[str] = []
    taken: set[str] = set()
    for value in values:
        slug = _slug(value) or "value"
        slug = f"v_{slug}" if not slug[0].isalpha() or slug in WORDS else slug
        slug = slug[: LONGEST_ID - 6]
        id_, n = slug, 1
        while id_ in taken:
            n += 1
            id_ = f"{slug}_{n}"
        taken.add(id_)
        found.append(id_)
    return found


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _quoted(text: str) -> str:
    """Return a text of YAML, with whatever is invisible spelled out, and short enough for a label."""
    return json.dumps(plain(text).strip()[:LONGEST_NAME] or "?", ensure_ascii=False)


def _ascii(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", "?", text)


def domain_of(scenario: Scenario, path: Path | None = None) -> Domain:
    """Return a scenario's issues and utilities as a domain; raises ScenarioError where a domain cannot say them.

    ``path`` is the file that the error names, else the scenario's id.
    """
    at = At(scenario.id if path is None else str(path))
    for what, there in (
        ("constraints", scenario.constraints),
        ("reliance on patrons", scenario.reliance),
        ("effects on flows and weights", [e for e in scenario.effects if e.on in ("flow", "weight")]),
        ("continuous issues", [issue for issue in scenario.issues if issue.continuous]),
    ):
        if there:
            raise at.error(
                f"the scenario has {what}, which these formats cannot say; they hold additive utilities alone"
            )
    issues = check_issues(tuple(Issue(issue.label, tuple(_labels(issue))) for issue in scenario.issues), at)
    first, second = (party.id for party in _in_order(scenario))
    one, two = (_profile(scenario, name, at) for name in (first, second))
    return Domain(scenario.title, issues, (one, two))


def _in_order(scenario: Scenario) -> tuple[schema.Party, schema.Party]:
    """Return the party that moves first, and the other; the file's order where none is named."""
    one, two = scenario.parties
    return (two, one) if getattr(scenario.protocol, "first", one.id) == two.id else (one, two)


def _offered(issue: schema.Issue) -> list[int]:
    count = len(issue.levels) if issue.levels else issue.points or 0
    return [k for k in range(count) if not issue.levels or issue.levels[k].negotiable]


def _labels(issue: schema.Issue) -> list[str]:
    if issue.levels:
        return [issue.levels[k].label for k in _offered(issue)]
    assert issue.range is not None
    low, high = issue.range
    points = issue.points or 2
    return [f"{low + (high - low) * k / (points - 1):.12g}" for k in range(points)]


def _profile(scenario: Scenario, name: str, at: At) -> Profile:
    game = compile_scenario(scenario)
    unsure = [
        path for path in game.uncertain if path.startswith(("issues.", "breakdown.flows.", f"parties.{name}.discount"))
    ]
    if unsure or game.owners:
        path = (unsure or sorted(game.owners))[0]
        raise at.error(
            f"{path} is uncertain or private, which these formats cannot say; fix it with --set {path}=VALUE"
        )
    breakdown = scenario.breakdown
    if breakdown is None or not breakdown.absolute:
        raise at.error(
            "no agreement must leave a stated value, the reservation: give `breakdown` flows and `absolute: true`"
        )
    params = game.params(0, 0)
    side = game.side[name]
    rows = [
        game.layout.issues.index(next(i for i in game.layout.issues if i.id == issue.id)) for issue in scenario.issues
    ]
    weights = normalised([float(params.tastes.weight[side, row, 0, 0]) for row in rows], at)
    worth = tuple(
        tuple(float(params.tastes.value[row][side, level, 0, 0]) for level in _offered(issue))
        for row, issue in zip(rows, scenario.issues, strict=True)
    )
    flow = breakdown.flows.get(name)
    reservation = float(params.tastes.breakdown[side, 0, 0]) if flow is not None else 0.0
    factor = float(params.tastes.discount[side, 0, 0])
    deadline = scenario.time.deadline
    if deadline is None and factor < 1.0:
        raise at.error(
            "a discount factor over all rounds needs their number; set time.deadline, or discount_factor to 1"
        )
    rounds = 0 if deadline is None else step_of(scenario.time, deadline)
    discount = factor ** (rounds + 1)
    label = next(party.label for party in scenario.parties if party.id == name)
    return Profile(label, weights, worth, reservation, discount)
