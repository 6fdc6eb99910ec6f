"""Driver 2: one bargain move by move, played by Mesa agents.

Every agent calls its own rule from ``sim.rules`` with arrays of length one: communities and other variables move
themselves, third parties and principals decide their moves, principals look ahead, offer, answer, keep or break deals,
audiences vote.  The order is the step's declared order, never a shuffled one, and no agent draws random numbers: the
shocks are those of the same draw in the Monte Carlo driver, so that both give the same history bit for bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim import chance, montecarlo
from sim.ledger import classify
from sim.rules import answered, environment, keeping, look_ahead, outlook, regime, succession, table
from sim.rules import step as rules
from sim.rules.strategies.accepting import held_out_for
from sim.rules.types import (
    ACCEPT,
    ANSWERS,
    LEAVE,
    NO_OFFER,
    STANDS,
    STATUSES,
    TALKS,
    B,
    F,
    Footing,
    I,
    Offer,
    Record,
    Said,
    State,
    View,
)

if TYPE_CHECKING:
    from sim.rules.interim import Proposal
    from sim.rules.outlook import Outlook
    from sim.rules.strategies.aim import Aim
    from sim.scenario.compile import Compiled


class Drifter(mesa.Agent):  # type: ignore[misc]
    """Something of the environment that moves by itself."""

    def __init__(self, model: Bargain, variable: int) -> None:
        super().__init__(model)
        self.variable = variable
        self.name = model.layout.variables[variable]

    def drift(self) -> F:
        """Return the next value, from the step's snapshot."""
        model = self.model
        return environment.move_variable(self.variable, model.layout, model.params, model.state, model.shock)

    @property
    def value(self) -> float:
        """Return the value now."""
        return float(self.model.state.x[self.variable, 0])


class Community(Drifter):
    """A part of the public, whose opinion is drawn towards the others'."""


class Mover(mesa.Agent):  # type: ignore[misc]
    """Somebody with moves of its own."""

    def __init__(self, model: Bargain, name: str) -> None:
        super().__init__(model)
        self.name = name
        self.moves = tuple(m for m, move in enumerate(model.layout.moves) if move.by == name)

    def decide(self, move: int) -> B:
        """Decide whether ``move`` happens now."""
        model = self.model
        return rules.decide_move(move, model.tick, model.layout, model.params, model.plan, model.state, model.shock)


class ThirdParty(Mover):
    """An outsider who bids, helps or interferes."""


class Audience(mesa.Agent):  # type: ignore[misc]
    """Those at home who must carry a deal."""

    def __init__(self, model: Bargain, side: int) -> None:
        super().__init__(model)
        self.side = side

    def vote(self, foot: Footing) -> B:
        """Vote on a deal."""
        model = self.model
        return answered.vote(model.layout, model.params, model.shock, self.side, foot, model.ahead)


