"""`why` on a terminal: the root and its owner first, then the chain, what contributed, what is missing, who else."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracer.judgement.verdicts.owners import PERSONS
from tracer.questions.through import path
from tracer.show.asked import asked_lines
from tracer.show.blast import reach
from tracer.show.brief import brief_steps
from tracer.show.places import folder_lines, places, shared_folder
from tracer.show.steps import FAIL, NONE, PARTS, UNKNOWN, VERDICTS, Answer, Step, failings, steps_of
from tracer.show.terminal import Terminal
from tracer.show.text import cells, clock, period, plural, readable, safe_text

Points = Mapping[str, Mapping[str, str]]
"""Grant id -> control point -> what its checks came to."""

UNCHECKED_SHOWN = 6

LABEL = 9
"""Columns of the labels Root, Owner, Access and so on."""

VERDICT_MARKS = {
    "wrong-access": FAIL,
    "control-weakness": FAIL,
    "undetermined": UNKNOWN,
    "conforming": "pass",
}


def why_text(
    answers: Sequence[Answer], terminal: Terminal, points: Points | None = None, *, verbose: bool = False
) -> str:
    """Everything `why` says of these grants, worst first: the first in full, other failures in short, the rest a line each.

    The chain has at most one line per control point that did not fail; `verbose` shows every link.
    """
    folder = shared_folder(item for answer in answers for item in _all_evidence(answer))
    lines = asked_lines(answers, terminal, folder)
    if len(answers) > 1:
        lines += [_summary(answers, terminal), ""]
    marks = (points or {}).get(_id(answers[0]))
    lines += detail(answers[0], terminal, marks, folder, verbose=verbose)
    wrong = [answer for answer in answers[1:] if answer.get("verdict") == "wrong-access"]
    for answer in wrong:
        lines += ["", *_head(answer, terminal, folder)]
    rest = [answer for answer in answers[1:] if answer.get("verdict") != "wrong-access"]
    if rest:
        lines += ["", terminal.style("Other grants", "head"), *(_line(answer, terminal) for answer in rest)]
    if len(answers) > 1:
        lines += ["", _dim(terminal, "Name the entitlement as well to see the chain of one of them.")]
    lines += folder_lines(folder, terminal)
    return terminal.printable("\n".join(lines) + "\n")


def detail(
    answer: Answer,
    terminal: Terminal,
    points: Mapping[str, str] | None = None,
    folder: str = "",
    *,
    verbose: bool = False,
) -> list[str]:
    """One grant in full."""
    lines = _head(answer, terminal, folder)
    steps = steps_of(answer, points) if verbose else brief_steps(answer, points)
    lines += ["", *_chain_of(answer.get("grant") or {}, terminal), *_chain(steps, terminal, folder)]
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
    lines += ["", *_others(answer, terminal), *_judged(answer, terminal)]
    more = f"{_id(answer)}: tracer blast, mark and report --grant take this id"
    more += "." if verbose else "; -v shows every link of the chain."
    return [*lines, *_labelled(terminal, "Grant", [(more, "dim")])]


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
                (readable(root.get("because")), None),
                (places(root.get("evidence"), folder), "dim"),
            ],
        )
        lines += _labelled(terminal, "Owner", _owner(root))
        lines += _said(answer, root, terminal)
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
    today = _today(answer, root or {})
    return [*lines, *_labelled(terminal, "Today", [(f"{today}.", None)])] if today else lines


def _said(answer: Answer, root: Mapping[str, Any], terminal: Terminal) -> list[str]:
    """How far the statement carries, where that is not all the way; and what analysts said of it, the latest first."""
    lines = []
    share, sure = root.get("responsibility"), root.get("confidence")
    if isinstance(share, int | float) and share < 1:
        others = round(1 / share) - 1 if share > 0 else 0
        text = f"{share:.2g}: {plural(others, 'other path')} would have given the same access, so mending this control alone would not have prevented it."
        lines += _labelled(terminal, "Share", [(text, None)])
    if isinstance(sure, int | float) and sure < 1:
        lines += _labelled(terminal, "Sure", [(f"{sure:.2g} of 1{_doubts(answer)}.", None)])
    for kept in root.get("dispositions") or []:
        lines += _labelled(
            terminal, "Marked", [(safe_text(kept.get("disposition")), "owner"), (_marked(kept), None)]
        )
    return lines


def _doubts(answer: Answer) -> str:
    """Why the statement is not certain."""
    lineage = answer.get("lineage") or {}
    links = [lineage.get("request"), *(lineage.get("approvals") or [])]
    found = []
    if any(link.get("basis") == "inferred" for link in links if link):
        found.append("the ticket was found by names and times, not by an id in the log")
    if answer.get("missing"):
        found.append("evidence is missing, see below")
    return f": {'; '.join(found)}" if found else ""


def _marked(kept: Mapping[str, Any]) -> str:
    return f"by {safe_text(kept.get('by'))} at {clock(kept.get('at'))}: {readable(kept.get('because'))}"


def _labelled(terminal: Terminal, label: str, words: Sequence[tuple[str, str | None]]) -> list[str]:
    return terminal.wrap(terminal.style(label, "head") + " " * (LABEL - len(label)), words, LABEL)


def _owner(finding: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    owner, control = safe_text(finding.get("owner")), safe_text(finding.get("control"))
    words: list[tuple[str, str | None]] = [(owner or "nobody: the control had no owner", "owner")]
    if finding.get("owner_role"):
        words.append((f"({safe_text(finding['owner_role'])})", None))
    said = ["no control of the register covers this"]
    if control and finding.get("owner_role") in PERSONS.values():
        # Somebody whom the evidence names for what they did: the control's own owner stands under "shared with".
        said = [f"acted at control {control}"]
    elif control:
        said = [f"owned control {control} when it failed"]
    if finding.get("owner_basis") == "derived" and owner:
        said.append("derived, not named in the register")
    if finding.get("shared_with"):
        said.append("shared with " + ", ".join(safe_text(name) for name in finding["shared_with"]))
    return [*words, (f"— {'; '.join(said)}.", None)]


def _today(answer: Answer, finding: Mapping[str, Any]) -> str:
    """Whether it is still open, who responds for the control, and who owns it now; '' where there is nothing to say."""
    grant = answer.get("grant") or {}
    control = safe_text(finding.get("control"))
    said = []
    if _open(grant):
        as_of = (
            f", as of the last record of that system ({clock(grant['judged_at'])})"
            if grant.get("judged_at")
            else ""
        )
        said.append(f"the access is still open{as_of}")
    if finding.get("responder"):
        said.append(f"{safe_text(finding['responder'])} responds for {control or 'the control'}")
    if finding.get("owner_now"):
        same = "still" if finding["owner_now"] == finding.get("owner") else "now"
        said.append(f"{safe_text(finding['owner_now'])} {same} owns {control or 'the control'}")
    elif control:
        said.append(f"nobody owns {control} now")
    return "; ".join(said)


def _open(grant: Mapping[str, Any]) -> bool:
    return bool(grant.get("still_open", not grant.get("ended_at")))


def _access(answer: Answer) -> list[tuple[str, str | None]]:
    grant = answer.get("grant") or {}
    account = safe_text(grant.get("account"))
    by = f" as {account}" if account and account != grant.get("identity") else ""
    at, since = grant.get("granted_at"), grant.get("wrong_since")
    said = [f"granted {clock(at)}" if at else "no log tells when it was granted"]
    if since:
        start = since == at
        said.append("wrong from the start" if start else f"wrong since {clock(since)}")
    if not _open(grant):
        said.append(f"ended {clock(grant.get('ended_at'))}")
    return [
        (safe_text(grant.get("identity")), "head"),
        (f"({safe_text(grant.get('kind')) or 'unknown kind'}){by}:", None),
        (safe_text(grant.get("entitlement")), "head"),
        (
            f"in {safe_text(grant.get('system'))}{_through(grant)}, {', '.join(said)}.",
            None,
        ),
    ]


def _through(grant: Mapping[str, Any]) -> str:
    """By which groups it was held; '' where directly."""
    if not grant.get("via"):
        return ""
    return " " + safe_text(path(str(grant["via"]), list(grant.get("through") or [])), 200)


def _chain_of(grant: Mapping[str, Any], terminal: Terminal) -> list[str]:
    """The heading of the chain, which for inherited access is that of the link that decides."""
    link = grant.get("link")
    words: list[tuple[str, str | None]] = [("Chain", "head")]
    if isinstance(link, Mapping):
        what = f"{safe_text(link.get('account'))}: {safe_text(link.get('entitlement'))} in {safe_text(link.get('system'))}"
        words.append((f"of {what}, the link that decides", "dim"))
    return terminal.wrap("", words, 0)


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
        words.append((places(step.evidence, folder), "dim"))
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
            (readable(finding.get("because")), None),
            (f"Owner {owner}{control}.", None),
            *[
                (f"Marked {safe_text(kept.get('disposition'))} {_marked(kept)}", None)
                for kept in finding.get("dispositions") or []
            ],
            (places(finding.get("evidence"), folder), "dim"),
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
    if grant.get("granted_at"):
        text += f", held from {clock(grant['granted_at'])} to {clock(grant.get('ended_at'), missing='now')}"
    said = [safe_text(grant["account"])] if grant.get("account") else []
    said += [_through(grant).strip()] if grant.get("via") else []
    if grant.get("basis"):
        said.append(f"decided by {safe_text(grant['basis'])}")
    verdict = str(path.get("verdict") or "")
    if verdict:
        said.append(
            VERDICTS.get(verdict, safe_text(verdict))
            + (f": {safe_text(path['mode'])}" if path.get("mode") else "")
        )
    return ", ".join([text, *said])


def _missing(item: Mapping[str, Any], terminal: Terminal) -> list[str]:
    when = period(item.get("period"))
    need = safe_text(item.get("need")) + (f" for {when}" if when else "")
    words = [(f"{need}; ask", None), (safe_text(item.get("ask")) or "whoever runs that system", "owner")]
    return terminal.wrap(f"  {terminal.style(terminal.mark(UNKNOWN), UNKNOWN)} ", words, 4)


def _others(answer: Answer, terminal: Terminal) -> list[str]:
    blast = answer.get("blast_radius") or {}
    if not answer.get("root"):
        return []
    return _labelled(terminal, "Others", [(reach(blast), "head" if blast.get("grants") else None)])


def _judged(answer: Answer, terminal: Terminal) -> list[str]:
    unchecked = [safe_text(mode) for mode in answer.get("unchecked") or []]
    judged = answer.get("judged") or {}
    if not unchecked:
        return []
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


def _all_evidence(answer: Answer) -> list[Mapping[str, Any]]:
    found = [item for finding in failings(answer) for item in finding.get("evidence") or ()]
    found += [
        item for told in (answer.get("asked") or {}).get("told") or () for item in told.get("evidence") or ()
    ]
    for link in (answer.get("lineage") or {}).values():
        for element in link if isinstance(link, list) else [link]:
            if isinstance(element, Mapping):
                found.extend(element.get("evidence") or ())
    return found


def _id(answer: Answer) -> str:
    return safe_text((answer.get("grant") or {}).get("id"))


def _dim(terminal: Terminal, text: str) -> str:
    return terminal.style(text, "dim")
