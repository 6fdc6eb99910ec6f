"""The same round for ever: what both demand, and what going on is worth, in a world that stands still.

Without a deadline the round after the last one looked at is this one, so that no window's end is ever an ultimatum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.rules import beliefs, deals
from sim.rules.layout import Layout
from sim.rules.settling import ITSELF, Book, Frontier, Settlement, Values, of_types, settle
from sim.rules.types import TOLERANCE, B, F

HALVINGS, SECANTS = 8, 5  # fixed counts: every draw takes the same path through the solver
STAIRS = 6  # climbed or descended from the point of the lots


class Stakes(NamedTuple):
    """What one party has at stake in a stationary environment; ``G = base + factor W``."""

    worth: F  # (K, n) of the candidates
    base: F  # (n,)
    factor: F  # (n,)
    alone: F  # (n,)
    leave: F  # (n,)


class Demands:
    """What two sides demand of one another, each given what the other does; between neighbouring deals by lot."""

    def __init__(self, lead: Stakes, follow: Stakes, joined: F | None) -> None:
        """Take what is at stake for the leader and for the other; ``joined`` (K, n) as in ``settle``."""
        self.lead, self.follow, self.apart = lead, follow, joined is None
        self.ahead = Frontier(lead.worth, follow.worth, joined, lots=self.apart)
        self.behind = Frontier(follow.worth, lead.worth, joined, lots=self.apart)

    def led(self, demand: F) -> F:
        """Return what the leader demands, given what the other does; without lots."""
        return _demanded(self.lead, self.ahead.agreed(demand))

    def followed(self, demand: F) -> F:
        """Return what the other demands, given what the leader does; without lots."""
        return _demanded(self.follow, self.behind.agreed(demand))

    def first_demand(self) -> F:
        """Return what the leader demands: the fixed point of both demands, one found from the other.

        On a chain of segments the follower's floor puts a kink into the function, at which secants would crawl: there
        the point is found without that floor, and where it binds the leader's answer to it is the solution.  Where
        deals lie apart, the function is a staircase that never falls: from the point of the lots it climbs, or
        descends, to the next fixed point.
        """
        lead, follow = self.lead, self.follow
        least, most = np.maximum(lead.alone, lead.leave), lead.worth.max(axis=0)
        if self.apart:

            def by_lots(demand: F) -> F:
                return _demanded(lead, self.ahead(_demanded(follow, self.behind(demand))))

            found = _fixed_point(by_lots, least, most)
            for _ in range(STAIRS):
                found = self.led(self.followed(found))
            return found
        floor = np.maximum(follow.base + follow.factor * follow.alone, follow.leave)
        free = follow._replace(
            alone=np.minimum(follow.alone, follow.worth.min(axis=0)), leave=np.full_like(floor, -np.inf)
        )
        found = _fixed_point(lambda demand: self.led(_demanded(free, self.behind(demand))), least, most)
        binds = _demanded(free, self.behind(found)) < floor
        return np.where(binds, self.led(floor), found)


def _demanded(side: Stakes, won: F) -> F:
    """Return what a side demands (n,) that can have ``won`` (n,) of the other: ``max(exit, c + f max(won, alone))``."""
    return np.maximum(side.base + side.factor * np.maximum(won, side.alone), side.leave)


class Standstill(NamedTuple):
    """What one side sees of a round that comes again for ever; ``G = base + factor W``."""

    layout: Layout
    side: int
    next_mine: B | bool | None  # (n,) this side proposes in the next round; None where chance will say so
    turn: F  # (n,) chance that it proposes, where chance says so
    meeting: F  # (n,) chance that the sides meet in a round
    mass: F  # (J, n) believed chance of each cell of the other's types
    z: F  # (D, n) the coordinates expected of the other's types
    private: bool  # the other knows more of itself than this side does
    points: F  # (D, A, 1)
    joined: F | None  # (K, n) where the segment to the next candidate may be travelled
    made: Book
    base: Values
    factor: Values
    leave: Values
    alone: Values

    def solve(self) -> Values:
        """Return the values of going on.

        The two demands solve ``R_i = max(exit_i, c_i + f_i F_i(c_j + f_j F_j(R_i)))``, F the best a proposer can have
        that gives the other its demand: a contraction (Rubinstein 1982), solved by halving and then by secants, which
        are exact where the curve is a chain of segments.  Where deals lie apart and rounds press little there are many
        solutions, up to every deal that both gain by (van Damme, Selten & Winter 1990): both sides then expect the one
        next to what lots between neighbouring deals would give, which is unique and tends to the Nash point.
        """
        if self.layout.protocol == "one_sided":
            return self.one_sided()
        made, base, factor, leave, alone = self[-5:]
        joined = self.joined
        mine = _hardly_pressed(Stakes(made.prior, base.prior, factor.prior, alone.prior, leave.prior))
        other = _hardly_pressed(Stakes(made.seen, base.other, factor.other, alone.other, leave.other))
        mine, other = self.until_it_offers(mine, self.turn), self.until_it_offers(other, 1.0 - self.turn)
        leads = self.side == self.layout.leader
        lead, follow, along = (mine, other, joined) if leads else (other, mine, joined)
        if joined is not None and not leads:
            lead, follow, along = _turned(lead), _turned(follow), np.roll(joined[::-1], -1, axis=0)
        demands = Demands(lead, follow, along)
        first = demands.first_demand()
        second = demands.followed(first)
        demand, theirs = (first, second) if leads else (second, first)
        ask = settle(made.prior, made.seen, theirs, joined)
        bid = settle(made.seen, made.prior, demand, joined)
        return self.two_sided(ask, bid)

    def one_sided(self) -> Values:
        """Return the values of going on where one side makes every offer: the other never has more than its demand."""
        made, base, factor, leave, alone = self[-5:]
        base, factor = map(Values, _spaced(base.rows, factor.rows, self.meeting))
        if self.layout.first != self.side:
            demand = np.maximum(alone.prior, leave.prior)
            deal = settle(made.seen, made.prior, demand, self.joined)
            won = np.where(deal.made, np.maximum(deal.first, alone.other), alone.other)
            types = np.maximum(np.where(deal.made, self.of_types(deal, made), -np.inf), alone.points)
            return Values.of(
                alone.own, alone.prior, base.other + factor.other * won, base.points + factor.points * types
            )
        demand = np.maximum(alone.other, leave.other)
        deal = settle(made.prior, made.seen, demand, self.joined)
        won = np.where(deal.made, np.maximum(deal.first, alone.prior), alone.prior)
        best = deal
        if self.layout.private_deals[self.side]:
            best = settle(made.own, made.seen, demand, self.joined)
        chance = beliefs.chance(self.of_types(best, made) - np.maximum(alone.points, leave.points), self.mass)
        gain = np.where(best.made, chance * np.maximum(best.first - alone.own, 0.0), 0.0)
        room = 1.0 - factor.own * (1.0 - np.where(best.made, chance, 0.0))
        own = alone.own + np.where(room > TOLERANCE, factor.own * gain / np.maximum(room, TOLERANCE), gain)
        return Values.of(own, base.prior + factor.prior * won, alone.other, alone.points)

    def two_sided(self, ask: Settlement, bid: Settlement) -> Values:
        """Return the values of going on where either may make the offer, from what each would settle for."""
        made, base, factor, leave, alone = self[-5:]
        best = ask
        if self.layout.private_deals[self.side]:
            demand = np.where(ask.made, ask.second, np.inf)
            best = settle(made.own, made.seen, demand, self.joined)
        offered = deals.between(made.own, bid.segment, bid.fraction)
        asked, got = self.of_types(ask, made), self.of_types(bid, made)
        c, f = self.between_offers(base.points, factor.points, 1.0 - self.turn)
        waiting = c + f * np.where(bid.made, np.maximum(got, alone.points), alone.points)
        need = np.maximum(waiting, leave.points)
        chance = np.where(best.made, beliefs.chance(self.of_types(best, made) - need, self.mass), 0.0)
        sure, agreed = bid.made.astype(np.float64), ask.made.astype(np.float64)
        asks = _or(ask.made, ask.first), _or(bid.made, bid.first), _or(bid.made, got)
        gets = _or(bid.made, bid.second), _or(ask.made, ask.second), _or(ask.made, asked)
        rows = (
            *(values.rows for values in (base, factor, leave, alone)),
            self.meeting,
            Values.of(chance, agreed, sure, sure * np.ones_like(got)).rows,  # that one's own offer is accepted
            Values.of(_or(best.made, best.first), *asks).rows,
            Values.of(_or(bid.made, offered), *gets).rows,
        )
        here = np.zeros((len(base.rows), 1), dtype=np.bool_)
        here[ITSELF] = True
        mine = self.next_mine
        if mine is None:
            return Values(_recognised(np.where(here, self.turn, 1.0 - self.turn), *rows))
        offers, answers = _alternate(*rows)
        return Values(np.where(mine == here, offers, answers))

    def between_offers(self, base: F, factor: F, turn: F) -> tuple[F, F]:
        """Return c and f of ``R = c + f won`` for a side that proposes next, or by lot with chance ``turn``.

        Until it does it has its demand again: ``R = c + f (p won + (1-p) R)`` by lot; where the sides take turns, each
        round with a chance m that they meet, ``R = c + f (m won + (1-m) (c + f R))``.
        """
        if self.layout.by_chance:
            return _spaced(base, factor, self.meeting * turn)
        missed = factor * (1.0 - self.meeting)
        room = np.maximum(1.0 - factor * missed, TOLERANCE)
        return base * (1.0 + missed) / room, factor * self.meeting / room

    def until_it_offers(self, side: Stakes, turn: F) -> Stakes:
        """Return the stakes of a side with c and f as they are between its offers."""
        base, factor = self.between_offers(side.base, side.factor, turn)
        return side._replace(base=base, factor=factor)

    def of_types(self, deal: Settlement, made: Book) -> F:
        """Return what a settlement is worth (A, n) to each type of the other."""
        return of_types(deal, made, self.z, self.points, private=self.private)


def _or(made: B, worth: F) -> F:
    return np.where(made, worth, -np.inf)


def going_alone(base: F, factor: F, still: F, leave: F) -> F:
    """Return G of ``G = c + f max(exit, G)``; with no discounting and no hazard, the flow of the talks."""
    stay = np.where(factor < 1.0, base / np.maximum(1.0 - factor, 1e-300), still)
    taken = base + factor * np.where(np.isfinite(leave), leave, 0.0)
    return np.where(leave > stay, taken, stay)


def _alternate(base: F, factor: F, leave: F, alone: F, meeting: F, chance: F, asks: F, gets: F) -> tuple[F, F]:
    """Return G when it proposes next, and G when the other does, in a stationary environment.

    ``G1 = c + f (m (a A + (1-a) G2) + (1-m) G2)`` and ``G2 = c + f (m max(gets, exit, G1) + (1-m) max(exit, G1))``, A
    what its own offer yields, accepted with chance a, m the chance that the sides meet.
    """
    hope = meeting * chance
    asks, take_it = np.where(np.isfinite(asks), asks, alone), np.maximum(gets, leave)
    taken = meeting * np.where(np.isfinite(take_it), take_it, alone)
    gone = taken + (1.0 - meeting) * np.where(np.isfinite(leave), leave, 0.0)
    asked = base + factor * (hope * asks + (1.0 - hope) * (base + factor * taken))
    talks_on = _over(asked, 1.0 - factor * factor * (1.0 - hope) * (1.0 - meeting), alone)
    leaves = leave >= talks_on
    first = np.where(leaves, base + factor * (hope * asks + (1.0 - hope) * (base + factor * gone)), talks_on)
    second = base + factor * np.where(leaves, gone, taken + (1.0 - meeting) * talks_on)
    waits = ~(take_it >= first)
    still = base + factor * (hope * asks + (1.0 - hope) * base)
    wait = _over(still, 1.0 - factor * factor * (1.0 - hope), alone)
    return np.where(waits, wait, first), np.where(waits, base + factor * wait, second)


def _hardly_pressed(side: Stakes) -> Stakes:
    """Return the stakes of a side that neither time nor collapse presses as the limit of one that is hardly pressed.

    Between two such sides every deal would be a solution; the limit is the Nash point.
    """
    free = side.factor > 1.0 - TOLERANCE
    if not free.any():
        return side
    base = np.where(free, TOLERANCE * side.alone, side.base)
    return side._replace(base=base, factor=np.where(free, 1.0 - TOLERANCE, side.factor))


def _turned(side: Stakes) -> Stakes:
    """Return the stakes with the candidates from the last to the first, as the other side lists them.

    A demand is as badly conditioned as ``1 / (1 - f1 f2)``, without bound as rounds become short: only where both sides
    run through the same segments in the same order do they find the same one to the last bit.
    """
    return side._replace(worth=side.worth[::-1])


def _spaced(base: F, factor: F, chance: F) -> tuple[F, F]:
    """Return c and f of a game whose rounds come with a chance each, ``G = c + f (p W + (1-p) G)``.

    ``c' = c / (1 - f (1-p))`` and ``f' = f p / (1 - f (1-p))``.
    """
    room = np.maximum(1.0 - factor * (1.0 - chance), TOLERANCE)
    return base / room, factor * chance / room


def _recognised(turn: F, base: F, factor: F, leave: F, alone: F, meeting: F, chance: F, asks: F, gets: F) -> F:
    """Return G in a stationary environment where it proposes with chance p.

    ``G = c + f { m p (a A + (1-a) G) + m (1-p) max(gets, exit, G) + (1-m) (p G + (1-p) max(exit, G)) }``, m the chance
    that the sides meet.
    """
    hope, theirs = meeting * (turn * chance), 1.0 - turn
    asks, take_it = np.where(np.isfinite(asks), asks, alone), np.maximum(gets, leave)
    taken = meeting * np.where(np.isfinite(take_it), take_it, 0.0)
    gone = taken + (1.0 - meeting) * np.where(np.isfinite(leave), leave, 0.0)
    apart = theirs * (1.0 - meeting)
    talks_on = _over(base + factor * (hope * asks + theirs * taken), 1.0 - factor * (turn - hope + apart), alone)
    leaves = _over(base + factor * (hope * asks + theirs * gone), 1.0 - factor * (turn - hope), alone)
    ended = np.where(leave >= talks_on, leaves, talks_on)
    wait = _over(base + factor * hope * asks, 1.0 - factor * (1.0 - hope), alone)
    return np.where(take_it >= wait, ended, wait)


def _over(worth: F, room: F, alone: F) -> F:
    """Return ``worth / room``; where nothing presses and nothing is hoped for, what going on alone is worth."""
    return np.where(room > TOLERANCE, worth / np.maximum(room, TOLERANCE), alone)


def _fixed_point(again: Callable[[F], F], low: F, high: F) -> F:
    """Return R with ``again(R) = R`` for a contraction, by a fixed number of halvings and secants.

    An end of the bracket that stays put twice counts half (the Illinois rule), or kinks would hold the secants up.
    """
    high = np.maximum(high, low)
    gap_low, gap_high = again(low) - low, again(high) - high
    raised = np.zeros(low.shape)  # 1 where the last step moved the low end, -1 the high end
    for count in range(HALVINGS + SECANTS):
        middle_ = 0.5 * (low + high) if count < HALVINGS else _crossing(low, high, gap_low, gap_high)
        gap = again(middle_) - middle_
        up = gap > 0
        if count >= HALVINGS:
            gap_high = np.where(up & (raised > 0), 0.5 * gap_high, gap_high)
            gap_low = np.where(~up & (raised < 0), 0.5 * gap_low, gap_low)
            raised = np.where(up, 1.0, -1.0)
        low, gap_low = np.where(up, middle_, low), np.where(up, gap, gap_low)
        high, gap_high = np.where(up, high, middle_), np.where(up, gap_high, gap)
    return _crossing(low, high, gap_low, gap_high)


def _crossing(low: F, high: F, gap_low: F, gap_high: F) -> F:
    """Return where the straight line from (low, gap_low) to (high, gap_high) crosses 0."""
    width = np.where(gap_low > gap_high, gap_low - gap_high, 1.0)
    return low + (high - low) * np.clip(gap_low / width, 0.0, 1.0)
