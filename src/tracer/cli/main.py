"""The `tracer` command: finds each command's module when it is called, and prints a stated problem as one line."""

import os
import sys
import traceback
from importlib import import_module
from types import TracebackType
from typing import Any

import click

from tracer import version
from tracer.cli.loudness import with_loudness
from tracer.cli.output import tell, tell_problem
from tracer.cli.stopping import stop_in_order, stopped
from tracer.errors import TracerError, did_you_mean
from tracer.machine.importing import import_path, search_path

COMMANDS = {
    "demo": "Build the sample case, print a root cause, write the report.",
    "ingest": "Read evidence into a case file.",
    "sources": "What can be read, and how to obtain it.",
    "judge": "Rebuild identities, grants, checks and findings.",
    "why": "The root cause of a wrong access, and who owned the control.",
    "who": "Who held an entitlement, by which paths.",
    "blast": "What else the cause of a finding reached.",
    "controls": "Each control: owners over time, runs, failures.",
    "assurance": "Non-human identities: still needed, monitored, removable.",
    "checks": "The failure modes that are checked.",
    "findings": "List findings.",
    "defects": "List governance defects, worst first.",
    "mark": "Confirm, dispute or accept a finding.",
    "replay": "What another fact, rule or approval would have changed.",
    "graph": "Draw the lineage of a grant or identity.",
    "report": "Write the governance-defect report.",
    "serve": "Explore the case in Datasette.",
}
"""Command -> its one-line help, in the order of use; the module `tracer.cli.<command>` holds it."""

WRITING = ("demo", "ingest", "judge", "mark")
"""The commands that write a case; the others do at most what `judge` does, before they read."""


class Commands(click.Group):
    """Loads a command's module only when that command runs, so that start-up stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"tracer.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return with_loudness(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands from `COMMANDS`, without loading their modules."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """No argument of any command may hold a NUL: neither a file nor anything in a case has such a name."""
        if any("\0" in one for one in args):
            ctx.fail("an argument holds a NUL character; leave it out")
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Name the nearest command where there is none of that name."""
        if args and args[0] not in COMMANDS:
            hint = did_you_mean(args[0], COMMANDS, "list them with: tracer --help")
            ctx.fail(f"no such command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        tell(f"tracer, version {version()}")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Which control let a wrong access happen, and who owned it then.

    The case file comes first. For example:

    \b
        tracer ingest case.db exports/
        tracer why case.db nora.weber@corp.example
    """


def _run() -> None:
    """Run click's part, and say what it finds wrong in a call as we say everything: file names stand in it."""
    try:
        sys.exit(cli(prog_name="tracer", standalone_mode=False))
    except click.exceptions.NoArgsIsHelpError as error:
        tell(*error.format_message().split("\n"), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        if context is not None:
            tell(*context.get_usage().split("\n"), f"Try '{context.command_path} -h' for help.", "", err=True)
        tell(f"Error: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        tell("Aborted!", err=True)
        sys.exit(1)


def _unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What Python says of an error that nobody foresaw, with evidence in it made safe to show."""
    tell(*"".join(traceback.format_exception(kind, error, trace)).split("\n"), err=True)


def how_it_goes_on() -> str:
    """What a command that was stopped leaves behind."""
    command = next((one for one in sys.argv[1:] if one in COMMANDS), "")
    if command in WRITING:
        return "what was written is kept, and the same command goes on from there"
    return "the case is whole, and the same command can be run again"


def main() -> None:
    """Run `tracer`; a TracerError becomes one line on stderr and its exit code, and so does a signal that ends us."""
    # An empty entry of PYTHONPATH or PATH is the current folder, in which evidence may lie.
    sys.path[:], os.environ["PATH"] = import_path(), search_path()
    sys.excepthook = _unforeseen
    stop_in_order()
    try:
        _run()
    except BaseException as error:
        if (by := stopped()) is not None:
            tell(f"Stopped by {by.name}: {how_it_goes_on()}.", err=True)
            sys.exit(128 + by)
        if isinstance(error, TracerError):
            tell_problem(error)
            sys.exit(error.exit_code)
        if not isinstance(error, BrokenPipeError):
            raise
        # The reader of our output has gone (`| head`): nobody is left to tell.
        sys.stderr.close()
        sys.exit(0)
