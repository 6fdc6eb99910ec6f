"""Faults that could have been made in ``sim/rules``, each with the published number that tells."""

from __future__ import annotations

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, NamedTuple

import pytest


class Fault(NamedTuple):
    """A fault: what is wrong, where, the words of the source that it puts in the place of others, and what tells."""

    wrong: str
    where: str  # module of sim.rules, and the function or method in it
    right_words: str
    wrong_words: str
    told_by: str  # name of a claim or of a limit

    @property
    def function(self) -> FunctionType:
        """The function in which the fault is planted."""
        parts = self.where.split(".")
        for length in range(len(parts) - 1, 0, -1):
            try:
                found: Any = importlib.import_module(f"sim.rules.{'.'.join(parts[:length])}")
            except ModuleNotFoundError:
                continue
            for part in parts[length:]:
                found = getattr(found, part)
            assert isinstance(found, FunctionType), self.where
            return found
        raise LookupError(self.where)

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Plant the fault: the function's code is another one while this lasts, whoever holds the function."""
        function: Any = self.function
        text = textwrap.dedent(inspect.getsource(function))
        assert text.count(self.right_words) == 1, f"{self.where} does not say {self.right_words!r} once: {self.wrong}"
        names = dict(function.__globals__)
        exec(compile(text.replace(self.right_words, self.wrong_words), self.where, "exec"), names)  # noqa: S102
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(function, "__code__", names[function.__name__].__code__)
            yield


