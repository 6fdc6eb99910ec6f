"""T3 to T5: alternating offers, a last round, short rounds, and three kinds of disagreement."""

from __future__ import annotations

from math import exp, log

from tests.published.claims.claim import Claim, Limit, Reading, Worked, first_share, uniform
from tests.textbook import played

RUBINSTEIN = "Rubinstein 1982"
STAHL = "Ståhl 1972"
BRW = "Binmore, Rubinstein & Wolinsky 1986"
BSS = "Binmore, Shaked & Sutton 1989"


def proposes(d1: float, d2: float) -> float:
    """Return Rubinstein's share of the first proposer."""
    return (1 - d2) / (1 - d1 * d2)


def last(rounds: float, d1: float, d2: float) -> float:
    """Return Ståhl's share of the first proposer, by backward induction."""
    if rounds <= 2:
        return 1 if rounds == 1 else 1 - d2
    return 1 - d2 + d1 * d2 * last(rounds - 2, d1, d2)


def patience(d1: float, d2: float) -> tuple[str, str]:
    """Return the overrides that give the sides these discount factors."""
    return f"parties.a.discount_factor={d1}", f"parties.b.discount_factor={d2}"


def rates(r1: float, r2: float) -> tuple[str, str]:
    """Return the overrides that give the sides these discount rates per year."""
    return f"parties.a.discount_rate={r1}", f"parties.b.discount_rate={r2}"


def rounds_of(years: float) -> str:
    """Return the override that makes a round so long."""
    return f"time.step={{years: {years!r}}}"


def inside(g1: float, g2: float, r1: float, r2: float, years: float) -> float:
    """Return the first proposer's share where both earn while they talk."""
    return first_share(
        "inside-option",
        f"status_quo.flows.a={g1}",
        f"status_quo.flows.b={g2 - 1}",
        *rates(r1, r2),
        rounds_of(years),
    )


def answers(d1: float, d2: float) -> Reading:
    """Return what the answering side's payoff is when the first offer is taken."""
    return Reading(float(played("rubinstein", "time.window=1", *patience(d1, d2))["payoff.b"][0]))


def ends(rounds: float, d1: float, d2: float) -> Reading:
    """Return the first proposer's share with so many rounds."""
    return Reading(first_share("stahl", f"time.deadline={int(rounds)}", *patience(d1, d2)))


def breaks(p: float, b1: float, b2: float) -> Reading:
    """Return the first proposer's share where each refusal may end everything."""
    sets = (f"breakdown.chance={p}", f"breakdown.flows.a={b1}", f"breakdown.flows.b={b2}")
    return Reading(first_share("breakdown-risk", *sets))


def quits(w: float, d: float) -> Reading:
    """Return the first proposer's share where the other may leave for w when it answers."""
    return Reading(first_share("outside-option", f"exits.quit.flows.b={w}", *rates(-log(d), -log(d))))


FACTORS = {"d1": (0.05, 0.98), "d2": (0.05, 0.98)}
EQUAL = ((1, 1.0), (2, 0.1), (3, 0.91), (4, 0.181), (5, 0.8371), (10, 0.342801))
UNEQUAL = ((3, 0.92), (4, 0.344), (10, 0.576077), (50, 0.714092))