class Principal(Mover):
    """One of the two who bargain."""

    def __init__(self, model: Bargain, side: int) -> None:
        super().__init__(model, model.layout.sides[side])
        self.side = side
        self.audience = Audience(model, side)
        self.worth: look_ahead.Worths
        self.view: View

    @property
    def tempted(self) -> bool:
        """Tell whether the lot leaves open to break the deal in force."""
        model = self.model
        return bool(keeping.tempted(model.layout, model.state, model.shock, self.side)[0])

    @property
    def restless(self) -> bool:
        """Tell whether the lot leaves open to ask for new talks."""
        model = self.model
        return bool(keeping.restless(model.layout, model.state, model.shock, self.side)[0])

    def look(self) -> None:
        """Look ahead, and keep what going on is worth in this step."""
        model = self.model
        self.worth = look_ahead.values(
            model.tick, model.layout, model.params, model.plan, model.state, self.side, model.ahead
        )

    def see(self) -> View:
        """See the table from one's own side, and keep that for this step."""
        model = self.model
        self.view = look_ahead.view(
            model.tick, model.layout, model.params, model.plan, model.state, self.side, model.ahead, self.worth
        )
        return self.view

    def breaks(self) -> B:
        """Decide whether to break the deal in force."""
        model = self.model
        return keeping.decide_breach(
            model.tick, model.layout, model.params, model.plan, model.state, model.shock, self.side, model.ahead
        )

    def pleads(self) -> B:
        """Decide whether to ask for new talks."""
        model = self.model
        return keeping.decide_reopening(
            *(model.tick, model.layout, model.params, model.state, model.shock),
            *(self.side, model.ahead, self.worth[0].own),
        )

    def retreats(self) -> B:
        """Decide whether to fall back from an interim deal."""
        model = self.model
        return keeping.decide_retreat(model.layout, model.params, model.plan, model.state, self.side, model.ahead)

    def aim(self) -> Aim:
        """Recall the clock, one's numbers and what was said so far."""
        model = self.model
        return table.aim_of(
            model.tick, model.layout, model.params, model.plan, model.state, model.shock, self.side, model.ahead
        )

    def offer(self, aim: Aim) -> Offer:
        """Make an offer."""
        return table.offer_of(self.model.layout, self.side, self.view, aim)

    def answer(self, aim: Aim, worth: F, made: B) -> I:
        """Answer an offer worth ``worth`` to itself."""
        return table.answer_of(self.model.layout, self.side, self.view, aim, worth, made)

    def learn(self, state: State, proposer: I, offered: Offer, answer: I, foot: Footing) -> tuple[F, B]:
        """Learn of the other's type from what it says, and tell whether that had been thought impossible."""
        model = self.model
        known = model.tick, model.layout, model.params, model.plan, state, self.side
        return answered.learn(*known, proposer, offered, answer, foot, self.view)

    def propose_interim(self, where: B) -> Proposal | None:
        """Propose an interim deal if it is its turn."""
        model = self.model
        return keeping.propose_interim(
            model.layout, model.params, model.state, self.side, model.ahead, self.view, where
        )

    def answer_interim(self, proposed: Proposal | None) -> B:
        """Answer an interim deal that the other proposes."""
        model = self.model
        return keeping.answer_interim(model.layout, model.params, model.state, self.side, proposed, model.ahead)


