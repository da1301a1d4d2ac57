"""The chain of one grant, from source data to revocation, as every way of showing it needs it.

Terminal, picture and report take their steps from here, so that they never tell different stories.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracer.show.text import clock, clocked, plural, safe_text

Answer = dict[str, Any]
"""What `why` answers for one grant: the JSON of the contract."""

PASS, FAIL, UNKNOWN, NONE, NEUTRAL = "pass", "fail", "no-evidence", "not-applicable", "neutral"
"""The mark of a step: its checks passed, one failed, evidence is missing, nothing to check; or it is no control."""

CHAIN = {
    "source-data": ("source data", "source_data"),
    "rule": ("rule", "rule"),
    "request": ("request", "request"),
    "approval": ("approval", "approvals"),
    "exception": ("exception", "exception"),
    "provisioning": ("provisioning", "executor"),
    "verification": ("verification", "verification"),
    "use": ("use", None),
    "review": ("review", "reviews"),
    "revocation": ("revocation", "revocation"),
}
"""Control point -> what it is called, and its key in `lineage`; in the order in which access comes and goes."""

LATER = ("expiry", "rotation", "logging", "governance")
"""Control points without a link of their own: shown only where one of their checks fails or lacks evidence."""

ABSENT = {
    "source-data": "no fact about this identity took part",
    "rule": "no rule is named",
    "request": "no request in evidence",
    "approval": "no approval in evidence",
    "exception": "no exception",
    "provisioning": "no grant event in evidence",
    "verification": "no verification in evidence",
    "review": "no review in evidence",
    "revocation": "no revocation in evidence",
}
"""What to say of a control point that left no trace."""

VERDICTS = {
    "wrong-access": "wrong access",
    "control-weakness": "control weakness",
    "undetermined": "undetermined",
    "conforming": "conforming",
}
"""Verdict -> its words, worst first."""

PARTS = {"created": "created it", "approved": "approved it", "failed-to-stop": "failed to stop it"}


@dataclass(frozen=True)
class Step:
    """One line of the chain: a link, or a control point that left no trace."""

    point: str
    label: str
    mark: str
    at: str | None
    what: str
    basis: str | None = None
    evidence: tuple[Mapping[str, Any], ...] = ()
    modes: tuple[str, ...] = field(default=())
    present: bool = True


def failings(answer: Answer) -> list[dict[str, Any]]:
    """The failing checks of a grant, the root first; empty where none failed."""
    return ([answer["root"]] if answer.get("root") else []) + list(answer.get("contributing") or [])


def steps_of(answer: Answer, points: Mapping[str, str] | None = None) -> list[Step]:
    """The chain of a grant in order; `points` says per control point what its checks came to, where that is known."""
    failed: dict[str, list[dict[str, Any]]] = {}
    for finding in failings(answer):
        failed.setdefault(str(finding.get("control_point")), []).append(finding)
    steps: list[Step] = []
    for point, (label, key) in CHAIN.items():
        if key is None:
            steps.append(_use(answer, point, label))
            continue
        links = _links((answer.get("lineage") or {}).get(key))
        outcome = FAIL if point in failed else (points or {}).get(point)
        if links:
            steps.extend(_present(point, label, links, outcome or PASS, failed.get(point, [])))
        else:
            modes = tuple(safe_text(finding.get("mode")) for finding in failed.get(point, []))
            mark = outcome if outcome in (FAIL, UNKNOWN) else PASS if _ended(answer, point) else NONE
            steps.append(Step(point, label, mark, None, _absent(answer, point), modes=modes, present=False))
    for point in LATER:
        outcome = FAIL if point in failed else (points or {}).get(point)
        if outcome in (FAIL, UNKNOWN):
            modes = tuple(safe_text(finding.get("mode")) for finding in failed.get(point, []))
            because = clocked(failed[point][0].get("because")) if point in failed else "evidence is missing"
            steps.append(Step(point, point, str(outcome), None, because, modes=modes, present=False))
    return steps


def _links(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict) and item]


def _present(
    point: str, label: str, links: list[dict[str, Any]], outcome: str, findings: list[dict[str, Any]]
) -> Iterable[Step]:
    """One step per link; a failure marks the links that its evidence names, else the first one."""
    marked = [_shared(link, findings) for link in links]
    for number, link in enumerate(links):
        modes = marked[number]
        mark = outcome
        if outcome == FAIL:
            if not any(marked) and number == 0:
                modes = tuple(safe_text(finding.get("mode")) for finding in findings)
            mark = FAIL if modes else NEUTRAL
        yield Step(
            point,
            label,
            mark,
            link.get("at"),
            clocked(link.get("what")) or label,
            link.get("basis"),
            tuple(link.get("evidence") or ()),
            modes,
        )


def _shared(link: dict[str, Any], findings: list[dict[str, Any]]) -> tuple[str, ...]:
    own = {(item.get("file"), item.get("ordinal")) for item in link.get("evidence") or ()}
    return tuple(
        safe_text(finding.get("mode"))
        for finding in findings
        if own & {(item.get("file"), item.get("ordinal")) for item in finding.get("evidence") or ()}
        and _same_attribute(link, finding)
    )


def _same_attribute(link: dict[str, Any], finding: dict[str, Any]) -> bool:
    """A record may carry many attributes: a failure of one does not mark the others."""
    return (
        not (link.get("attribute") and finding.get("attribute")) or link["attribute"] == finding["attribute"]
    )


def _ended(answer: Answer, point: str) -> bool:
    return point == "revocation" and bool((answer.get("grant") or {}).get("ended_at"))


def _absent(answer: Answer, point: str) -> str:
    grant = answer.get("grant") or {}
    basis = grant.get("basis")
    if point == "revocation" and grant.get("ended_at"):
        return f"ended {clock(grant['ended_at'])}"
    if point in ("request", "approval") and basis in ("rule", "exception"):
        return f"none needed: decided by {basis}"
    if point == "rule" and basis in ("ticket", "exception"):
        return f"none: decided by {basis}"
    return ABSENT[point]


def _use(answer: Answer, point: str, label: str) -> Step:
    uses = answer.get("uses") or {}
    count = uses.get("count")
    if count is None:
        return Step(point, label, NONE, None, "no log of uses in evidence", present=False)
    if not count:
        return Step(point, label, NEUTRAL, None, "not used", present=False)
    last = f", last {clock(uses.get('last_at'))}" if uses.get("last_at") != uses.get("first_at") else ""
    return Step(point, label, NEUTRAL, uses.get("first_at"), f"used {plural(count, 'time')}{last}")


def place(evidence: Mapping[str, Any]) -> str:
    """Where a piece of evidence stands: `file:ordinal`."""
    return f"{safe_text(evidence.get('file'))}:{safe_text(evidence.get('ordinal'))}"
