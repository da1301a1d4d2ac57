"""CloudTrail: who acted, and what the record says of who started the session.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from typing import Any

from tracer.evidence.hooks import Principal
from tracer.evidence.paths import look_up, text_of


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
        found["actor"] = text_of(who.get("invokedBy")) or arn or text_of(who.get("principalId"))
        found["actor_kind"] = "workload" if kind == "AWSService" else None
    elif kind == "IdentityCenterUser":
        found["actor"] = text_of(look_up(who, "onBehalfOf.userId")) or text_of(who.get("principalId"))
    else:
        found["actor"] = (
            arn
            or text_of(who.get("userName"))
            or text_of(who.get("principalId"))
            or text_of(who.get("invokedBy"))
        )
    return found


def _role_of_session(arn: str | None) -> str | None:
    """`arn:aws:sts::1:assumed-role/NAME/SESSION` is a session of `arn:aws:iam::1:role/NAME`."""
    if not arn or ":assumed-role/" not in arn:
        return arn
    head, _, tail = arn.partition(":assumed-role/")
    return f"{head.replace(':sts:', ':iam:')}:role/{tail.split('/')[0]}"