class Bargain(mesa.Model):  # type: ignore[misc]
    """The bargain of one draw.

    ``state`` is the state of ``sim.rules.types`` with arrays of length one, ``records`` what happened in each step,
    ``collector`` Mesa's data collector with both payoffs, the status and every variable.
    """

    def __init__(self, compiled: Compiled, seed: int, draw: int, paths: int = 1) -> None:
        super().__init__(rng=0)
        self.compiled = compiled
        given = montecarlo.one_draw(compiled, seed, draw, paths)
        self.layout, self.params, self.shocks, self.plan, self.state = given
        self.tick = 0
        self.shock = chance.at_step(self.shocks, 0)
        self.ahead: Outlook
        self.records: list[Record] = []
        communities = set(self.layout.communities)
        self.drifters = tuple(
            (Community if name in communities else Drifter)(self, row) for row, name in enumerate(self.layout.variables)
        )
        self.principals = Principal(self, 0), Principal(self, 1)
        names = sorted({move.by for move in self.layout.moves} - set(self.layout.sides))
        self.third_parties = tuple(ThirdParty(self, name) for name in names)
        self.movers = {mover.name: mover for mover in (*self.principals, *self.third_parties)}
        self.collector = mesa.DataCollector(
            model_reporters={
                "status": lambda model: STATUSES[int(model.state.status[0])],
                **{f"payoff.{p.name}": _payoff_of(p.side) for p in self.principals},
                **{d.name: _value_of(row) for row, d in enumerate(self.drifters)},
            }
        )
        self.collector.collect(self)

    @property
    def over(self) -> bool:
        """Tell whether nothing more can happen."""
        return self.tick >= self.layout.steps or not bool(regime.running(self.state)[0])

    def step(self) -> None:
        """Play one step in its declared order."""
        change = succession.take_office(self.layout, self.params, self.plan, self.state)
        if change is not None:
            _, self.params, self.plan, self.state = change
        t, layout, params, plan = self.tick, self.layout, self.params, self.plan
        self.shock = shock = chance.at_step(self.shocks, t)
        one, two = self.principals
        self.state = rules.miss_deadline(t, layout, params, plan, self.state)
        self.state = rules.settle_environment(self.state, [drifter.drift() for drifter in self.drifters])
        happened = [self.movers[move.by].decide(m) for m, move in enumerate(layout.moves)]
        self.state, struck = rules.carry_out(layout, params, plan, self.state, shock, happened)

        talking = self.state.status == TALKS
        nobody = np.zeros_like(talking)
        breaks, pleas = [nobody, nobody], [nobody, nobody]
        if one.tempted or two.tempted:
            self.ahead = outlook.of_today(t, layout, params, plan, self.state)
            breaks = [one.breaks(), two.breaks()]
        looking = [talking[0] or principal.restless for principal in self.principals]
        if any(looking):
            self.ahead = outlook.outlook(t, layout, params, plan, self.state)
        for principal in self.principals:
            if looking[principal.side]:
                principal.look()
                pleas[principal.side] = principal.pleads()
        self.state, expired, breached, reopened = keeping.comply(
            t, layout, params, plan, self.state, shock, breaks, pleas
        )
        self.state = rules.receive(layout, params, self.state, ~talking)
        record = self.talk() if talking[0] else table.silence(layout, self.proposer, talking)
        self.records.append(
            record._replace(
                moved=np.stack(happened) if happened else np.zeros((0, 1), dtype=np.bool_),
                breached=breached,
                reopened=reopened,
                collapsed=record.collapsed | struck,
                expired=expired,
            )
        )
        self.tick += 1
        if self.tick == layout.steps:
            self.state = rules.close(self.tick, layout, params, plan, self.state)
        self.collector.collect(self)

    @property
    def proposer(self) -> I:
        """Return the side that offers in this step."""
        return table.proposer_of(self.tick, self.layout, self.params, self.plan, self.shock)

    def talk(self) -> Record:
        """Let one offer and the other answer; talks go on, end, or bring a deal."""
        layout, params, plan = self.layout, self.params, self.plan
        one, two = self.principals
        views = one.see(), two.see()
        talking = self.state.status == TALKS
        retreats = [one.retreats(), two.retreats()]
        self.state, revoked = keeping.fall_back(layout, params, plan, self.state, talking, retreats)
        proposer = self.proposer
        self.state, record = self.bargain(proposer, views, talking)
        meets = table.meets(layout, params, self.shock)
        open_ = (self.state.status == TALKS) & (record.ratified < 0) & (revoked < 0) & meets
        steps = [p.propose_interim(open_ & (proposer == p.side)) for p in self.principals]
        replies = [one.answer_interim(steps[1]), two.answer_interim(steps[0])]
        self.state, record = keeping.meet_halfway(layout, params, self.state, record, proposer, open_, steps, replies)
        self.state, collapsed = rules.endure(layout, params, plan, self.state, self.shock, self.ahead)
        threshold = np.stack([np.maximum(view.going_on, view.exit) for view in views])
        return record._replace(threshold=threshold, collapsed=collapsed, revoked=revoked)

    def bargain(self, proposer: I, views: tuple[View, View], talking: B) -> tuple[State, Record]:
        """Let one principal offer and the other answer, audiences vote, and both learn."""
        layout, principals = self.layout, self.principals
        aims = [p.aim() for p in principals]
        offers = [p.offer(aims[p.side]) if layout.both_offer or p.side == proposer[0] else None for p in principals]
        return table.round_of_offers(self.table(aims, views), self.state, proposer, offers, talking)

    def table(self, aims: list[Aim], views: tuple[View, View]) -> table.Table:
        """Return the round's table: principals answer and learn, audiences vote."""
        return table.Table(
            self.tick,
            self.layout,
            self.params,
            self.plan,
            self.ahead,
            views,
            table.meets(self.layout, self.params, self.shock),
            answers=lambda speaker, worth, made: [
                p.answer(aims[p.side], worth[p.side], made) if speaker[0] != p.side else None for p in self.principals
            ],
            votes=lambda foot: [p.audience.vote(foot) for p in self.principals],
            lessons=lambda *said: [p.learn(*said) for p in self.principals],
        )

    def play(self) -> State:
        """Play until nothing more can happen, and return the last state."""
        while not self.over:
            self.step()
        return self.state


def _payoff_of(side: int) -> Any:
    return lambda model: float(model.state.payoff[side, 0])


def _value_of(row: int) -> Any:
    return lambda model: model.drifters[row].value


def trace(compiled: Compiled, seed: int, draw: int, paths: int = 1) -> dict[str, Any]:
    """Play one draw and return its story: ``{draw, seed, outcome, events}`` as the command ``trace`` prints it.

    ``reservations``, which a chart needs beside these, holds for every step of talks what each side would have taken.
    """
    return told(Bargain(compiled, seed, draw, paths), seed, draw)


