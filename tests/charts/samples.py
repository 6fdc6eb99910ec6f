"""A summary like those of real runs: a host and a guest bargain over a harbour and a field."""

import math
from datetime import date
from typing import Any

import numpy as np

from sim.analysis.outcomes import CAUSES, estimate
from sim.analysis.survival import kaplan_meier, median_life

STATUSES = ("talks", "agreement", "exit", "breakdown", "deadline", "interim")
DRAWS = 20_000
STEPS = 24
OUTCOMES = (
    ("both_signed", "Both sites kept under a signed agreement", 0.142, 0.0),
    ("interim", "Both in use under an interim understanding", 0.118, 0.05),
    ("unsigned", "Both in use without any signed text", 0.231, 0.86),
    ("harbour_only", "Only the harbour kept", 0.163, 0.02),
    ("field_only", "Only the airfield kept", 0.058, 0.02),
    ("withdrawn", "The guest has left of its own accord", 0.094, 0.0),
    ("evicted", "The host has evicted the guest and closed both sites", 0.107, 0.0),
    ("collapsed", "Talks collapsed in violence and the sites stand empty", 0.049, 0.0),
    ("broken", "Signed, then broken by one side", 0.038, 0.05),
)
ISSUES: tuple[tuple[str, str, str | None, tuple[str, ...]], ...] = (
    ("harbour", "Access to the harbour", None, ("closed", "supply stops only", "shared berths", "full use")),
    ("field", "Access to the airfield", None, ("closed", "transit only", "full use")),
    ("rent", "Rent", "m per month", tuple(str(10 * place) for place in range(11))),
    ("tenure", "How long the agreement runs", None, ("one year", "five years", "ten years", "49 years")),
    ("water", "Water and power for the surrounding towns", None, ("none", "power station fuel", "fuel and repairs")),
    ("status", "Legal standing of the guest's people", None, ("host's courts", "mixed courts", "guest's courts")),
    ("arms", "Arms and spare parts delivered to the host's new forces", None, ("none", "spare parts", "air defence")),
    ("claims", "Claims for damage done in the past", None, ("waived", "a joint fund", "paid in full")),
)
QUESTIONS: tuple[tuple[str, str, int, float, bool | None], ...] = (
    ("stay", "Will the guest still use at least one of the two sites?", 12, 0.871, True),
    (
        "signed",
        "Will a signed agreement on the harbour be published, naming the sites and the years it runs?",
        12,
        0.302,
        False,
    ),
    ("rent", "Will the host receive rent of at least 30 m in any month before the date?", 18, 0.418, None),
    ("evict", "Will the host give public notice that the guest must leave both sites?", 18, 0.083, False),
    ("violence", "Will more than one attack on either site cause deaths?", 24, 0.506, None),
    ("both", "Will both sites be in full use?", 24, 0.364, None),
)
VARIABLES: tuple[tuple[str, str, str | None, str, tuple[float, float], float, float], ...] = (
    ("relief", "Relief promised from abroad", "share of the full package", "variable", (0, 1), 0.3, 0.25),
    ("violence", "Attacks near the sites", "incidents a month", "variable", (0, 40), 9, -4),
    ("wheat", "Price of wheat", "per tonne", "variable", (100, 600), 260, 40),
    ("coast", "Opinion of the guest on the coast", "0 hostile to 1 friendly", "community", (0, 1), 0.55, 0.02),
    ("capital", "Opinion of the guest in the capital", "0 hostile to 1 friendly", "community", (0, 1), 0.21, 0.1),
)


