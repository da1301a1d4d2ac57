"""The lineage of one grant in words: each link with its time, its basis and its evidence."""

import json
import sqlite3
from typing import Any

Link = dict[str, Any]


def evidence_of(connection: sqlite3.Connection, records: list[str | None]) -> list[dict[str, Any]]:
    """Where these records stand: file, ordinal and SHA-256, sorted."""
    found = []
    for record in dict.fromkeys(record for record in records if record):
        row = connection.execute(
            """SELECT f.path, r.ordinal, r.sha256 FROM records r JOIN evidence f ON f.id = r.evidence_id WHERE r.id = ?""",
            (record,),
        ).fetchone()
        if row:
            found.append({"file": row["path"], "ordinal": row["ordinal"], "sha256": row["sha256"]})
    return sorted(found, key=lambda one: (one["file"], one["ordinal"]))


def lineage_of(connection: sqlite3.Connection, grant: str) -> dict[str, Any]:
    """Source data, rule, request, approvals, exception, executor, verification, reviews and revocation of a grant."""
    c = connection.execute(
        """SELECT c.*, g.account_id, g.entitlement_id, g.executor_id, g.started_by, g.on_behalf_of, g.ticket_basis,
             g.ended_at, g.ended_by, g.end_event_id, g.event_id, g.override_event_id
           FROM circumstances c JOIN grants g ON g.id = c.grant_id WHERE c.grant_id = ?""",
        (grant,),
    ).fetchone()
    return {
        "source_data": _source_data(connection, grant),
        "rule": _rule(connection, c),
        "request": _request(connection, c),
        "approvals": _approvals(connection, c),
        "exception": _exception(connection, c),
        "executor": _executor(connection, c),
        "verification": next(iter(_told(connection, c, "verify")), None),
        "reviews": _told(connection, c, "review"),
        "revocation": _revocation(connection, c),
    }


def _link(
    connection: sqlite3.Connection, at: str | None, what: str, basis: str, *records: str | None, **more: Any
) -> Link:
    return {
        "at": at,
        "what": what,
        "basis": basis,
        "evidence": evidence_of(connection, list(records)),
        **more,
    }


def _source_data(connection: sqlite3.Connection, grant: str) -> list[Link]:
    rows = connection.execute(
        """SELECT d.*, f.valid_from, f.recorded_at FROM decision_inputs d
           LEFT JOIN grants g ON g.id = d.grant_id
           LEFT JOIN facts f ON f.record_id = d.record_id AND f.attribute = d.attribute AND f.identity_id = g.identity_id
           WHERE d.grant_id = ? ORDER BY d.attribute, d.reading, d.system""",
        (grant,),
    ).fetchall()
    event = connection.execute(
        "SELECT v.at, v.record_id FROM grants g JOIN events v ON v.id = g.event_id WHERE g.id = ?", (grant,)
    ).fetchone()
    links = []
    for row in rows:
        logged = row["reading"] == "logged"
        links.append(
            _link(
                connection,
                event["at"] if logged else row["valid_from"],
                f"{row['system']}: {row['attribute']} = {row['value'] or '(none)'} ({row['reading'].replace('-', ' ')})",
                "explicit" if logged else "inferred",
                event["record_id"] if logged else row["record_id"],
                attribute=row["attribute"],
                value=row["value"],
                system=row["system"],
                recorded_at=row["recorded_at"],
                reading=row["reading"],
            )
        )
    return links


def _rule(connection: sqlite3.Connection, c: sqlite3.Row) -> Link | None:
    if c["basis"] != "rule":
        return None
    row = connection.execute(
        "SELECT result FROM evaluations WHERE grant_id = ? AND subject = 'decision' AND reading IN ('logged', 'used') ORDER BY reading LIMIT 1",
        (c["grant_id"],),
    ).fetchone()
    result = None if row is None or row["result"] is None else bool(row["result"])
    said = {True: "matched", False: "did not match", None: "was not evaluated"}[result]
    version = f" version {c['rule_version']}" if c["rule_version"] else ""
    return _link(
        connection, c["granted_at"], f"rule {c['rule']}{version} {said}", "explicit", c["rule_record_id"], c["record_id"],
        id=c["rule"], version=c["rule_version"], owner=c["rule_owner"], result=result,
    )  # fmt: skip


def _request(connection: sqlite3.Connection, c: sqlite3.Row) -> Link | None:
    if c["decision"] is None:
        return None
    what = f"{c['ticket']} asked by {c['requester_id'] or 'unknown'} for {c['beneficiary_id'] or 'unknown'}: {c['decision']}"
    return _link(
        connection, c["requested_at"], what, c["ticket_basis"], c["request_record_id"],
        ticket=c["ticket"], requester=c["requester_id"], beneficiary=c["beneficiary_id"],
    )  # fmt: skip


def _approvals(connection: sqlite3.Connection, c: sqlite3.Row) -> list[Link]:
    if c["decision"] is None:
        return []
    rows = connection.execute(
        """SELECT v.id, v.verb, v.at, v.record_id, a.identity_id, p.authority FROM events v
           LEFT JOIN accounts a ON a.id = v.actor_id LEFT JOIN approvals p ON p.event_id = v.id AND p.grant_id = :grant
           WHERE v.verb IN ('approve', 'deny', 'cancel') AND v.id IN (SELECT event_id FROM request_events WHERE request_id = :request) ORDER BY v.at, v.id""",
        {"grant": c["grant_id"], "request": c["request_id"]},
    ).fetchall()
    words = {"approve": "approved", "deny": "denied", "cancel": "cancelled"}
    links = []
    for row in rows:
        decision = words[row["verb"]]
        authority = f" (authority: {row['authority']})" if row["authority"] else ""
        what = f"{decision} by {row['identity_id'] or 'unknown'}{authority}"
        links.append(
            _link(connection, row["at"], what, c["ticket_basis"], row["record_id"],
                  approver=row["identity_id"], decision=decision, authority=row["authority"])
        )  # fmt: skip
    return links


