"""Scenario -> the form of the game (``Layout``) and, for a block of draws, its numbers (``Params``).

Everything with an id is sorted by id here, before any sum is taken, so that neither the order of a file nor a label
changes a result.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from sim import randomness
from sim.rules.trees import take
from sim.rules.types import Params
from sim.scenario.assemble import REPUTATION, Assembler
from sim.scenario.build import Builder
from sim.scenario.correlations import groups_of
from sim.scenario.dates import calendar_of, step_of
from sim.scenario.distributions import Sampler
from sim.scenario.leaf import Leaf
from sim.scenario.levels import term_of
from sim.scenario.numbers import F, Numbers
from sim.scenario.predicates import Reading, reading
from sim.scenario.private import owner_of, types_of_parties
from sim.scenario.schema import Scenario
from sim.scenario.walk import walk, walk_places


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
        self.tied = groups_of(scenario)
        self.owners = self._owners()
        types = types_of_parties(scenario)
        self.types = types[self.parties[0].id], types[self.parties[1].id]
        builder = Builder(self)
        self.layout = builder.layout()
        self.rows = builder.rows

    def __reduce__(self) -> tuple[Any, tuple[Scenario]]:
        """Travel as the scenario and compile anew."""
        return compile_scenario, (self.scenario,)

    def _owners(self) -> dict[str, tuple[int, str]]:
        """Return the owner's side and the name of the type of every private number."""
        owners = {}
        paths = [".".join(path) for path, _ in walk(self.scenario)]
        for path, (places, leaf) in zip(paths, walk_places(self.scenario), strict=True):
            if leaf.private is not None:
                owner = owner_of(self.scenario, places)
                owners[path] = (self.side[owner] if owner is not None else 0, leaf.type)
        return owners

    def _spread(self, path: str, chance: F) -> tuple[int, int, F]:
        """Return of a private number its owner's side, which of the owner's types it moves with, and its half width."""
        side, name = self.owners[path]
        private = self.leaves[path].private
        assert private is not None
        return side, self.types[side].index(name), Sampler(private)(chance)

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
        return tuple(calendar_of(self.scenario.time))

    def terms_of(self, level: F) -> dict[str, str | float]:
        """Return terms (M,) as level ids, or numbers in the issue's unit."""
        return {issue.id: term_of(issue, float(at)) for issue, at in zip(self.issues, level, strict=True)}

    def numbers(self, seed: int, block: int) -> Numbers:
        """Return every leaf for one block of 1,024 draws: one uniform each, keyed by the leaf's path."""
        size = randomness.BLOCK
        tied = self._tied(seed, block)
        public = {}
        for path, leaf in self.leaves.items():
            if leaf.certain:
                public[path] = np.full(size, leaf.args[0])
            else:
                public[path] = self.samplers[path](tied[path] if path in tied else _uniform(seed, path, block))
        spread = {
            path: self._spread(path, randomness.uniforms(seed, f"spread:{path}", block)[0]) for path in self.owners
        }
        types = np.zeros(self._shape_of_types(size))
        for side, party in enumerate(self.parties):
            self._draw_types(types[side], seed, block, side, party.id)
        own = [path for path in self.owners if ".replace." not in path]
        bias = self._bias(seed, block, own)
        numbers = Numbers(public, spread, types, bias, self.layout.casts)
        heirs = [
            tuple(self._heir(seed, block, numbers, party, heir) for heir in party.successors) for party in self.parties
        ]
        return replace(numbers, heirs=(heirs[0], heirs[1])) if any(heirs) else numbers

    def middle(self, size: int = 1) -> Numbers:
        """Return every leaf for ``size`` equal draws: uncertain numbers at their medians, types at 0."""
        half = np.full(size, 0.5)
        public = {path: Sampler(leaf)(half) for path, leaf in self.leaves.items()}
        spread = {path: self._spread(path, half) for path in self.owners}
        none = np.zeros(self._shape_of_types(size))
        heirs = [
            tuple(Numbers(public, spread, none, none, self.layout.casts) for _ in p.successors) for p in self.parties
        ]
        return Numbers(public, spread, none, none, self.layout.casts, (heirs[0], heirs[1]))

    def middle_params(self) -> Params:
        """Return the numbers of one draw at the medians."""
        return take(self.params(0, 0, self.middle(randomness.BLOCK)), np.array([0]))

    def values_of_part(self, numbers: Numbers, issue: int, low: float, high: float) -> F:
        """Return both sides' values (S, L, casts, n) of a part of a continuous issue's range, 0 <= low < high <= 1."""
        return Assembler(self, numbers).part(self.issues[issue], low, high)

    def _bias(self, seed: int, block: int, paths: Iterable[str]) -> F:
        """Return the tilt (S, Z, n) that private numbers give to what is thought of each side's types."""
        bias = np.zeros(self._shape_of_types(randomness.BLOCK))
        for path in paths:
            tilt = self.leaves[path].bias
            if tilt is not None:
                side, name = self.owners[path]
                row = self.types[side].index(name)
                bias[side, row] = Sampler(tilt)(randomness.uniforms(seed, f"bias:{path}", block)[0])
        return bias

    def _shape_of_types(self, size: int) -> tuple[int, int, int]:
        return 2, max(self.layout.axes(0), self.layout.axes(1)), size

    def _draw_types(self, rows: F, seed: int, block: int, side: int, holder: str) -> None:
        """Draw into ``rows`` (Z, n) the types of a side held by ``holder``, uniform on [-1, 1] and independent."""
        for row, name in enumerate(self.types[side] or ("",)):
            stream = f"type:{holder}/{name}" if name else f"type:{holder}"
            rows[row] = 2.0 * randomness.uniforms(seed, stream, block)[0] - 1.0

    def _heir(self, seed: int, block: int, numbers: Numbers, party: Any, heir: Any) -> Numbers:
        """Return the numbers with a successor's in the place of its party's, and a type of its own."""
        base = f"parties.{party.id}.successors.{heir.id}"
        public, spread = dict(numbers.public), dict(numbers.spread)
        for path in heir.replace:
            public[path] = numbers.public[f"{base}.replace.{path}"]
            spread.pop(path, None)
            if f"{base}.replace.{path}" in numbers.spread:
                spread[path] = numbers.spread[f"{base}.replace.{path}"]
        if heir.breach_rate is not None:
            public[f"parties.{party.id}.{REPUTATION}"] = numbers.public[f"{base}.breach_rate"]
        inherited = [path for path in self.owners if ".replace." not in path and path not in heir.replace]
        brought = [f"{base}.replace.{path}" for path in heir.replace if f"{base}.replace.{path}" in self.owners]
        types = numbers.type.copy()
        side = self.side[party.id]
        self._draw_types(types[side], seed, block, side, f"{party.id}:{heir.id}")
        return Numbers(public, spread, types, self._bias(seed, block, [*inherited, *brought]), numbers.casts)

    def _tied(self, seed: int, block: int) -> dict[str, F]:
        """Return the uniforms (n,) of the leaves that are correlated with others."""
        found: dict[str, F] = {}
        for group in self.tied:
            uniforms = group.tie([_uniform(seed, path, block) for path in group.paths])
            found |= dict(zip(group.paths, uniforms, strict=True))
        return found

    def params(self, seed: int, block: int, numbers: Numbers | None = None) -> Params:
        """Return the numbers of one block of 1,024 draws."""
        return Assembler(self, numbers or self.numbers(seed, block)).params(seed, block)


def _uniform(seed: int, path: str, block: int) -> F:
    return randomness.uniforms(seed, f"leaf:{path}", block)[0]
