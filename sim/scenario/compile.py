"""Scenario -> the form of the game (``Layout``) and, for a block of draws, its numbers (``Params``).

Everything with an id is sorted by id here, before any sum is taken, so that neither the order of a file nor a label
changes a result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import randomness
from sim.rules import layout as form
from sim.rules.types import AGREEMENT, BREAKDOWN, EXIT, STATUSES, TALKS, Params, Tastes
from sim.scenario.dates import end_of, step_of, years_of
from sim.scenario.distributions import Sampler
from sim.scenario.fields import Range
from sim.scenario.leaf import Leaf, constant
from sim.scenario.predicates import Reading, reading
from sim.scenario.private import owner_of
from sim.scenario.schema import Fixed, Issue, OneSided, Scenario, Shape, TimeDependent
from sim.scenario.walk import walk, walk_places

F = NDArray[np.float64]
CURVE = 33  # points of a curved value function of a continuous issue
ALWAYS = 10**9
ZERO, ONE = constant(0.0), constant(1.0)


@dataclass(frozen=True)
class Numbers:
    """Every leaf of the scenario for one block of draws."""

    public: Mapping[str, F]  # path -> (n,)
    spread: Mapping[str, tuple[int, F]]  # private path -> owner's side, half width (n,)
    type: F  # (S, n)
    casts: int

    def __call__(self, path: str) -> F:
        """Return the public value (n,)."""
        return self.public[path]

    def cast(self, path: str) -> F:
        """Return the value (casts, n): the owner's own, and the two ends of what the other thinks possible."""
        value = np.repeat(self.public[path][None], self.casts, axis=0)
        if path in self.spread:
            side, width = self.spread[path]
            value = value + width * np.stack([self.type[side], np.full_like(width, -1.0), np.ones_like(width)])
        return value

    def none(self) -> F:
        """Return zeros (casts, n)."""
        return np.zeros((self.casts, self.type.shape[1]))


@dataclass
class _Rows:
    """Rows of one table of ``Params`` as they are met while the layout is built."""

    make: list[Callable[[Numbers], F]] = field(default_factory=list)

    def add(self, one: Callable[[Numbers], F]) -> int:
        self.make.append(one)
        return len(self.make) - 1

    def table(self, numbers: Numbers, shape: tuple[int, ...] = ()) -> F:
        if not self.make:
            return np.zeros((0, *shape, numbers.type.shape[1]))
        return np.ascontiguousarray(np.stack([one(numbers) for one in self.make]))


def compile_scenario(scenario: Scenario) -> Compiled:
    """Return the game of a scenario."""
    return Compiled(scenario)