def month(step: int) -> str:
    """The 15th of each month from December 2024."""
    return date(2024 + (step + 11) // 12, (step + 11) % 12 + 1, 15).isoformat()


def drift(first: float, last: float, step: int, pace: float = 8.0) -> float:
    """From the first to the last value along a curve that is fast at the start."""
    return last + (first - last) * (math.exp(-step / pace) - math.exp(-STEPS / pace)) / (1 - math.exp(-STEPS / pace))


def shares_at(step: int) -> dict[str, float]:
    """The classes' shares at a step; they sum to 1."""
    raw = {key: drift(first, last, step) for key, _, last, first in OUTCOMES}
    total = sum(raw.values())
    return {key: value / total for key, value in raw.items()}


def sample() -> dict[str, Any]:
    """The whole summary."""
    dates = [month(step) for step in range(STEPS + 1)]
    return {
        "scenario": "host-guest-sites",
        "title": "A host, a guest and two sites",
        "summary": "After a change of government the host must decide on what terms the guest may keep a harbour and "
        "an airfield. The guest can leave, the host can evict, and both can let things drift.",
        "notes": "An invented example with the size of a real one.",
        "information_cutoff": "2024-12-20",
        "draws": DRAWS,
        "seed": 0,
        "paths": 2,
        "model_hash": "5b1c" * 16,
        "text_hash": "a0f7" * 16,
        "version": "0.1.0",
        "parties": [{"id": "guest", "label": "The guest"}, {"id": "host", "label": "The host's new government"}],
        "issues": issues(),
        "time": {"start": dates[0], "step": "month", "window": STEPS, "deadline": None, "dates": dates},
        "outcomes": outcomes(),
        "over_time": {"share": {key: [shares_at(step)[key] for step in range(STEPS + 1)] for key, *_ in OUTCOMES}},
        "status_over_time": statuses(),
        "questions": questions(dates),
        "agreement": agreement(dates),
        "terms": {
            "count": 9_838,
            "issues": {key: terms(place, levels) for place, (key, _, _, levels) in enumerate(ISSUES)},
        },
        "causes": dict(zip(CAUSES, (0.221, 0.083, 0.187, 0.246, 0.061, 0.092, 0.046, 0.064), strict=True)),
        "without_deal": DRAWS - 9_838,
        "payoffs": {
            "guest": {"mean": 0.412, "p05": -0.081, "p50": 0.446, "p95": 0.812, "se": 0.0019},
            "host": {"mean": 0.537, "p05": 0.102, "p50": 0.561, "p95": 0.894, "se": 0.0017},
        },
        "concessions": {
            "count": 9_214,
            "parties": {
                "guest": {"mean": 0.334, "p05": 0.021, "p50": 0.315, "p95": 0.732} | {"more": estimate(3_105, 9_214)},
                "host": {"mean": 0.471, "p05": 0.083, "p50": 0.482, "p95": 0.864} | {"more": estimate(6_035, 9_214)},
            },
        },
        "variables": variables(),
        "variance": variance(),
        "divided": {"probability": 0.412, "se": 0.006, "low": 0.4, "high": 0.424},
        "mechanisms": mechanisms(),
        "causes_tested": causes_tested(),
        "deal_life": deal_life(),
        "broken": broken(),
        "alternatives": alternatives(),
        "beliefs": beliefs(),
        "flow": flow(),
        "plane": plane(dates),
        "assumptions": assumptions(),
        "observed": observed(),
    }


def outcomes() -> dict[str, Any]:
    """The classes' shares with their intervals."""
    return {key: {"label": text} | estimate(round(last * DRAWS), DRAWS) for key, text, last, _ in OUTCOMES}


def issues() -> list[dict[str, Any]]:
    """The eight issues; one has a unit."""
    return [
        {
            "id": key,
            "label": text,
            "unit": unit,
            "levels": [{"id": f"l{place}", "label": level} for place, level in enumerate(levels)],
        }
        for key, text, unit, levels in ISSUES
    ]


def terms(place: int, levels: tuple[str, ...]) -> dict[str, Any]:
    """Shares of each level that rise and fall."""
    weights = [1 + 3 * math.sin(1.3 * place + 1.1 * level) ** 2 + 0.4 * level for level in range(len(levels))]
    found = {}
    for level, weight in enumerate(weights):
        share = estimate(round(9_838 * weight / sum(weights)), 9_838)
        found[f"l{level}"] = {key: share[key] for key in ("probability", "low", "high")}
    return found


def statuses() -> dict[str, list[float]]:
    """Where the draws stand at each step."""
    ends = dict(zip(STATUSES, (0.131, 0.519, 0.201, 0.049, 0.0, 0.1), strict=True))
    return {key: [drift(float(key == "talks"), last, step) for step in range(STEPS + 1)] for key, last in ends.items()}


def questions(dates: list[str]) -> dict[str, Any]:
    """Six forecasts, some of them answered."""
    return {
        key: {
            "text": text,
            "date": dates[step],
            "observed": answer,
            "source": None if answer is None else "Two newspapers",
        }
        | estimate(round(share * DRAWS), DRAWS)
        for key, text, step, share, answer in QUESTIONS
    }


def agreement(dates: list[str]) -> dict[str, Any]:
    """About half reach an agreement, most of these within a year."""
    survival = []
    for step, moment in enumerate(dates):
        share = estimate(round(DRAWS * drift(1.0, 0.5081, step, 6.0)), DRAWS)
        survival.append({"step": step, "date": moment} | {key: share[key] for key in ("probability", "low", "high")})
    return estimate(9_838, DRAWS) | {"median_step": 3, "survival": survival}


def variables() -> dict[str, Any]:
    """Fans that widen."""
    found = {}
    for key, text, unit, kind, (low, high), start, change in VARIABLES:
        middle = [start + change * step / STEPS for step in range(STEPS + 1)]
        width = [0.22 * (high - low) * math.sqrt(step / STEPS) for step in range(STEPS + 1)]
        found[key] = {
            "label": text,
            "unit": unit,
            "kind": kind,
            "bounds": [low, high],
            "share": {"coast": 0.4, "capital": 0.6}.get(key),
            "p05": [max(low, m - w) for m, w in zip(middle, width, strict=True)],
            "p25": [max(low, m - 0.4 * w) for m, w in zip(middle, width, strict=True)],
            "p50": middle,
            "p75": [min(high, m + 0.4 * w) for m, w in zip(middle, width, strict=True)],
            "p95": [min(high, m + w) for m, w in zip(middle, width, strict=True)],
        }
    return found


def variance() -> dict[str, Any]:
    """Parts of the classes' variance, one estimate of them below nought."""
    found = {}
    for place, (key, _, last, _) in enumerate(OUTCOMES):
        share = (0.62, 0.31, 0.48, -0.02, 0.1, 0.77, 0.25, 0.05, 0.9)[place]
        total = last * (1 - last)
        parts = {"total": total, "parameters": share * total, "path": (1 - share) * total, "se": 0.03 * total}
        found[key] = parts | {"share": share, "share_se": 0.03}
    return found


def mechanisms() -> dict[str, Any]:
    """Twelve mechanisms: one moves a payoff most, one every draw alike, one nothing."""
    keys = [key for key, *_ in OUTCOMES]
    rows = []
    for place in range(12):
        size = 0.21 * 0.75**place * (-1) ** place if place < 11 else 0.0
        moved = {"difference": size, "se": 0.011, "z": None if place == 3 else size / 0.011}
        still = {"difference": 0.0, "se": 0.0, "z": 0.0}
        shares = {key: moved if key == keys[place % len(keys)] else still for key in keys}
        payoffs = {"guest": {"difference": 0.031, "se": 0.002, "z": 15.5} if place == 5 else still, "host": still}
        kind, name = ("payoff", "guest") if place == 5 else ("share", keys[place % len(keys)])
        most = {"kind": kind, "id": name} | (payoffs["guest"] if place == 5 else moved)
        label = f"{('Exit', 'Ratification', 'Moves', 'Opinion')[place % 4]}: mechanism number {place + 1}"
        changed = abs(size) * 1.3
        rows.append({"id": f"m{place}", "label": label, "changed": changed, "shares": shares, "payoffs": payoffs}
                    | {"most": most})  # fmt: skip
    return {"draws": 2_000, "rows": rows}


def causes_tested() -> dict[str, Any]:
    """Three causes: one with a single way to take it out, one with two in turn, one with nothing to take out."""
    rows = [
        {
            "cause": "time",
            "draws": 312,
            "confirmed": estimate(203, 312),
            "ways": [
                {"removed": "with 48 steps instead of 24", "draws": 312, "confirmed": 150},
                {"removed": "without the impatience of The guest", "draws": 162, "confirmed": 53},
            ],
        },
        {"cause": "no_zone", "draws": 280, "confirmed": None, "ways": []},
        {
            "cause": "mistrust",
            "draws": 41,
            "confirmed": estimate(41, 41),
            "ways": [{"removed": "without distrust of promises", "draws": 41, "confirmed": 41}],
        },
    ]
    return {"draws": 2_000, "rows": rows}


def deal_life() -> dict[str, Any]:
    """Deals that end at a steady rate, watched for one to twenty-three steps."""
    durations = [1 + place % 23 for place in range(SIGNED)]
    ended = [place % 5 != 0 for place in range(SIGNED)]
    curve = kaplan_meier(np.array(durations), np.array(ended))
    return {"count": SIGNED, "ended": sum(ended), "median_steps": median_life(curve), "curve": curve}


SIGNED = 9_838
DEATHS: tuple[tuple[str, str | None, int], ...] = (
    ("reopened", "guest", 2_100), ("breach", "host", 1_300), ("collapse", None, 411), ("breach", "guest", 96),
    ("expired", None, 7),
)  # fmt: skip


def broken() -> dict[str, Any]:
    """Five kinds of death, the rarest too rare to say what moved."""
    rows = []
    for place, (kind, party, count) in enumerate(DEATHS):
        row: dict[str, Any] = {"kind": kind, "by": party, "count": count} | estimate(count, SIGNED)
        row["age"] = {"p05": 1.0 + place, "p50": 4.0 + place, "p95": 17.0 + place}
        row["moved"] = {}
        if place < len(DEATHS) - 1:
            for number, (key, *_) in enumerate(VARIABLES):
                mean = 0.7 * math.cos(number + place)
                row["moved"][key] = {"mean": mean, "low": mean - 0.09, "high": mean + 0.09}
        rows.append(row)
    return {"signed": SIGNED, "ended": sum(count for *_, count in DEATHS), "kinds": rows}


def alternatives() -> dict[str, Any]:
    """Payoffs in every class around its own middle; the host never has an exit."""
    found: dict[str, Any] = {}
    for party, shift in (("guest", 0.0), ("host", 0.1)):
        against = {}
        for place, name in enumerate(("exit", "breakdown", "status_quo")[party == "host" :]):
            middle = 0.3 - 0.25 * place + shift
            hits = (0.55 + 0.1 * place, 0.13, 0.32 - 0.1 * place)
            spread = {"mean": middle, "p05": middle - 0.1, "p50": middle, "p95": middle + 0.1}
            shares = {key: estimate(round(hit * DRAWS), DRAWS) for key, hit in zip(VERDICTS, hits, strict=True)}
            against[name] = {"count": DRAWS} | spread | shares
        classes = {}
        for place, (key, _, share, _) in enumerate(OUTCOMES):
            middle = 0.1 + 0.09 * place + shift
            count = 7 if key == "broken" else round(share * DRAWS)
            counts = [round(count * math.exp(-(((at + 0.5) / 60 - middle) ** 2) / 0.02) / 15) for at in range(60)]
            spread = {"mean": middle, "p05": middle - 0.1, "p50": middle, "p95": middle + 0.1}
            classes[key] = {"count": count} | spread | {"counts": counts}
        found[party] = {"against": against, "range": [0.0, 1.0], "classes": classes}
    return found


VERDICTS = ("better", "same", "worse")


def beliefs() -> list[dict[str, Any]]:
    """The host learns of the guest, and is a little too sure in the end."""
    wide = [1 - math.exp(-step / 6) for step in range(STEPS + 1)]
    points = {"p05": -0.8, "p25": -0.4, "p50": 0.01, "p75": 0.4, "p95": 0.8}
    doubt = {"deviation": [0.577 - 0.3 * w for w in wide], "error": [0.575 - 0.25 * w for w in wide]}
    return [
        {
            "viewer": "host",
            "about": "guest",
            "mean": {name: [at * w for w in wide] for name, at in points.items()},
            "truth": {"p05": -0.9, "p25": -0.5, "p50": 0.0, "p75": 0.5, "p95": 0.9},
            **{
                key: {"value": row, "low": [at - 0.01 for at in row], "high": [at + 0.01 for at in row]}
                for key, row in doubt.items()
            },
        }
    ]


def flow() -> dict[str, Any]:
    """Four half years between six statuses."""
    here = [DRAWS, 0, 0, 0, 0, 0]
    stays = ((0.4, 0.35, 0.1, 0.05, 0.0, 0.1), (0.1, 0.85, 0.02, 0.03, 0.0, 0.0), (0, 0, 1, 0, 0, 0),
             (0, 0, 0, 1, 0, 0), (0, 0, 0, 0, 1, 0), (0.3, 0.4, 0.1, 0.0, 0.0, 0.2))  # fmt: skip
    counts = []
    for _ in range(4):
        table = [[round(number * share) for share in row] for number, row in zip(here, stays, strict=True)]
        for place, (row, number) in enumerate(zip(table, here, strict=True)):
            row[place] += number - sum(row)
        here = [sum(column) for column in zip(*table, strict=True)]
        counts.append(table)
    return {"statuses": list(STATUSES), "steps": [0, 6, 12, 18, 24], "counts": counts}


def plane(dates: list[str]) -> dict[str, Any]:
    """One draw in which both come down, slowly, until the guest accepts."""
    curve = [[round(place / 24, 4), round((1 - (place / 24) ** 1.9) ** 0.75, 4)] for place in range(25)]
    offers = []
    for step in range(9):
        own = step % 2 == 0
        place = 22 - step if own else 8 + step // 2
        offers.append(
            {
                "step": step,
                "date": dates[step],
                "by": "guest" if own else "host",
                "worth": curve[place],
                "answer": "accept" if step == 8 else "reject",
                "terms": {
                    text: levels[(step + number) % len(levels)] for number, (_, text, _, levels) in enumerate(ISSUES)
                },
            }
        )
    return {
        "draw": 0,
        "parties": ["guest", "host"],
        "curve": curve,
        "nash": [0.62, 0.68],
        "kalai_smorodinsky": [0.66, 0.64],
        "egalitarian": [0.65, 0.65],
        "utilitarian": [0.58, 0.72],
        "status_quo": [0.38, 0.31],
        "breakdown": [0.02, 0.07],
        "exits": [
            {"label": "The host evicts", "worth": [-0.12, 0.28]},
            {"label": "The guest leaves", "worth": [0.11, 0.22]},
        ],
        "reservation": [0.36, 0.33],
        "offers": offers,
        "outcome": "harbour_only",
    }


def assumptions() -> list[dict[str, Any]]:
    """Forty rows of every kind."""
    kinds = ("pert", "uniform", "triangular", "fixed", "lognormal", "beta", "normal", "discrete")
    rows = []
    for place in range(40):
        kind = kinds[place % len(kinds)]
        middle = 0.05 * (place + 1)
        factor = 1.0 if kind == "fixed" else 1.15 + 0.13 * (place % 17)
        low, high = middle / factor, middle * factor**1.2
        rows.append(
            {
                "path": f"parties.{'host' if place % 2 else 'guest'}.leaf_{place:02d}",
                "label": f"{('Weight', 'Discount rate', 'Hazard', 'Cost of moving', 'Trust')[place % 5]} of the "
                f"{'host' if place % 2 else 'guest'} in case {place + 1}",
                "unit": ("1/year", None, "years of flow")[place % 3],
                "kind": kind,
                "text": f"{low:.3g}" if kind == "fixed" else f"{kind} {low:.3g}, {middle:.3g}, {high:.3g}",
                "p05": low,
                "p50": middle,
                "p95": high,
                "private": "± 0.1" if place in (4, 9) else None,
                "source": (f"Report {place}", "A long study of comparable bargains over bases and ports", None)[
                    place % 3
                ],
                "url": "https://example.org/report" if place % 3 == 0 else None,
                "judgement": "The range of five comparable cases, widened by a half." if place % 2 else None,
                "confidence": ("H", "M", "L", None)[place % 4],
            }
        )
    return rows


def observed() -> dict[str, Any]:
    """What happened, for the charts and scores only."""
    return {
        "until": "2026-03-01",
        "outcomes": [
            {
                "from": "2024-12-15",
                "outcome": "unsigned",
                "label": "Both in use without any signed text",
                "source": "News",
            },
            {
                "from": "2025-09-20",
                "outcome": "interim",
                "label": "Both in use under an interim understanding",
                "source": "News",
            },
        ],
        "events": [
            {"date": "2025-01-22", "label": "The host cancels the old port contract", "source": "News"},
            {"date": "2025-02-03", "label": "First call between the two heads of government", "source": "News"},
            {"date": "2025-02-12", "label": "A delegation of the guest visits the capital", "source": "News"},
            {
                "date": "2025-10-15",
                "label": "The host's head of government visits the guest",
                "source": "https://example.org/visit",
            },
        ],
    }
