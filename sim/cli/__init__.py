"""The command `parley`: one module per command, each loading what it needs when it runs."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sim.cli.common import Code, Settings, examples, guarded, readers_may_leave, verbosity

if TYPE_CHECKING:
    from collections.abc import Sequence

# name -> module with a click command called `command`; loaded only when it is used or listed
COMMANDS = {
    "new": "sim.cli.new",
    "check": "sim.cli.check",
    "run": "sim.cli.run",
    "sweep": "sim.cli.sweep",
    "status": "sim.cli.status",
    "compare": "sim.cli.compare",
    "trace": "sim.cli.trace",
    "solve": "sim.cli.solve",
    "chart": "sim.cli.chart",
    "score": "sim.cli.score",
    "diff": "sim.cli.diff",
    "import": "sim.cli.imports",
    "export": "sim.cli.exports",
    "schema": "sim.cli.schema",
    "list": "sim.cli.runs",
    "clean": "sim.cli.clean",
}


EXAMPLES = examples(
    "parley new my-bargain", "parley check scenarios/NAME.yaml", "parley run scenarios/NAME.yaml", "parley list"
)
# Every command's, since a command has the settings of the group that it belongs to.
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the arguments, and print what help they ask for."""
        with readers_may_leave():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with readers_may_leave():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """Return the names in the order of help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        """Return the command, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every command with the whole first sentence of its help, which click would cut to one line."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl([(name, found.get_short_help_str(sys.maxsize)) for name, found in commands if found])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command for `args`; an unknown name gets the nearest as a way out."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" (did you mean {near[0]}?)" if near else f"; there are: {', '.join(COMMANDS)}"
            ctx.fail(f"{args[0]!r} is no command{hint}")
        return super().resolve_command(ctx, args)


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from sim import __version__

        click.echo(f"parley {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, epilog=EXAMPLES, context_settings=CONTEXT)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version."
)
@verbosity
@click.pass_context
def parley(ctx: click.Context) -> None:
    """Simulate a bargain between two wary parties, thousands of times.

    Data goes to stdout, messages and progress to stderr. Exit codes: 0 good, 1 a bug, 2 bad input, 3 a gate not passed
    or points that failed, 4 storage, 5 locked, 6 begun with something else, 7 a damaged result, 8 needs --yes, 130
    interrupted.
    """
    ctx.ensure_object(Settings)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code documented for scripts."""
    return guarded(lambda: parley.main(args=arguments, prog_name="parley", standalone_mode=False))


def program() -> NoReturn:
    """Run the command line as a program of its own, which an interrupt ends at once.

    An interpreter that ends in order first waits for workers and lets go of every array, and a second interrupt
    meanwhile would give another exit code.
    """
    code = main()
    if code == Code.INTERRUPTED:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)
