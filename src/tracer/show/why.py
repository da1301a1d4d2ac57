"""`why` on a terminal: the root and its owner first, then the chain, what contributed, what is missing, who else."""

from collections.abc import Mapping, Sequence
from os.path import commonpath
from typing import Any

from tracer.show.steps import FAIL, NONE, PARTS, UNKNOWN, VERDICTS, Answer, Step, failings, place, steps_of
from tracer.show.terminal import Terminal
from tracer.show.text import cells, clock, period, plural, safe_text

Points = Mapping[str, Mapping[str, str]]
"""Grant id -> control point -> what its checks came to."""

PLACES_SHOWN = 3
"""Pieces of evidence named per statement; JSON and report name all."""

UNCHECKED_SHOWN = 6

LONG_FOLDER = 12
"""A folder that all evidence shares is said once, at the end, where its name is longer than this."""

LABEL = 9
"""Columns of the labels Root, Owner, Access and so on."""

VERDICT_MARKS = {
    "wrong-access": FAIL,
    "control-weakness": FAIL,
    "undetermined": UNKNOWN,
    "conforming": "pass",
}


def why_text(answers: Sequence[Answer], terminal: Terminal, points: Points | None = None) -> str:
    """Everything `why` says of these grants, worst first: the first in full, other failures in short, the rest a line each."""
    folder = shared_folder(answers)
    lines: list[str] = []
    if len(answers) > 1:
        lines += [_summary(answers, terminal), ""]
    lines += detail(answers[0], terminal, (points or {}).get(_id(answers[0])), folder)
    wrong = [answer for answer in answers[1:] if answer.get("verdict") == "wrong-access"]
    for answer in wrong:
        lines += ["", *_head(answer, terminal, folder)]
    rest = [answer for answer in answers[1:] if answer.get("verdict") != "wrong-access"]
    if rest:
        lines += ["", terminal.style("Other grants", "head"), *(_line(answer, terminal) for answer in rest)]
    if len(answers) > 1:
        lines += ["", _dim(terminal, "Name the entitlement as well to see the chain of one of them.")]
    if folder:
        lines += ["", _dim(terminal, f"Files are in {safe_text(folder)}")]
    return terminal.printable("\n".join(lines) + "\n")


def shared_folder(answers: Sequence[Answer]) -> str:
    """The folder that all files named in these answers share, with its slash; '' where it is short or there is none."""
    files = {
        str(item.get("file")) for answer in answers for item in _all_evidence(answer) if item.get("file")
    }
    try:
        folder = commonpath([file.rpartition("/")[0] for file in files]) if files else ""
    except ValueError:
        return ""
    return folder + "/" if len(folder) > LONG_FOLDER else ""


def detail(
    answer: Answer, terminal: Terminal, points: Mapping[str, str] | None = None, folder: str = ""
) -> list[str]:
    """One grant in full."""
    lines = _head(answer, terminal, folder)
    lines += ["", terminal.style("Chain", "head"), *_chain(steps_of(answer, points), terminal, folder)]
    contributing = answer.get("contributing") or []
    if contributing:
        lines += ["", terminal.style("Also failed", "head")]
        for finding in contributing:
            lines += _contributing(finding, terminal, folder)
    if answer.get("paths"):
        lines += ["", terminal.style("Other paths to the same access", "head")]
        for path in answer["paths"]:
            lines += terminal.wrap("  · " if terminal.unicode else "  . ", [(_path(path), None)], 4)
    if answer.get("missing"):
        lines += ["", terminal.style("Missing evidence", "head")]
        for item in answer["missing"]:
            lines += _missing(item, terminal)
    return [*lines, "", *_others(answer, terminal), *_judged(answer, terminal)]


def _head(answer: Answer, terminal: Terminal, folder: str) -> list[str]:
    """Root and owner in two lines, then which access this is about."""
    root, verdict = answer.get("root"), str(answer.get("verdict"))
    if root:
        name = "Weakness" if verdict == "control-weakness" else "Root"
        lines = _labelled(
            terminal,
            name,
            [
                (f"{safe_text(root.get('mode'))}", FAIL),
                (f"({safe_text(root.get('class'))}, {PARTS.get(str(root.get('part')), '')}):", None),
                (safe_text(root.get("because")), None),
                (_places(root.get("evidence"), folder), "dim"),
            ],
        )
        lines += _labelled(terminal, "Owner", _owner(root))
    elif verdict == "undetermined":
        lines = _labelled(
            terminal,
            "Verdict",
            [("undetermined:", UNKNOWN), ("no check fails, but evidence is missing.", None)],
        )
        asks = sorted({safe_text(item.get("ask")) for item in answer.get("missing") or [] if item.get("ask")})
        lines += _labelled(terminal, "Ask", [(", ".join(asks) or "nobody is named in the register", "owner")])
    else:
        lines = _labelled(
            terminal,
            "Verdict",
            [("conforming:", "pass"), ("no check fails and no deciding evidence is missing.", None)],
        )
    lines += _labelled(terminal, "Access", _access(answer))
    today = _today(root) if root else ""
    return [*lines, *_labelled(terminal, "Today", [(f"{today}.", None)])] if today else lines