class Compiled:
    """A game ready to be played: its layout, and a function from blocks of random numbers to ``Params``."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.parties = sorted(scenario.parties, key=lambda party: party.id)
        self.issues = sorted(scenario.issues, key=lambda issue: issue.id)
        self.exits = sorted(scenario.exits, key=lambda option: option.id)
        self.moves = sorted(scenario.moves, key=lambda move: move.id)
        self.moving = sorted([*scenario.variables, *scenario.communities], key=lambda item: item.id)
        self.effects = sorted(scenario.effects, key=lambda effect: effect.id)
        self.side = {party.id: s for s, party in enumerate(self.parties)}
        self.leaves: dict[str, Leaf] = {".".join(path): leaf for path, leaf in walk(scenario)}
        self.samplers = {path: Sampler(leaf) for path, leaf in self.leaves.items() if not leaf.certain}
        self.owners = self._owners()
        self.layout = _Builder(self).layout()

    def __reduce__(self) -> tuple[Any, tuple[Scenario]]:
        """Travel as the scenario and compile anew."""
        return compile_scenario, (self.scenario,)

    def _owners(self) -> dict[str, int]:
        owners = {}
        paths = [".".join(path) for path, _ in walk(self.scenario)]
        for path, (places, leaf) in zip(paths, walk_places(self.scenario), strict=True):
            if leaf.private is not None:
                owner = owner_of(self.scenario, places)
                owners[path] = self.side[owner] if owner is not None else 0
        return owners

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Return the paths of the leaves that differ from draw to draw, sorted."""
        return tuple(sorted(self.samplers))

    @cached_property
    def readings(self) -> tuple[tuple[Reading, ...], tuple[Reading, ...]]:
        """Return the outcome classes and the dated questions as functions of a state, both in file order."""
        classes = tuple(reading(self, outcome.when) for outcome in self.scenario.outcomes)
        return classes, tuple(reading(self, question.when) for question in self.scenario.questions)

    @cached_property
    def question_steps(self) -> tuple[int, ...]:
        """Return the step after which each dated question is read."""
        time = self.scenario.time
        return tuple(min(step_of(time, question.by), time.window) for question in self.scenario.questions)

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """Return the ends of steps 0 (the start), 1, ... as dates, or as numbers where there is no calendar."""
        time = self.scenario.time
        if time.start is None or time.step == "round":
            return tuple(str(step) for step in range(time.window + 1))
        return tuple(end_of(time, step).isoformat() for step in range(time.window + 1))

    def terms_of(self, level: F) -> dict[str, str | float]:
        """Return terms (M,) as level ids, or numbers in the issue's unit."""
        found: dict[str, str | float] = {}
        for issue, at in zip(self.issues, level, strict=True):
            if issue.levels is not None:
                found[issue.id] = issue.levels[round(float(at))].id
            else:
                low, high = issue.range or (0.0, 1.0)
                found[issue.id] = float(low + (high - low) * at / (points_of(issue) - 1))
        return found

    def numbers(self, seed: int, block: int) -> Numbers:
        """Return every leaf for one block of 1,024 draws: one uniform each, keyed by the leaf's path."""
        size = randomness.BLOCK
        public = {}
        for path, leaf in self.leaves.items():
            if leaf.certain:
                public[path] = np.full(size, leaf.args[0])
            else:
                public[path] = self.samplers[path](randomness.uniforms(seed, f"leaf:{path}", block)[0])
        spread = {}
        for path, side in self.owners.items():
            private = self.leaves[path].private
            assert private is not None
            width = Sampler(private)(randomness.uniforms(seed, f"spread:{path}", block)[0])
            spread[path] = (side, width)
        own_type = np.stack(
            [2.0 * randomness.uniforms(seed, f"type:{party.id}", block)[0] - 1.0 for party in self.parties]
        )
        return Numbers(public, spread, own_type, self.layout.casts)

    def params(self, seed: int, block: int, numbers: Numbers | None = None) -> Params:
        """Return the numbers of one block of 1,024 draws."""
        return _Assembler(self, numbers or self.numbers(seed, block)).params(seed, block)


