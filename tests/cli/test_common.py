"""Messages, exit codes and clean text, shared by every command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sim.cli import COMMANDS, main
from sim.cli.common import clean, guarded

ROOT = Path(__file__).resolve().parent.parent.parent


def parley(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "sim", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=env, timeout=120, **more)  # type: ignore[call-overload,no-any-return]


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`parley --help` lists every command, nothing cut off; each command's help shows an example with its name."""
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert "..." not in text.split("Commands:")[1]
    for name in COMMANDS:
        assert f"\n  {name} " in text
        assert main([name, "--help"]) == 0
        assert f"parley {name}" in capsys.readouterr().out.split("Examples:")[1]


def test_version_is_the_package_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the one version there is."""
    import sim

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"parley {sim.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek", "x"], "did you mean check?"),
        (["frobnicate"], "there are: new, check"),
        (["run"], "SCENARIO"),
        (["run", "x", "-n", "0"], "1<=x<=1000000000"),
        (["run", "x", "-n", "1000000001"], "1<=x<=1000000000"),
        (["run", "x", "-n", "many"], "many"),
        (["run", "x", "--seed", "-1"], "--seed"),
        (["run", "x", "--nope"], "--nope"),
        (["run", "no-such-scenario"], "no scenario"),
        (["run", "x", "--set", "a=\x1b[2J"], "not text"),
        (["check", "."], "is a folder"),
        (["check", "/dev/null"], "is no regular file"),
        (["clean", "--older-than", "nan"], "not a valid number"),
        (["solve", "x", "--power", "nan"], "not a valid number"),
        (["sweep", "x", "--task-limit", "nan"], "not a valid number"),
        (["import", "genius", "x", "-o", "y.yaml", "--exponents", "nan", "1"], "not a valid number"),
        (["solve", "x", "--chart", "x.yaml"], "must end with .html"),
        (["trace", "x", "--chart", "draws.parquet"], "must end with .html"),
        (["compare", "x", "y", "--chart", "x"], "must end with .html"),
        (["schema", "--out", "x.yaml"], "must end with .json"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong word on the command line costs one line on stderr, nothing on stdout, and exit code 2."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err
    assert "\x1b" not in err


def test_a_mistyped_name_gets_the_nearest(
    example: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A bare name is found in `scenarios/`, and one letter less gets it as a suggestion."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / example.name).write_bytes(example.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert main(["check", example.stem]) == 0
    assert main(["check", example.stem[:-1]]) == 2
    assert f"did you mean {example.stem}" in capsys.readouterr().err


def test_a_bug_is_one_line_and_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    """A fault inside is exit code 1 and one line that names the log, and the log holds the traceback."""

    def broken() -> None:
        raise ZeroDivisionError("a \x1b[31mbug")

    assert guarded(broken) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert "\x1b" not in err
    log = Path(err.split("the details are in ")[1].strip())
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    log.unlink()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_message_that_nobody_can_read_keeps_its_exit_code(example: Path) -> None:
    """Where stderr is full the exit code still says what was wrong."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "sim", "check", f"{example}.not"]
        done = subprocess.run(command, check=False, stderr=full, cwd=ROOT, timeout=60)
    assert done.returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_run_outlives_messages_that_nobody_can_read(example: Path, tmp_path: Path) -> None:
    """Progress and remarks that cannot be written lose no result."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "sim", "-v", "run", str(example), "-n", "60", "--out", str(tmp_path / "kept")]
        done = subprocess.run(command, check=False, stderr=full, stdout=subprocess.PIPE, cwd=ROOT, timeout=120)
    assert done.returncode == 0
    assert list((tmp_path / "kept").rglob("report.html"))


def test_a_file_beside_is_what_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new scenario's name without its ending leads to the file that was written."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "quay", "-q"]) == 0
    assert main(["check", "quay"]) == 2
    assert "did you mean the file quay.yaml?" in capsys.readouterr().err


def test_nothing_asked_for_is_answered_with_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`parley` alone is bad input and shows the help, to the last example and no further."""
    assert main([]) == 2
    assert capsys.readouterr().err.rstrip().endswith("parley list")


def test_clean_keeps_text_and_drops_what_acts() -> None:
    """Letters of any script, signs and line breaks stay; escapes, controls and direction marks go."""
    assert clean("Größe 価格 5 % · ok\n\t") == "Größe 価格 5 % · ok\n\t"
    assert clean("\x1b]0;title\x07a\x00b\x9b31mc\u202e\u2066d\r") == "]0;titleab31mcd"


@pytest.mark.parametrize("words", ["check --json", "check", "trace", "run --help"])
def test_a_closed_pipe_is_no_fault(example: Path, words: str) -> None:
    """`parley ... | head -1` says nothing on stderr and is no failure."""
    command = f"{sys.executable} -m sim {words} {example} | head -c 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.stderr == ""


def test_interrupting_is_130_and_leaves_nothing(example: Path, tmp_path: Path) -> None:
    """Ctrl-C during a run ends with 130, one sentence and no folder, half-written or empty."""
    command = [
        sys.executable,
        "-m",
        "sim",
        "run",
        "-n",
        "3000000",
        "--workers",
        "1",
        "--out",
        str(tmp_path / "out"),
        str(example),
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as process:
        while not list(tmp_path.rglob(".run-*.holder")) and process.poll() is None:
            time.sleep(0.02)
        # a signal that falls into an import's or a destructor's callback is lost, so it is sent until it is heard
        for _ in range(30):  # ten seconds each: on a busy machine the end can be long in coming
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
                break
        process.kill()
        out, err = process.communicate()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "interrupted" in err
    assert out == ""
    assert not (tmp_path / "out").exists()


def test_output_that_is_not_utf8_is_no_fault(example: Path) -> None:
    """A terminal that knows only ASCII gets escapes instead of a traceback."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "sim", "run", "-n", "50", "--workers", "1", "--out", "/proc/none", str(example)],
        check=False,
        capture_output=True,
        env=env,
        timeout=60,
    )
    assert done.returncode == 4
    assert b"Traceback" not in done.stderr


def test_output_that_cannot_be_written_is_one_sentence(example: Path) -> None:
    """Data sent to a full device is exit code 4 and one line."""
    command = f"{sys.executable} -m sim check {example} > /dev/full"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", command], check=False, capture_output=True, text=True, env=env)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


def test_completion_is_offered() -> None:
    """The shell's completion knows the commands, and ends without a word on stderr."""
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "_PARLEY_COMPLETE": "bash_complete",
        "COMP_WORDS": "parley ",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from sim.cli import main; sys.exit(main())"],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    assert {f"plain,{name}" for name in COMMANDS} <= set(done.stdout.split())
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_stdout_is_no_fault(example: Path) -> None:
    """A command started without any stdout does its work, and nothing appears on stderr."""
    command = f"{sys.executable} -m sim trace {example} >&-"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", command], check=False, capture_output=True, text=True, env=env)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00b"])
def test_a_name_without_text_is_one_sentence(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario's name that is empty or holds control characters is exit code 2 and one line."""
    assert main(["check", name]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "names no scenario" in err


def test_a_second_interrupt_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once interrupted, further interrupts are ignored, also where click has turned the first into its own."""
    import click

    seen: list[object] = []
    monkeypatch.setattr(signal, "signal", lambda *arguments: seen.append(arguments))
    monkeypatch.setattr(signal, "pthread_sigmask", lambda *arguments: seen.append(arguments))

    def aborted() -> None:
        raise click.Abort

    assert guarded(aborted) == 130
    assert seen == [(signal.SIGINT, signal.SIG_IGN), (signal.SIG_BLOCK, {signal.SIGINT})]
