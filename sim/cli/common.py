"""What every command shares: messages, exit codes, clean text, and finding a scenario."""

from __future__ import annotations

import json
import math
import os
import shlex
import signal
import sys
import tempfile
import traceback
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from unicodedata import category

import click
from click import get_current_context
from click.core import ParameterSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console


Command = TypeVar("Command", bound="Callable[..., Any]")


class Code(IntEnum):
    """The exit codes scripts may rely on."""

    OK = 0
    FAULT = 1
    BAD_INPUT = 2
    FAILED = 3
    STORAGE = 4
    LOCKED = 5
    MISMATCH = 6
    DAMAGED = 7
    NEEDS_YES = 8
    INTERRUPTED = 130


_FAILURES = (
    ("sim.scenario", "ScenarioError", Code.BAD_INPUT),
    ("sim.batch.folders", "LockedError", Code.LOCKED),
    ("sim.batch.folders", "MismatchError", Code.MISMATCH),
    ("sim.batch.folders", "DamagedError", Code.DAMAGED),
    ("sim.scenario.axes", "DesignError", Code.BAD_INPUT),
    ("sim.batch.folders", "StoreError", Code.STORAGE),
)
_WIDE = 160
# Unicode categories: control, format, surrogate, line and paragraph separators
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


@dataclass
class Settings:
    """How much is said on stderr."""

    quiet: bool = False
    verbose: bool = False


class RefusalError(Exception):
    """A sentence for stderr, and the exit code that goes with it."""

    def __init__(self, sentence: str, code: Code) -> None:
        super().__init__(sentence)
        self.code = code


class ReaderGoneError(Exception):
    """Whoever read stdout has closed it: a `BrokenPipeError` that click does not make into a failure."""


@contextmanager
def readers_may_leave() -> Iterator[None]:
    """Let a closed pipe through click, which would end it as a failure like any other."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGoneError from error


def clean(text: object) -> str:
    r"""Return the text without what could mislead a terminal or a reader: escapes, controls, direction marks.

    >>> clean("Rent\x1b[31m due\x07\u202e now")
    'Rent[31m due now'
    """
    return "".join(mark for mark in str(text) if mark in "\n\t" or category(mark) not in _UNSEEN)


class Number(click.FloatRange):
    """A number within a range; what is not a number is refused, where click's own range lets it through."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the number."""
        found: float = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail(f"{value!r} is not a valid number.", param, ctx)
        return found


