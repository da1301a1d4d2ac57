"""PostgreSQL: what a line of its log says was changed, from pgaudit, `log_statement` or the report of an error.

https://github.com/pgaudit/pgaudit#format and https://www.postgresql.org/docs/current/runtime-config-logging.html. The
three log destinations (stderr, csvlog, jsonlog) tell the same under other names; they become one shape here.
"""

import csv
import io
import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from tracer.sources.hooks.postgres_statements import Change, changes
from tracer.sources.paths import text_of

NAMES = {
    "at": ("timestamp", "log_time"),
    "user": ("user", "user_name", "user2"),
    "pid": ("pid", "process_id", "pid2"),
    "session_id": ("session_id",),
    "started": ("session_start", "session_start_time"),
    "severity": ("error_severity",),
    "message": ("message",),
    "query": ("statement", "query"),
}
"""What is read of a line, under the names of jsonlog and csvlog; stderr takes those of jsonlog."""

LOGGED = re.compile(r"(?:statement|execute [^:]*): (.*)", re.DOTALL)
LEFT_OUT = ("<not logged>", "<previously logged>", "<none>", "")
COMMANDS = {
    "GRANT": "grant",
    "GRANT ROLE": "grant",
    "REVOKE": "revoke",
    "REVOKE ROLE": "revoke",
    "CREATE ROLE": "create",
    "DROP ROLE": "delete",
}
"""What pgaudit's command tag means where the statement itself is not logged."""


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """One record per change of access; the line itself where it changes none."""
    line = {
        name: next((t for one in names if (t := text_of(record.get(one)))), None)
        for name, names in NAMES.items()
    }
    failed = line["severity"] in ("ERROR", "FATAL", "PANIC", "STATEMENT")
    found = _changes(line, failed)
    moment = _moment(line)
    second = (moment or "")[:19]
    base = {
        **line,
        "at": moment,
        "failed": failed,
        "error": line["message"] if failed and line["severity"] != "STATEMENT" else None,
    }
    if not found:
        return [base]
    return [
        {**base, "change": asdict(one), "key": f"{line['pid']}:{second}:{one.subject}:{one.entitlement}"}
        for one in found
    ]


def _changes(line: dict[str, str | None], failed: bool) -> list[Change]:
    message = line["message"] or ""
    if line["severity"] == "STATEMENT":
        return changes(message)
    if failed:
        return changes(line["query"] or "")
    audit = _audit(message)
    if audit:
        statement = ",".join(audit[7:8])
        if statement in LEFT_OUT:
            return [Change(COMMANDS[audit[4]], None)] if audit[3] == "ROLE" and audit[4] in COMMANDS else []
        return changes(statement) if audit[3] in ("ROLE", "MISC", "DDL") else []
    logged = LOGGED.match(message)
    return changes(logged[1]) if logged else []


def _audit(message: str) -> list[str]:
    """The fields of an AUDIT line; empty where it is none."""
    if not message.startswith("AUDIT: "):
        return []
    try:
        fields = next(csv.reader(io.StringIO(message.removeprefix("AUDIT: "), newline="")), [])
    except csv.Error:
        return []
    return fields if len(fields) >= 8 else []


def _moment(line: dict[str, str | None]) -> str | None:
    """The time of the line. A zone of letters may mean several: the session id holds the start in epoch seconds, and
    with the start as the line writes it gives the offset.
    """
    at = line["at"]
    if at is None or not re.search(r" [A-Z]{2,5}$", at) or at.endswith((" UTC", " GMT")):
        return at
    local, started = _local(at), _local(line["started"] or "")
    epoch = re.match(r"[0-9a-f]+", (line["session_id"] or "").partition(".")[0])
    if local is None or started is None or not epoch:
        return at
    try:
        offset = started - datetime.fromtimestamp(int(epoch[0][:16], 16), UTC).replace(tzinfo=None)
        offset = timedelta(minutes=round(offset / timedelta(minutes=15)) * 15)
        return (local - offset).isoformat() + "Z"
    except (ValueError, OverflowError, OSError):
        return at


def _local(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.rpartition(" ")[0])
    except ValueError:
        return None