def told(model: Bargain, seed: int, draw: int) -> dict[str, Any]:
    """Play a bargain to its end and return its story."""
    compiled = model.compiled
    events: list[dict[str, Any]] = []
    reservations: list[dict[str, Any]] = []
    while not model.over:
        before = model.state
        model.step()
        story = _Story(model, before)
        story.answer_late(events)
        events.extend(story.events())
        reservations.extend(story.reservations())
    classes, _ = compiled.readings
    code = int(classify(classes, model.state)[0])
    ending = compiled.scenario.outcomes[code]
    end = {"status": STATUSES[int(model.state.status[0])], "outcome": ending.id}
    events.append(_event(compiled, model.tick, "end", None, reason=ending.label, change=end))
    return {"draw": draw, "seed": seed, "outcome": ending.id, "events": events, "reservations": reservations}


def _event(compiled: Compiled, at: int, kind: str, actor: str | None, **more: Any) -> dict[str, Any]:
    """Return one event that lies in step ``at - 1``, dated by that step's end."""
    blank = {"offer": None, "worth": None, "answer": None, "reason": None, "change": None}
    return {"step": max(at - 1, 0), "date": compiled.dates[at], "kind": kind, "actor": actor, **blank, **more}


class _Story:
    """What happened in the step that was just played, as events."""

    def __init__(self, model: Bargain, before: State) -> None:
        self.model, self.before, self.after = model, before, model.state
        self.record = model.records[-1]
        self.sides = model.layout.sides

    def event(self, kind: str, actor: str | None, **more: Any) -> dict[str, Any]:
        return _event(self.model.compiled, self.model.tick, kind, actor, **more)

    def events(self) -> list[dict[str, Any]]:
        """Return the events in the order in which they happened."""
        return [
            *self.moves(),
            *self.of_the_deal(),
            *self.of_the_table(),
            *self.of_the_interim(),
            *self.endings(),
        ]

    def answer_late(self, told: list[dict[str, Any]]) -> None:
        """Write the answer to the offer that waited since the step before into its event."""
        stood = self.record.stood
        if stood.made[0]:
            event = next(event for event in reversed(told) if event["kind"] == "offer")
            event |= {"answer": ANSWERS[int(stood.answer[0])], "reason": self.why(1 - int(stood.proposer[0]), stood)}

    def reservations(self) -> list[dict[str, Any]]:
        """Return what each side would have taken in this step, by the parties' order in the file, if they talked."""
        if self.before.status[0] != TALKS or not np.isfinite(self.record.threshold).all():
            return []
        compiled, tick = self.model.compiled, self.model.tick
        names = [party.id for party in compiled.scenario.parties]
        least = {name: float(self.record.threshold[self.sides.index(name), 0]) for name in names}
        return [{"step": tick - 1, "date": compiled.dates[tick], "least": least}]

    def moves(self) -> list[dict[str, Any]]:
        layout, scenario = self.model.layout, self.model.compiled
        found = []
        for m, move in enumerate(layout.moves):
            if self.record.moved[m, 0]:
                jump = self.model.params.jump
                change = {layout.variables[v]: round(float(jump[row, 0]), 6) for v, row in move.jumps}
                found.append(self.event("move", move.by, reason=scenario.moves[m].label, change=change or None))
        for s, party in enumerate(scenario.parties):
            now = int(self.after.office[s, 0])
            if now != int(self.before.office[s, 0]):
                label = party.successors[now - 1].label
                found.append(self.event("succession", party.id, reason=f"{label} takes the place of {party.label}"))
        return found

    def of_the_deal(self) -> list[dict[str, Any]]:
        found = []
        if self.record.expired[0]:
            found.append(self.event("expiry", None, reason="the deal has run out; talks resume"))
        for kind, who, reason in (
            ("breach", self.record.breached, "breaking the deal was worth more than keeping it"),
            ("reopening", self.record.reopened, "new talks were worth more than the deal in force"),
        ):
            if who[0] >= 0:
                found.append(self.event(kind, self.sides[int(who[0])], reason=reason, change=self.terms(self.after)))
        return found

    def of_the_table(self) -> list[dict[str, Any]]:
        record = self.record
        said = [each for each in (record.first, record.second) if each.made[0]]
        found = [self.offer(each) for each in said]
        for each in (record.stood, *said):
            if each.unforeseen[0]:
                actor = self.sides[int(each.proposer[0])]
                reason = "it had thought this answer impossible, and what it believes of the other stays as it was"
                found.append(self.event("unforeseen", actor, reason=reason))
        last = record.second if record.second.made[0] and record.second.answer[0] != STANDS else record.first
        if record.stood.answer[0] in (ACCEPT, LEAVE):
            last = record.stood
        if record.stood.answer[0] == ACCEPT:
            found.append(self.offer(record.stood, kind="accepted"))
        answer, proposer = int(last.answer[0]), int(last.proposer[0])
        if not found and self.before.status[0] == TALKS and answer == NO_OFFER:
            found.extend(self.of_silence(proposer))
        if record.ratified[0] >= 0:
            kind = "ratified" if record.ratified[0] else "failed_ratification"
            found.append(self.event(kind, None, change=self.terms(self.after) if record.ratified[0] else None))
        if answer == LEAVE:
            row = int(self.after.exit[0])
            found.append(
                self.event(
                    "exit",
                    self.sides[1 - proposer],
                    reason=self.model.compiled.exits[row].label,
                    change=self.terms(self.after),
                )
            )
        return found

    def of_silence(self, proposer: int) -> list[dict[str, Any]]:
        model = self.model
        if not table.meets(model.layout, model.params, model.shock)[0]:
            return [self.event("no_meeting", None)]
        if self.after.status[0] != TALKS:
            return []
        reason = "no offer was expected to be worth more than waiting"
        return [self.event("no_offer", self.sides[proposer], reason=reason)]

    def offer(self, said: Said, kind: str = "offer") -> dict[str, Any]:
        speaker, answer = int(said.proposer[0]), int(said.answer[0])
        return self.event(
            kind,
            self.sides[speaker if kind == "offer" else 1 - speaker],
            offer=self.model.compiled.terms_of(said.level[:, 0]),
            worth={name: float(said.worth[s, 0]) for s, name in enumerate(self.sides)},
            answer=ANSWERS[answer],
            reason=self.why(1 - speaker, said),
        )

    def of_the_interim(self) -> list[dict[str, Any]]:
        record = self.record
        found = []
        if record.revoked[0] >= 0:
            reason = "talks are worth more to it under the status quo than under the interim deal"
            found.append(self.event("revoked", self.sides[int(record.revoked[0])], reason=reason))
        if record.interim[0] >= 0:
            answer, reason = (
                ("accept", "both would rather talk under these terms")
                if record.interim[0]
                else ("reject", "the other would rather talk under the terms in force")
            )
            terms = self.model.compiled.terms_of(record.interim_level[:, 0])
            actor = self.sides[int(record.proposer[0])]
            found.append(self.event("interim", actor, offer=terms, answer=answer, reason=reason))
        return found

    def why(self, side: int, said: Said) -> str:
        answer = int(said.answer[0])
        if answer == STANDS:
            return f"{self.sides[side]} has no round left to answer in"
        worth, (least, what) = float(said.worth[side, 0]), self.bar(side)
        sign = "at least" if worth >= least - 1e-12 else "less than"
        does = {0: "rejects", 1: "accepts", 2: "leaves"}.get(answer, "waits")
        return f"{self.sides[side]} {does}: the offer is worth {worth:.3f}, {sign} the {least:.3f} {what}"

    def bar(self, side: int) -> tuple[float, str]:
        """Return what an offer was measured against, and what that is."""
        model = self.model
        if not model.layout.stacked or model.layout.strategies[side].accepts != "aspiration":
            return float(self.record.threshold[side, 0]), "of its alternative"
        told = (model.layout, model.params, model.plan, self.before, model.shock, side, model.ahead)
        held = held_out_for(model.principals[side].view, table.aim_of(model.tick - 1, *told))
        return float(held[0]), "it holds out for"

    def endings(self) -> list[dict[str, Any]]:
        found = []
        if self.record.collapsed[0]:
            found.append(self.event("collapse", None, reason="talks collapsed", change=self.terms(self.after)))
        if self.before.status[0] == TALKS and STATUSES[int(self.after.status[0])] == "deadline":
            found.append(self.event("deadline", None, reason="the deadline passed without a deal"))
        return found

    def terms(self, state: State) -> dict[str, Any]:
        return self.model.compiled.terms_of(state.footing.level[:, 0])
