"""Named streams of random numbers."""

from __future__ import annotations

import numpy as np

from sim import randomness
from tests.strategies import normals


def test_a_stream_is_a_function_of_seed_name_and_block() -> None:
    """The same seed, name and block give the same numbers; any other gives others; seed 0 is a seed."""
    base = randomness.uniforms(0, "move:a", 0)
    assert (base == randomness.uniforms(0, "move:a", 0)).all()
    for other in ((1, "move:a", 0), (0, "move:b", 0), (0, "move:a", 1)):
        assert not (base == randomness.uniforms(*other)).any()


def test_longer_windows_extend_a_stream() -> None:
    """More steps leave the earlier ones as they are."""
    for draw in (randomness.uniforms, normals, randomness.exponentials):
        assert (draw(3, "x", 2, 40)[:7] == draw(3, "x", 2, 7)).all()


def test_streams_are_what_they_say() -> None:
    """Uniforms have mean 1/2, normals variance 1, exponentials mean 1, within five standard errors."""
    size = 40 * randomness.BLOCK
    assert abs(randomness.uniforms(0, "u", 0, 40).mean() - 0.5) < 5 * np.sqrt(1 / 12 / size)
    assert abs(normals(0, "n", 0, 40).var() - 1.0) < 5 * np.sqrt(2 / size)
    assert abs(randomness.exponentials(0, "e", 0, 40).mean() - 1.0) < 5 * np.sqrt(1 / size)


def test_neighbouring_streams_are_unrelated() -> None:
    """Streams of different names, and neighbouring blocks of one, are uncorrelated within five standard errors."""
    one = normals(0, "a", 0, 40).ravel()
    for other in (normals(0, "b", 0, 40).ravel(), normals(0, "a", 1, 40).ravel()):
        assert abs((one * other).mean()) < 5 / np.sqrt(one.size)