class _Builder:
    """Builds the layout, and notes which leaf fills which row."""

    def __init__(self, game: Compiled) -> None:
        self.game = game
        self.scenario = game.scenario
        self.clauses: list[form.Clause] = []
        self.driver = {item.id: row for row, item in enumerate(game.moving)}
        self.mover = {move.id: row for row, move in enumerate(game.moves)}
        self.exit = {option.id: row for row, option in enumerate(game.exits)}
        self.at = {issue.id: row for row, issue in enumerate(game.issues)}
        self.fixed: list[tuple[float, ...]] = []
        game.rows = self.rows = {name: _Rows() for name in ROWS}

    def layout(self) -> form.Layout:
        game, scenario, time = self.game, self.scenario, self.scenario.time
        sides = tuple(party.id for party in game.parties)
        deadline = -1 if time.deadline is None else step_of(time, time.deadline)
        status_quo = self.terms(scenario.status_quo.terms)
        breakdown = scenario.breakdown
        after_breach = tuple(
            self.terms(party.breach.terms) if party.breach else status_quo for party in game.parties
        )
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
        strategies = tuple(self.strategy(party) for party in game.parties)
        protocol = scenario.protocol
        one_sided = isinstance(protocol, OneSided)
        first = game.side.get(protocol.by if one_sided else protocol.first, -1)
        private = tuple(s in game.owners.values() for s in (0, 1))
        partial = form.Layout(
            sides=sides,
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
            can_breach=tuple(party.breach is not None for party in game.parties),
            can_reopen=tuple(party.reopening is not None for party in game.parties),
            audiences=tuple(party.audience.link if party.audience else "" for party in game.parties),
            failure_ends=tuple(
                bool(party.audience and party.audience.on_failure == "end") for party in game.parties
            ),
            private=private,
            private_tastes=tuple(
                any(path.startswith("issues.") and owner == s for path, owner in game.owners.items()) for s in (0, 1)
            ),
            steps=time.window,
            step_years=years_of(time),
            deadline=deadline,
            deadline_collapses=time.at_deadline == "breakdown",
            look_ahead=time.look_ahead,
            protocol=protocol.kind,
            first=first,
            curve_points=scenario.curve_points,
            look_ahead_points=scenario.look_ahead_points or 10**6,
        )
        return _with_groups(partial, self.groups(partial))

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

    def level(self, issue: Issue, term: str | float) -> float:
        """Return a term as a level index, between two points for a continuous issue."""
        if issue.levels is not None:
            return float(next(i for i, level in enumerate(issue.levels) if level.id == term))
        assert issue.range is not None
        low, high = issue.range
        at = (float(term) - low) / (high - low) * (points_of(issue) - 1)
        return at if issue.continuous else float(round(at))

    def terms(self, terms: Mapping[str, str | float]) -> int:
        """Return the row of declared terms; issues left out take the status quo."""
        whole = {**self.scenario.status_quo.terms, **terms}
        levels = tuple(self.level(issue, whole[issue.id]) for issue in self.game.issues)
        if levels not in self.fixed:
            self.fixed.append(levels)
        return self.fixed.index(levels)

    def clause(self, condition: Mapping[str, Any] | None, taste: tuple[int, int] | None = None) -> int:
        """Return the row of a condition on terms, -1 for none."""
        tests, bounds = [], []
        for name, wanted in sorted((condition or {}).items()):
            row = self.at[name]
            issue = self.game.issues[row]
            if isinstance(wanted, Range) and issue.continuous:
                low = -1.0 if wanted.at_least is None else self.level(issue, wanted.at_least)
                high = float(points_of(issue)) if wanted.at_most is None else self.level(issue, wanted.at_most)
                bounds.append((row, low, high))
            else:
                tests.append((row, allowed(issue, wanted)))
        return self._keep(form.Clause(tuple(tests), tuple(bounds), taste))

    def both(self, one: int, two: int) -> int:
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

    def exit_option(self, option: Any) -> form.ExitOption:
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
        when = move.when
        status = (when.status if when else None) or ("talks", "agreement")
        path = f"moves.{move.id}"
        self.rows["move"].add(
            lambda get: np.stack(
                [
                    get(f"{path}.rate") if f"{path}.rate" in get.public else get(f"{path}.chance"),
                    get(f"{path}.collapse"),
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
            rival_bid=move.rival_bid,
        )

    def _rows(self, table: str, path: str, given: Iterable[str], rows: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
        return tuple((rows[name], self.rows[table].add(_public(f"{path}.{name}"))) for name in sorted(given))

    def drive(self, variable: str | None, move: str | None) -> int:
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
        others = sorted(other.id for other in self.scenario.communities if other.id != item.id)
        for other in others:
            if not item.pulls or item.pulls.get(other, 0.0) > 0.0:
                self.rows["shift"].add(_pull(base, item.pulls, other, others))
                yield form.Shift(row, self.driver[other], -1)

    def effect(self, effect: Any) -> form.Effect:
        status = effect.status or ("talks", "agreement", "exit", "breakdown")
        self.rows["effect"].add(_cast(f"effects.{effect.id}.coefficient"))
        side = self.game.side.get(effect.party, -1)
        taste = (side, self.at[effect.issue]) if effect.on == "weight" else None
        target = self.exit.get(effect.exit, -1)
        if effect.on == "rate":
            target = self.mover[effect.move]
        return form.Effect(
            on="flow" if effect.on == "weight" else effect.on,
            side=side,
            target=target,
            driver=self.drive(effect.variable, None if effect.on == "rate" else effect.move),
            clause=self.clause(effect.terms, taste),
            regimes=tuple(STATUSES[r] in status for r in (TALKS, AGREEMENT, EXIT, BREAKDOWN)),
        )

    def later(self, effects: tuple[form.Effect, ...], moves: tuple[form.Move, ...]) -> Iterable[tuple[int, int, int]]:
        """Yield effects that hang on a move which may come only under some terms."""
        for row, effect in enumerate(effects):
            move = effect.driver - len(self.driver)
            if effect.on == "flow" and effect.regimes[AGREEMENT] and move >= 0 and moves[move].clause >= 0:
                yield row, move, self.both(effect.clause, moves[move].clause)

    def answers(self, effects: tuple[form.Effect, ...], shifts: tuple[form.Shift, ...]) -> Iterable[tuple[int, int, int]]:
        """Yield effects that hang on a variable whose mean is moved by terms alone."""
        for row, effect in enumerate(effects):
            for s, shift in enumerate(shifts):
                fits = shift.variable == effect.driver and shift.clause >= 0 and shift.driver < 0
                if effect.on == "flow" and effect.regimes[AGREEMENT] and fits:
                    yield row, s, self.both(effect.clause, shift.clause)

    def lump(self, row: int, rule: Any) -> form.Lump:
        self.rows["lump"].add(_cast(f"lumps.{row}.amount"))
        return form.Lump(
            on=rule.on,
            by=self.game.side.get(rule.by, -1),
            exit=self.exit.get(rule.exit, -1),
            bearer=self.game.side[rule.party],
            clause=self.clause(rule.terms),
        )

    def reliance(self, row: int, rule: Any) -> form.Reliance:
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
                    terms.append((at, self.at[name], int(self.level(issue, _term(issue, level))), index))
        return form.Reliance(self.game.side[rule.party], tuple(patrons), tuple(terms))

    def strategy(self, party: Any) -> form.Strategy:
        time = self.scenario.time
        end = time.window if time.deadline is None else step_of(time, time.deadline)
        offers = party.offers
        timed = isinstance(offers, TimeDependent)
        script = offers.script if isinstance(offers, Fixed) else ()
        return form.Strategy(
            offers=offers.strategy,
            accepts=party.accepts.strategy,
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
        excluded = []
        for constraint in self.scenario.constraints:
            tests = {self.at[name]: allowed(self.game.issues[self.at[name]], w) for name, w in constraint.exclude.items()}
            if set(tests) <= set(members):
                excluded.append(tests)
        offered = [[v for v, free in enumerate(layout.issues[k].negotiable) if free] for k in members]
        for levels in product(*offered):
            at = dict(zip(members, levels, strict=True))
            if not any(all(test[at[k]] for k, test in tests.items()) for tests in excluded):
                yield levels


ROWS = ("move", "jump", "move_lump", "doubt", "shift", "effect", "lump", "reliance", "patron", "patron_term")


def _with_groups(layout: form.Layout, groups: tuple[form.Group, ...]) -> form.Layout:
    from dataclasses import replace

    return replace(layout, groups=groups)


def points_of(issue: Issue) -> int:
    """Return how many points of its range an issue's values are held at."""
    if issue.points is not None:
        return issue.points
    straight = all(isinstance(v, Shape) and v.shape == "linear" for v in issue.values.values())
    return 2 if straight else CURVE


def allowed(issue: Issue, wanted: Any) -> tuple[float, ...]:
    """Return 1 for each level that a condition names, else 0."""
    if isinstance(wanted, Range):
        assert issue.range is not None
        grid = np.linspace(*issue.range, points_of(issue))
        low = -np.inf if wanted.at_least is None else wanted.at_least - 1e-9
        high = np.inf if wanted.at_most is None else wanted.at_most + 1e-9
        return tuple(float(low <= x <= high) for x in grid)
    assert issue.levels is not None
    return tuple(float(level.id in wanted) for level in issue.levels)


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


class _Assembler:
    """Puts one block's numbers into ``Params``."""

    def __init__(self, game: Compiled, numbers: Numbers) -> None:
        self.game, self.get = game, numbers
        self.scenario = game.scenario
        self.draws = numbers.type.shape[1]

    def params(self, seed: int, block: int) -> Params:
        game, get = self.game, self.get
        rows = game.rows
        audience_weight, audience_value = self.audience_tables()
        return Params(
            tastes=self.tastes(),
            type=get.type,
            accuracy=self.by_party(lambda p: get(f"parties.{p.id}.accuracy")),
            noise=np.stack([self.noise(seed, block, party.id) for party in game.parties]),
            trust=self.by_party(lambda p: get(f"parties.{p.id}.trust.breach_rate")),
            after_breach=self.by_party(lambda p: get(f"parties.{p.id}.trust.after_breach")),
            learning=self.by_party(lambda p: self.optional(p.learning, f"parties.{p.id}.learning.precision", np.inf)),
            breach=self.by_party(lambda p: self.several(p.breach, f"parties.{p.id}.breach", "precision", "gain", "collapse")),
            reopening=self.by_party(lambda p: self.several(p.reopening, f"parties.{p.id}.reopening", "precision", "cost")),
            audience=self.by_party(lambda p: self.several(p.audience, f"parties.{p.id}.audience", "precision", "spread")),
            audience_weight=audience_weight,
            audience_value=audience_value,
            audience_pull=self.by_party(self.pull_of),
            hazard=self.hazard(),
            variable=self.variables(),
            shift=rows["shift"].table(get),
            move=rows["move"].table(get, (2,)),
            jump=rows["jump"].table(get),
            move_lump=rows["move_lump"].table(get),
            doubt=rows["doubt"].table(get),
            patron=rows["patron"].table(get, (2,)),
            patron_term=rows["patron_term"].table(get),
            reliance=rows["reliance"].table(get),
            strategy=self.by_party(self.strategy),
            accept=self.by_party(self.accepts),
        )

    def by_party(self, row: Callable[[Any], F]) -> F:
        return np.ascontiguousarray(np.stack([row(party) for party in self.game.parties]))

    def full(self, value: float) -> F:
        return np.full(self.draws, value)

    def optional(self, there: object, path: str, otherwise: float) -> F:
        return self.get(path) if there is not None and path in self.get.public else self.full(otherwise)

    def several(self, there: object, base: str, *names: str) -> F:
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
        game, get = self.game, self.get
        return Tastes(
            discount=self.by_party(self.discount),
            weight=self.by_party(lambda p: self.normalised([get.cast(f"issues.{i.id}.weights.{p.id}") for i in game.issues])),
            value=tuple(self.by_party(lambda p, i=issue: self.values(i, p.id)) for issue in game.issues),
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
        total = np.zeros_like(weights[0])
        for weight in weights:
            total = total + weight
        return np.stack([weight / np.maximum(total, 1e-300) for weight in weights])

    def values(self, issue: Issue, party: str, base: str | None = None) -> F:
        """Return a value table (L, casts, n)."""
        base = base or f"issues.{issue.id}.values.{party}"
        given = issue.values[party] if base.startswith("issues") else self.audience_values(party, issue)
        if not isinstance(given, Shape):
            assert issue.levels is not None
            return np.stack([self.get.cast(f"{base}.{level.id}") for level in issue.levels])
        share = np.linspace(0.0, 1.0, points_of(issue))
        points = [self.get.none() + s for s in (share if given.best == "high" else 1.0 - share)]
        return np.stack([self.curve(given, base, x) for x in points])

    def curve(self, given: Shape, base: str, x: F) -> F:
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
        path = ".".join(part for part in (base, name, party) if part)
        return self.get.cast(path) if path in self.get.public else self.get.none()

    def exit_flows(self) -> F:
        if not self.game.exits:
            return np.zeros((0, 2, self.get.casts, self.draws))
        return np.stack(
            [self.by_party(lambda p, e=option: self.flow(f"exits.{e.id}", p.id)) for option in self.game.exits]
        )

    def audience_values(self, party: str, issue: Issue) -> Any:
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
        given = party.audience.communities if party.audience else {}
        path = f"parties.{party.id}.audience.communities"
        rows = [
            self.get(f"{path}.{item.id}") if item.id in given else self.full(0.0) for item in self.game.moving
        ]
        return np.stack(rows) if rows else np.zeros((0, self.draws))

    def hazard(self) -> F:
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
        base = f"parties.{party.id}.offers"
        return np.stack([self.optional(1, f"{base}.exponent", 1.0), self.optional(1, f"{base}.opening", 0.0)])

    def accepts(self, party: Any) -> F:
        base = f"parties.{party.id}.accepts"
        return np.stack(
            [
                self.optional(1, f"{base}.factor", 1.0),
                self.optional(1, f"{base}.margin", 0.0),
                self.optional(1, f"{base}.least", 0.0),
            ]
        )
