"""A commit of an access register as the acts that it tells: who asked, approved or refused, and put each change in force."""

from typing import Any

Part = dict[str, Any]


def prepare(record: Part) -> list[Part]:
    """One record per act, with `who` acted and `c`, the change that it is about; the first commit shows what was held."""
    base = {name: value for name, value in record.items() if name not in ("changes", "accounts")}
    if record.get("held"):
        return [base]
    found: list[Part] = []
    mails = {
        (one["system"], one["account"]): one["alias"]
        for one in record.get("accounts", ())
        if one["kind"] == "email"
    }
    for change in record.get("changes", ()):
        named = (change["system"], change["subject"])
        about = {
            **base,
            "c": {**change, "email": mails.get(named)},
            "ticket": change.get("ticket") or record["ticket"],
        }
        asked = {"who": change.get("requester") or record.get("requester"), "verb": "request"}
        found.append({**about, **asked, "at": change.get("requested_at") or record.get("requested_at")})
        at = record.get("executed_at")
        found += [{**about, "verb": "approve", "who": who, "at": at} for who in record.get("approvers", ())]
        found += [{**about, "verb": "deny", "who": who, "at": at} for who in record.get("refusers", ())]
        found.append({**about, "verb": change["verb"], "who": record.get("executor"), "at": at})
    return found
