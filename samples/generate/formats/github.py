"""GitHub's organisation audit log, one JSON object per line, times in milliseconds."""

import json
from datetime import datetime
from pathlib import Path

from samples.generate.world import token


def audit(time: datetime, action: str, actor: str, **more: str) -> dict[str, object]:
    """One entry of the audit log."""
    millis = int(time.timestamp() * 1000)
    entry: dict[str, object] = {
        "@timestamp": millis,
        "_document_id": token("github", millis, action, actor, sorted(more.items()), length=22),
        "action": action,
        "actor": actor,
        "actor_id": int(token(actor, length=6), 16),
        "actor_is_bot": actor.endswith("-sync"),
        "actor_location": {"country_code": "SE"},
        "business": "larkfield",
        "created_at": millis,
        "operation_type": "create" if "add" in action else "access",
        "org": "larkfield",
        "org_id": 90210,
    }
    if "user" in more:
        entry["user_id"] = int(token(more["user"], length=6), 16)
    return entry | more


def write(entries: list[dict[str, object]], folder: Path) -> None:
    """The whole year as one export."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = sorted(entries, key=lambda e: (str(e["@timestamp"]), str(e["_document_id"])))
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    (folder / "audit-log.ndjson").write_text(text)
