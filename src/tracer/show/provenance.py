"""The lineage for other programs: PROV-JSON (https://www.w3.org/submissions/prov-json/) and GraphML."""

import hashlib
from typing import Any
from urllib.parse import quote

import networkx as nx

from tracer.questions.provenance import Node, Provenance
from tracer.show.data import json_text
from tracer.show.secrets import masked
from tracer.show.text import safe_text

TYPES = {"event": "activity", "account": "agent"}
"""Kind of node -> what PROV takes it for; all others are entities."""

ENDS = {
    "used": ("prov:activity", "prov:entity"),
    "wasGeneratedBy": ("prov:entity", "prov:activity"),
    "wasInvalidatedBy": ("prov:entity", "prov:activity"),
    "wasAssociatedWith": ("prov:activity", "prov:agent"),
    "actedOnBehalfOf": ("prov:delegate", "prov:responsible"),
    "wasDerivedFrom": ("prov:generatedEntity", "prov:usedEntity"),
    "wasInformedBy": ("prov:informed", "prov:informant"),
}
"""Relation -> what it calls its two ends."""

DISJOINT = {("used", "event"): "wasInformedBy", ("wasDerivedFrom", "event"): "wasGeneratedBy"}
"""PROV keeps activities and entities apart: what a relation to an event is called there."""


def prov_json(found: Provenance) -> str:
    """The document, every statement with its basis and the record that it rests on."""
    document: dict[str, Any] = {"prefix": {"tracer": "urn:tracer:"}}
    for node, said in found.nodes.items():
        kind = TYPES.get(node[0], "entity")
        told: dict[str, Any] = {"prov:type": f"tracer:{node[0]}"}
        if kind == "activity" and said.get("at"):
            told |= {"prov:startTime": said["at"], "prov:endTime": said["at"]}
        told |= {f"tracer:{name}": value for name, value in said.items()}
        document.setdefault(kind, {})[_name(node)] = told
    for number, one in enumerate(found.relations):
        relation = DISJOINT.get((one["relation"], one["to_kind"]), one["relation"])
        ends = zip(
            ENDS[relation],
            ((one["from_kind"], one["from_id"]), (one["to_kind"], one["to_id"])),
            strict=True,
        )
        said = {end: _name(node) for end, node in ends}
        said |= {
            f"tracer:{name}": one[name] for name in ("basis", "file", "ordinal", "sha256") if name in one
        }
        document.setdefault(relation, {})[f"_:r{number}"] = said
    return json_text(document)


def _name(node: Node) -> str:
    """The name of a node; of an id with a secret in it the hash, so that two of them stay two."""
    kind, text = node
    if masked(text) != text:
        text = f"masked-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"
    return f"tracer:{kind}-{quote(text, safe='', errors='surrogatepass')}"


def graphml(found: Provenance) -> str:
    """The same nodes and relations as GraphML."""
    graph = nx.MultiDiGraph()
    for node, said in found.nodes.items():
        graph.add_node(
            _name(node),
            kind=safe_text(node[0]),
            **{name: safe_text(value) for name, value in said.items() if name != "kind"},
        )
    for one in found.relations:
        told = {name: safe_text(one[name]) for name in ("basis", "file", "ordinal", "sha256") if name in one}
        graph.add_edge(
            _name((one["from_kind"], one["from_id"])),
            _name((one["to_kind"], one["to_id"])),
            relation=safe_text(one["relation"]),
            **told,
        )
    return "\n".join(nx.generate_graphml(graph)) + "\n"
