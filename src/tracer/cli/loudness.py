"""`-q` and `-v` of every command: how much is said beside the answer. What is said goes to stderr."""

import sys
from typing import Any

import click

from tracer.cli.output import tell

HELP = {
    "quiet": ("-q", "Say nothing but the answer."),
    "verbose": ("-v", "Say what is done before the answer."),
}


def with_loudness(command: click.Command) -> click.Command:
    """The command, with those of the two options that it does not have itself."""
    known = {option for parameter in command.params for option in parameter.opts}
    last = next((n for n, one in enumerate(command.params) if one.name == "help"), len(command.params))
    for name, (short, text) in HELP.items():
        if short not in known:
            option = click.Option(
                [short, f"--{name}"], is_flag=True, expose_value=False, callback=_kept, help=text
            )
            command.params.insert(last, option)
            last += 1
    return command


def _kept(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    context.meta[f"tracer.{parameter.name}"] = value
    return value


def say(text: str) -> None:
    """Say what is about to be done: on a terminal unless `-q`, elsewhere only with `-v`."""
    context = click.get_current_context(silent=True)
    asked = {name: _asked(context, name) for name in HELP}
    if asked["verbose"] or (sys.stderr.isatty() and not asked["quiet"]):
        tell(text, err=True)


def _asked(context: click.Context | None, name: str) -> bool:
    """Whether the option was given, to the command itself or to this module."""
    value: Any = None
    if context is not None:
        value = context.params.get(name) or context.meta.get(f"tracer.{name}")
    return bool(value)


def is_quiet() -> bool:
    """Whether the command was asked to say nothing beside its answer."""
    return _asked(click.get_current_context(silent=True), "quiet")
