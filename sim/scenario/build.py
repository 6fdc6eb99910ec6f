"""The form of the game, from a scenario: ``Layout``, and which leaf fills which row of ``Params``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from sim.rules import layout as form
from sim.rules.types import AGREEMENT, BREAKDOWN, EXIT, STATUSES, TALKS
from sim.scenario.dates import step_of, years_of
from sim.scenario.fields import Range
from sim.scenario.levels import allowed, level_of, points_of
from sim.scenario.numbers import ROWS, F, Numbers, Rows
from sim.scenario.private import acts_in_a_curve, stands_for
from sim.scenario.schema import Alternating, Fixed, Issue, OneSided, StackedAlternating, TimeDependent

if TYPE_CHECKING:
    from sim.scenario.compile import Compiled

A = TypeVar("A")
T = TypeVar("T")
ALWAYS = 10**9


class Builder:
    """Builds the layout, and notes which leaf fills which row of ``Params``."""

    def __init__(self, game: Compiled) -> None:
        self.game = game
        self.scenario = game.scenario
        self.clauses: list[form.Clause] = []
        self.driver = {item.id: row for row, item in enumerate(game.moving)}
        self.mover = {move.id: row for row, move in enumerate(game.moves)}
        self.exit = {option.id: row for row, option in enumerate(game.exits)}
        self.at = {issue.id: row for row, issue in enumerate(game.issues)}
        self.fixed: list[tuple[float, ...]] = []
        self.rows = {name: Rows() for name in ROWS}

    def layout(self) -> form.Layout:
        """Return the form of the game."""
        game, scenario, time = self.game, self.scenario, self.scenario.time
        parties = game.parties
        deadline = -1 if time.deadline is None else step_of(time, time.deadline)
        status_quo = self.terms(scenario.status_quo.terms)
        breakdown = scenario.breakdown
        after_breach = both(parties, lambda p: self.terms(p.breach.terms) if p.breach else status_quo)
        collapse = self.terms(breakdown.terms) if breakdown else status_quo
        expiry = self.terms(scenario.expiry.terms) if scenario.expiry else status_quo
        exits = tuple(self.exit_option(option) for option in game.exits)
        moves = tuple(self.move(move) for move in game.moves)
        shifts = tuple(self.shifts())
        effects = tuple(self.effect(effect) for effect in game.effects)
        later = tuple(self.later(effects, moves))
        answers = tuple(self.answers(effects, shifts))
        lumps = tuple(self.lump(i, rule) for i, rule in enumerate(scenario.lumps))
        reliances = tuple(self.reliance(i, rule) for i, rule in enumerate(scenario.reliance))
        strategies = both(parties, self.strategy)
        protocol = scenario.protocol
        first = -1
        if isinstance(protocol, (OneSided, Alternating, StackedAlternating)):
            first = game.side.get(protocol.by if isinstance(protocol, OneSided) else protocol.first, -1)
        private = [(stands_for(path), owner) for path, (owner, _) in game.owners.items()]
        bent = {game.owners[path] for path in game.owners if acts_in_a_curve(scenario, stands_for(path))}
        tastes = {owner for path, owner in private if path.startswith("issues.")}
        elsewhere = ("exits.", "status_quo.")
        worth = {owner for path, owner in private if not path.startswith(elsewhere)}
        partial = form.Layout(
            sides=both(parties, lambda p: p.id),
            issues=tuple(self.issue(issue) for issue in game.issues),
            groups=(),
            clauses=tuple(self.clauses),
            effects=effects,
            later=later,
            answers=answers,
            shifts=shifts,
            variables=tuple(item.id for item in game.moving),
            communities=tuple(sorted(item.id for item in scenario.communities)),
            bounds=tuple(item.bounds for item in game.moving),
            moves=moves,
            exits=exits,
            lumps=lumps,
            reliances=reliances,
            strategies=strategies,
            fixed=tuple(self.fixed),
            status_quo=status_quo,
            collapse=collapse,
            collapse_absolute=bool(breakdown and breakdown.absolute),
            hazard_per_rejection=bool(breakdown and breakdown.chance is not None),
            after_breach=after_breach,
            after_expiry=expiry,
            can_breach=both(parties, lambda p: p.breach is not None),
            can_reopen=both(parties, lambda p: p.reopening is not None),
            audiences=both(parties, lambda p: p.audience.link if p.audience else ""),
            failure_ends=both(parties, lambda p: bool(p.audience and p.audience.on_failure == "end")),
            types=game.types,
            bent=both((0, 1), lambda s: tuple((s, name) in bent for name in game.types[s])),
            private_tastes=both((0, 1), lambda s: s in tastes),
            private_effects=frozenset(
                row
                for row, effect in enumerate(game.effects)
                if f"effects.{effect.id}.coefficient" in {path for path, _ in private}
            ),
            private_deals=both((0, 1), lambda s: s in worth),
            listens=both(parties, self.listens),
            biased=both(
                (0, 1), lambda s: any(game.leaves[path].bias for path, (owner, _) in game.owners.items() if owner == s)
            ),
            reads=both(parties, lambda p: p.learning is not None and p.learning.offers is not None),
            pivots=tuple(sorted(self.driver[v.id] for v in scenario.variables if v.pivotal)),
            interim=self.interim(),
            heirs=both(parties, lambda p: tuple(self.mover[heir.after] for heir in p.successors)),
            steps=time.window,
            step_years=years_of(time),
            deadline=deadline,
            deadline_collapses=time.at_deadline == "breakdown",
            look_ahead=time.look_ahead,
            protocol=protocol.kind,
            first=first,
            meetings=scenario.spaced,
            curve_points=scenario.curve_points,
            look_ahead_points=scenario.look_ahead_points or 10**6,
        )
        return replace(partial, groups=self.groups(partial))

    def issue(self, issue: Issue) -> form.Issue:
        """Return an issue's form; a continuous one has two points where both values are straight lines."""
        if issue.levels is not None:
            return form.Issue(
                id=issue.id,
                levels=len(issue.levels),
                continuous=False,
                negotiable=tuple(level.negotiable for level in issue.levels),
                years=tuple(level.years or 0.0 for level in issue.levels) if issue.duration else None,
            )
        points = points_of(issue)
        return form.Issue(issue.id, points, issue.continuous, (True,) * points, None)

    def terms(self, terms: Mapping[str, str | float]) -> int:
        """Return the row of declared terms; issues left out take the status quo."""
        whole = {**self.scenario.status_quo.terms, **terms}
        levels = tuple(level_of(issue, whole[issue.id]) for issue in self.game.issues)
        if levels not in self.fixed:
            self.fixed.append(levels)
        return self.fixed.index(levels)

    def clause(self, condition: Mapping[str, Any] | None, taste: tuple[int, int] | None = None) -> int:
        """Return the row of a condition on terms, -1 for none."""
        return self._keep(self.clauses_of(condition, taste))

    def clauses_of(self, condition: Mapping[str, Any] | None, taste: tuple[int, int] | None = None) -> form.Clause:
        """Return a condition on terms as the rules read it."""
        tests, bounds = [], []
        for name, wanted in sorted((condition or {}).items()):
            row = self.at[name]
            issue = self.game.issues[row]
            if isinstance(wanted, Range) and issue.continuous:
                low = -1.0 if wanted.at_least is None else level_of(issue, wanted.at_least)
                high = float(points_of(issue)) if wanted.at_most is None else level_of(issue, wanted.at_most)
                bounds.append((row, low, high))
            else:
                tests.append((row, allowed(issue, wanted)))
        return form.Clause(tuple(tests), tuple(bounds), taste)

    def joint(self, one: int, two: int) -> int:
        """Return the row of the condition that two conditions hold together."""
        if one == two or two < 0:
            return one
        if one < 0:
            return two
        a, b = self.clauses[one], self.clauses[two]
        return self._keep(form.Clause(a.tests + b.tests, a.bounds + b.bounds, a.taste or b.taste))

    def _keep(self, clause: form.Clause) -> int:
        if clause == form.Clause(()):
            return -1
        if clause not in self.clauses:
            self.clauses.append(clause)
        return self.clauses.index(clause)

    def step(self, moment: Any, otherwise: int) -> int:
        """Return the step in which a moment lies, counted from 0."""
        if moment is None:
            return otherwise
        return moment if isinstance(moment, int) else max(step_of(self.scenario.time, moment) - 1, 0)

    def listens(self, party: Any) -> tuple[int, ...]:
        """Return the communities that a party's audience listens to."""
        return tuple(sorted(self.driver[name] for name in (party.audience.communities if party.audience else ())))

    def exit_option(self, option: Any) -> form.ExitOption:
        """Return the form of an exit."""
        return form.ExitOption(
            id=option.id,
            side=self.game.side[option.by],
            from_step=self.step(option.from_, 0),
            until_step=self.step(option.until, ALWAYS) + 1,
            terms=self.terms(option.terms),
            absolute=option.absolute,
            floating=option.settles == "floating",
        )

    def move(self, move: Any) -> form.Move:
        """Return the form of a move."""
        when = move.when
        status = (when.status if when else None) or ("talks", "agreement")
        path = f"moves.{move.id}"
        self.rows["move"].add(
            lambda get: np.stack(
                [
                    get(f"{path}.rate") if f"{path}.rate" in get.public else get(f"{path}.chance"),
                    get(f"{path}.collapse"),
                    get.optional(f"{path}.chosen.precision", np.inf),
                    get.optional(f"{path}.respond.limit", 0.0),
                ]
            )
        )
        return form.Move(
            id=move.id,
            by=move.by,
            on_step=self.step(move.on, -1),
            repeats=move.repeats,
            phases=("talks" in status, "agreement" in status),
            from_step=self.step(when.from_ if when else None, 0),
            until_step=self.step(when.until if when else None, ALWAYS) + 1,
            clause=self.clause(when.terms if when else None),
            after=tuple(sorted(self.mover[name] for name in (when.after if when else ()))),
            unless=tuple(sorted(self.mover[name] for name in (when.unless if when else ()))),
            jumps=self._rows("jump", f"{path}.jumps", move.jumps, self.driver),
            lumps=self._rows("move_lump", f"{path}.lumps", move.lumps, self.game.side),
            doubts=self._rows("doubt", f"{path}.breach_rate", move.breach_rate, self.game.side),
            ends=move.collapse.reach[1] > 0.0,
            rival_bid=move.rival_bid,
            chosen=move.chosen is not None,
            mover=self.game.side.get(move.by, -1),
            pivotal=move.pivotal,
            answers=(self.game.side[move.respond.party], self.driver[move.respond.variable]) if move.respond else None,
        )

    def interim(self) -> form.Interim | None:
        """Return what may be agreed while talks go on."""
        rule = self.scenario.interim
        if rule is None:
            return None
        wanted = sorted((self.at[name], allowed(self.game.issues[self.at[name]], w)) for name, w in rule.terms.items())
        rows = tuple(row for row, _ in wanted)
        levels = [[form.NOWHERE, *(v for v, free in enumerate(test) if free)] for _, test in wanted]
        excluded = tuple(self.clauses_of(constraint.exclude) for constraint in self.scenario.constraints)
        return form.Interim(rows, tuple(product(*levels))[1:], excluded)

    def _rows(
        self, table: str, path: str, given: Iterable[str], rows: Mapping[str, int]
    ) -> tuple[tuple[int, int], ...]:
        return tuple((rows[name], self.rows[table].add(_public(f"{path}.{name}"))) for name in sorted(given))

    def drive(self, variable: str | None, move: str | None) -> int:
        """Return the row of a driver among variables and moves, -1 for the constant 1."""
        if variable is not None:
            return self.driver[variable]
        return len(self.driver) + self.mover[move] if move is not None else -1

    def shifts(self) -> Iterable[form.Shift]:
        """Yield what moves each mean: declared shifts, then the pull of other communities."""
        kinds = {item.id: "variables" for item in self.scenario.variables}
        for row, item in enumerate(self.game.moving):
            base = f"{kinds.get(item.id, 'communities')}.{item.id}"
            for i, shift in enumerate(item.shifts):
                self.rows["shift"].add(_public(f"{base}.shifts.{i}.by"))
                yield form.Shift(row, self.drive(shift.variable, shift.move), self.clause(shift.terms))
            if base.startswith("communities"):
                yield from self.pulls(row, item, base)

    def pulls(self, row: int, item: Any, base: str) -> Iterable[form.Shift]:
        """Yield the pull of other communities on one community's mean."""
        others = sorted(other.id for other in self.scenario.communities if other.id != item.id)
        for other in others:
            if not item.pulls or item.pulls.get(other, 0.0) > 0.0:
                self.rows["shift"].add(_pull(base, item.pulls, other, others))
                yield form.Shift(row, self.driver[other], -1)

    def effect(self, effect: Any) -> form.Effect:
        """Return the form of an effect; one on a weight is a flow effect whose condition is a value."""
        status = effect.status or ("talks", "agreement", "exit", "breakdown")
        self.rows["effect"].add(_cast(f"effects.{effect.id}.coefficient"))
        side = self.game.side.get(effect.party, -1)
        taste = (side, self.at[effect.issue]) if effect.on == "weight" else None
        target = self.exit.get(effect.exit, -1)
        if effect.on in ("rate", "gain"):
            target = self.mover[effect.move]
        return form.Effect(
            on="flow" if effect.on == "weight" else effect.on,
            side=side,
            target=target,
            driver=self.drive(effect.variable, None if effect.on in ("rate", "gain") else effect.move),
            clause=self.clause(effect.terms, taste),
            regimes=(
                STATUSES[TALKS] in status,
                STATUSES[AGREEMENT] in status,
                STATUSES[EXIT] in status,
                STATUSES[BREAKDOWN] in status,
            ),
        )

    def later(self, effects: tuple[form.Effect, ...], moves: tuple[form.Move, ...]) -> Iterable[tuple[int, int, int]]:
        """Yield effects that hang on a move which may come only under some terms."""
        for row, effect in enumerate(effects):
            move = effect.driver - len(self.driver)
            if effect.on == "flow" and effect.regimes[AGREEMENT] and move >= 0 and moves[move].clause >= 0:
                yield row, move, self.joint(effect.clause, moves[move].clause)

    def answers(
        self, effects: tuple[form.Effect, ...], shifts: tuple[form.Shift, ...]
    ) -> Iterable[tuple[int, int, int]]:
        """Yield effects that hang on a variable whose mean is moved by terms alone."""
        for row, effect in enumerate(effects):
            for s, shift in enumerate(shifts):
                fits = shift.variable == effect.driver and shift.clause >= 0 and shift.driver < 0
                if effect.on == "flow" and effect.regimes[AGREEMENT] and fits:
                    yield row, s, self.joint(effect.clause, shift.clause)

    def lump(self, row: int, rule: Any) -> form.Lump:
        """Return the form of a lump."""
        self.rows["lump"].add(_cast(f"lumps.{row}.amount"))
        return form.Lump(
            on=rule.on,
            by=self.game.side.get(rule.by, -1),
            exit=self.exit.get(rule.exit, -1),
            bearer=self.game.side[rule.party],
            clause=self.clause(rule.terms),
        )

    def reliance(self, row: int, rule: Any) -> form.Reliance:
        """Return the form of a reliance."""
        base = f"reliance.{row}"
        self.rows["reliance"].add(_public(f"{base}.cost"))
        patrons, terms = [], []
        for patron in sorted(rule.patrons, key=lambda p: p.id):
            path = f"{base}.patrons.{patron.id}"
            at = self.rows["patron"].add(_patron(path))
            patrons.append((at, self.drive(patron.variable, None)))
            for name, levels in sorted(patron.terms.items()):
                issue = self.game.issues[self.at[name]]
                for level in levels:
                    index = self.rows["patron_term"].add(_public(f"{path}.terms.{name}.{level}"))
                    terms.append((at, self.at[name], int(level_of(issue, _term(issue, level))), index))
        return form.Reliance(self.game.side[rule.party], tuple(patrons), tuple(terms))

    def strategy(self, party: Any) -> form.Strategy:
        """Return how a party offers and accepts."""
        time = self.scenario.time
        end = time.window if time.deadline is None else step_of(time, time.deadline)
        offers = party.offers
        timed = isinstance(offers, TimeDependent)
        script = offers.script if isinstance(offers, Fixed) else ()
        return form.Strategy(
            offers=offers.strategy,
            accepts=party.accepts.strategy,
            shape=offers.shape if timed else "polynomial",
            clock=offers.clock if timed else "faratin",
            until=(offers.until if timed else None) or end,
            script=tuple(self.terms(terms) for terms in script),
        )

    def groups(self, layout: form.Layout) -> tuple[form.Group, ...]:
        """Return issues that constraints, joint conditions or one reliance tie together, with their combinations."""
        root = list(range(len(layout.issues)))

        def tie(issues: Iterable[int]) -> None:
            rows = sorted(issues)
            for other in rows[1:]:
                low, high = sorted((root[rows[0]], root[other]))
                root[:] = [low if r == high else r for r in root]

        for constraint in self.scenario.constraints:
            tie(self.at[name] for name in constraint.exclude)
        joint = {c for side in (0, 1) for c in layout.priced(side)} | {c for *_, c in layout.answers if c >= 0}
        for c in sorted(joint):
            tie(layout.clauses[c].issues)
        for side in (0, 1):
            tie({issue for rule in layout.reliances if rule.side == side for _, issue, _, _ in rule.terms})
        return tuple(
            form.Group(members, tuple(self.combinations(layout, members)))
            for members in (tuple(k for k in range(len(root)) if root[k] == r) for r in sorted(set(root)))
        )

    def combinations(self, layout: form.Layout, members: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
        """Yield the negotiable combinations of joint issues that no constraint excludes."""
        excluded = []
        for constraint in self.scenario.constraints:
            tests = {
                self.at[name]: allowed(self.game.issues[self.at[name]], w) for name, w in constraint.exclude.items()
            }
            if set(tests) <= set(members):
                excluded.append(tests)
        offered = [[v for v, free in enumerate(layout.issues[k].negotiable) if free] for k in members]
        for levels in product(*offered):
            at = dict(zip(members, levels, strict=True))
            if not any(all(test[at[k]] for k, test in tests.items()) for tests in excluded):
                yield levels


def both(pair: Sequence[A], of: Callable[[A], T]) -> tuple[T, T]:
    """Return the same thing of both sides."""
    one, two = pair
    return of(one), of(two)


def _term(issue: Issue, level: str) -> str | float:
    return level if issue.levels is not None else float(level)


def _public(path: str) -> Callable[[Numbers], F]:
    return lambda get: get(path)


def _cast(path: str) -> Callable[[Numbers], F]:
    return lambda get: get.cast(path)


def _patron(path: str) -> Callable[[Numbers], F]:
    return lambda get: np.stack([get(f"{path}.base"), get(f"{path}.slope")])


def _pull(base: str, weights: Mapping[str, float], other: str, others: list[str]) -> Callable[[Numbers], F]:
    def weight(get: Numbers) -> F:
        if weights:
            return np.full_like(get(f"{base}.openness"), weights[other] / sum(weights.values()))
        total = np.zeros_like(get(f"{base}.openness"))
        for name in others:
            total = total + get(f"communities.{name}.share")
        return get(f"communities.{other}.share") / np.maximum(total, 1e-300)

    return lambda get: get(f"{base}.openness") * weight(get)