CLAIMS = (
    Claim(
        "T3",
        "rubinstein-proposes",
        "share of the first proposer",
        RUBINSTEIN,
        "(1 - d2) / (1 - d1 d2)",
        proposes,
        lambda d1, d2: Reading(first_share("rubinstein", *patience(d1, d2))),
        (Worked({"d1": 0.9, "d2": 0.8}, 0.714286),),
        uniform(**FACTORS),
    ),
    Claim(
        "T3",
        "rubinstein-answers",
        "payoff of the one who answers",
        RUBINSTEIN,
        "d2 (1 - d1) / (1 - d1 d2)",
        lambda d1, d2: d2 * (1 - d1) / (1 - d1 * d2),
        answers,
        (Worked({"d1": 0.9, "d2": 0.8}, 0.285714),),
        uniform(**FACTORS),
    ),
    Claim(
        "T3",
        "rubinstein-second",
        "share of b where b proposes first",
        RUBINSTEIN,
        "(1 - d1) / (1 - d1 d2)",
        lambda d1, d2: proposes(d2, d1),
        lambda d1, d2: Reading(1 - first_share("rubinstein", "protocol.first=b", *patience(d1, d2))),
        (Worked({"d1": 0.9, "d2": 0.8}, 0.357143),),
        uniform(**FACTORS),
    ),
    Claim(
        "T4",
        "stahl",
        "share of the first proposer with T rounds",
        STAHL,
        "x(T) = 1 - d2 + d1 d2 x(T - 2), x(1) = 1, x(2) = 1 - d2",
        last,
        ends,
        (
            *(Worked({"rounds": rounds, "d1": 0.9, "d2": 0.9}, share) for rounds, share in EQUAL),
            *(Worked({"rounds": rounds, "d1": 0.9, "d2": 0.8}, share) for rounds, share in UNEQUAL),
        ),
        lambda rng: {"rounds": int(rng.integers(1, 20)), **uniform(**FACTORS)(rng)},
    ),
    Claim(
        "T5a",
        "short-rounds",
        "share of the first proposer with rates r and rounds of D years",
        BRW,
        "(1 - d2) / (1 - d1 d2), d = exp(-r D)",
        lambda r1, r2, years: proposes(exp(-r1 * years), exp(-r2 * years)),
        lambda r1, r2, years: Reading(inside(0, 0, r1, r2, years)),
        tuple(
            Worked({"r1": 0.1, "r2": 0.2, "years": years}, share)
            for years, share in ((1, 0.699390), (0.1, 0.669994), (0.01, 0.667000))
        ),
        uniform(r1=(0.02, 0.5), r2=(0.02, 0.5), years=(0.01, 2)),
    ),
    Claim(
        "T5b",
        "breakdown",
        "share of the first proposer with a chance p of collapse per refusal",
        BRW,
        "(1 - b2 + (1 - p) b1) / (2 - p)",
        lambda p, b1, b2: (1 - b2 + (1 - p) * b1) / (2 - p),
        breaks,
        (Worked({"p": 0.05, "b1": 0.1, "b2": 0.3}, 0.407692),),
        uniform(p=(0.001, 0.5), b1=(0, 0.5), b2=(0, 0.45)),
    ),
    Claim(
        "T5c",
        "outside-option",
        "share of the first proposer; b may leave for w",
        BSS,
        "1 - max(d / (1 + d), w)",
        lambda w, d: 1 - max(d / (1 + d), w),
        quits,
        (Worked({"w": 0.4, "d": 0.9}, 0.526316), Worked({"w": 0.6, "d": 0.9}, 0.4)),
        uniform(w=(0.05, 0.95), d=(0.1, 0.98)),
    ),
    Claim(
        "T5d",
        "inside-option",
        "share of the first proposer; both earn g while they talk, in rounds of D years",
        BRW,
        "g1 + (1 - g1 - g2) (1 - d2) / (1 - d1 d2), d = exp(-r D)",
        lambda g1, g2, r1, r2, years: g1 + (1 - g1 - g2) * proposes(exp(-r1 * years), exp(-r2 * years)),
        lambda g1, g2, r1, r2, years: Reading(inside(g1, g2, r1, r2, years)),
        (),
        uniform(g1=(0, 0.5), g2=(0, 0.45), r1=(0.02, 0.5), r2=(0.02, 0.5), years=(0.01, 2)),
    ),
)

SHORTER = (1.0, 0.1, 0.01, 0.001)

LIMITS = (
    Limit(
        "T4",
        "last-round",
        "a distant last round is none: Rubinstein's share with d = (0.9, 0.8)",
        STAHL,
        0.2 / 0.28,
        "rounds",
        (10, 20, 30, 50),
        lambda rounds: ends(rounds, 0.9, 0.8).value,
        small=lambda rounds: 0.72 ** (rounds / 2),
    ),
    Limit(
        "T5a",
        "asymmetric-nash",
        "r2 / (r1 + r2) with r = (0.1, 0.2)",
        BRW,
        2 / 3,
        "years in a round",
        SHORTER,
        lambda years: inside(0, 0, 0.1, 0.2, years),
    ),
    Limit(
        "T5b",
        "breakdown-point",
        "b1 + (1 - b1 - b2) / 2 with b = (0.1, 0.3): what a collapse leaves is the disagreement point",
        BRW,
        0.4,
        "chance of collapse",
        (0.1, 0.01, 0.001, 0.0001),
        lambda p: breaks(p, 0.1, 0.3).value,
    ),
    Limit(
        "T5c",
        "empty-threat",
        "one half, and not (1 - w) / 2, with an exit w = 0.4",
        BSS,
        0.5,
        "years in a round",
        SHORTER,
        lambda years: first_share("outside-option", "exits.quit.flows.b=0.4", rounds_of(years)),
    ),
    Limit(
        "T5d",
        "disagreement-point",
        "g1 + (1 - g1 - g2) r2 / (r1 + r2) with g = (0.1, 0.3), r = (0.1, 0.2)",
        BRW,
        0.5,
        "years in a round",
        SHORTER,
        lambda years: inside(0.1, 0.3, 0.1, 0.2, years),
    ),
)
