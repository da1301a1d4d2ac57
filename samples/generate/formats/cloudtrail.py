"""CloudTrail records as the trail delivers them: gzip files of `{"Records": [...]}` per account and region."""

import gzip
import json
from datetime import datetime
from pathlib import Path

from samples.generate.world import AWS, iso, token


def user_identity(arn: str, key: str) -> dict[str, object]:
    """An IAM user who calls with a long-lived key."""
    return {
        "type": "IAMUser",
        "principalId": "AIDA" + token("principal", arn, length=17).upper(),
        "arn": arn,
        "accountId": AWS,
        "accessKeyId": key,
        "userName": arn.rpartition("/")[2],
    }


def role_identity(role: str, session: str, key: str, since: datetime) -> dict[str, object]:
    """A session of a role; `key` is the one that the issuing call handed out."""
    principal = "AROA" + token("principal", role, length=17).upper()
    issuer = {
        "type": "Role",
        "principalId": principal,
        "arn": f"arn:aws:iam::{AWS}:role/{role}",
        "accountId": AWS,
        "userName": role,
    }
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session}",
        "arn": f"arn:aws:sts::{AWS}:assumed-role/{role}/{session}",
        "accountId": AWS,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": issuer,
            "webIdFederationData": {},
            "attributes": {"creationDate": iso(since), "mfaAuthenticated": "false"},
        },
    }


def web_identity(subject: str) -> dict[str, object]:
    """A workload that signs in with a token of the build service."""
    provider = f"arn:aws:iam::{AWS}:oidc-provider/token.actions.githubusercontent.com"
    return {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{subject}",
        "userName": subject,
        "identityProvider": provider,
    }


def record(
    time: datetime,
    identity: dict[str, object],
    source: str,
    name: str,
    request: dict[str, object],
    response: dict[str, object] | None = None,
) -> dict[str, object]:
    """One record of a management call."""
    key = (iso(time), identity.get("principalId"), name, json.dumps(request, sort_keys=True))
    reads = name.startswith(("Get", "Describe", "List", "Assume"))
    event = token("event", *key)
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": iso(time),
        "eventSource": source,
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": f"198.51.100.{int(token(identity.get('principalId'), length=4), 16) % 200 + 10}",
        "userAgent": "aws-cli/2.17.5 md/awscrt#0.20.11",
        "requestParameters": request or None,
        "responseElements": response,
        "requestID": token("request", *key),
        "eventID": f"{event[:8]}-{event[8:12]}-{event[12:16]}-{event[16:20]}-{event[20:]}",
        "readOnly": reads,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": AWS,
        "eventCategory": "Management",
    }


def call(time: datetime, arn: str, source: str, name: str, request: dict[str, object]) -> dict[str, object]:
    """A call by an IAM user."""
    return record(
        time, user_identity(arn, "AKIA" + token("key", arn, length=16).upper()), source, name, request
    )


def assume(
    time: datetime, identity: dict[str, object], role: str, session: str, name: str = "AssumeRole"
) -> tuple[dict[str, object], dict[str, object]]:
    """The record of a session being issued, and the identity with which that session calls."""
    key = "ASIA" + token("session", role, session, iso(time), length=16).upper()
    request: dict[str, object] = {
        "roleArn": f"arn:aws:iam::{AWS}:role/{role}",
        "roleSessionName": session,
        "durationSeconds": 3600,
    }
    response: dict[str, object] = {
        "credentials": {
            "accessKeyId": key,
            "sessionToken": token("secret", key),
            "expiration": time.strftime("%b %d, %Y, 11:59:00 PM"),
        },
        "assumedRoleUser": {
            "assumedRoleId": "AROA" + token("principal", role, length=17).upper() + f":{session}",
            "arn": f"arn:aws:sts::{AWS}:assumed-role/{role}/{session}",
        },
    }
    return record(time, identity, "sts.amazonaws.com", name, request, response), role_identity(
        role, session, key, time
    )


def write(records: list[dict[str, object]], folder: Path) -> None:
    """One file per month, as the trail would name it; no clock reading in the gzip header."""
    months: dict[str, list[dict[str, object]]] = {}
    for one in sorted(records, key=lambda r: (str(r["eventTime"]), str(r["eventID"]))):
        months.setdefault(str(one["eventTime"])[:7], []).append(one)
    base = folder / "AWSLogs" / AWS / "CloudTrail" / "us-east-1"
    for month, rows in months.items():
        target = base / month.replace("-", "/")
        target.mkdir(parents=True, exist_ok=True)
        name = (
            f"{AWS}_CloudTrail_us-east-1_{month.replace('-', '')}28T2355Z_{token(month, length=16)}.json.gz"
        )
        text = json.dumps({"Records": rows}, separators=(",", ":"))
        (target / name).write_bytes(gzip.compress(text.encode(), mtime=0))
