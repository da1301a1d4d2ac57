"""The lineage of grants without loss: what takes part in it, and the W3C PROV relations of the case between that."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracer.questions.lineage_of import evidence_of

Node = tuple[str, str]
"""Kind (grant, event, account, request, rule, exception, fact) and id."""

TOLD = {
    "grant": """SELECT g.id AS node, i.id AS identity, a.name AS account, e.system, e.name AS entitlement, g.granted_at,
                  g.ended_at, g.basis, g.verdict
                FROM grants g JOIN entitlements e ON e.id = g.entitlement_id JOIN accounts a ON a.id = g.account_id
                LEFT JOIN identities i ON i.id = g.identity_id""",
    "event": "SELECT v.id AS node, v.at, v.verb, v.source, v.system, v.outcome, v.ticket FROM events v",
    "account": "SELECT a.id AS node, a.system, a.name, a.kind, a.identity_id AS identity FROM accounts a",
    "request": "SELECT q.ticket AS node, q.source, q.requested_at, q.decision, q.decided_at FROM requests q",
    "rule": """SELECT r.id || coalesce('@' || r.version, '') AS node, r.id AS rule, r.version, r.owner, r.language,
                 r.expression FROM rules r""",
    "exception": "SELECT x.id AS node, x.kind, x.recorded_by, x.recorded_at, x.expires_at FROM exceptions x",
    "fact": "SELECT f.id AS node, f.identity_id AS identity, f.attribute, f.value, f.system, f.valid_from, f.recorded_at FROM facts f",
}
"""What is told of a node of each kind; `node` is its id."""


@dataclass
class Provenance:
    """Nodes with what is told of them, and relations with their basis and evidence, both in a fixed order."""

    nodes: dict[Node, dict[str, str]] = field(default_factory=dict)
    relations: list[dict[str, str]] = field(default_factory=list)


def provenance_of(connection: sqlite3.Connection, grants: Iterable[str]) -> Provenance:
    """Everything in `lineage` of these grants, with the grants themselves."""
    wanted = json.dumps(sorted(set(grants)))
    found = Provenance()
    ids: dict[str, set[str]] = {"grant": set(json.loads(wanted))}
    rows = connection.execute(
        """SELECT * FROM lineage WHERE grant_id IN (SELECT value FROM json_each(?))
           ORDER BY relation, from_kind, from_id, to_kind, to_id, grant_id""",
        (wanted,),
    ).fetchall()
    for row in rows:
        ids.setdefault(row["from_kind"], set()).add(row["from_id"])
        ids.setdefault(row["to_kind"], set()).add(row["to_id"])
        relation = {
            name: row[name] for name in ("relation", "from_kind", "from_id", "to_kind", "to_id", "basis")
        }
        for one in evidence_of(connection, [row["record_id"]]):
            relation |= {"file": one["file"], "ordinal": str(one["ordinal"]), "sha256": one["sha256"]}
        found.relations.append({name: value for name, value in relation.items() if value is not None})
    for kind, names in sorted(ids.items()):
        found.nodes |= {(kind, name): {} for name in sorted(names)}
        told = connection.execute(
            f"SELECT * FROM ({TOLD[kind]}) WHERE node IN (SELECT value FROM json_each(?)) ORDER BY node",
            (json.dumps(sorted(names)),),
        )
        columns = [column[0] for column in told.description]
        for row in told.fetchall():
            said = dict(zip(columns, row, strict=True))
            node = (kind, str(said.pop("node")))
            found.nodes[node] = {name: str(value) for name, value in said.items() if value not in (None, "")}
    return found
