"""Designs lay out points as a stream, and a finer or longer one keeps the points it had."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from sim.batch.designs import Design, Point, design
from sim.batch.games import tasks_of
from sim.scenario import Scenario, load
from sim.scenario.axes import DesignError, read_axes

RATE = "parties.guest.discount_rate"


@pytest.fixture
def harbour(example: Path) -> Scenario:
    """The small scenario."""
    return load(example)


def laid(scenario: Scenario, *vary: str, kind: str = "grid", points: int | None = None, seed: int = 0) -> Design:
    """A design over what varies."""
    return design(kind, read_axes(vary, scenario), points, seed, None)


def test_a_grid_is_every_combination_in_order(harbour: Scenario) -> None:
    """The last axis runs fastest, ends included, numbers written as short as they read back."""
    points = [point.settings for point in laid(harbour, f"{RATE}=0.1:0.3:3", "time.window=3,6")]
    assert [dict(each)[RATE] for each in points] == ["0.1", "0.1", "0.2", "0.2", "0.3", "0.3"]
    assert [dict(each)["time.window"] for each in points] == ["3", "6"] * 3


def test_probes_are_written_values_and_ends_and_steps_of_ranges(harbour: Scenario) -> None:
    """Each alone in the base case; of axes that move together every place where one of them is written out."""
    settings = [p.settings for p in laid(harbour, f"{RATE}=0.1:0.3:5", "time.window=3,6,9").probes()]
    assert settings == [
        ((RATE, "0.1"),),
        ((RATE, "0.15"),),
        ((RATE, "0.3"),),
        *((("time.window", each),) for each in "369"),
    ]
    together = laid(harbour, f"{RATE}+time.window=0.1:0.3:3/3,6,9", kind="sobol", points=4)
    assert [p.settings for p in together.probes()] == [
        ((RATE, rate), ("time.window", window)) for rate, window in zip(("0.1", "0.2", "0.3"), "369", strict=True)
    ]
    assert list(Design("list", (), rows=(Point(((RATE, "0.1"),)),)).probes()) == [Point(((RATE, "0.1"),))]


def test_a_grid_of_a_billion_points_is_a_stream(harbour: Scenario) -> None:
    """The first points of a design far too large for memory come at once."""
    huge = laid(harbour, f"{RATE}=0:1:100000", "time.window=10:20:10000")
    assert huge.size == 10**9
    assert len(list(islice(huge, 5))) == 5


def test_paths_that_move_together_are_one_axis(harbour: Scenario) -> None:
    """`a+b=` moves both, through the same values or each through its own."""
    both = f"{RATE}+parties.host.discount_rate"
    assert [p.settings for p in laid(harbour, f"{both}=0.1,0.2")][1] == (
        (RATE, "0.2"),
        ("parties.host.discount_rate", "0.2"),
    )
    apart = laid(harbour, f"{both}=0:1:3/5:7:3")
    assert [[value for _, value in p.settings] for p in apart] == [["0", "5"], ["0.5", "6"], ["1", "7"]]


def test_a_path_alone_follows_its_own_distribution(harbour: Scenario) -> None:
    """Uniform on 0.1 to 0.2: five quantiles at the middles of fifths."""
    values = [float(p.settings[0][1]) for p in laid(harbour, RATE)]
    assert values == pytest.approx([0.11, 0.13, 0.15, 0.17, 0.19])


@pytest.mark.parametrize("kind", ["sobol", "halton"])
def test_sequences_extend(harbour: Scenario, kind: str) -> None:
    """The first 30 of 1,500 points are the 30 of a short sequence, and all lie in the ranges."""
    axes = (f"{RATE}=0.1:0.3", "time.window=3,6,9")
    short, long = (list(laid(harbour, *axes, kind=kind, points=n)) for n in (30, 1500))
    assert long[:30] == short
    assert len({p.id for p in long}) == 1500
    assert all(0.1 <= float(p.settings[0][1]) <= 0.3 for p in long)
    assert list(laid(harbour, *axes, kind=kind, points=30, seed=1)) != short


def test_a_hypercube_has_one_point_in_each_slice(harbour: Scenario) -> None:
    """Twenty points of a Latin hypercube lie in twenty different slices of each axis."""
    points = laid(harbour, f"{RATE}=0:1", "parties.host.discount_rate=0:1", kind="lhs", points=20)
    for at in (0, 1):
        assert {int(float(p.settings[at][1]) * 20) for p in points} == set(range(20))


def test_a_finer_grid_keeps_its_points_names(harbour: Scenario) -> None:
    """A point is named by what it sets, wherever it stands."""
    coarse, fine = ({p.id for p in laid(harbour, f"{RATE}=0:1:{n}")} for n in (3, 5))
    assert coarse < fine


def test_a_list_names_paths_and_points(tmp_path: Path) -> None:
    """A CSV file: paths in its head, a point a line, the same point once."""
    path = tmp_path / "points.csv"
    path.write_text("a.b,c\n1,x\n2,y\n1,x\n", encoding="utf-8")
    found = design("list", (), None, 0, path)
    assert [p.settings for p in found] == [(("a.b", "1"), ("c", "x")), (("a.b", "2"), ("c", "y"))]
    path.write_text("a.b,c\n1\n", encoding="utf-8")
    with pytest.raises(DesignError, match=r"points\.csv:2: 1 values for 2 paths"):
        design("list", (), None, 0, path)


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ("x", "no number with a distribution"),
        ("parties.guest.discount_rte", "did you mean parties.guest.discount_rate"),
        ("parties.host.discount_rate", "a fixed number"),
        ("a=1:2:3:4", "no range"),
        ("a=2:1:3", "must be the smaller"),
        ("a=0:1:x", "whole number"),
        ("a=0:1:0", "whole number"),
        ("a=0:nan:3", "no finite number"),
        ("a=1,,2", "empty value"),
        ("a=1,1", "one value twice"),
        ("a=", "varies nothing"),
        ("a+b=1,2/1,2,3", "equally many"),
        ("a+b=1,2/1,2/1,2", "2 paths and 3 ranges"),
    ],
)
def test_what_cannot_be_varied_is_a_sentence(harbour: Scenario, vary: str, words: str) -> None:
    """Each fault of `--vary` says what is wrong."""
    with pytest.raises(DesignError, match=words):
        read_axes((vary,), harbour)


def test_tasks_fill_what_is_missing() -> None:
    """Tasks end with a block, go on behind what is there, and are none where all is there."""
    point = Point((("a", "1"),))
    spans = [(each.first, each.stop) for each in tasks_of(point, 0, [(0, 1000)], 20_000, 8192)]
    assert spans == [(1000, 8192), (8192, 16384), (16384, 20000)]
    assert tasks_of(point, 0, [(0, 1000)], 1000, 8192) == []
    assert [each.first for each in tasks_of(point, 0, [(8192, 9000)], 9000, 8192)] == [0, 8192]
