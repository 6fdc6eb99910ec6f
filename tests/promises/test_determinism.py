"""Promise 4: every stream is named, seed 0 is a seed, and nothing else decides a draw."""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SIM = ROOT / "sim"
PURE_ROOMS = ("rules", "scenario", "analysis", "charts")
PURE_MODULES = ("randomness.py", "montecarlo.py", "ledger.py", "episodes.py", "plane.py", "agents.py", "describe.py")
PURE = PURE_ROOMS + PURE_MODULES
CLOCKS = {"now", "utcnow", "today", "perf_counter", "monotonic", "process_time", "time_ns", "localtime", "gmtime"}
# the constructors of generators whose state is theirs alone
OWN_GENERATORS = {"Generator", "Philox", "SeedSequence", "BitGenerator"}


def modules(*rooms: str) -> list[Path]:
    """The modules of the package, or of some of its rooms."""
    every = sorted(path for path in SIM.rglob("*.py") if "_scenarios" not in path.parts)
    return [path for path in every if not rooms or path.relative_to(SIM).parts[0] in rooms]


def faults(source: str, *, pure: bool) -> list[str]:
    """What in `source` could make two runs differ: global random state, `hash()`, and in pure rooms a clock."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            banned = {"random", "secrets", "uuid"} | ({"time"} if pure else set())
            found += [f"imports {name}" for name in names if name.split(".")[0] in banned]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("hash", "id"):
            found.append(f"calls {node.func.id}()")
        elif isinstance(node, ast.Attribute):
            inner = node.value
            if isinstance(inner, ast.Attribute) and inner.attr == "random" and node.attr not in OWN_GENERATORS:
                found.append(f"uses random.{node.attr}")
            owner = inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")
            if pure and node.attr in CLOCKS and owner in ("date", "datetime", "time"):
                found.append(f"reads a clock: {node.attr}")
            if node.attr == "urandom":
                found.append("reads urandom")
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(SIM).as_posix())
def test_no_hidden_source_of_chance(path: Path) -> None:
    """No module touches a global random state, `hash()` or `id()`, and no pure room reads a clock."""
    pure = path.relative_to(SIM).parts[0] in PURE
    assert faults(path.read_text(encoding="utf-8"), pure=pure) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import random",
        "from random import choice",
        "import numpy as np\nnp.random.seed(1)",
        "import numpy as np\nx = np.random.default_rng()",
        "key = hash('offer')",
        "import time",
        "from datetime import date\nd = date.today()",
        "import datetime\nd = datetime.datetime.now()",
        "import os\nos.urandom(4)",
    ],
)
def test_a_planted_source_of_chance_is_caught(planted: str) -> None:
    """The check above fails for each way in which chance could enter unnamed."""
    assert faults(planted, pure=True)


def draws_under(hash_seed: str, example: Path, out: Path) -> dict[str, str]:
    """The sha256 of every promised file of a small run in an interpreter with the given hash seed."""
    out = out / hash_seed
    program = f"import sim; print(sim.run({str(example)!r}, draws=300, seed=0, workers=1, out={str(out)!r}).folder)"
    env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=env, timeout=300
    )
    folder = Path(done.stdout.strip())
    names = sorted(path.name for path in folder.iterdir() if path.name != "log.json")
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names} | {"folder": folder.name}


def test_hash_seeds_change_nothing(
    example: Path, tmp_path: Path, full: bool, reached: Callable[[int, str], None]
) -> None:
    """PYTHONHASHSEED 0 to 3 (0 to 9 in full) give the same folder, draws, summary, manifest and report, to the byte."""
    count = 10 if full else 4
    seen = [draws_under(str(seed), example, tmp_path) for seed in range(count)]
    assert "draws.parquet" in seen[0]
    assert seen == [seen[0]] * count
    reached(4, f"{count} hash seeds, 0 bytes differ")


def test_seed_zero_is_a_seed(example: Path) -> None:
    """Seed 0 gives the same draws each time, and others than seed 1."""
    import sim

    zero, again, one = (sim.run(example, draws=200, seed=seed, workers=1).draws for seed in (0, 0, 1))
    assert zero.equals(again)
    assert not zero.equals(one)
