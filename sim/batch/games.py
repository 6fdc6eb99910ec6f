"""From a point of a sweep to a game, and from a game and some draws to the bytes of a table."""

from __future__ import annotations

import copy
import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.scenario.axes import SWITCHED, DesignError
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.explain import faults_of
from sim.scenario.faults import ScenarioError
from sim.scenario.hashes import digest, meaning
from sim.scenario.load import examine
from sim.scenario.overrides import override

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.batch.designs import Point
    from sim.scenario.read import Document
    from sim.scenario.schema import Scenario

# These repeat what the seed and the model already say, or matter for one run's report alone.
LEFT_OUT = ("leaf.", "start.", "moved.", "ended_", "history")


class Job(NamedTuple):
    """What every task of a sweep shares."""

    document: Document  # the scenario's file with its overrides
    stem: str
    seed: int
    independent: bool
    key: str  # names the job: a process that plays for several never mixes their games


class Task(NamedTuple):
    """Some draws of one point: those from `first`, which begins a block or extends one, up to `stop`."""

    point: Point
    number: int  # of the point in the design; the base case is -1
    first: int
    stop: int

    @property
    def key(self) -> str:
        """Return the name of the table of these draws, without its ending."""
        return f"{self.point.id}-{self.first:010d}"


class Played(NamedTuple):
    """A task's table as bytes, and the hash of the compiled parameters it was played with."""

    data: bytes
    fingerprint: str


class Failure(NamedTuple):
    """Why a task could not be played."""

    reason: str


Finding = tuple[Task, Played | Failure]


def scenario_of(job: Job, point: Point) -> Scenario:
    """Return the scenario at a point; raises `ScenarioError` or `DesignError` where there can be none."""
    document = copy.deepcopy(job.document)
    switches = [(path, value) for path, value in point.settings if _is_switch(document.tree, path, value)]
    sets = [f"{path}={value}" for path, value in point.settings if (path, value) not in switches]
    early = override(document, sets)
    scenario, findings = examine(document, job.stem)
    faults = [*early, *faults_of(findings, document)]
    if faults or scenario is None:
        raise ScenarioError(faults)
    for path, value in switches:
        without = _switched_off(scenario, path)  # an unknown name is refused for on, too
        scenario = without if value == "off" else scenario
    return scenario


def refusal(job: Job, point: Point) -> str | None:
    """Return why there can be no scenario at a point; None where there is one."""
    try:
        scenario_of(job, point)
    except (ScenarioError, DesignError) as error:
        return reason(error)
    return None


def reason(error: ScenarioError | DesignError) -> str:
    """Return why a point cannot be played, in a line."""
    faults = error.faults if isinstance(error, ScenarioError) else ()
    return "; ".join(list(dict.fromkeys(fault.sentence for fault in faults))[:3]) or str(error)


def _step(node: Any, name: str) -> Any:
    """Return the key or the place under which a name stands in a node of the file, None where there is none."""
    if isinstance(node, dict):
        return name if name in node else None
    items = enumerate(node) if isinstance(node, list) else ()
    return next((at for at, item in items if isinstance(item, dict) and item.get("id") == name), None)


def value_at(node: Any, path: str) -> Any:
    """Return what the file has at a path, None where it has nothing."""
    for name in path.split("."):
        step = _step(node, name)
        if step is None:
            return None
        node = node[step]
    return node


def _is_switch(tree: Any, path: str, value: str) -> bool:
    """Say whether a setting turns a mechanism on or off: `moves.ID`, `exits.ID`, or a mechanism by its id."""
    return value in SWITCHED and path.count(".") <= 1 and path.rsplit(".", maxsplit=1)[-1] not in tree


