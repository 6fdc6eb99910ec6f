"""Trees of arrays: what is read through a choice of draws, and what is written."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from sim.rules.trees import FEW, MANY, Draws, leading, room_for, selected, spread, take, thinned, untaken, write
from sim.rules.types import F


class Leaf(NamedTuple):
    """Two arrays."""

    one: Any
    two: F


class Branch(NamedTuple):
    """A leaf, and some arrays."""

    leaf: Leaf
    more: tuple[F, ...]
    none: F | None


def tree(draws: int = 6) -> Branch:
    """Return a tree in which every number is another."""
    made = np.arange(12.0 * draws).reshape(3, 4, draws)
    return Branch(Leaf(made[0], made[1, 0]), (made[1], made[2]), None)


def test_a_choice_reads_like_a_copy() -> None:
    """Every part of a selection is that of the copied tree, nested ones and those chosen twice too."""
    keep = np.array([4, 0, 3])
    chosen, copied = selected(tree(), keep), take(tree(), keep)
    assert (chosen.leaf.one == copied.leaf.one).all()
    assert (chosen.more[1] == copied.more[1]).all()
    assert chosen.none is None
    again = selected(chosen, np.array([1, 1]))
    assert (again.leaf.two == copied.leaf.two[[1, 1]]).all()


def test_the_beginning_of_a_choice_takes_nothing_twice() -> None:
    """What was read of the wider choice is seen through; what was not is taken when it is read."""
    wide = selected(tree(), np.array([4, 0, 3]))
    read = wide.leaf.one
    narrow = leading(wide, 2)
    assert np.shares_memory(narrow.leaf.one, read)
    assert (narrow.leaf.one == read[:, :2]).all()
    assert (narrow.more[0] == tree().more[0][:, [4, 0]]).all()
    assert not np.shares_memory(narrow.more[0], wide.more[0])
    plain = leading(tree(), 2)
    assert plain.leaf.two.tolist() == tree().leaf.two[:2].tolist()
    assert plain.none is None


def test_some_rows_of_a_choice_are_those_rows_of_a_copy() -> None:
    """Thinning and choosing go together in either order; with every row there is nothing to do."""
    keep, rows = np.array([5, 2]), slice(1, None, 2)
    lists = tree().more
    wanted = take(lists, keep)[0][rows]
    assert (thinned(selected(lists, keep), rows)[0] == wanted).all()
    assert (selected(thinned(lists, rows), keep)[0] == wanted).all()
    assert thinned(lists, slice(0, None, 1)) is lists


def test_what_is_worked_out_in_some_draws_is_nan_in_the_others() -> None:
    """Spread over five draws, three of them have no value."""
    wide = spread(Leaf(np.ones((2, 2)), np.zeros(2)), np.array([3, 1]), 5)
    assert np.isnan(wide.two).tolist() == [True, False, True, False, True]
    assert wide.one[:, [1, 3]].tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_a_tree_is_put_together_from_parts_in_its_own_room() -> None:
    """Written part by part, the room holds what the whole held; kinds of numbers stay."""
    whole = Leaf(np.arange(8.0, dtype=np.float32).reshape(2, 4), np.linspace(0.0, 1.0, 4))
    room = room_for(take(whole, np.array([0])), 4)
    for at in (np.array([2, 0]), np.array([1, 3])):
        write(room, at, take(whole, at))
    assert room.one.dtype == whole.one.dtype
    assert (room.one == whole.one).all()
    assert (room.two == whole.two).all()


@pytest.mark.parametrize("wide", [7, 2 * MANY])
def test_draws_know_who_stands_next_to_whom(wide: int) -> None:
    """Stretches and single draws, few or many, read and write the columns that their numbers name."""
    array = np.arange(3.0 * wide).reshape(3, wide)
    some = Draws(slice(1, wide - 2), np.array([0, wide - 1]))
    assert len(some) == wide - 1
    every = [*range(1, wide - 2), 0, wide - 1]
    assert some.at.tolist() == every
    for chosen, at in (
        (some, every),
        (some * 2, every * 2),
        (some + Draws(np.array([1])), [*every, 1]),
        (some.leading(wide - 2), every[:-1]),
        (some.leading(2), every[:2]),
        (Draws(slice(0, 2)).shifted(3), [3, 4]),
        (Draws(np.array([0, 2])).shifted(3), [3, 5]),
        (Draws(slice(0, 2)) + Draws(slice(2, 4)), [0, 1, 2, 3]),
        (Draws(), []),
    ):
        assert chosen.at.tolist() == at
        assert (chosen.columns(array) == array[:, at]).all()
    assert len((Draws(np.array([2])) + Draws(np.array([0]))).parts) == 1  # taken in one go
    written = np.zeros_like(array)
    some.write(written, array[:, every])
    assert (written[:, every] == array[:, every]).all()
    assert (written[:, wide - 2] == 0.0).all()
    some.add(written, array[:, every])
    assert (written[:, every] == 2.0 * array[:, every]).all()
    assert (written[:, wide - 2] == 0.0).all()


def test_one_stretch_is_seen_through() -> None:
    """No copy is made of neighbours."""
    array = np.arange(12.0).reshape(2, 6)
    assert np.shares_memory(Draws(slice(1, 4)).columns(array), array)
    assert np.shares_memory((Draws(slice(1, 2)) + Draws(slice(2, 4))).columns(array), array)
    assert not np.shares_memory((Draws(slice(1, 4)) * 2).columns(array), array)


def test_a_mask_is_read_as_stretches() -> None:
    """A few stretches are known as such; of many, what the mask begins with, the rest one by one."""
    assert Draws.of(np.array([True, True, False, True])).parts == (slice(0, 2), slice(3, 4))
    assert Draws.of(np.array([True, True] + [False, True] * FEW)).parts[0] == slice(0, 2)
    few: list[list[bool]] = [[True, True, False, True], [False, True], [True, True], [False, False], []]
    for mask in (*few, [True, False] * FEW, [False, True] * FEW):
        where = np.array(mask, dtype=np.bool_)
        assert Draws.of(where).at.tolist() == np.flatnonzero(where).tolist()


def test_an_array_is_read_in_part_without_taking_it() -> None:
    """Through one choice or several, the columns meant are those that the whole choice would take."""
    chosen = selected(selected(tree(), np.array([4, 0, 3])), Draws(slice(1, 3)))
    array, draw = untaken(chosen.leaf, "two")
    assert array is not None
    assert (array[draw] == chosen.leaf.two).all()
    taken, at = untaken(chosen.leaf, "two")
    assert taken.shape == (2,)
    assert (taken[at] == array[draw]).all()
    whole, everybody = untaken(tree().leaf, "two")
    assert everybody is None
    assert whole.tolist() == tree().leaf.two.tolist()
