"""Stacked alternating offers: every offer and the end are those of the protocol as it is published, played by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest

from sim import montecarlo
from sim.agents import trace
from sim.interop.domain import Domain, Issue, Profile
from sim.interop.scenario import Play, text_of
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from tests.promises.test_parity import differences

TOLERANCE = 0.001


class Move(NamedTuple):
    """One offer: its round, who makes it, the deal, and what it is worth to both."""

    round: int
    who: str
    deal: tuple[int, ...]
    worth: tuple[float, float]


def drawn(seed: int) -> tuple[Domain, Play]:
    """Return a random domain and how it is played."""
    rng = random.Random(seed)  # noqa: S311 no secrets here
    issues = tuple(
        Issue(f"Issue {k}", tuple(f"v{n}" for n in range(rng.randint(1, 5)))) for k in range(rng.randint(1, 4))
    )
    profiles = []
    for name in "ab":
        weights = [rng.random() + 0.01 for _ in issues]
        rows = [[rng.random() for _ in issue.values] for issue in issues]
        worth = tuple(tuple(x / max(row) for x in row) for row in rows)
        reservation = rng.choice([0.0, 0.9 * rng.random()])
        discount = rng.choice([1.0, 0.05 + 0.95 * rng.random()])
        profiles.append(Profile(name, tuple(w / sum(weights) for w in weights), worth, reservation, discount))
    exponents = rng.choice([0.2, 0.5, 1.0, 2.0, 4.0]), rng.choice([0.2, 0.5, 1.0, 4.0, 10.0])
    return Domain("drawn", issues, (profiles[0], profiles[1])), Play(rng.randint(1, 60), exponents)


def game_of(domain: Domain, play: Play, folder: Any) -> Compiled:
    """Return the game of an imported domain."""
    path = folder / "drawn.yaml"
    path.write_text(text_of(domain, "drawn", play, "a test"), encoding="utf-8")
    return compile_scenario(load(path))


def by_hand(domain: Domain, play: Play) -> tuple[list[Move], Move | None]:
    """Return every offer and the one that is accepted: in each round first a, then b answers, and then counters."""
    deals = list(product(*(range(len(issue.values)) for issue in domain.issues)))
    worths = [
        {deal: sum(w * row[at] for w, row, at in zip(p.weights, p.worth, deal, strict=True)) for deal in deals}
        for p in domain.profiles
    ]

    def bar(side: int, number: int) -> float:
        values = worths[side].values()
        least, most = max(min(values), domain.profiles[side].reservation), max(values)
        aspiration = 1.0 - float(((number + 1) / (play.rounds + 1)) ** play.exponents[side])
        return max(least + aspiration * (most - least) - TOLERANCE, least)

    offers: list[Move] = []
    for number in range(play.rounds):
        for side in (0, 1):
            if offers and worths[side][offers[-1].deal] >= bar(side, number):
                return offers, offers[-1]
            enough = [deal for deal in deals if worths[side][deal] >= bar(side, number)]
            best = max(deals, key=lambda deal: worths[side][deal])
            deal = min(enough, key=lambda deal: worths[side][deal]) if enough else best
            offers.append(Move(number, "ab"[side], deal, (worths[0][deal], worths[1][deal])))
    return offers, None


def test_every_offer_is_the_published_one(full: bool, reached: Callable[[int, str], None], tmp_path: Any) -> None:
    """On random domains the trace lists every offer of both with its worth to 1e-12, and the same deal is agreed."""
    count, agreed = (300 if full else 30), 0
    for seed in range(count):
        domain, play = drawn(seed)
        game = game_of(domain, play, tmp_path)
        story = trace(game, 0, 0)
        offers, last = by_hand(domain, play)
        told = [event for event in story["events"] if event["kind"] == "offer"]
        assert [(e["step"], e["actor"]) for e in told] == [(m.round, m.who) for m in offers]
        assert [[e["worth"]["a"], e["worth"]["b"]] for e in told] == [pytest.approx(m.worth, abs=1e-12) for m in offers]
        assert [tuple(e["offer"].values()) for e in told] == [tuple(f"v{at}" for at in move.deal) for move in offers]
        answers = [event["answer"] for event in told]
        assert story["outcome"] == ("none" if last is None else "agreement")
        assert answers[-1] == ("stands" if last is None else "accept")
        assert set(answers[:-1]) <= {"reject"}
        agreed += last is not None
    assert 0.3 * count < agreed < count
    reached(1, f"{count} random domains, {agreed} with a deal")


def test_both_drivers_play_it_alike(full: bool, tmp_path: Any) -> None:
    """Imported domains with uncertain exponents, weights and reservations: no bit of any state or record differs."""
    for seed in range(40 if full else 2):
        domain, play = drawn(seed)
        game_of(domain, play, tmp_path)
        text = (tmp_path / "drawn.yaml").read_text(encoding="utf-8")
        for old, new in (
            (f"exponent: {play.exponents[0]!r}", "exponent: {uniform: [0.2, 4]}"),
            (f"b: {{value: {domain.profiles[1].weights[0]!r}", "b: {uniform: [0.1, 2]"),
            (f"flows: {{a: {{value: {domain.profiles[0].reservation!r}", "flows: {a: {uniform: [0, 0.5]"),
            ("first: a}", "first: random}"),
        ):
            assert text.count(old) >= 1
            text = text.replace(old, new, 1)
        (tmp_path / "drawn.yaml").write_text(text, encoding="utf-8")
        game = compile_scenario(load(tmp_path / "drawn.yaml"))
        assert len(game.uncertain) == 3
        assert differences(game, 8, most=64) == []


def test_a_worked_trace(tmp_path: Any) -> None:
    """Two issues, four rounds, e = 1: the offers are those worked out here on paper.

    a's deals are worth 1, .7, .3, 0 and b's 0, .4, .6, 1 (both put .7 and .3, or .4 and .6, on the two issues). At the
    rounds' times .2, .4, .6, .8 both hold out for .799, .599, .399, .199. a offers its best, then .7 = (1, 0), which
    is worth .6 to b: b holds out for .599 and takes it.
    """
    issues = (Issue("One", ("no", "yes")), Issue("Two", ("no", "yes")))
    one = Profile("one", (0.7, 0.3), ((0.0, 1.0), (0.0, 1.0)), 0.0, 1.0)
    two = Profile("two", (0.4, 0.6), ((1.0, 0.0), (1.0, 0.0)), 0.0, 1.0)
    events = trace(game_of(Domain("d", issues, (one, two)), Play(4), tmp_path), 0, 0)["events"]
    told = [
        (e["step"], e["actor"], e["worth"]["a"], e["worth"]["b"], e["answer"]) for e in events if e["kind"] == "offer"
    ]
    assert told == [
        (0, "a", 1.0, 0.0, "reject"),
        (0, "b", 0.0, 1.0, "reject"),
        (1, "a", 0.7, 0.6, "accept"),
    ]


def test_the_last_offer_of_a_round_is_answered_in_the_next(tmp_path: Any) -> None:
    """Where b concedes at once a takes in round 1 what b said in round 0: the deal is round 1's.

    a holds out for .799, .599 (e = 1), b for .148 at once (e = .1), so that b offers its .6, worth .75 to a.
    """
    issue = (Issue("Price", ("low", "middle", "high")),)
    one = Profile("one", (1.0,), ((0.0, 0.75, 1.0),), 0.0, 1.0)
    two = Profile("two", (1.0,), ((1.0, 0.6, 0.0),), 0.0, 1.0)
    game = game_of(Domain("d", issue, (one, two)), Play(4, (1.0, 0.1)), tmp_path)
    events = [(e["step"], e["kind"], e["actor"], e["answer"]) for e in trace(game, 0, 0)["events"]]
    assert events[:-1] == [
        (0, "offer", "a", "reject"),
        (0, "offer", "b", "accept"),
        (1, "accepted", "a", "accept"),
        (1, "ratified", None, None),
    ]
    columns = montecarlo.simulate(game, 1, 0).columns
    assert (int(columns["agreed_step"][0]), int(columns["offers"][0])) == (1, 2)


def test_who_has_more_to_fall_back_on_never_offers_less(tmp_path: Any) -> None:
    """No offer is worth less to its maker than its reservation, and none is accepted that is worth less."""
    for seed in range(6):
        domain, play = drawn(seed)
        columns = montecarlo.simulate(game_of(domain, play, tmp_path), 1, 0).columns
        story = trace(compile_scenario(load(tmp_path / "drawn.yaml")), 0, 0)
        best = [max(sum(p.weights[k] * max(p.worth[k]) for k in range(len(p.weights))), 0.0) for p in domain.profiles]
        for event in story["events"]:
            if event["kind"] != "offer":
                continue
            side = "ab".index(event["actor"])
            floor = min(domain.profiles[side].reservation, best[side])
            assert event["worth"][event["actor"]] >= floor - 1e-9
            if event["answer"] == "accept":
                assert event["worth"]["ba"[side]] >= domain.profiles[1 - side].reservation - 1e-9
        agreed = any(event["answer"] == "accept" for event in story["events"])
        assert bool(np.asarray(columns["agreed_step"])[0] >= 0) == agreed
