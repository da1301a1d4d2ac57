"""The blast radius of a finding on a terminal."""

from collections.abc import Mapping
from typing import Any

from tracer.show.steps import FAIL, NEUTRAL, VERDICTS
from tracer.show.terminal import Terminal
from tracer.show.text import clock, plural, readable, safe_text


def blast_text(answer: Mapping[str, Any], terminal: Terminal, *, cut: bool) -> str:
    """What failed and since when, what it reaches in a sentence, then one line per grant, failures first."""
    finding = answer["finding"]
    lines = terminal.wrap(
        terminal.style("Cause", "head") + "    ",
        [
            (safe_text(finding.get("mode")), FAIL),
            (f"at {safe_text(finding.get('control') or 'no control of the register')}:", None),
            (readable(finding.get("because")), None),
        ],
        9,
    )
    lines += terminal.wrap(
        terminal.style("Reach", "head") + "    ",
        [(reach(answer["blast_radius"], answer.get("since")), None)],
        9,
    )
    lines += terminal.wrap(terminal.style("Used", "head") + "     ", [(used(answer.get("uses")), None)], 9)
    grants = answer.get("grants") or []
    if grants:
        heads = ["", "identity", "access", "since", "until", "uses while wrong", "verdict", "in common"]
        lines += ["", *terminal.table(heads, [_row(one, terminal) for one in grants], cut=cut)]
    return terminal.printable("\n".join(lines) + "\n")


def reach(radius: Mapping[str, Any], since: str | None = None) -> str:
    """In a sentence: in how many others the control failed alike, and how many more share what caused it."""
    grants, failed = radius.get("grants") or 0, radius.get("failed")
    people = plural(radius.get("identities") or 0, "identity", "identities")
    began = f" since {clock(since)}" if since else ""
    if not grants:
        return "no other grant has the same cause."
    if failed is None:
        return f"{plural(grants, 'more grant')} of {people} with the same cause{began}."
    if failed == grants:
        return f"{plural(grants, 'more grant')} of {people} failed in the same way{began}."
    alike = (
        f"{plural(failed, 'more grant')} failed in the same way"
        if failed
        else "no other grant failed in this way"
    )
    rest = plural(grants - failed, "other") if failed else f"{grants:,}"
    verb = "shares" if grants - failed == 1 else "share"
    return f"{alike}{began}; {rest} {verb} what caused it: a rule version, fact, approver or executor ({people} in all)."


def used(uses: Mapping[str, Any] | None) -> str:
    """What was done with the access itself; where no log of uses is at hand it says so."""
    count = (uses or {}).get("count")
    if count is None:
        return "nobody can say: no log of uses of that system is in evidence for that time."
    if not count:
        return "not used, as far as the logs of that system tell."
    assert uses is not None
    return f"{plural(count, 'time')}, first {clock(uses.get('first_at'))}, last {clock(uses.get('last_at'))}."


def _row(grant: Mapping[str, Any], terminal: Terminal) -> list[str]:
    wrong = grant.get("verdict") == "wrong-access"
    uses = grant.get("uses")
    return [
        terminal.mark(FAIL if grant.get("failed") else NEUTRAL),
        safe_text(grant.get("identity"), 60),
        f"{safe_text(grant.get('entitlement'), 40)} in {safe_text(grant.get('system'), 20)}",
        clock(grant.get("granted_at")),
        clock(grant.get("ended_at"), missing="open"),
        "" if not wrong else "not logged" if uses is None else f"{uses:,}",
        VERDICTS.get(str(grant.get("verdict")), safe_text(grant.get("verdict"))),
        safe_text(grant.get("because"), 80),
    ]