FAULTS = (
    # what a deal is worth
    Fault("weights forgotten", "deals.worth", "weight[k] * value_at", "value_at", "nash-a"),
    Fault("no point between two", "deals.value_at", "(high - low)", "0.0", "rubinstein-answers"),
    Fault("trades in the wrong order", "deals.chain", "-ratio", "ratio", "nash-a"),
    # flows and lumps
    Fault("the sign of what talks pay", "payoff.flow", "total + added", "total - added", "inside-option"),
    Fault("terms counted after an exit", "payoff.flow", "absolute = (", "absolute = False and (", "outside-option"),
    Fault(
        "discount for its complement",
        "payoff.lump",
        "(1.0 - params.tastes.discount",
        "(params.tastes.discount",
        "bridge",
    ),
    Fault("a term for what is after it", "payoff.lasting", "1.0 - params", "params", "bridge"),
    Fault("cost of a fight as a gain", "payoff.lump", "total + (amount *", "total - (amount *", "fighting-now"),
    Fault(
        "the payoff of a deal is that of talks",
        "payoff.flow_in_force",
        "open_ = 1.0 - signed",
        "open_ = signed",
        "rubinstein-answers",
    ),
    # patience
    Fault(
        "the other's discount factor",
        "stationary.Standstill.solve",
        "factor.other, alone.other",
        "factor.prior, alone.other",
        "rubinstein-proposes",
    ),
    Fault(
        "an exit as disagreement point",
        "look_ahead.view",
        "np.maximum(going_on.points, game.leave[0].points)",
        "np.where(np.isfinite(game.leave[0].points), 0.5 * (1.0 + game.leave[0].points), going_on.points)",
        "outside-option",
    ),
    Fault(
        "an exit forgotten",
        "look_ahead.view",
        "np.maximum(going_on.points, game.leave[0].points)",
        "going_on.points",
        "outside-option",
    ),
    Fault(
        "who speaks next, off by one",
        "rounds.Rounds.mine",
        "(layout.first + self.t + step)",
        "(layout.first + self.t + step + 1)",
        "stahl",
    ),
    Fault(
        "chance of collapse for its complement",
        "environment.hazard",
        "return params.hazard",
        "return 1.0 - params.hazard",
        "breakdown",
    ),
    Fault(
        "the wrong side begins", "table.proposer_of", "(plan.first + t)", "(plan.first + t + 1)", "rubinstein-second"
    ),
    # what gives the other its demand
    Fault(
        "own value for the other's demand",
        "settling._between_points",
        "(demand - low)",
        "(high - demand)",
        "rubinstein-proposes",
    ),
    Fault(
        "less than the demand is enough",
        "settling.settle",
        "second >= demand - TOLERANCE",
        "second >= 0.5 * demand",
        "bound-proposes",
    ),
    Fault(
        "more of it than can be had",
        "settling._between_points",
        "part * (first[1:]",
        "2.0 * part * (first[1:]",
        "rubinstein-proposes",
    ),
    # secrets
    Fault("a refusal leaves nothing", "strategies.bayesian.expected_gain", "(own - view.refused)", "own", "demand"),
    Fault(
        "types that lose accept", "beliefs.share_above", "np.maximum(left, right)", "np.minimum(left, right)", "demand"
    ),
    Fault("half of the types unknown", "beliefs.knots", "np.linspace(-1.0, 1.0", "np.linspace(0.0, 1.0", "demand"),
    Fault(
        "a parabola bent the other way",
        "strategies.bayesian.between_candidates",
        "-0.125 * lean",
        "0.125 * lean",
        "demand",
    ),
    Fault("a deadline a round late", "step.miss_deadline", "t < layout.deadline", "t <= layout.deadline", "challenger"),
    # power that shifts, promises
    Fault("a date a step late", "environment.dated", "t == rule.on_step", "t == rule.on_step + 1", "price"),
    Fault(
        "a breach for its opposite", "compliance.chance_of_breach", "tempted - kept", "kept - tempted", "enforcement"
    ),
    Fault("what a breach pays, as a cost", "compliance.value_of_breach", "+ once +", "- once +", "enforcement"),
    Fault(
        "patience in the gain of a breach",
        "compliance.value_of_breach",
        "gain * (1.0 - params",
        "gain * (2.0 - params",
        "enforcement",
    ),
    # assemblies
    Fault("the sign of a threshold", "ratification.backing", "support - params", "support + params", "bound-answers"),
    Fault("half of the spread", "ratification.chance", "2.0 * spread", "spread", "failure"),
    Fault("the other end of a threshold", "ratification.chance", "margin + spread", "margin - spread", "offer"),
    Fault("a failed vote forgotten", "rounds.Rounds.signed", "value *= ratify", "value *= 1.0", "offer"),
    # tactics
    Fault(
        "Boulware for Conceder", "strategies.time_dependent.polynomial", "(1.0 / exponent)", "exponent", "polynomial"
    ),
    Fault(
        "the clock a tick fast",
        "strategies.time_dependent.elapsed",
        "min(aim.t, aim.until)",
        "min(aim.t + 1, aim.until)",
        "polynomial",
    ),
    Fault(
        "a margin forgotten",
        "strategies.accepting.next_offer",
        "aim.factor * worth + aim.margin",
        "aim.factor * worth",
        "AC_next",
    ),
    Fault(
        "at most for at least",
        "strategies.accepting.constant",
        "worth >= aim.least - TOLERANCE",
        "worth <= aim.least",
        "AC_const",
    ),
    Fault("a square forgotten", "strategies.accepting.stopping_value", "held * held", "held", "optimal-stopping"),
    Fault(
        "an offer too many to come", "table.aim_of", "strategy.until - 1 - t", "strategy.until - t", "optimal-stopping"
    ),
    # concession by risk
    Fault(
        "who risks less stands pat",
        "strategies.zeuthen.offer",
        "kept <= theirs + TOLERANCE",
        "kept >= theirs - TOLERANCE",
        "concession",
    ),
    Fault(
        "a sum for a product",
        "strategies.zeuthen.nash_product",
        "np.maximum(gain, 0.0) * np",
        "np.maximum(gain, 0.0) + np",
        "averse-concession",
    ),
    # a war of attrition
    Fault(
        "a stalemate counted twice",
        "strategies.accepting.giving_in",
        "aim.memory.conceded - view.conflict",
        "aim.memory.conceded - 2.0 * view.conflict",
        "holding-out",
    ),
    # what offers tell
    Fault("a round late", "answered.likelihood_of_offer", "concession * (t + 1)", "concession * t", "first-bid"),
    Fault(
        "an offer read from the wrong side",
        "answered.learn",
        "(proposer != side) & o",
        "(proposer == side) & o",
        "first-bid",
    ),
    # a rival
    Fault("a bid that does not answer", "bids.raised", "part * (made", "0.0 * part * (made", "price"),
    Fault(
        "a rival pays what it could",
        "bids.share_paid",
        "np.where(room > 0.0, part, 0.0)",
        "np.where(room > 0.0, 1.0, 0.0)",
        "rival",
    ),
)
