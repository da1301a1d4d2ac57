"""Who gains by a policy: the principals of trust policies, of policies of resources, and of access lists in CloudTrail.

A policy is the whole new text: it says who may, not who newly may. Principals that are services of AWS, or the account
itself (which only hands the decision to its own IAM), are no identity that gains anything.
"""

from typing import Any
from urllib.parse import unquote

from tracer.sources.characters import loads
from tracer.sources.paths import look_up, resolve, text_of

TRUST = {"CreateRole": "assumeRolePolicyDocument", "UpdateAssumeRolePolicy": "policyDocument"}

RESOURCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "s3:PutBucketPolicy": ("bucketPolicy", ("bucketName",)),
    "s3:PutAccessPointPolicy": ("Policy", ("accessPointName", "name")),
    "sns:SetTopicAttributes": ("attributeValue", ("topicArn|last::",)),
    "sqs:SetQueueAttributes": ("attributes.Policy", ("queueUrl|last",)),
    "secretsmanager:PutResourcePolicy": ("resourcePolicy", ("secretId|last::",)),
    "kms:PutKeyPolicy": ("policy", ("keyId|last",)),
    "ecr:SetRepositoryPolicy": ("policyText", ("repositoryName",)),
    "glue:PutResourcePolicy": ("policyInJson", ("resourceArn|last", "registryId")),
    "dynamodb:PutResourcePolicy": ("policy", ("resourceArn|last",)),
    "kinesis:PutResourcePolicy": ("policy", ("resourceARN|last",)),
    "backup:PutBackupVaultAccessPolicy": ("policy", ("backupVaultName",)),
    "elasticfilesystem:PutFileSystemPolicy": ("policy", ("fileSystemId",)),
    "acm-pca:PutPolicy": ("policy", ("resourceArn|last",)),
    "logs:PutDestinationPolicy": ("accessPolicy", ("destinationName",)),
    "codeartifact:PutDomainPermissionsPolicy": ("policyDocument", ("domain",)),
    "codeartifact:PutRepositoryPermissionsPolicy": ("policyDocument", ("repository",)),
}
"""Where the request holds the policy and the name of the resource."""

DENYING = ("AWSCompromisedKeyQuarantine", "AWSDeny")
"""Names of managed policies that only deny; the text of others is not in the request."""

PUBLIC = ("public-read", "public-read-write", "authenticated-read")


def effect(record: dict[str, Any]) -> str | None:
    """`deny` where the policy of the request only denies, `allow` where its text says more, else None: unknown."""
    name = text_of(look_up(record, "requestParameters.policyArn")) or ""
    if name.rpartition("/")[2].startswith(DENYING):
        return "deny"
    found = statements(look_up(record, "requestParameters.policyDocument"))
    if not found:
        return None
    return "deny" if all(one.get("Effect") == "Deny" for one in found) else "allow"


def gains(record: dict[str, Any], service: str) -> list[dict[str, str]]:
    """Each principal that the policy or access list of this request lets in, and to what: `who`, `what`, `kind`."""
    request = record.get("requestParameters")
    name = str(record.get("eventName"))
    if not isinstance(request, dict):
        return []
    own = {text_of(record.get("recipientAccountId")), text_of(look_up(record, "userIdentity.accountId"))}
    if service == "iam" and name in TRUST:
        role = text_of(request.get("roleName"))
        who = principals(request.get(TRUST[name]), own)
        return [{"who": one, "what": role, "kind": "role"} for one in who] if role else []
    if service == "s3" and name in ("PutBucketAcl", "PutObjectAcl"):
        bucket = f"s3:{text_of(request.get('bucketName')) or ''}"
        return [{"who": one, "what": bucket, "kind": "resource"} for one in _listed_grantees(request)]
    if f"{service}:{name}" not in RESOURCES:
        return []
    policy, places = RESOURCES[f"{service}:{name}"]
    place = next((found for path in places if (found := text_of(resolve(request, path)))), "")
    what = f"{service}:{place or 'account'}"
    return [
        {"who": one, "what": what, "kind": "resource"} for one in principals(look_up(request, policy), own)
    ]


def statements(policy: Any) -> list[dict[str, Any]]:
    """The statements of a policy: an object, JSON in a string, or the same percent-encoded."""
    if isinstance(policy, str):
        try:
            policy = loads(unquote(policy) if policy.lstrip().startswith("%") else policy)
        except (ValueError, RecursionError):
            return []
    found = policy.get("Statement") if isinstance(policy, dict) else None
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def principals(policy: Any, own: set[str | None]) -> list[str]:
    """The identities and other accounts that its Allow statements name, in order, each once."""
    found: list[str] = []
    for one in statements(policy):
        who = one.get("Principal")
        if one.get("Effect") != "Allow" or not who:
            continue
        if not isinstance(who, dict):
            found += _texts(who)
            continue
        named = [*_texts(who.get("AWS")), *_texts(who.get("CanonicalUser"))]
        found += [_arn(name) for name in named if _account_of(name) not in own]
        if who.get("Federated"):
            found += _subs(one.get("Condition")) or _texts(who["Federated"])
    return list(dict.fromkeys(found))


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [text for one in listed if (text := text_of(one))]


def _arn(name: str) -> str:
    return f"arn:aws:iam::{name}:root" if name.isdigit() and len(name) == 12 else name


def _account_of(name: str) -> str | None:
    """The account, where the principal is a whole account."""
    if name.isdigit():
        return name
    return name.split(":")[4] if name.endswith(":root") and name.count(":") == 5 else None


def _subs(condition: Any) -> list[str]:
    """The subjects of a federated identity that a condition lets in: a workload is known by its `sub`."""
    found: list[str] = []
    for keys in condition.values() if isinstance(condition, dict) else ():
        for key, values in keys.items() if isinstance(keys, dict) else ():
            if str(key).endswith(":sub"):
                found += _texts(values)
    return found


def _listed_grantees(request: dict[str, Any]) -> list[str]:
    """Whom an access list names beside its owner; a canned list that opens to the public is `*`."""
    if any(one in PUBLIC for one in _texts(request.get("x-amz-acl"))):
        return ["*"]
    listed = look_up(request, "AccessControlPolicy.AccessControlList.Grant")
    owner = text_of(look_up(request, "AccessControlPolicy.Owner.ID"))
    found = []
    for one in listed if isinstance(listed, list) else [listed]:
        grantee = one.get("Grantee") if isinstance(one, dict) else None
        grantee = grantee if isinstance(grantee, dict) else {}
        group = text_of(grantee.get("URI"))
        who = (
            (group or "").rpartition("/")[2]
            or text_of(grantee.get("ID"))
            or text_of(grantee.get("EmailAddress"))
        )
        who = "*" if who in ("AllUsers", "AuthenticatedUsers") else who
        if who and who != owner:
            found.append(who)
    return list(dict.fromkeys(found))
