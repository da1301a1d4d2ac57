"""`tracer replay`: recorded decisions again, with corrected facts, another rule or another approval."""

import sys
from pathlib import Path

import click

from tracer.cli.options import case_argument, json_option, judged_case, secrets_option
from tracer.cli.output import print_json, print_text
from tracer.errors import EXIT_FOUND, RuleError, UsageError


@click.command("replay")
@case_argument
@click.argument("grant", required=False)
@click.option(
    "--set", "corrected", multiple=True, metavar="ATTR=VALUE", help="A corrected fact; may be given often."
)
@click.option(
    "--rule",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Another rule: a register, or its text alone.",
)
@click.option("--of", metavar="RULE", help="The rule that the text in FILE replaces.")
@click.option(
    "--language",
    default="cel",
    show_default=True,
    help="Language of the text in FILE: cel, entra, okta, scim.",
)
@click.option(
    "--approval", metavar="WHAT", help="Another approval: denied, none, or who would have approved."
)
@click.option(
    "--fail-on",
    type=click.Choice(["lose", "gain", "any"]),
    multiple=True,
    help="Exit with 5 if anybody would lose or gain access, or the replay cannot say (any).",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0.1),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="End the replay when it has taken so long.",
)
@json_option
@secrets_option
def command(
    case: str,
    grant: str | None,
    corrected: tuple[str, ...],
    rule: Path | None,
    of: str | None,
    language: str,
    approval: str | None,
    fail_on: tuple[str, ...],
    time_limit: float,
    as_json: bool,
) -> None:
    """Replay decisions: who would lose, gain or keep access.

    GRANT is a grant, an identity or a ticket: its decision is replayed with --set, --rule or --approval; with none of
    them it only says whether the decision comes out as recorded. Without GRANT the rule in FILE is tried on every
    decision that the logs recorded of it, and on every joiner, mover and leaver in source data. For example:

    \b
        tracer replay case.db nora.weber@corp.example --set employment_type=Contractor
        tracer replay case.db --rule new-rules.yaml --fail-on gain
    """
    from tracer.questions.in_time import replay_in_time
    from tracer.questions.replay import outcomes

    if grant is None and rule is None:
        raise UsageError("nothing to replay", todo="name a GRANT, or a rule with --rule FILE")
    if grant is None and (corrected or approval):
        raise UsageError("--set and --approval are of one decision", todo="name its GRANT")
    with judged_case(case):
        pass
    answers = replay_in_time(
        case,
        grant,
        corrected=_pairs(corrected),
        rule=rule,
        of=of,
        language=language,
        approval=approval,
        seconds=time_limit,
    )
    if as_json:
        print_json(answers[0] if len(answers) == 1 else answers)
    else:
        from tracer.show.replay import replay_text
        from tracer.show.terminal import Terminal

        print_text(replay_text(answers, Terminal.of(sys.stdout), cut=sys.stdout.isatty()))
    found = {name for answer in answers for name in outcomes(answer)}
    unsaid = any(
        answer["counts"]["not_reproducible"] or answer["counts"]["indeterminate"] for answer in answers
    )
    refused = [answer["asked"]["refused"] for answer in answers if answer["asked"]["refused"]]
    if fail_on and refused:
        # A pipeline that asks whether a rule is safe must not take "nobody can say" for a yes.
        raise RuleError(f"the rule cannot be evaluated: {refused[0]}", where=str(rule or ""))
    if found & set(fail_on) or ("any" in fail_on and (found or unsaid)):
        sys.exit(EXIT_FOUND)


def _pairs(corrected: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for one in corrected:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise UsageError(
                f"--set {one!r} is no ATTR=VALUE", todo="write it as --set employment_type=Contractor"
            )
        pairs[name.strip()] = value
    return pairs
