"""Every array the rules read or write, with its shape, documented once.

Shapes: ``n`` draws (always the last axis), ``S = 2`` sides, ``M`` issues, ``K`` candidate deals, ``Z`` private types of
a side, ``D`` coordinates in which values are linear, ``A`` points and ``J`` cells of a belief about them (``beliefs``),
``X`` state variables (communities among them), ``E`` effects, ``C`` clauses (conditions on terms), ``P`` patrons,
``V`` moves, ``Q`` exits.  Utilities, costs and slopes are in units of the party's best-minus-worst flow; rates have
been turned into chances per step.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741  (the textbook letter for an index)
B = NDArray[np.bool_]
Levels = NDArray[Any]  # of deals: whole numbers where no issue is continuous
Marks = F | tuple[NDArray[Any], ...]  # by clause, how far it holds; of candidates in one byte where terms alone say so

TALKS, AGREEMENT, EXIT, BREAKDOWN, DEADLINE = range(5)
INTERIM = 5  # as reported: talks while an interim deal is in force
STATUSES = ("talks", "agreement", "exit", "breakdown", "deadline", "interim")
REJECT, ACCEPT, LEAVE, NO_OFFER, STANDS = range(5)
ANSWERS = ("reject", "accept", "exit", "no_offer", "stands")
CAUSES = ("no_zone", "misperception", "mistrust", "time", "failed_ratification", "shock", "rival_bid", "exit")
HISTORY = (
    *("signed", "breach", "failed_ratification", "reopened", "expired", "collapse"),
    *("interim", "revoked", "succeeded", "unforeseen"),
)
KNOTS = 7  # at which a belief about the other's type is held
INTERVALS = KNOTS - 1
TOLERANCE = 1e-12  # utilities closer than this are a tie, and a tie is accepted
TRUE, LOW, HIGH = range(3)  # casts of a party: its own type, and the two ends of what the other thinks possible


class Coordinate(NamedTuple):
    """A part of a private type in which values are linear."""

    type: int
    half: int  # BELOW its middle, ABOVE it, or WHOLE


BELOW, WHOLE, ABOVE = -1, 0, 1


def ends(type_: int) -> tuple[int, int]:
    """Return the casts in which one private type is at its lowest and at its highest, the others at their middle."""
    return LOW + 2 * type_, HIGH + 2 * type_


class Tastes(NamedTuple):
    """What both parties want, for every cast of their private types.

    The axis before the last runs over the casts: ``TRUE`` alone where nobody has a private type; else ``TRUE``, ``LOW``
    and ``HIGH`` for each, and last all types at their middle.  That one is left out where nobody has more than one type
    and values are straight lines in it: it lies half way between the ends.
    """

    discount: F  # (S, casts, n) factor per step in (0, 1]
    weight: F  # (S, M, casts, n) sums to 1 over issues
    value: tuple[F, ...]  # per issue (S, L, casts, n) in [0, 1]
    effect: F  # (E, casts, n) coefficients
    status_quo: F  # (S, casts, n) flow added while talks go on
    exit: F  # (Q, S, casts, n) flow added after each exit
    breakdown: F  # (S, casts, n) flow added after a collapse
    threshold: F  # (S, casts, n) what each audience demands
    lump: F  # (number of lumps, casts, n) years of flow


class Params(NamedTuple):
    """The numbers of every draw; constants too are arrays, since a scalar exponent changes bits."""

    tastes: Tastes
    type: F  # (S, Z, n) each side's own types z in [-1, 1]
    accuracy: F  # (S, n) how well a side sees the other's weights, in [0, 1]
    noise: F  # (S, M, n) flat-Dirichlet weights that blur what a side sees
    bias: F  # (S, Z, n) tilt of the other's prior density of each side's types, (1 + bias z) / 2
    trust: F  # (S, n) believed rate of the other's breach, per year
    reputation: F  # (S, n) rate that the other believes of this side instead, where a successor states one; else NaN
    after_breach: F  # (S, n) factor on it after a breach suffered
    learning: F  # (S, n) quantal-response precision (inf: sharp)
    reading: F  # (S, 2, n) expected concession a round, spread of offers about it
    breach: F  # (S, 3, n) precision, gain in years of flow, chance of collapse
    reopening: F  # (S, 2, n) precision, cost
    audience: F  # (S, 2, n) precision of the link, spread of the threshold
    audience_weight: F  # (S, M, n)
    audience_value: tuple[F, ...]  # per issue (S, L, n)
    audience_pull: F  # (S, X, n) coefficient on each variable
    hazard: F  # (n,) collapse rate per year
    variable: F  # (X, 4, n) start, mean, decay exp(-reversion dt), noise per step
    shift: F  # (number of shifts, n)
    move: F  # (V, 4, n) rate per year or chance, chance of collapse, precision of choice, limit of a bid that answers
    jump: F  # (number of jumps, n)
    move_lump: F  # (number of move lumps, n)
    doubt: F  # (number of breach-rate factors, n)
    patron: F  # (P, 2, n) base, slope
    patron_term: F  # (number of patron terms, n)
    reliance: F  # (number of reliances, n) cost
    strategy: F  # (S, 4, n) exponent, opening, reciprocity, tolerance
    accept: F  # (S, 4, n) factor, margin, least, share of the time after which the clock rules
    recognition: F  # (n,) chance that side 0 proposes, where chance says who does
    meeting: F  # (n,) chance that the sides meet in a step
    heirs: tuple[tuple[Params, ...], tuple[Params, ...]]  # by side: its rows once it has been succeeded, nothing else


class Shocks(NamedTuple):
    """The chance of one step, drawn whether used or not."""

    variable: F  # (X, n) standard normals
    move: F  # (V, n) uniforms
    incident: F  # (V, n) uniforms: does a move end the talks
    collapse: F  # (n,) uniforms
    ratify: F  # (S, n) uniforms
    comply: F  # (S, n) uniforms
    fallout: F  # (S, n) uniforms: does a breach end everything
    reopen: F  # (S, n) uniforms
    propose: F  # (n,) uniforms: who proposes, where chance says so
    meet: F  # (n,) uniforms: do the sides meet, where they do so at a rate
    offer: F  # (S, n) uniforms: what a random strategy offers, and when one gives in by lot


class Footing(NamedTuple):
    """One set of terms, a column per draw: what about them does not move with the environment."""

    level: F  # (M, n) level index; between two points of its range for a continuous issue
    base: F  # (S, casts, n) value of the terms
    clause: F  # (C, n) 1 where the condition holds
    part: F  # (P, n) what the terms add to each patron
    support: F  # (S, n) the audience's value of the terms


class Deals(NamedTuple):
    """Candidate deals of one viewer, sorted from the worst to the best for that viewer.

    The four values hold what terms are worth once the environment has answered to them.
    """

    level: Levels  # (M, K, n), small numbers where no issue is continuous
    own: F  # (K, n) to the viewer
    prior: F  # (K, n) to the viewer as the other thinks: at the mean of its private type; no rows where it has none
    seen: F  # (1 + D, K, n) to the other as the viewer sees it: at the middle of its types, and the slopes
    truth: F  # (K, n) to the other in truth
    clause: tuple[NDArray[Any], ...]  # by clause (K, n); no rows where nothing hangs on it (``Layout.weighed``)
    part: F  # (P, K, n)
    support: F  # (S, K, n); no rows where nobody is asked at home
    lasting: F  # (S, K, n) share of its value that a deal has while it lasts; no rows where deals last for ever
    joined: (
        F | None
    )  # (K, n) 1 where the segment to the next candidate may be travelled; None where nothing is continuous


class Plan(NamedTuple):
    """Made by ``start``; where a successor takes office, its plan is written over it."""

    deals: tuple[Deals, Deals]  # by viewer
    fixed: tuple[Footing, ...]  # declared terms, in the layout's order
    first: I  # (n,) the side that proposes at step 0
    office: I  # (S, n) who of each side this plan was made for: 0 the party itself, k its k-th successor
    span: F  # (S, 2, n) least and most a side holds out for over the whole deal space; NaN where it does not search it


class Memory(NamedTuple):
    """What each side remembers of the table; worths are those when they were said."""

    asked: F  # (S, n) worth to itself of its last offer, NaN before the first
    heard: F  # (S, 2, n) worth to it of the last offer it heard, and of the one before; NaN before
    best: F  # (S, n) worth to it of the best offer it heard, -inf before


class State(NamedTuple):
    """What a step changes."""

    x: F  # (X, n)
    fired: F  # (V, n) how often each move has happened
    belief: tuple[F, F]  # by viewer: (J, n) log mass of each cell of the other's types
    distrust: F  # (S, n) believed rate of the other's breach, per year
    status: I  # (n,)
    footing: Footing  # terms in force
    interim: B  # (n,) an interim deal is in force while the sides talk
    office: I  # (S, n) 0 the party itself, k its k-th successor
    memory: Memory
    standing: F  # (2, n) the offer that waits for its answer: candidate (-1 none), and how far to the next one
    expires: I  # (n,) the step at which a deal lapses
    exit: I  # (n,) -1 none
    weight: F  # (S, n) delta^t
    payoff: F  # (S, n) normalised discounted payoff so far
    agreed_step: I  # (n,) -1 none
    agreed: F  # (M, n) terms of the first agreement
    share: F  # (n,) of the surplus, for side 0, at the first agreement
    distance: F  # (n,) to the contract curve at the first agreement
    conceded: F  # (S, n) of the room between a side's best deal and its reserve, given up in the first agreement
    history: I  # (len(HISTORY), n) counts
    offers: I  # (n,)
    zone: B  # (3, n) a zone was there: if promises are kept, as trusted, and now
    surprise: I  # (n,) rejections of offers thought likelier than not to be accepted


class View(NamedTuple):
    """What one side sees when it must decide, in this step."""

    going_on: F  # (n,) own value of going on after a rejection
    refused: F  # (n,) own value if the other turns an offer down: of going on, or of the exit that the other takes
    alone: F  # (n,) own value of going on if no agreement ever comes
    reserve: F  # (n,) worth of today's round if no agreement ever comes and nobody leaves to the other's good
    exit: F  # (n,) own best exit now, -inf where none
    way_out: I  # (n,) which exit that is
    own: F  # (K, n) own value of putting each candidate to signature
    kept: F  # (K, n) own value of each candidate once in force
    demand: F  # (A, n) what the other demands before it accepts, by type
    seen: F  # (1 + D, K, n) the other's value of each candidate: at the middle of its types, and the slopes
    truth: F  # (K, n) the other's true value of each candidate (only the rules of the other may read it)
    points: F  # (D, A, 1) coordinates of types
    mass: F  # (J, n) believed chance of each cell of types
    joined: F | None  # (K, n), as in ``Deals``
    conflict: F  # (n,) what the other has if no agreement ever comes, or its exit


class Offer(NamedTuple):
    """A point between two neighbouring candidates of the offering side."""

    segment: I  # (n,)
    fraction: F | None  # (n,) in [0, 1); None where no issue is continuous
    made: B  # (n,)


class Said(NamedTuple):
    """One offer and its answer."""

    proposer: I  # (n,)
    made: B  # (n,)
    answer: I  # (n,)
    worth: F  # (S, n) value of the offer to each side
    level: F  # (M, n) the offered terms
    unforeseen: B  # (n,) the proposer had thought this answer impossible


class Record(NamedTuple):
    """What happened in a step: all a trace needs."""

    proposer: I  # (n,)
    made: B  # (n,)
    answer: I  # (n,)
    worth: F  # (S, n) value of the offer to each side
    level: F  # (M, n) the offered terms
    unforeseen: B  # (n,) the proposer had thought this answer impossible
    second: Said  # the other side's offer, where both propose in a round; empty elsewhere
    stood: Said  # the offer that waited since the step before, and its answer now; empty elsewhere
    threshold: F  # (S, n) what each side demanded
    moved: B  # (V, n)
    ratified: I  # (n,) -1 none put to a vote, 0 failed, 1 ratified
    breached: I  # (n,) -1 or the side
    reopened: I  # (n,) -1 or the side
    collapsed: B  # (n,)
    expired: B  # (n,)
    interim: I  # (n,) -1 none proposed, 0 turned down, 1 agreed
    interim_level: F  # (M, n) terms of the interim deal proposed
    revoked: I  # (n,) -1 or the side that fell back from an interim deal

    @property
    def first(self) -> Said:
        """The offer that was put first in a round, and its answer."""
        return Said(self.proposer, self.made, self.answer, self.worth, self.level, self.unforeseen)


def status_of(state: State) -> I:
    """Return the status as it is reported (n,): talks under an interim deal are a status of their own."""
    return np.where(state.interim & (state.status == TALKS), INTERIM, state.status)