def ending_in(suffix: str) -> Callable[[click.Context, click.Parameter, Path | None], Path | None]:
    """Return a check that the file to write is called what it will be, so that no other file is written over."""

    def check(_ctx: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
        if path is not None and path.suffix != suffix:
            raise click.BadParameter(f"{path} must end with {suffix}")
        return path

    return check


def _set_verbosity(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted:
        setattr(ctx.ensure_object(Settings), option.name or "", True)


def verbosity(command: Command) -> Command:
    """Add `--quiet` and `--verbose`, before or after the command's name."""
    for flag, text in (("--verbose", "Say more on stderr."), ("--quiet", "Say nothing on stderr but errors.")):
        short = flag[1:3]
        option = click.option(flag, short, is_flag=True, expose_value=False, callback=_set_verbosity, help=text)
        command = option(command)
    return command


def examples(*lines: str) -> str:
    """Return the end of a command's help: its examples, each on a line of its own."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))


def out_option(command: Command) -> Command:
    """Add `--out`, the folder that holds all results."""
    path = click.Path(path_type=Path, file_okay=False)
    return click.option("--out", type=path, default=Path("results"), show_default=True, help="Folder of results.")(
        command
    )


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")(command)


def sets_option(command: Command) -> Command:
    """Add `--set`."""
    return click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="PATH=VALUE",
        callback=_text_only,
        help="Change one field, e.g. `parties.host.discount_rate=0.1`; VALUE is read as YAML. May be repeated.",
    )(command)


def seed_option(command: Command) -> Command:
    """Add `--seed`."""
    seeds = click.IntRange(0, 2**63 - 1)
    return click.option(
        "--seed", type=seeds, default=0, show_default=True, help="Every number decides a result; 0 too."
    )(command)


def as_typed() -> str:
    """Return the command as it can be typed again."""
    return shlex.join(["parley", *sys.argv[1:]])


def given(ctx: click.Context, name: str) -> bool:
    """Tell whether an option was written on the command line."""
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _text_only(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not value.isprintable():
            raise click.BadParameter(f"{value[:80]!r} holds characters that are not text")
    return values


def settings() -> Settings:
    """Return how much is said, from the innermost command."""
    return get_current_context().ensure_object(Settings)


def say(message: str) -> None:
    """Print a message on stderr unless `--quiet`; no work is lost because nobody can read it."""
    if not settings().quiet:
        with suppress(OSError):
            click.echo(clean(message), err=True)


def detail(message: str) -> None:
    """Print a message on stderr with `--verbose`."""
    if settings().verbose:
        with suppress(OSError):
            click.echo(clean(message), err=True)


def put(text: str) -> None:
    """Print data on stdout."""
    click.echo(clean(text))


def put_json(value: Any) -> None:
    """Print data on stdout as JSON."""
    click.echo(json.dumps(value, ensure_ascii=True, allow_nan=False, indent=2))


def console() -> Console:
    """Return where tables and stories are printed: stdout, wide where it is no terminal."""
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDE
    return Quiet(highlight=False, width=width)


def plural(count: int, noun: str) -> str:
    """Return the count with its noun.

    >>> plural(1, "draw"), plural(20_000, "draw")
    ('1 draw', '20,000 draws')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def shipped() -> Path:
    """Return the folder of the scenarios that come with parley: inside the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    return folder if (folder := package / "_scenarios").is_dir() else package.parent / "scenarios"


def known_scenarios() -> dict[str, Path]:
    """Return the scenarios that a bare name finds: those of `scenarios/` here, then those that come with parley."""
    return {file.stem: file for shelf in (shipped(), Path("scenarios")) for file in sorted(shelf.rglob("*.yaml"))}


def find_scenario(name: str) -> Path:
    """Return the path of a scenario given as a path or a bare name; else `RefusalError` with the nearest names."""
    import difflib

    path = Path(name)
    if not name.isprintable() or not name.strip():
        raise RefusalError(f"{name[:200]!r} names no scenario: give a path, or a bare name", Code.BAD_INPUT)
    try:
        if path.is_file():
            return path
        if path.is_dir():
            raise RefusalError(f"{name} is a folder; a scenario is a YAML file", Code.BAD_INPUT)
        known = known_scenarios()
    except OSError as error:
        raise RefusalError(f"cannot read {name[:200]}: {error.strerror}", Code.BAD_INPUT) from error
    if name in known:
        return known[name]
    if path.exists():
        raise RefusalError(f"{name[:200]} is no regular file; a scenario is a YAML file", Code.BAD_INPUT)
    if not path.suffix and (beside := path.with_suffix(".yaml")).is_file():
        raise RefusalError(f"there is no scenario {name[:200]}; did you mean the file {beside}?", Code.BAD_INPUT)
    near = difflib.get_close_matches(path.stem, known, n=3)
    hint = f" (did you mean {' or '.join(near)}?)" if near else "; `parley list --scenarios` shows those at hand"
    raise RefusalError(f"there is no scenario {name[:200]}{hint}", Code.BAD_INPUT)


def guarded(work: Callable[[], Any]) -> int:
    """Run `work`; turn whatever it raises into one message on stderr and the documented exit code."""
    _stand_in_for_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        result = work()
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 the last guard: whatever happens ends in one line, never a traceback
        if isinstance(error, KeyboardInterrupt | click.Abort):  # click makes the first into the second
            _be_deaf_to_interrupts()
        lines, code = _translate(error)
        with suppress(OSError):  # nobody may be able to read them
            for line in lines:
                click.echo(clean(line), err=True)
        _let_go_of_stdout()
        return int(code)
    return result if isinstance(result, int) else int(Code.OK)


def _stand_in_for_closed_streams() -> None:
    """A command started with stdout or stderr closed does its work and prints it nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 open to the end


def _be_deaf_to_interrupts() -> None:
    """An impatient second interrupt would end in a traceback, or, while the interpreter ends, in another exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # holds to the end, a handler does not


def _let_go_of_stdout() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        # without this the interpreter tries again while it ends, and complains
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _translate(error: BaseException) -> tuple[list[str], int]:
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return [f"interrupted; nothing unfinished was kept; to start again: {as_typed()}"], Code.INTERRUPTED
    if isinstance(error, BrokenPipeError | ReaderGoneError):
        return [], Code.OK  # the reader has seen enough
    if isinstance(error, click.UsageError):
        ctx = None if isinstance(error, click.exceptions.NoArgsIsHelpError) else error.ctx
        hint = f"; see `{ctx.command_path} --help`" if ctx else ""
        return [error.format_message().rstrip(".") + hint], Code.BAD_INPUT
    if isinstance(error, click.ClickException):
        return [error.format_message()], error.exit_code
    if isinstance(error, RefusalError):
        return [str(error)], error.code
    return _translate_ours(error)


def _translate_ours(error: BaseException) -> tuple[list[str], int]:
    if isinstance(error, SystemExit) and isinstance(error.code, int):
        return [], error.code  # so does click end what it prints for a shell's completion
    for module, name, code in _FAILURES:
        # what was never imported was never raised, and importing it now could fail again
        if isinstance(error, getattr(sys.modules.get(module), name, ())):
            return (fault_lines(error) if code is Code.BAD_INPUT else [str(error)]), code
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        return [f"cannot read or write{where}: {error.strerror or error}"], Code.STORAGE
    if isinstance(error, MemoryError):
        return ["out of memory; ask for fewer draws with -n"], Code.NEEDS_YES
    what = f"{type(error).__name__}: {error}".replace("\n", " ")[:500]
    return [f"internal fault, a bug in parley: {what}; the details are in {_log(error)}"], Code.FAULT


def fault_lines(error: BaseException) -> list[str]:
    """Return each fault as `file:line:column: sentence`, the line and a caret, and the count when there are several."""
    lines = [str(fault) for fault in getattr(error, "faults", ())] or [str(error)]
    return [*lines, f"{len(lines)} faults"] if len(lines) > 1 else lines


def _log(error: BaseException) -> str:
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="parley-fault-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(" ".join(sys.argv) + "\n\n" + "".join(traceback.format_exception(error)))
            return file.name
    except OSError:
        return "no log: the folder for temporary files cannot be written"
