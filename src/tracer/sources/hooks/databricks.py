"""Databricks: one spelling of the keys, and what a change of permissions adds and takes, one by one.

https://docs.databricks.com/aws/en/admin/account-settings/audit-logs
"""

from typing import Any

from tracer.sources.paths import decoded, text_of

SNAKE = {
    "service_name": "serviceName",
    "action_name": "actionName",
    "user_identity": "userIdentity",
    "request_params": "requestParams",
    "event_time": "eventTime",
    "audit_level": "auditLevel",
    "request_id": "requestId",
}
"""The system table's names of what the delivered files call otherwise."""


WRAPS = tuple(name for name in SNAKE if name != "event_time")
READS = ("actionName", "serviceName", "userIdentity", "response.status_code")


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record with `gains` and `losses`: principal, securable and privilege."""
    found: dict[str, Any] = {SNAKE.get(key, key): value for key, value in record.items()}
    for key in ("userIdentity", "requestParams", "response"):
        found[key] = _object(found.get(key))
    response = found["response"]
    if "status_code" in response:
        found["response"] = response | {
            "statusCode": response["status_code"],
            "errorMessage": response.get("error_message"),
        }
    asked = found["requestParams"]
    found["gains"], found["losses"] = [], []
    securable = text_of(asked.get("securable_full_name")) or text_of(asked.get("resource_name"))
    kind = text_of(asked.get("securable_type"))
    if text_of(found.get("actionName")) == "updateSharePermissions":
        securable, kind = text_of(asked.get("name")), "share"
    name = f"{kind.lower()} {securable}" if kind and securable else securable
    for change in _list(asked.get("changes")):
        for key, into in (("add", "gains"), ("remove", "losses")):
            found[into] += [
                {"principal": text_of(change.get("principal")), "securable": name, "privilege": right}
                for right in map(text_of, _plain(change.get(key)))
            ]
    for grant in _list(_object(asked.get("grant_rules")).get("grant_rules") or asked.get("grant_rules")):
        found["gains"] += [
            {"principal": who.rpartition("/")[2], "securable": name, "privilege": text_of(grant.get("role"))}
            for who in filter(None, map(text_of, _plain(grant.get("principals"))))
        ]
    target = (
        text_of(asked.get("targetUserName"))
        or text_of(asked.get("targetUserId"))
        or text_of(asked.get("principal"))
    )
    if not found["gains"] and (text_of(asked.get("aclPermissionSet")) or text_of(asked.get("permission"))):
        thing = (
            text_of(asked.get("resourceId")) or text_of(asked.get("shardName")) or text_of(asked.get("scope"))
        )
        right = text_of(asked.get("aclPermissionSet")) or text_of(asked.get("permission"))
        found["gains"] = [{"principal": target, "securable": thing, "privilege": right}]
    return [found]


def _object(value: Any) -> dict[str, Any]:
    value = decoded(value)
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[dict[str, Any]]:
    value = decoded(value)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _plain(value: Any) -> list[Any]:
    value = decoded(value)
    return value if isinstance(value, list) else [] if value is None else [value]