def _exception(connection: sqlite3.Connection, c: sqlite3.Row) -> Link | None:
    if c["exception"] is None and c["override_event_id"] is None:
        return None
    row = connection.execute(
        "SELECT * FROM exceptions WHERE fold(id) = fold(?)", (c["exception"],)
    ).fetchone()
    override = connection.execute(
        "SELECT at, record_id FROM events WHERE id = ?", (c["override_event_id"],)
    ).fetchone()
    if row is None:
        what = (
            f"exception {c['exception']} is not recorded"
            if c["exception"]
            else f"overridden by {c['override_by'] or 'unknown'}"
        )
        at, record = (
            (override["at"], override["record_id"]) if override else (c["granted_at"], c["record_id"])
        )
        return _link(
            connection,
            at,
            what,
            "explicit",
            record,
            id=c["exception"],
            recorded_by=None,
            cleanup_owner=None,
            expires_at=None,
        )
    return _link(
        connection, row["recorded_at"], f"exception {row['id']} ({row['kind'] or 'no kind'}) until {row['expires_at'] or 'no end'}",
        "explicit", row["record_id"], override["record_id"] if override else None,
        id=row["id"], recorded_by=row["recorded_by"], cleanup_owner=row["cleanup_owner"], expires_at=row["expires_at"],
    )  # fmt: skip


def _executor(connection: sqlite3.Connection, c: sqlite3.Row) -> Link:
    actor = connection.execute(
        "SELECT name, identity_id FROM accounts WHERE id = ?", (c["executor_id"],)
    ).fetchone()
    event = connection.execute(
        "SELECT chain_note, reason FROM events WHERE id = ?", (c["event_id"],)
    ).fetchone()
    said = json.loads(event["chain_note"]) if event and event["chain_note"] else {}
    chain, records = [], [c["record_id"]]
    for hop in reversed(said.get("hops", [])):
        row = connection.execute(
            """SELECT v.at, v.record_id, a.name, s.name AS role FROM events v LEFT JOIN accounts a ON a.id = v.actor_id
               LEFT JOIN accounts s ON s.id = v.subject_id WHERE v.id = ?""",
            (hop,),
        ).fetchone()
        records.append(row["record_id"])
        chain.append(
            _link(
                connection,
                row["at"],
                f"{row['name']} assumed {row['role'] or 'a session'}",
                "explicit",
                row["record_id"],
            )
        )
    name = actor["name"] if actor else None
    start = connection.execute(
        "SELECT on_behalf_of, accountable FROM identities WHERE id = ?", (c["start_id"],)
    ).fetchone()
    what = f"{name or 'an unknown executor'} granted {c['entitlement']} in {c['system']}"
    if c["start_id"] and actor and c["start_id"] != actor["identity_id"]:
        what += f", started by {c['start_id']}"
    if said.get("note"):
        what += f" ({said['note']})"
    behalf = c["on_behalf_of"] or (start["on_behalf_of"] if start else None)
    if behalf:
        what += f", on behalf of {behalf}"
    reason = event["reason"] if event else None
    if reason:
        # What the log gives as the reason: a justification, or the rule by which the system let the executor do it.
        what += f": {reason}"
    return _link(
        connection, c["granted_at"], what, "explicit", *records,
        account=name, identity=actor["identity_id"] if actor else None, started_by=c["start_id"],
        on_behalf_of=behalf, accountable=start["accountable"] if start else None, chain=chain, reason=reason,
    )  # fmt: skip


def _told(connection: sqlite3.Connection, c: sqlite3.Row, verb: str) -> list[Link]:
    rows = connection.execute(
        """SELECT v.at, v.record_id, v.decision, v.outcome, a.identity_id FROM events v LEFT JOIN accounts a ON a.id = v.actor_id
           WHERE v.verb = ? AND v.subject_id = ? AND v.entitlement_id = ? AND v.at >= ? AND (? IS NULL OR v.at <= ?)
           ORDER BY v.at, v.id""",
        (verb, c["account_id"], c["entitlement_id"], c["granted_at"], c["ended_at"], c["ended_at"]),
    ).fetchall()
    words = {"verify": "verified", "review": "reviewed"}
    links = []
    for row in rows:
        result = row["decision"] or row["outcome"]
        what = f"{words[verb]} by {row['identity_id'] or 'unknown'}: {result}"
        links.append(
            _link(
                connection,
                row["at"],
                what,
                "inferred",
                row["record_id"],
                by=row["identity_id"],
                result=result,
            )
        )
    return links


def _revocation(connection: sqlite3.Connection, c: sqlite3.Row) -> Link | None:
    if c["ended_at"] is None:
        return None
    row = connection.execute(
        "SELECT v.record_id, a.identity_id FROM events v LEFT JOIN accounts a ON a.id = v.actor_id WHERE v.id = ?",
        (c["end_event_id"],),
    ).fetchone()
    by = row["identity_id"] if row else None
    what = (
        "ended at its end date"
        if c["ended_by"] == "expiry"
        else f"ended ({c['ended_by']}) by {by or 'unknown'}"
    )
    return _link(
        connection, c["ended_at"], what, "explicit", row["record_id"] if row else c["record_id"], by=by
    )
