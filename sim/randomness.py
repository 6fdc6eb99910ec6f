"""The only owner of random numbers: (seed, stream, block) -> arrays.

A stream is named by its kind and id ("variable:trust"), so that a new one shifts no other.  Draws come in fixed blocks
of 1,024; within a block arrays are time-major, so that a longer window extends and never changes what came before.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from sim import blocks

BLOCK = blocks.BLOCK


def generator(seed: int, stream: str, block: int) -> np.random.Generator:
    """Return the generator of one block of one stream; seed 0 is a seed like any other."""
    digest = hashlib.blake2b(stream.encode(), digest_size=8).digest()
    key = np.random.SeedSequence(seed, spawn_key=(int.from_bytes(digest, "big"), block))
    return np.random.Generator(np.random.Philox(key))


def uniforms(seed: int, stream: str, block: int, steps: int = 1) -> NDArray[np.float64]:
    """Return uniforms on [0, 1), shape (steps, 1024)."""
    return generator(seed, stream, block).random((steps, BLOCK))


def exponentials(seed: int, stream: str, block: int, steps: int = 1) -> NDArray[np.float64]:
    """Return standard exponentials, shape (steps, 1024)."""
    return generator(seed, stream, block).standard_exponential((steps, BLOCK))