def _switched_off(scenario: Scenario, path: str) -> Scenario:
    from sim.mechanisms import mechanisms, without_exit, without_move

    kind, _, name = path.partition(".")
    if kind == "moves" and any(move.id == name for move in scenario.moves):
        return without_move(scenario, name)
    if kind == "exits" and any(option.id == name for option in scenario.exits):
        return without_exit(scenario, name)
    known = {each.id: each for each in mechanisms(scenario)}
    if path not in known:
        raise DesignError(
            f"{path} cannot be switched off; there are moves.ID, exits.ID and {', '.join(known) or 'no more'}"
        )
    return known[path].off(scenario)


def seed_of(job: Job, task: Task) -> int:
    """Return the seed of a task: the sweep's, or with independent points one of the point's own."""
    if not job.independent or not task.point.settings:
        return job.seed
    own = np.random.SeedSequence(job.seed, spawn_key=(int(task.point.id, 16),))
    return int(own.generate_state(1, np.uint64)[0] >> 1)


_KNOWN: dict[str, tuple[Compiled, str]] = {}  # the game played last in this process: its neighbours are often its own


def play_task(job: Job, task: Task) -> Played:
    """Play some draws of a point; the same bytes wherever they are played."""
    from sim import randomness
    from sim.montecarlo import Batch, play

    compiled, mark = _game(job, task.point)
    start = task.first // randomness.BLOCK
    found = play(compiled, seed_of(job, task), Batch(start, task.stop - start * randomness.BLOCK))
    skip = task.first - start * randomness.BLOCK
    columns = {name: values[skip:] for name, values in found.columns.items() if not name.startswith(LEFT_OUT)}
    return Played(encoded(columns, {"point": task.point.id, "fingerprint": mark}), mark)


def _game(job: Job, point: Point) -> tuple[Compiled, str]:
    key = f"{job.key}:{job.seed}:{point.id}"
    if key not in _KNOWN:
        compiled = compile_scenario(scenario_of(job, point))
        _KNOWN.clear()
        _KNOWN[key] = compiled, fingerprint(compiled, job.seed)
    return _KNOWN[key]


def fingerprint(compiled: Compiled, seed: int) -> str:
    """Hash what is really played: layout, parameters of the first block, and how ends are read."""
    total = hashlib.sha256(repr(compiled.layout).encode())
    for name, values in compiled.params(seed, 0)._asdict().items():
        _hash_into(total, name, values)
    scenario = compiled.scenario
    total.update(digest([meaning(scenario.outcomes, "outcomes"), meaning(scenario.questions)]).encode())
    return total.hexdigest()


def _hash_into(total: Any, name: str, values: Any) -> None:
    if isinstance(values, np.ndarray):
        total.update(f"{name}{values.shape}".encode())
        total.update(np.ascontiguousarray(values).tobytes())
    elif hasattr(values, "_asdict"):
        for key, below in values._asdict().items():
            _hash_into(total, f"{name}.{key}", below)
    elif isinstance(values, tuple | list):
        for place, below in enumerate(values):
            _hash_into(total, f"{name}.{place}", below)
    else:
        total.update(f"{name}={values!r}".encode())


def encoded(columns: Mapping[str, np.ndarray], about: Mapping[str, str]) -> bytes:
    """Return a Parquet file of columns (n,) with page checksums, and words about it in its metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from sim.batch.store import ROWS_PER_GROUP, encoding, table

    sink = pa.BufferOutputStream()
    made = table(columns)
    with pq.ParquetWriter(sink, made.schema, **encoding(made.schema)) as writer:
        writer.write_table(made, ROWS_PER_GROUP)
        writer.add_key_value_metadata({f"parley.{key}": text for key, text in about.items()})
    return bytes(sink.getvalue())


def tasks_of(point: Point, number: int, have: Sequence[tuple[int, int]], draws: int, most: int) -> list[Task]:
    """Return what is still to be played of a point, of which the draws `have` (first, stop) are there.

    A task ends with a block, and holds at most `most` draws.
    """
    at = 0
    for first, stop in sorted(have):
        if first != at:
            break
        at = stop
    made = []
    while at < draws:
        stop = min(draws, (at // most + 1) * most)
        made.append(Task(point, number, at, stop))
        at = stop
    return made