def _labelled(terminal: Terminal, label: str, words: Sequence[tuple[str, str | None]]) -> list[str]:
    return terminal.wrap(terminal.style(label, "head") + " " * (LABEL - len(label)), words, LABEL)


def _owner(finding: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    owner, control = safe_text(finding.get("owner")), safe_text(finding.get("control"))
    words: list[tuple[str, str | None]] = [(owner or "nobody: the control had no owner", "owner")]
    if finding.get("owner_role"):
        words.append((f"({safe_text(finding['owner_role'])})", None))
    said = [
        f"owned control {control} when it failed" if control else "no control of the register covers this"
    ]
    if finding.get("owner_basis") == "derived" and owner:
        said.append("derived, not named in the register")
    if finding.get("shared_with"):
        said.append("shared with " + ", ".join(safe_text(name) for name in finding["shared_with"]))
    return [*words, (f"— {'; '.join(said)}.", None)]


def _today(finding: Mapping[str, Any]) -> str:
    """Whom to turn to now, where that is someone else; '' where the register names nobody."""
    said = []
    if finding.get("owner_now") and finding["owner_now"] != finding.get("owner"):
        said.append(f"the control is now owned by {safe_text(finding['owner_now'])}")
    if finding.get("responder"):
        said.append(f"{safe_text(finding['responder'])} responds for it")
    return "; ".join(said)


def _access(answer: Answer) -> list[tuple[str, str | None]]:
    grant = answer.get("grant") or {}
    account = safe_text(grant.get("account"))
    by = f" as {account}" if account and account != grant.get("identity") else ""
    ended = (
        "still open"
        if grant.get("still_open", not grant.get("ended_at"))
        else f"ended {clock(grant.get('ended_at'))}"
    )
    since = f"wrong since {clock(grant['wrong_since'])}, " if grant.get("wrong_since") else ""
    return [
        (safe_text(grant.get("identity")), "head"),
        (f"({safe_text(grant.get('kind')) or 'unknown kind'}){by}:", None),
        (safe_text(grant.get("entitlement")), "head"),
        (
            f"in {safe_text(grant.get('system'))}, granted {clock(grant.get('granted_at'))}, {since}{ended}.",
            None,
        ),
        (f"Grant {_id(answer)}", "dim"),
    ]


def _chain(steps: Sequence[Step], terminal: Terminal, folder: str) -> list[str]:
    widest = max(len(step.label) for step in steps)
    lines: list[str] = []
    before = ""
    for step in steps:
        label = "" if step.label == before else step.label
        before = step.label
        first = f"  {terminal.style(terminal.mark(step.mark), step.mark)} {label:{widest}}  "
        style = "dim" if step.mark == NONE else None
        words: list[tuple[str, str | None]] = [(clock(step.at), "dim")] if step.at else []
        words.append((step.what, style))
        if step.basis == "inferred":
            words.append(("(inferred)", "dim"))
        if step.modes:
            words.append((f"[{', '.join(step.modes)}]", FAIL))
        words.append((_places(step.evidence, folder), "dim"))
        lines += terminal.wrap(first, words, 6 + widest)
    return lines


def _contributing(finding: Mapping[str, Any], terminal: Terminal, folder: str) -> list[str]:
    owner = safe_text(finding.get("owner")) or "no owner"
    control = f", {safe_text(finding['control'])}" if finding.get("control") else ""
    return terminal.wrap(
        f"  {terminal.style(terminal.mark(FAIL), FAIL)} ",
        [
            (safe_text(finding.get("mode")), FAIL),
            (f"({PARTS.get(str(finding.get('part')), '')}):", None),
            (safe_text(finding.get("because")), None),
            (f"Owner {owner}{control}.", None),
            (_places(finding.get("evidence"), folder), "dim"),
        ],
        4,
    )


def _path(path: Any) -> str:
    """A path may be the id of its grant or a short answer of its own."""
    if not isinstance(path, Mapping):
        return f"grant {safe_text(path)}"
    grant = path.get("grant") if isinstance(path.get("grant"), Mapping) else path
    assert isinstance(grant, Mapping)
    text = f"grant {safe_text(grant.get('id') or path.get('grant'))}"
    said = [safe_text(grant.get(key)) for key in ("account", "basis", "via") if grant.get(key)]
    return ", ".join([text, *said, *([safe_text(path["verdict"])] if path.get("verdict") else [])])


def _missing(item: Mapping[str, Any], terminal: Terminal) -> list[str]:
    when = period(item.get("period"))
    need = safe_text(item.get("need")) + (f" for {when}" if when else "")
    words = [(f"{need}; ask", None), (safe_text(item.get("ask")) or "whoever runs that system", "owner")]
    return terminal.wrap(f"  {terminal.style(terminal.mark(UNKNOWN), UNKNOWN)} ", words, 4)


def _others(answer: Answer, terminal: Terminal) -> list[str]:
    blast = answer.get("blast_radius") or {}
    if not answer.get("root"):
        return []
    grants, identities = blast.get("grants") or 0, blast.get("identities") or 0
    if not grants:
        text = "no other grant has the same cause."
    else:
        text = f"{plural(grants, 'more grant')} of {plural(identities, 'identity', 'identities')} with the same cause."
    return _labelled(terminal, "Others", [(text, "head" if grants else None)])


def _judged(answer: Answer, terminal: Terminal) -> list[str]:
    unchecked = [safe_text(mode) for mode in answer.get("unchecked") or []]
    judged = answer.get("judged") or {}
    text = f"on {judged.get('checks')} of {judged.get('of')} checks" if judged else "on all checks"
    if unchecked:
        more = len(unchecked) - UNCHECKED_SHOWN
        text += f"; not built yet: {', '.join(unchecked[:UNCHECKED_SHOWN])}"
        text += f" and {more} more (--json lists them)" if more > 0 else ""
    return _labelled(terminal, "Judged", [(text + ".", "dim")])


def _line(answer: Answer, terminal: Terminal) -> str:
    grant, verdict = answer.get("grant") or {}, str(answer.get("verdict"))
    mark = VERDICT_MARKS.get(verdict, NONE)
    root = answer.get("root") or {}
    said = VERDICTS.get(verdict, verdict) + (f": {safe_text(root.get('mode'))}" if root else "")
    until = (
        "" if grant.get("still_open", not grant.get("ended_at")) else f" to {clock(grant.get('ended_at'))}"
    )
    what = f"{safe_text(grant.get('entitlement'))} in {safe_text(grant.get('system'))}"
    shown = f"  {terminal.style(terminal.mark(mark), mark)} {what}"
    pad = " " * max(1, 44 - cells(what))
    return f"{shown}{pad}{clock(grant.get('granted_at'))}{until}  {said}"


def _summary(answers: Sequence[Answer], terminal: Terminal) -> str:
    count = {verdict: sum(answer.get("verdict") == verdict for answer in answers) for verdict in VERDICTS}
    said = ", ".join(f"{number} {VERDICTS[verdict]}" for verdict, number in count.items() if number)
    name = safe_text((answers[0].get("grant") or {}).get("identity"))
    return f"{terminal.style(name, 'head')}: {plural(len(answers), 'grant')}, {said}."


def _places(evidence: Any, folder: str) -> str:
    items = list(evidence or ())
    shown = [
        place({**item, "file": str(item.get("file")).removeprefix(folder)}) for item in items[:PLACES_SHOWN]
    ]
    more = f" +{len(items) - PLACES_SHOWN}" if len(items) > PLACES_SHOWN else ""
    return f"[{' '.join(shown)}{more}]" if shown else ""


def _all_evidence(answer: Answer) -> list[Mapping[str, Any]]:
    found = [item for finding in failings(answer) for item in finding.get("evidence") or ()]
    for link in (answer.get("lineage") or {}).values():
        for element in link if isinstance(link, list) else [link]:
            if isinstance(element, Mapping):
                found.extend(element.get("evidence") or ())
    return found


def _id(answer: Answer) -> str:
    return safe_text((answer.get("grant") or {}).get("id"))


def _dim(terminal: Terminal, text: str) -> str:
    return terminal.style(text, "dim")
