"""Grants, removals and uses as CloudTrail, Okta, GitHub and our provisioning log write them."""

import random
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from benchmarks.accuracy.clocks import told
from benchmarks.accuracy.company import AWS, CONSENT, KEY, LOGGED, MEMBER
from benchmarks.accuracy.exports.books import Books
from benchmarks.accuracy.moments import HOUR, millis, text

ACCOUNT = "210987654321"


def code(*parts: object, size: int = 16) -> str:
    """An id that the same parts always get."""
    return sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:size]


def uuid(*parts: object) -> str:
    """The same, written as a UUID."""
    c = code(*parts, size=32)
    return f"{c[:8]}-{c[8:12]}-{c[12:16]}-{c[16:20]}-{c[20:]}"


class Logs:
    """Writes what happens into the log of the system that it happens in."""

    def __init__(self, books: Books, rng: random.Random) -> None:
        self.books = books
        self.rng = rng

    def provisioning(
        self,
        at: datetime,
        action: str,
        system: str,
        account: str,
        entitlement: str | None,
        executor: str,
        **more: Any,
    ) -> None:
        """One line of our provisioning log, told in some time zone."""
        at = told(at, "provisioning")
        record: dict[str, Any] = {
            "at": text(at, self.rng.choice([0, 0, 1, 2, -5, 5.5])), "action": action, "system": system, "account": account,
            "entitlement": entitlement, "executor": executor, "on_behalf_of": None, "rule": None, "rule_version": None,
            "inputs": {}, "ticket": None, "expires_at": None, "scope": None, "outcome": "success",
        }  # fmt: skip
        self.books.add("provisioning", at, record | more)

    def given(
        self, at: datetime, system: str, account: str, entitlement: str, executor: str, **more: Any
    ) -> None:
        """Access is given."""
        if system in LOGGED:
            self._method(system, entitlement)(
                at, True, account, entitlement, executor, more.get("outcome") == "failure"
            )
        else:
            self.provisioning(at, "grant", system, account, entitlement, executor, **more)

    def taken(
        self, at: datetime, system: str, account: str, entitlement: str, executor: str, **more: Any
    ) -> None:
        """Access is taken."""
        if system in LOGGED:
            self._method(system, entitlement)(at, False, account, entitlement, executor, False)
        else:
            self.provisioning(at, "revoke", system, account, entitlement, executor, **more)

    def _method(self, system: str, entitlement: str) -> Callable[..., None]:
        """How the log of a system tells access of this kind."""
        if entitlement.startswith(KEY):
            return self.access_key
        special = {MEMBER.entitlement: self.membership, CONSENT.entitlement: self.consent}
        return special.get(entitlement) or getattr(self, LOGGED[system])

    def used(self, at: datetime, system: str, account: str, entitlement: str) -> None:
        """The account acts; only our own log says by which entitlement."""
        if system == "aws":
            self._trail(
                at,
                account,
                "s3.amazonaws.com",
                "GetObject",
                {"bucketName": "nw-reports", "key": code(at)},
                None,
                _user(account, entitlement.removeprefix(KEY)) if entitlement.startswith(KEY) else None,
            )
        elif system == "okta":
            self._okta(at, "user.authentication.sso", account, [], False)
        elif system == "github":
            self._github(at, "git.clone", account, {"repo": "northwind/site"})
        else:
            self.provisioning(at, "use", system, account, entitlement, account)

    def disabled(self, at: datetime, mail: str, executor: str) -> None:
        """The Okta account of a leaver is switched off."""
        self._okta(at, "user.lifecycle.deactivate", executor, [_okta_user(mail)], False)

    def cloudtrail(
        self, at: datetime, given: bool, account: str, policy: str, executor: str, failed: bool
    ) -> None:
        """A policy is attached to or detached from a user."""
        asked = {"userName": account.rsplit("/", 1)[1], "policyArn": f"arn:aws:iam::aws:policy/{policy}"}
        self._by_role(at, f"{'Attach' if given else 'Detach'}UserPolicy", executor, asked, None, failed)

    def access_key(
        self, at: datetime, given: bool, account: str, credential: str, executor: str, failed: bool
    ) -> None:
        """A key is made or deleted; one in three is switched off first and deleted a minute later."""
        user, key = account.rsplit("/", 1)[1], credential.removeprefix(KEY)
        if given:
            made = {
                "userName": user,
                "accessKeyId": key,
                "status": "Active",
                "createDate": at.strftime("%b %d, %Y %I:%M:%S %p"),
            }
            self._by_role(at, "CreateAccessKey", executor, {"userName": user}, {"accessKey": made}, failed)
            return
        asked = {"userName": user, "accessKeyId": key}
        if self.rng.random() < 1 / 3:
            self._by_role(at, "UpdateAccessKey", executor, asked | {"status": "Inactive"}, None, failed)
            at += HOUR / 60
        self._by_role(at, "DeleteAccessKey", executor, asked, None, failed)

    def _by_role(
        self, at: datetime, name: str, executor: str, asked: Any, answered: Any, failed: bool
    ) -> None:
        """A call of IAM by a role that the executor assumes shortly before."""
        key = f"ASIA{code(at, name, asked, executor).upper()}"
        role, arn = "iam-admin", f"{AWS}:role/iam-admin"
        self._trail(
            at - 0.05 * HOUR, executor, "sts.amazonaws.com", "AssumeRole",
            {"roleArn": arn, "roleSessionName": self.rng.choice(["deploy", "terraform-ci", "ops"]), "durationSeconds": 3600},
            {"credentials": {"accessKeyId": key, "sessionToken": code(key)}, "assumedRoleUser": {
                "assumedRoleId": "AROAEXAMPLE:deploy", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/deploy"}},
        )  # fmt: skip
        who = {
            "type": "AssumedRole", "principalId": "AROAEXAMPLE:deploy", "accountId": ACCOUNT, "accessKeyId": key,
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/deploy",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": arn, "accountId": ACCOUNT, "userName": role},
                               "attributes": {"creationDate": text(at), "mfaAuthenticated": "false"}},
        }  # fmt: skip
        self._trail(at, executor, "iam.amazonaws.com", name, asked, answered, who, failed)

    def _trail(
        self, at: datetime, actor: str, service: str, name: str, asked: Any, answered: Any,
        who: dict[str, Any] | None = None, failed: bool = False,
    ) -> None:  # fmt: skip
        identity = who or _user(actor, f"AKIA{code(actor).upper()}")
        record = {
            "eventVersion": "1.09", "userIdentity": identity, "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": service, "eventName": name, "awsRegion": "eu-central-1", "sourceIPAddress": "192.0.2.44",
            "userAgent": "aws-sdk-go/1.44", "requestParameters": asked, "responseElements": answered,
            "requestID": uuid("request", at, actor, name), "eventID": uuid("event", at, actor, name, asked),
            "readOnly": name.startswith("Get"), "eventType": "AwsApiCall", "managementEvent": True,
            "recipientAccountId": ACCOUNT, "eventCategory": "Management",
        }  # fmt: skip
        if failed:
            record |= {"errorCode": "ThrottlingException", "errorMessage": "Rate exceeded"}
        self.books.add("cloudtrail", at, record)

    def okta(self, at: datetime, given: bool, account: str, group: str, executor: str, failed: bool) -> None:
        """Someone is added to or removed from a group."""
        targets = [
            _okta_user(account),
            {"id": f"00g{code(group)}", "type": "UserGroup", "alternateId": "unknown", "displayName": group},
        ]
        self._okta(at, f"group.user_membership.{'add' if given else 'remove'}", executor, targets, failed)

    def _okta(self, at: datetime, kind: str, actor: str, targets: list[dict[str, Any]], failed: bool) -> None:
        at = told(at, "okta")
        self.books.add("okta", at, {
            "uuid": uuid("okta", at, kind, actor, targets), "published": text(at), "eventType": kind, "version": "0",
            "severity": "INFO", "displayMessage": kind, "actor": _okta_user(actor) if "@" in actor else _okta_app(actor),
            "outcome": {"result": "FAILURE" if failed else "SUCCESS", "reason": "LIMIT" if failed else None},
            "target": targets, "transaction": {"type": "WEB", "id": code(at, actor), "detail": {}},
            "debugContext": {"debugData": {}}, "client": {"ipAddress": "192.0.2.9"}, "request": {"ipChain": []},
        })  # fmt: skip

    def membership(
        self, at: datetime, given: bool, account: str, role: str, executor: str, failed: bool
    ) -> None:
        """Somebody becomes a member of the organisation, or is one no longer; no failed attempts here either."""
        if not failed:
            self._github(at, f"org.{'add' if given else 'remove'}_member", executor, {"user": account})

    def invited(self, at: datetime, account: str, executor: str, withdrawn: bool = False) -> None:
        """Somebody is invited to become a member, or no longer."""
        kind = "org.cancel_invitation" if withdrawn else "org.invite_member"
        self._github(at, kind, executor, {"user": account})

    def consent(self, at: datetime, given: bool, app: str, scope: str, executor: str, failed: bool) -> None:
        """Somebody lets an application have a scope, or takes that back."""
        target = [
            _okta_app(app),
            {"id": f"scp{code(scope)}", "type": "scope", "alternateId": scope, "displayName": scope},
        ]
        self._okta(at, f"app.oauth2.as.consent.{'grant' if given else 'revoke'}", executor, target, failed)

    def github(self, at: datetime, given: bool, account: str, team: str, executor: str, failed: bool) -> None:
        """Someone is added to or removed from a team; the log keeps no failed attempts."""
        if not failed:
            kind = "team.add_member" if given else "team.remove_member"
            self._github(at, kind, executor, {"user": account, "team": team})

    def _github(self, at: datetime, kind: str, actor: str, more: dict[str, Any]) -> None:
        at = told(at, "github")
        self.books.add("github", at, {
            "@timestamp": millis(at), "_document_id": code("github", at, kind, actor, more, size=22), "action": kind,
            "actor": actor, "created_at": millis(at), "org": "northwind", "business": "northwind", **more,
        })  # fmt: skip


def _okta_user(mail: str) -> dict[str, Any]:
    kind = "User" if not mail.startswith("svc-") else "SystemPrincipal"
    return {
        "id": f"00u{code(mail)}",
        "type": kind,
        "alternateId": mail,
        "displayName": mail.split("@")[0],
        "detailEntry": None,
    }


def _okta_app(name: str) -> dict[str, Any]:
    return {
        "id": f"0oa{code(name)}",
        "type": "PublicClientApp",
        "alternateId": name,
        "displayName": name,
        "detailEntry": None,
    }


def _user(arn: str, key: str) -> dict[str, Any]:
    """An IAM user who calls with a key."""
    return {
        "type": "IAMUser", "principalId": f"AIDA{code(arn).upper()}", "arn": arn, "accountId": ACCOUNT, "accessKeyId": key,
        "userName": arn.rsplit("/", 1)[-1],
    }  # fmt: skip


def whole(at: datetime, system: str) -> datetime:
    """The moment as the system's log can tell it: CloudTrail knows whole seconds."""
    return (
        at.replace(microsecond=0)
        if system == "aws"
        else at.replace(microsecond=at.microsecond // 1000 * 1000)
    )
