"""Promise 15 on a cluster: real workers on loopback, some of them killed; the bytes of a serial sweep come out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim.batch import runner
from sim.scenario.axes import DesignError
from sim.sweep import plan, sweep
from tests.batch.test_sweeps import COST, FEARON, hanging, made, tables

pytest.importorskip("distributed")
ROOT = Path(__file__).resolve().parent.parent.parent


def started(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a part of a cluster, which speaks on loopback alone."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s"}
    command = [sys.executable, "-W", "ignore", "-m", f"distributed.cli.{module}", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def worker(address: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start a worker of one thread in one process: killing it kills what it plays."""
    more = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(folder)]
    return started("dask_worker", address, *more)


@pytest.fixture
def scheduler() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler: its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    process = started("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    yield address, process
    process.kill()
    process.wait()


@pytest.fixture
def cluster(
    scheduler: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler with two workers: its address and the workers' processes."""
    address, _ = scheduler
    workers = [worker(address, tmp_path / "scratch") for _ in range(2)]
    yield address, workers
    for process in workers:
        process.kill()
        process.wait()


@pytest.mark.filterwarnings("ignore")
def test_workers_killed_while_it_runs_change_no_byte(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    tmp_path: Path,
    full: bool,
    reached: Callable[[int, str], None],
) -> None:
    """Workers die and others come while a sweep runs on a cluster: every point is there, equal to the serial sweep."""
    address, workers = cluster
    kills = 20 if full else 2
    planned = plan(FEARON, (f"{COST}=0.1:0.5:{1500 if full else 24}",), draws=4096 if full else 2048)
    done = threading.Event()
    killed = 0

    def kill() -> None:
        nonlocal killed
        parts = tmp_path / "there"
        while killed < kills and not done.is_set():
            # By then what the last one had in hand has been played: three deaths over one task would set it aside.
            enough = len(list(parts.rglob("*.parquet"))) + (4 if full else 1)
            while len(list(parts.rglob("*.parquet"))) < enough and not done.is_set():
                time.sleep(0.01)
            if not done.is_set():
                workers.append(worker(address, tmp_path / "scratch"))
                workers[killed].kill()
                killed += 1
                done.wait(2 if full else 0.2)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        there = sweep(planned, tmp_path / "there", scheduler=address)
    finally:
        done.set()
        killer.join()
    here = sweep(planned, tmp_path / "here")
    assert killed == kills if full else killed > 0
    assert there.failed == {}
    assert tables(there.folder) == tables(here.folder)
    assert made(there.folder) == made(here.folder)
    reached(15, f"{killed} workers of a cluster killed, bytes equal to serial")


@pytest.mark.filterwarnings("ignore")
def test_a_task_that_hangs_on_a_cluster_is_given_up(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 15: a thread of a cluster that never comes back costs its point alone, and the sweep ends."""
    from distributed import Client

    address, _ = cluster
    with Client(address, timeout=60, set_as_default=False) as client:  # the limit is no time to start in
        client.wait_for_workers(2, timeout=60)
        client.run(__import__, "tests.batch.test_sweeps")
    monkeypatch.setattr(runner, "attempt", hanging)
    done = sweep(plan(FEARON, (f"{COST}=0.1:0.5:5",), draws=100), tmp_path, scheduler=address, task_limit=3)
    assert [row["state"] for row in done.summary["rows"]] == ["done", "done", "done", "failed", "done", "done"]
    assert "took longer than 3 s" in done.summary["rows"][3]["reason"]


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_goes_is_a_sentence(
    scheduler: tuple[str, subprocess.Popen[bytes]],
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    tmp_path: Path,
) -> None:
    """A scheduler killed in the middle of a sweep: exit code 3, one sentence with the way on, every table kept."""
    address, _ = cluster
    arguments = ["sweep", str(FEARON), "--vary", f"{COST}=0.1:0.5:400", "-n", "4096", "-q", "--scheduler", address]
    command = [sys.executable, "-W", "ignore", "-m", "sim", *arguments, "--out", str(tmp_path / "a")]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        while not list(tmp_path.rglob("*.parquet")) and process.poll() is None:
            time.sleep(0.01)
        scheduler[1].kill()
        _, said = process.communicate(timeout=60)
    assert process.returncode == 3, said
    (line,) = said.strip().splitlines()
    assert line.startswith(f"the Dask scheduler at {address} is gone; every finished point is kept; to go on: ")
    assert 0 < len(list(tmp_path.rglob("*.parquet"))) < 401


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_not_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens at the address: one sentence, which names it."""
    monkeypatch.setattr(runner, "ANSWER_SECONDS", 1)
    with pytest.raises(DesignError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        sweep(plan(FEARON, (f"{COST}=0.1,0.2",), draws=10), tmp_path, scheduler="tcp://127.0.0.1:9")


@pytest.mark.parametrize("address", ["", "nowhere", "tcp://host", "tcp://host:x", "foo://host:1"])
def test_what_is_no_address_is_a_sentence(tmp_path: Path, address: str) -> None:
    """An address without a port, or of a kind that is not known: exit code 2 and one line, with nothing after it."""
    arguments = ["sweep", str(FEARON), "--vary", f"{COST}=0.1,0.2", "-q", "--scheduler", address]
    command = [sys.executable, "-W", "ignore", "-m", "sim", *arguments, "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f"no Dask scheduler answers at {address}: ")
