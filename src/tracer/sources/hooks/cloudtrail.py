"""CloudTrail: what a record really is, who acted, and what it says of who started the session.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

import re
from typing import Any

from tracer.sources.characters import loads
from tracer.sources.hooks import Principal
from tracer.sources.hooks.cloudtrail_policies import effect, gains
from tracer.sources.paths import look_up, text_of
from tracer.sources.structs import structure

FIELDS = [
    "eventTime",
    "eventName",
    "eventSource",
    "eventID",
    "eventType",
    "errorCode",
    "errorMessage",
    "userIdentity",
    "requestParameters",
    "responseElements",
    "awsRegion",
    "recipientAccountId",
    "sharedEventID",
    "serviceEventDetails",
    "sourceIPAddress",
]
OBJECTS = ("userIdentity", "requestParameters", "responseElements", "serviceEventDetails")
"""Fields that are objects, which tables and some services give as text."""

OF_IDENTITY = [
    "principalId",
    "accountId",
    "accessKeyId",
    "userName",
    "invokedBy",
    "sessionContext",
    "sessionIssuer",
    "sourceIdentity",
    "ec2RoleDelivery",
    "identityProvider",
    "onBehalfOf",
    "userId",
    "identityStoreArn",
    "credentialId",
]
CASED = {name.casefold(): name for name in [*FIELDS, *OF_IDENTITY]}
"""Keys of a record and of who acted, by their folded names: a table of a data lake has no case."""

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event itself, out of its wrapping, with the names that the table of actions needs; who gains by a policy apart."""
    record = _unwrapped(record)
    for name in OBJECTS:
        if isinstance(record.get(name), str):
            record = {**record, name: _object(record[name])}
    record["userIdentity"] = _cased(record.get("userIdentity"))
    service = str(record.get("eventSource")).partition(".")[0]
    if service == "iam":
        record = {**record, "iam": _prefix(record), "effect": effect(record)}
    record |= _other_names(record)
    gained = gains(record, service)
    if not gained:
        return [record]
    # Other names belong to the account that was made, never to those who gain.
    return [record, {**record, "gains": gained, "subjectArn": None, "subjectId": None}]


def _unwrapped(record: dict[str, Any]) -> dict[str, Any]:
    """The event of `lookup-events`, of EventBridge or of a table, which has no case; an empty cell is nothing."""
    for name in ("CloudTrailEvent", "eventJson", "detail"):
        if name in record and "eventName" not in record:
            inner = _object(record[name]) if isinstance(record[name], str) else record[name]
            if isinstance(inner, dict):
                return dict(inner)
    if "eventname" in record and "eventName" not in record:
        record = {CASED.get(name.casefold(), name): value for name, value in record.items()}
    return {name: value for name, value in record.items() if value != ""}


def _object(text: str) -> Any:
    """What an object in a string says: JSON, or a structure as Athena and CloudTrail Lake write it."""
    try:
        return loads(text)
    except (ValueError, RecursionError):
        return structure(text)


def _cased(who: Any) -> Any:
    """Who acted, with the names that the event has: those of a table's structure have no case."""
    if not isinstance(who, dict):
        return who
    return {CASED.get(name.casefold(), name): _cased(value) for name, value in who.items()}


def _prefix(record: dict[str, Any]) -> str | None:
    """`arn:aws:iam::111122223333`: what the name of a user or role of this account begins with."""
    number = text_of(record.get("recipientAccountId")) or text_of(look_up(record, "userIdentity.accountId"))
    region = str(record.get("awsRegion"))
    partition = (
        "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    )
    return f"arn:{partition}:iam::{number}" if number else None


def _other_names(record: dict[str, Any]) -> dict[str, Any]:
    """Ids, and ARNs without their path: requests name a user or role by its last name alone."""
    made = look_up(record, "responseElements.user") or look_up(record, "responseElements.role")
    made = made if isinstance(made, dict) else {}
    subject = text_of(made.get("arn"))
    if str(record.get("eventName")).startswith("AssumeRole"):
        subject = text_of(look_up(record, "requestParameters.roleArn"))
    who = record.get("userIdentity")
    who = who if isinstance(who, dict) else {}
    issuer = look_up(who, "sessionContext.sessionIssuer")
    own = who if who.get("type") == "IAMUser" else issuer if isinstance(issuer, dict) else {}
    return {
        "subjectArn": _without_path(subject),
        "subjectId": made.get("userId") or made.get("roleId"),
        "actorArn": _without_path(text_of(own.get("arn"))),
        "actorId": own.get("principalId"),
    }


def _without_path(arn: str | None) -> str | None:
    found = re.match(r"(arn:[^:]+:iam::\d+:(?:user|role))/(?:.*/)?([^/]+)$", arn or "")
    return f"{found[1]}/{found[2]}" if found else None


WRAPS = ("CloudTrailEvent", "eventJson", "detail")
READS = ("eventName", "userIdentity")


def principal(record: dict[str, Any]) -> Principal:
    """Actor, its kind, the session key, and what the record says of who started the session."""
    who = record.get("userIdentity")
    who = who if isinstance(who, dict) else {}
    kind = text_of(who.get("type"))
    found: Principal = {
        "session": text_of(who.get("accessKeyId")),
        "chain": "direct",
        "actor": None,
        "actor_kind": None,
        "on_behalf_of": text_of(look_up(who, "onBehalfOf.userId")),
    }
    issuer = text_of(look_up(who, "sessionContext.sessionIssuer.arn"))
    arn = text_of(who.get("arn"))
    if kind == "AssumedRole":
        found["actor"] = issuer or _role_of_session(arn)
        source = text_of(look_up(who, "sessionContext.sourceIdentity"))
        if text_of(look_up(who, "sessionContext.ec2RoleDelivery")):
            found["chain"] = "delivered"
        else:
            found["chain"] = f"source-identity:{source}" if source else "issued"
    elif kind == "FederatedUser":
        found["actor"] = issuer or arn
    elif kind in ("WebIdentityUser", "SAMLUser"):
        found["actor"] = text_of(who.get("userName")) or text_of(who.get("principalId"))
    elif kind in ("AWSService", "AWSAccount"):
        # Another account's principal is known by its id; what follows a colon is the name of a session.
        other = (text_of(who.get("principalId")) or "").partition(":")[0] or text_of(who.get("accountId"))
        found["actor"] = text_of(who.get("invokedBy")) or arn or other
        found["actor_kind"] = "workload" if kind == "AWSService" else None
    elif found["on_behalf_of"] and not arn:
        found["actor"], found["on_behalf_of"] = found["on_behalf_of"], None
    else:
        found["actor"] = (
            arn
            or text_of(who.get("userName"))
            or text_of(who.get("principalId"))
            or text_of(who.get("invokedBy"))
        )
    if found["actor"] == HIDDEN:
        found["actor"] = None
    return found


def _role_of_session(arn: str | None) -> str | None:
    """`arn:aws:sts::1:assumed-role/NAME/SESSION` is a session of `arn:aws:iam::1:role/NAME`."""
    if not arn or ":assumed-role/" not in arn:
        return arn
    head, _, tail = arn.partition(":assumed-role/")
    return f"{head.replace(':sts:', ':iam:')}:role/{tail.split('/')[0]}"
