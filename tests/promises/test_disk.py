"""Promise 12: a full disk, a forbidden folder or a failing write costs one sentence and leaves nothing half-written."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.batch import listing, store
from sim.cli import main

# writing is what is tested here, so the game is kept short
SHORT = ("--set", "time.window=2")
ROOT = Path(__file__).resolve().parent.parent.parent


def play(example: Path, out: Path) -> int:
    """Run the example into `out` by way of the command line; return its exit code."""
    return main(["run", "--quiet", "-n", "50", "--workers", "1", *SHORT, "--out", str(out), str(example)])


def files(out: Path) -> dict[str, bytes]:
    """Every file below `out` but logs and the empty files that are locked."""
    found = [path for path in out.rglob("*") if path.is_file() and path.name != "log.json" and path.suffix != ".lock"]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


class Failing:
    """A write that fails once it has been called `allowed` times."""

    def __init__(self, allowed: int, code: int) -> None:
        self.calls, self.allowed, self.code = 0, allowed, code
        self.real = store.Sink.write

    def write(self, sink: store.Sink, data: bytes) -> int:
        """Write, or fail as a disk does."""
        self.calls += 1
        if self.calls > self.allowed:
            raise OSError(self.code, os.strerror(self.code))
        return self.real(sink, data)

    def play(self, example: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> int:
        """Run the example while this stands in for the store's writing."""
        with monkeypatch.context() as patch:
            patch.setattr(store.Sink, "write", lambda sink, data: self.write(sink, data))  # noqa: PLW0108 it gets the sink
            return play(example, out)


def test_every_failing_write_is_one_sentence_and_leaves_no_trace(
    example: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    full: bool,
    reached: Callable[[int, str], None],
) -> None:
    """The k-th write fails, for every k: exit 4, one line, earlier runs untouched, the next run whole."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    counter = Failing(10**9, 0)
    assert counter.play(example, whole, monkeypatch) == 0
    assert main(["run", "-q", "-n", "20", "--workers", "1", *SHORT, "--out", str(out), str(example)]) == 0
    earlier = files(out)
    capsys.readouterr()
    every = range(counter.calls)
    # files are closed near the end, so the last writes are always among those tried
    tried = every if full else sorted({*every[:2], *every[::9], *every[-4:]})
    for allowed in tried:
        fault = Failing(allowed, (errno.ENOSPC, errno.EIO, errno.EDQUOT)[allowed % 3])
        assert fault.play(example, out, monkeypatch) == 4
        said = capsys.readouterr().err
        assert said.count("\n") == 1, said
        assert os.strerror(fault.code) in said
        assert files(out) == earlier
        assert [entry.state for entry in listing.entries(out)] == ["complete"]
    assert play(example, out) == 0
    assert {name: data for name, data in files(out).items() if name not in earlier} == files(whole)
    reached(12, f"{len(tried)} of {len(every)} writes made to fail, 0 traces left")


def test_a_failing_rename_leaves_nothing(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the last step, the rename, fails, no folder appears and the exit code is 4."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        assert play(example, tmp_path) == 4
    assert files(tmp_path) == {}
    assert play(example, tmp_path) == 0


def test_a_place_that_cannot_be_a_folder(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file where a folder must stand is one sentence and exit 4."""
    (tmp_path / example.stem).write_text("mine", encoding="utf-8")
    assert play(example, tmp_path) == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / example.stem).read_text(encoding="utf-8") == "mine"


def test_a_forbidden_folder(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that may not be written is one sentence and exit 4, before anything is simulated."""
    out = Path("/proc/none") if os.geteuid() == 0 else tmp_path / "locked"
    if os.geteuid() != 0:
        out.mkdir(mode=0o500)
    assert play(example, out) == 4
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(out) in said


def small_files() -> None:
    """Let no file of this process grow beyond 4 KiB: the kernel then fails the write, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_the_kernel_refusing_a_write(example: Path, tmp_path: Path) -> None:
    """A write that the kernel itself fails is one sentence and exit 4, and nothing is left."""
    command = [sys.executable, "-B", "-m", "sim", "run", "-q", "-n", "5000", "--workers", "1"]
    done = subprocess.run(
        [*command, *SHORT, "--out", str(tmp_path), str(example)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=small_files,
        timeout=120,
    )
    assert done.returncode == 4, done.stderr
    assert done.stderr.count("\n") == 1
    assert files(tmp_path) == {}


def test_a_full_disk(example: Path, tmp_path: Path) -> None:
    """On a file system of 256 KiB a run ends with exit 4, one sentence and an empty folder."""
    unshare = shutil.which("unshare")
    mount = tmp_path / "disk"
    mount.mkdir()
    script = (
        'mount -t tmpfs -o size=256k none "$1" || exit 77; '
        '"$2" -B -m sim run -q -n 20000 --workers 1 --set time.window=2 --out "$1" "$3"; code=$?; '
        'find "$1" -type f ! -name "*.lock"; exit $code'
    )
    if unshare is None or os.geteuid() != 0:
        pytest.skip("needs the right to mount a small file system")
    done = subprocess.run(
        [unshare, "-m", "sh", "-c", script, "sh", str(mount), sys.executable, str(example)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=300,
    )
    if done.returncode in (1, 77) and "parley" not in done.stderr:
        pytest.skip("mounting is not allowed here")
    assert done.returncode == 4, done.stderr
    assert "No space left" in done.stderr
    assert done.stdout == ""
