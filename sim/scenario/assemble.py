"""The numbers of the game, from a scenario's leaves: ``Params`` for one block of draws."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import randomness
from sim.rules.heirs import numbers_of
from sim.rules.types import Params, Tastes
from sim.scenario.levels import points_of
from sim.scenario.numbers import F, Numbers
from sim.scenario.schema import Issue, Shape

if TYPE_CHECKING:
    from sim.scenario.compile import Compiled


REPUTATION = "reputation"  # of a successor: the rate of breach that the other believes of it, where one is stated

ROUNDING = 1e-12  # weights whose sum differs from 1 by no more are left as they are


class Assembler:
    """Puts one block's numbers into ``Params``."""

    def __init__(self, game: Compiled, numbers: Numbers) -> None:
        self.game, self.get = game, numbers
        self.scenario = game.scenario
        self.draws = numbers.type.shape[-1]

    def params(self, seed: int, block: int) -> Params:
        """Return the numbers of the block."""
        game, get = self.game, self.get
        rows = game.rows
        audience_weight, audience_value = self.audience_tables()
        return Params(
            tastes=self.tastes(),
            type=get.type,
            accuracy=self.by_party(lambda p: get(f"parties.{p.id}.accuracy")),
            noise=np.stack([self.noise(seed, block, party.id) for party in game.parties]),
            bias=get.bias,
            trust=self.by_party(lambda p: get(f"parties.{p.id}.trust.breach_rate")),
            reputation=self.by_party(lambda p: get.optional(f"parties.{p.id}.{REPUTATION}", np.nan)),
            after_breach=self.by_party(lambda p: get(f"parties.{p.id}.trust.after_breach")),
            learning=self.by_party(lambda p: self.optional(p.learning, f"parties.{p.id}.learning.precision", np.inf)),
            reading=self.by_party(
                lambda p: self.several(
                    p.learning and p.learning.offers, f"parties.{p.id}.learning.offers", "concession", "spread"
                )
            ),
            breach=self.by_party(
                lambda p: self.several(p.breach, f"parties.{p.id}.breach", "precision", "gain", "collapse")
            ),
            reopening=self.by_party(
                lambda p: self.several(p.reopening, f"parties.{p.id}.reopening", "precision", "cost")
            ),
            audience=self.by_party(
                lambda p: self.several(p.audience, f"parties.{p.id}.audience", "precision", "spread")
            ),
            audience_weight=audience_weight,
            audience_value=audience_value,
            audience_pull=self.by_party(self.pull_of),
            hazard=self.hazard(),
            variable=self.variables(),
            shift=rows["shift"].table(get),
            move=rows["move"].table(get, (4,)),
            jump=rows["jump"].table(get),
            move_lump=rows["move_lump"].table(get),
            doubt=rows["doubt"].table(get),
            patron=rows["patron"].table(get, (2,)),
            patron_term=rows["patron_term"].table(get),
            reliance=rows["reliance"].table(get),
            strategy=self.by_party(self.strategy),
            accept=self.by_party(self.accepts),
            recognition=self.recognition(),
            meeting=self.meeting(),
            heirs=self.heirs(seed, block),
        )

    def heirs(self, seed: int, block: int) -> tuple[tuple[Params, ...], tuple[Params, ...]]:
        """Return the numbers of each side's successors."""
        layout = self.game.layout
        one, two = (
            tuple(
                numbers_of(layout, Assembler(self.game, heir).params(seed, block), side)
                for heir in self.get.heirs[side]
            )
            for side in (0, 1)
        )
        return one, two

    def recognition(self) -> F:
        """Return the chance (n,) that the first side proposes, where chance says who does; one half by default."""
        weights = [self.optional(1, f"protocol.recognition.{party.id}", 0.0) for party in self.game.parties]
        total = weights[0] + weights[1]
        return np.where(total > 0.0, weights[0] / np.where(total > 0.0, total, 1.0), 0.5)

    def meeting(self) -> F:
        """Return the chance (n,) that the sides meet in a step, ``1 - exp(-rate dt)``; 1 where they always do."""
        if "protocol.meetings" not in self.get.public:
            return self.full(1.0)
        return -np.expm1(-self.get("protocol.meetings") * self.game.layout.step_years)

    def by_party(self, row: Callable[[Any], F]) -> F:
        """Return a row for each party, stacked (S, ..., n)."""
        return np.ascontiguousarray(np.stack([row(party) for party in self.game.parties]))

    def full(self, value: float) -> F:
        """Return the same number for every draw."""
        return np.full(self.draws, value)

    def optional(self, there: object, path: str, otherwise: float) -> F:
        """Return a leaf that may not be there, or another number."""
        return self.get.optional(path, otherwise) if there is not None else self.full(otherwise)

    def several(self, there: object, base: str, *names: str) -> F:
        """Return some leaves of one optional part (names, n)."""
        return np.stack([self.optional(there, f"{base}.{name}", 0.0) for name in names])

    def noise(self, seed: int, block: int, party: str) -> F:
        """Return flat-Dirichlet weights over issues (M, n)."""
        parts = np.stack(
            [randomness.exponentials(seed, f"picture:{party}:{issue.id}", block)[0] for issue in self.game.issues]
        )
        parts = np.maximum(parts, 1e-12)
        total = np.zeros(parts.shape[1])
        for row in parts:
            total = total + row
        return parts / total

    def tastes(self) -> Tastes:
        """Return what both parties want, for every cast."""
        game, get = self.game, self.get
        return Tastes(
            discount=self.by_party(self.discount),
            weight=self.by_party(
                lambda p: self.normalised([get.cast(f"issues.{i.id}.weights.{p.id}") for i in game.issues])
            ),
            value=tuple(self.by_party(partial(self.value_of, issue)) for issue in game.issues),
            effect=game.rows["effect"].table(get, (get.casts,)),
            status_quo=self.by_party(lambda p: self.flow("status_quo", p.id)),
            exit=self.exit_flows(),
            breakdown=self.by_party(lambda p: self.flow("breakdown", p.id)),
            threshold=self.by_party(lambda p: self.flow(f"parties.{p.id}.audience", "", "threshold")),
            lump=game.rows["lump"].table(get, (get.casts,)),
        )

    def discount(self, party: Any) -> F:
        """Return the factor per step (casts, n), ``exp(-r dt)``."""
        if party.discount_factor is not None:
            return self.get.cast(f"parties.{party.id}.discount_factor")
        return np.exp(-self.get.cast(f"parties.{party.id}.discount_rate") * self.game.layout.step_years)

    def normalised(self, weights: list[F]) -> F:
        """Return weights (M, casts, n) that sum to 1; those that do so but for rounding stay as they are."""
        total = np.zeros_like(weights[0])
        for weight in weights:
            total = total + weight
        total = np.where(np.abs(total - 1.0) < ROUNDING, 1.0, total)
        return np.stack([weight / np.maximum(total, 1e-300) for weight in weights])

    def part(self, issue: Issue, low: float, high: float) -> F:
        """Return the value tables (S, L, casts, n) of a part of an issue's range, low and high in [0, 1]."""
        share = np.linspace(low, high, points_of(issue))
        return self.by_party(lambda party: self.values(issue, party.id, share=share))

    def values(self, issue: Issue, party: str, base: str | None = None, share: F | None = None) -> F:
        """Return a value table (L, casts, n); ``share`` (L,) are the points of a range, by default all of it."""
        base = base or f"issues.{issue.id}.values.{party}"
        given = issue.values[party] if base.startswith("issues") else self.audience_values(party, issue)
        if not isinstance(given, Shape):
            assert issue.levels is not None
            return np.stack([self.get.cast(f"{base}.{level.id}") for level in issue.levels])
        share = np.linspace(0.0, 1.0, points_of(issue)) if share is None else share
        points = [self.get.none() + s for s in (share if given.best == "high" else 1.0 - share)]
        return np.stack([self.curve(given, base, x) for x in points])

    def curve(self, given: Shape, base: str, x: F) -> F:
        """Return the value of a point ``x`` in [0, 1] of a range, from its worst to its best end."""
        if given.shape == "power":
            return x ** self.get.cast(f"{base}.exponent")
        if given.shape == "logistic":
            middle, steep = self.get.cast(f"{base}.midpoint"), self.get.cast(f"{base}.steepness")

            def squash(at: F) -> F:
                return 1.0 / (1.0 + np.exp(np.clip(-steep * (at - middle), -700.0, 700.0)))

            low, high = squash(np.zeros_like(x)), squash(np.ones_like(x))
            return (squash(x) - low) / np.maximum(high - low, 1e-300)
        return x

    def flow(self, base: str, party: str, name: str = "flows") -> F:
        """Return a flow (casts, n), 0 where none is stated."""
        path = ".".join(part for part in (base, name, party) if part)
        return self.get.cast(path) if path in self.get.public else self.get.none()

    def value_of(self, issue: Issue, party: Any) -> F:
        """Return one party's value table (L, casts, n) of one issue."""
        return self.values(issue, party.id)

    def exit_flows(self) -> F:
        """Return what each exit adds to each flow (Q, S, casts, n)."""
        if not self.game.exits:
            return np.zeros((0, 2, self.get.casts, self.draws))
        paths = [f"exits.{option.id}" for option in self.game.exits]
        return np.stack([np.stack([self.flow(path, party.id) for party in self.game.parties]) for path in paths])

    def audience_values(self, party: str, issue: Issue) -> Any:
        """Return an audience's own values of an issue."""
        audience = next(p.audience for p in self.scenario.parties if p.id == party)
        assert audience is not None
        return (audience.values or {})[issue.id]

    def audience_tables(self) -> tuple[F, tuple[F, ...]]:
        """Return each audience's weights (S, M, n) and values per issue (S, L, n); the party's own by default."""
        weights, values = [], []
        for party in self.game.parties:
            given = party.audience.weights if party.audience else None
            own = [self.get(f"issues.{i.id}.weights.{party.id}") for i in self.game.issues]
            if given:
                path = f"parties.{party.id}.audience.weights"
                own = [self.get(f"{path}.{i.id}") if i.id in given else self.full(0.0) for i in self.game.issues]
            weights.append(self.normalised(own))
        for issue in self.game.issues:
            tables = []
            for party in self.game.parties:
                special = party.audience is not None and issue.id in (party.audience.values or {})
                base = f"parties.{party.id}.audience.values.{issue.id}" if special else None
                tables.append(self.values(issue, party.id, base)[:, 0])
            values.append(np.ascontiguousarray(np.stack(tables)))
        return np.ascontiguousarray(np.stack(weights)), tuple(values)

    def pull_of(self, party: Any) -> F:
        """Return an audience's coefficient on each variable (X, n)."""
        given = party.audience.communities if party.audience else {}
        path = f"parties.{party.id}.audience.communities"
        rows = [self.get(f"{path}.{item.id}") if item.id in given else self.full(0.0) for item in self.game.moving]
        return np.stack(rows) if rows else np.zeros((0, self.draws))

    def hazard(self) -> F:
        """Return the rate, or the chance per rejection, of a collapse."""
        for name in ("rate", "chance"):
            if f"breakdown.{name}" in self.get.public:
                return self.get(f"breakdown.{name}")
        return self.full(0.0)

    def variables(self) -> F:
        """Return start, mean, decay and noise of every variable (X, 4, n): exact Ornstein-Uhlenbeck steps."""
        dt = self.game.layout.step_years
        kinds = {item.id: "variables" for item in self.scenario.variables}
        rows = []
        for item in self.game.moving:
            base = f"{kinds.get(item.id, 'communities')}.{item.id}"
            speed, noise = self.get(f"{base}.reversion"), self.get(f"{base}.volatility")
            if base.startswith("variables"):
                mean = self.get(f"{base}.mean")
            else:
                mean = self.get(f"{base}.anchor") * (1.0 - self.pulled(base, item) * self.get(f"{base}.openness"))
            spread = np.where(speed > 0.0, -np.expm1(-2.0 * speed * dt) / np.where(speed > 0.0, 2.0 * speed, 1.0), dt)
            rows.append(np.stack([self.get(f"{base}.start"), mean, np.exp(-speed * dt), noise * np.sqrt(spread)]))
        return np.stack(rows) if rows else np.zeros((0, 4, self.draws))

    def pulled(self, base: str, item: Any) -> float:
        """Return 1 where anybody pulls on a community, 0 for a lone one."""
        del base
        others = [other for other in self.scenario.communities if other.id != item.id]
        return float(bool(others) and (not item.pulls or any(weight > 0.0 for weight in item.pulls.values())))

    def strategy(self, party: Any) -> F:
        """Return exponent, opening, reciprocity and tolerance of the offers (4, n)."""
        base = f"parties.{party.id}.offers"
        names = (("exponent", 1.0), ("opening", 0.0), ("reciprocity", 1.0), ("tolerance", 0.0))
        return np.stack([self.optional(1, f"{base}.{name}", otherwise) for name, otherwise in names])

    def accepts(self, party: Any) -> F:
        """Return factor, margin, least and share of the time of the acceptance (4, n)."""
        base = f"parties.{party.id}.accepts"
        names = (("factor", 1.0), ("margin", 0.0), ("least", 0.0), ("after", 1.0))
        return np.stack([self.optional(1, f"{base}.{name}", otherwise) for name, otherwise in names])
