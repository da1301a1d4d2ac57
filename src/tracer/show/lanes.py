"""The lineage of grants as a graph in lanes: source data, rule, decision, execution, access, use and end.

One networkx graph whose nodes have ids of their own (never text from evidence); every other form of the picture is
made from it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import networkx as nx

from tracer.show.steps import FAIL, UNKNOWN, Answer, Step, failings, steps_of
from tracer.show.text import clock, safe_text

LANES = {
    "source-data": "source data",
    "rule": "rule",
    "decision": "decision",
    "execution": "execution",
    "access": "access",
    "use": "use and end",
}
"""Lane -> its heading, from left to right."""

LANE_OF = {
    "source-data": "source-data",
    "rule": "rule",
    "request": "decision",
    "approval": "decision",
    "exception": "decision",
    "provisioning": "execution",
    "verification": "use",
    "use": "use",
    "review": "use",
    "revocation": "use",
    "expiry": "use",
    "rotation": "use",
    "logging": "execution",
    "governance": "decision",
}
"""Control point -> lane. A verification looks at the access that exists, so that it stands behind it."""

BEFORE = ("source-data", "rule", "decision", "execution")

IN_FULL = 4
"""Grants of one identity drawn link by link; the others are folded."""

PER_LANE = 10
"""Nodes of one lane drawn before the rest is folded into one."""

LABEL = 90
"""Characters of a node's text: the picture names the link, report and JSON have it whole."""


def lanes_of(answers: Sequence[Answer], points: Mapping[str, Mapping[str, str]] | None = None) -> Any:
    """A networkx DiGraph of these grants, the worst first; empty where there is no grant.

    Nodes carry `lane`, `text`, `mark`, `wrong` (on the way from the root to the access) and `folded` (how many links
    one node stands for, 0: itself); edges carry `wrong`.
    """
    graph = nx.DiGraph()
    names: dict[tuple[str, ...], str] = {}
    for answer in answers[:IN_FULL]:
        _add(graph, names, answer, (points or {}).get(str((answer.get("grant") or {}).get("id"))))
    _fold(graph, answers[IN_FULL:])
    return graph


def _add(
    graph: Any, names: dict[tuple[str, ...], str], answer: Answer, points: Mapping[str, str] | None
) -> None:
    """The links of one grant and the edges between neighbouring lanes; equal links of two grants are one node."""
    lanes: dict[str, list[str]] = {lane: [] for lane in LANES}
    root = answer.get("root") or {}
    said = {
        str(one.get("mode")): str(one["dispositions"][0].get("disposition"))
        for one in failings(answer)
        if one.get("dispositions")
    }
    for step in steps_of(answer, points):
        if not step.present and step.mark not in (FAIL, UNKNOWN):
            continue
        grant = "" if step.evidence else str((answer.get("grant") or {}).get("id"))
        key = (step.point, step.at or "", step.what, grant)
        node = _node(graph, names, key, LANE_OF[step.point], _text(step, said), step.mark)
        lanes[LANE_OF[step.point]].append(node)
        if step.point == root.get("control_point") and step.mark == FAIL:
            graph.nodes[node]["root"] = True
    access = _access(graph, names, answer)
    filled = [*(lanes[lane] for lane in BEFORE if lanes[lane]), [access]]
    for left, right in pairwise(filled):
        graph.add_edges_from((a, b) for a in left for b in right if a != b)
    graph.add_edges_from((access, node) for node in lanes["use"])
    _mark_wrong(graph, answer, access)


def _node(
    graph: Any, names: dict[tuple[str, ...], str], key: tuple[str, ...], lane: str, text: str, mark: str
) -> str:
    if key not in names:
        names[key] = f"n{len(names)}"
        graph.add_node(names[key], lane=lane, text=text, mark=mark, wrong=False, root=False, folded=0)
    return names[key]


def _access(graph: Any, names: dict[tuple[str, ...], str], answer: Answer) -> str:
    grant = answer.get("grant") or {}
    text = (
        f"{safe_text(grant.get('identity'), LABEL)}\nholds {safe_text(grant.get('entitlement'), LABEL)} "
        f"in {safe_text(grant.get('system'), LABEL)}\nfrom {clock(grant.get('granted_at'))}"
    )
    if grant.get("ended_at"):
        text += f"\nto {clock(grant.get('ended_at'))}"
    mark = FAIL if answer.get("verdict") == "wrong-access" else ""
    return _node(graph, names, ("access", str(grant.get("id"))), "access", text, mark)


def _text(step: Step, said: Mapping[str, str]) -> str:
    """The link in words; a failure with what an analyst said of it last."""
    lines = [step.label + (f" {clock(step.at)}" if step.at else ""), safe_text(step.what, LABEL)]
    if step.modes:
        shown = (mode + (f" ({said[mode]})" if mode in said else "") for mode in step.modes)
        lines.append(", ".join(safe_text(one, LABEL) for one in shown))
    return "\n".join(lines)


def _mark_wrong(graph: Any, answer: Answer, access: str) -> None:
    """The way from the failing root to the access; a root behind the access (it failed to stop it) the other way."""
    if answer.get("verdict") != "wrong-access" or not failings(answer):
        return
    graph.nodes[access]["wrong"] = True
    for root in [node for node, data in graph.nodes(data=True) if data["root"]]:
        for start, end in ((root, access), (access, root)):
            between = (nx.descendants(graph, start) | {start}) & (nx.ancestors(graph, end) | {end})
            if start in between and end in between:
                for node in between:
                    graph.nodes[node]["wrong"] = True
                for a, b in graph.subgraph(between).edges:
                    graph.edges[a, b]["wrong"] = True


def _fold(graph: Any, others: Sequence[Answer]) -> None:
    """One node per lane for what is not drawn: links beyond `PER_LANE`, and whole grants."""
    by_lane: dict[str, list[str]] = {lane: [] for lane in LANES}
    for node, data in graph.nodes(data=True):
        by_lane[data["lane"]].append(node)
    hidden: Counter[str] = Counter({"access": len(others)} if others else {})
    for lane, nodes in by_lane.items():
        ranked = sorted(nodes, key=lambda n: (not graph.nodes[n]["wrong"], graph.nodes[n]["mark"] != FAIL))
        for node in ranked[PER_LANE:]:
            hidden[lane] += 1
            _move_edges(graph, node, f"others-{lane}")
    for lane, count in hidden.items():
        graph.add_node(
            f"others-{lane}",
            lane=lane,
            text=f"{count:,} other{'s' if count != 1 else ''}",
            mark="",
            wrong=False,
            root=False,
            folded=count,
        )


def _move_edges(graph: Any, node: str, other: str) -> None:
    edges = [(other, b) for b in graph.successors(node)] + [(a, other) for a in graph.predecessors(node)]
    graph.remove_node(node)
    graph.add_edges_from(edges)
