"""Worker processes end with their parent."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from tests.docs.pages import ROOT

PROGRAM = """
import multiprocessing, sys, time
from concurrent.futures import ProcessPoolExecutor
from sim.processes import begin
context = multiprocessing.get_context(sys.argv[1])
with ProcessPoolExecutor(3, mp_context=context, initializer=begin) as pool:
    list(pool.map(abs, range(3)))
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("method", ["fork", "forkserver"])
@pytest.mark.skipif(sys.platform != "linux", reason="how processes begin differs elsewhere")
def test_no_worker_outlives_its_parent(method: str) -> None:
    """A parent that is killed leaves nobody behind, however its workers were begun."""
    command = [sys.executable, "-c", PROGRAM, method]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        workers = psutil.Process(process.pid).children(recursive=True)
        assert len(workers) >= 3
        process.kill()
    _, alive = psutil.wait_procs(workers, timeout=20)
    for each in alive:
        each.kill()
    assert alive == []
