"""Ingest of one file of lines per source: `python benchmarks/shapes.py [RECORDS [SOURCE…]]` (default 200,000, all).

Most records are what such logs are full of (sign-ins, reads, logons), one in 33 changes access; 997 accounts, four records a
second. Each source is read by one process of its own, and recognised from the content.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

BEGIN = datetime(2026, 3, 1)
RELEVANT = 33
USERS = 997

Record = dict[str, Any]


def _at(number: int) -> str:
    return (BEGIN + timedelta(seconds=number // 4)).strftime("%Y-%m-%dT%H:%M:%S")


def _user(number: int) -> str:
    return f"user{number % USERS}@corp.example"


def _id(number: int) -> str:
    return f"{number:08x}-aaaa-4bbb-8ccc-ddddeeeeffff"


def okta(number: int) -> Record:
    """Sign-ons to applications, and members of groups."""
    relevant = number % RELEVANT == 0
    user = {
        "id": f"00u{number % USERS:05d}",
        "type": "User",
        "alternateId": _user(number),
        "displayName": "U",
        "detailEntry": None,
    }
    other = {
        "id": f"00g{number % 89:05d}",
        "type": "UserGroup",
        "alternateId": "unknown",
        "displayName": f"group {number % 89}",
    }
    app = {
        "id": f"0oa{number % 53:05d}",
        "type": "AppInstance",
        "alternateId": f"App {number % 53}",
        "displayName": "App",
    }
    return {
        "actor": user, "client": {"userAgent": {"rawUserAgent": "Mozilla/5.0", "os": "Linux", "browser": "FIREFOX"},
                                  "zone": "null", "device": "Computer", "id": None, "ipAddress": f"192.0.2.{number % 250}"},
        "authenticationContext": {"authenticationStep": 0, "externalSessionId": f"sess{number % USERS}-{number // (40 * USERS)}"},
        "displayMessage": "User single sign on to app", "eventType": "group.user_membership.add" if relevant else "user.authentication.sso",
        "outcome": {"result": "SUCCESS", "reason": None}, "published": _at(number) + ".123Z", "severity": "INFO",
        "debugContext": {"debugData": {"requestId": f"req{number}", "requestUri": "/app/x/sso/saml", "url": "/app/x/sso/saml?"}},
        "legacyEventType": "app.auth.sso", "transaction": {"type": "WEB", "id": f"t{number}", "detail": {}}, "uuid": _id(number),
        "version": "0", "request": {"ipChain": [{"ip": f"192.0.2.{number % 250}", "version": "V4"}]},
        "target": [user, other] if relevant else [app],
    }  # fmt: skip


def gcp(number: int) -> Record:
    """Reads of objects, and policies of projects."""
    relevant = number % RELEVANT == 0
    payload: Record = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog", "status": {},
        "authenticationInfo": {"principalEmail": _user(number)},
        "requestMetadata": {"callerIp": f"192.0.2.{number % 250}", "callerSuppliedUserAgent": "google-cloud-sdk gcloud/460"},
        "serviceName": "cloudresourcemanager.googleapis.com" if relevant else "storage.googleapis.com",
        "methodName": "SetIamPolicy" if relevant else "storage.objects.get",
        "authorizationInfo": [{"resource": f"projects/_/buckets/b/objects/o{number}", "permission": "storage.objects.get", "granted": True}],
        "resourceName": "projects/larkfield" if relevant else f"projects/_/buckets/b/objects/o{number}",
    }  # fmt: skip
    if relevant:
        delta = {
            "action": "ADD",
            "role": "roles/viewer",
            "member": f"user:target{number % 5003}@corp.example",
        }
        payload["serviceData"] = {"policyDelta": {"bindingDeltas": [delta]}}
    return {
        "protoPayload": payload, "insertId": f"i{number:x}", "timestamp": _at(number) + ".123456Z", "severity": "INFO",
        "resource": {"type": "gcs_bucket", "labels": {"project_id": "larkfield", "bucket_name": "b"}},
        "logName": "projects/larkfield/logs/cloudaudit.googleapis.com%2Fdata_access", "receiveTimestamp": _at(number) + ".5Z",
    }  # fmt: skip


def kubernetes(number: int) -> Record:
    """Reads of pods, and role bindings."""
    relevant = number % RELEVANT == 0
    what = "rolebindings" if relevant else "pods"
    record: Record = {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse" if relevant else "Metadata", "auditID": _id(number),
        "stage": "ResponseComplete", "requestURI": f"/api/v1/namespaces/ledger/{what}/p{number}", "verb": "create" if relevant else "get",
        "user": {"username": _user(number), "groups": ["dev", "system:authenticated"]}, "sourceIPs": [f"192.0.2.{number % 250}"],
        "userAgent": "kubectl/v1.30", "objectRef": {"resource": what, "namespace": "ledger", "name": f"p{number}", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 201 if relevant else 200}, "requestReceivedTimestamp": _at(number) + ".123456Z",
        "stageTimestamp": _at(number) + ".223456Z",
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": 'RBAC: allowed by ClusterRoleBinding "dev"'},
    }  # fmt: skip
    if relevant:
        record["requestObject"] = {
            "kind": "RoleBinding", "metadata": {"name": f"b{number}", "namespace": "ledger"}, "roleRef": {"kind": "Role", "name": "reader"},
            "subjects": [{"kind": "User", "name": f"target{number % 5003}"}],
        }  # fmt: skip
    return record


def m365(number: int) -> Record:
    """Accesses of files, and members of sites."""
    relevant = number % RELEVANT == 0
    record: Record = {
        "CreationTime": _at(number), "Id": _id(number), "Operation": "AddedToGroup" if relevant else "FileAccessed",
        "OrganizationId": "o", "RecordType": 14 if relevant else 6, "UserKey": f"i:0h.f|membership|{number % USERS}@live.com", "UserType": 0,
        "Version": 1, "Workload": "SharePoint", "ClientIP": f"192.0.2.{number % 250}", "UserId": _user(number),
        "CorrelationId": f"c{number}", "EventSource": "SharePoint", "ItemType": "File", "ListId": "l", "Site": "s", "UserAgent": "Mozilla/5.0",
        "SiteUrl": "https://corp.example/sites/ledger/", "SourceFileName": f"f{number}.xlsx", "SourceRelativeUrl": "Shared Documents",
        "ObjectId": f"https://corp.example/sites/ledger/Shared Documents/f{number}.xlsx",
    }  # fmt: skip
    if relevant:
        target = {
            "TargetUserOrGroupName": f"target{number % 5003}@corp.example",
            "TargetUserOrGroupType": "Member",
        }
        record |= target | {"EventData": "<Group>Site Members</Group>"}
    return record


def github(number: int) -> Record:
    """Clones, and members of teams."""
    relevant = number % RELEVANT == 0
    return {
        "@timestamp": 1_772_323_200_000 + number * 250, "_document_id": f"d{number:x}", "action": "team.add_member" if relevant else "git.clone",
        "actor": f"user{number % USERS}", "actor_id": number % USERS, "actor_ip": f"192.0.2.{number % 250}", "org": "larkfield", "org_id": 7,
        "repo": f"larkfield/repo{number % 401}", "repository_public": False, "transport_protocol_name": "http", "business": "b",
        **({"team": "larkfield/ledger", "user": f"target{number % 5003}"} if relevant else {}),
    }  # fmt: skip


def entra(number: int) -> Record:
    """Devices that renew their values, and members of groups."""
    relevant = number % RELEVANT == 0
    kind = "User" if relevant else "Device"
    changed = [{"displayName": "Group.DisplayName", "oldValue": None, "newValue": f'"group {number % 89}"'}] if relevant else [
        {"displayName": "DeviceOSVersion", "oldValue": "[\"10.0\"]", "newValue": f'["10.{number}"]'}]  # fmt: skip
    return {
        "id": f"Directory_{number}", "category": "GroupManagement" if relevant else "Device", "correlationId": f"c{number}", "result": "success",
        "resultReason": "", "activityDisplayName": "Add member to group" if relevant else "Update device", "activityDateTime": _at(number) + ".1234567Z",
        "loggedByService": "Core Directory", "operationType": "Assign" if relevant else "Update",
        "initiatedBy": {"app": None, "user": {"id": f"u{number % USERS}", "displayName": None, "userPrincipalName": _user(number), "ipAddress": "192.0.2.7"}},
        "targetResources": [{"id": f"x{number}", "displayName": f"x{number}", "type": kind, "userPrincipalName": f"target{number % 5003}@corp.example",
                             "modifiedProperties": changed}],
        "additionalDetails": [],
    }  # fmt: skip


def windows(number: int) -> Record:
    """Logons, and members of groups, as NXLog writes them."""
    relevant = number % RELEVANT == 0
    record: Record = {
        "EventTime": _at(number).replace("T", " "), "Hostname": "dc1.corp.example", "Keywords": -9214364837600034816, "EventType": "AUDIT_SUCCESS",
        "SeverityValue": 2, "EventID": 4728 if relevant else 4624, "SourceName": "Microsoft-Windows-Security-Auditing", "RecordNumber": number,
        "Channel": "Security", "Message": "An account was successfully logged on.", "SubjectUserSid": "S-1-5-18", "SubjectUserName": "DC1$",
        "SubjectDomainName": "CORP", "SubjectLogonId": "0x3e7", "TargetDomainName": "CORP", "EventReceivedTime": _at(number).replace("T", " "),
    }  # fmt: skip
    if relevant:
        member = f"CN=target{number % 5003},OU=Staff,DC=corp,DC=example"
        return record | {
            "TargetUserName": "Ledger",
            "TargetSid": "S-1-5-21-1-2-3-512",
            "MemberName": member,
            "MemberSid": f"S-1-5-21-1-2-3-{number % 5003}",
        }
    who = {
        "TargetUserName": f"user{number % USERS}",
        "TargetUserSid": f"S-1-5-21-1-2-3-{number % USERS}",
        "TargetLogonId": hex(number % USERS * 4096 + number // (40 * USERS)),
    }
    return (
        record
        | who
        | {"LogonType": 3, "IpAddress": f"192.0.2.{number % 250}", "WorkstationName": "W", "ProcessName": "-"}
    )


SHAPES: dict[str, Callable[[int], Record]] = {
    "okta-system-log": okta, "entra-audit": entra, "m365-audit": m365, "gcp-audit": gcp, "kubernetes-audit": kubernetes,
    "github-audit-log": github, "windows-security": windows,
}  # fmt: skip


def grow(path: Path, source: str, count: int) -> None:
    """Write the file of one source."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(SHAPES[source](number)) + "\n" for number in range(count))


def measure(source: str, path: str) -> None:
    """Read the file and print CPU seconds, peak memory, and the books."""
    from tracer.evidence.ingest import ingest

    cpu = time.process_time()
    (books,) = ingest(Path(path).with_suffix(".db"), [path]).files
    assert books.source == source
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {"cpu": time.process_time() - cpu, "peak": peak, "kept": books.kept, "counted": books.counted}
        )
    )


def main() -> None:
    """Grow each file, read it, print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    print("| source | kept | counted | CPU s | k records/s/core | peak MB |\n|---|--:|--:|--:|--:|--:|")
    for source in sys.argv[2:] or SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log.json"
            grow(path, source, count)
            command = [sys.executable, __file__, "--part", source, str(path)]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        kept, counted, cpu, peak = (told[name] for name in ("kept", "counted", "cpu", "peak"))
        print(f"| {source} | {kept:,} | {counted:,} | {cpu:.1f} | {count / cpu / 1000:.0f} | {peak:.0f} |")


if __name__ == "__main__":
    if "--part" in sys.argv:
        measure(*sys.argv[2:4])
    else:
        main()
