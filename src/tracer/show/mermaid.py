"""The lineage as Mermaid text (https://mermaid.js.org), for wikis and issues that draw it themselves.

The same graph as the picture: node ids are ours, and text from evidence stands only in escaped labels.
"""

from collections.abc import Mapping, Sequence

from tracer.show.lanes import LANES, lanes_of
from tracer.show.steps import FAIL, UNKNOWN, Answer

ESCAPED = {
    "#": "#35;",
    '"': "#quot;",
    "<": "#lt;",
    ">": "#gt;",
    "&": "#amp;",
    "`": "#96;",
    "\\": "#92;",
    "%": "#37;",
}

CLASSES = """  classDef wrong stroke:#b3261e,color:#b3261e,stroke-width:2px
  classDef failed stroke:#8a5a00,color:#8a5a00
  classDef unknown stroke-dasharray:4
"""


def mermaid_of(answers: Sequence[Answer], points: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """The lineage of these grants, the worst first, the wrong path in red, folded where it is large."""
    graph = lanes_of(answers, points)
    lines = ["flowchart LR"]
    styled: dict[str, list[str]] = {}
    for lane, heading in LANES.items():
        nodes = [(node, data) for node, data in graph.nodes(data=True) if data["lane"] == lane]
        if not nodes:
            continue
        lines.append(f'  subgraph lane-{lane}["{heading}"]')
        for node, data in nodes:
            lines.append(f'    {node}["{_label(data["text"])}"]')
            look = "wrong" if data["wrong"] else {FAIL: "failed", UNKNOWN: "unknown"}.get(data["mark"])
            if look:
                styled.setdefault(look, []).append(node)
        lines.append("  end")
    lines += [f"  {a} --> {b}" for a, b in graph.edges]
    lines += [f"  class {','.join(nodes)} {look}" for look, nodes in styled.items()]
    return "\n".join(lines) + "\n" + CLASSES


def _label(text: str) -> str:
    escaped = "".join(ESCAPED.get(character, character) for character in text)
    return escaped.replace("\n", "<br/>")
