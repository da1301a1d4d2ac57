"""What kind of thing an account is where its name leaves no doubt; the register and source data go first.

SPIFFE ids (https://spiffe.io), Kubernetes service accounts and nodes, Google service accounts, AWS service principals,
service-linked roles, groups and access keys, OIDC subjects of GitHub and GitLab, GitHub apps and bots, machine accounts
of Windows. Any other name may be a person's or a machine's, and says nothing. An account of which nobody says what it is
is a group where it was granted something and others were granted what has its name: to be in it.
"""

import re
import sqlite3

from tracer.case.stage import Stage

CERTAIN: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("workload", r"spiffe://[^/\s]+(/\S*)?"),
        ("workload", r"system:(serviceaccount:[^:\s]+:[^:\s]+|node:\S+|kube-\S+|apiserver\S*)"),
        ("workload", r"(principal(Set)?:)?(//)?iam\.googleapis\.com/projects/\S+/workloadIdentityPools/\S+"),
        ("workload", r"repo:[^/\s:]+/[^:\s]+:\S+"),
        ("workload", r"project_path:\S+:ref_type:\S+"),
        ("workload", r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?"),
        ("workload", r"arn:aws[\w-]*:iam::\d+:role/aws-service-role/\S+"),
        ("workload", r"arn:aws[\w-]*:iam::\d+:role/(\S+/)?AWSServiceRoleFor\w+"),
        ("workload", r"[A-Z0-9_-]+\\[^\\\s]+\$"),
        ("group", r"arn:aws[\w-]*:iam::\d+:group/\S+"),
        (
            "service-account",
            r"(serviceAccount:)?[^@\s]+@([a-z0-9-]+\.)?(iam|appspot|developer|cloudservices|compute-system)\.gserviceaccount\.com",
        ),
        ("service-account", r"(serviceAccount:)?[^@\s]+@\S+\.gserviceaccount\.com"),
        ("service-account", r"[^\s\[\]]+\[bot\](@users\.noreply\.github\.com)?"),
        ("api-key", r"A(KIA|SIA)[A-Z2-7]{12,}"),
    )
)
"""Kind -> the whole form of names that can be nothing else."""


def kind_of(name: str) -> str | None:
    """The kind that a name is certain to have; None where it may be anything."""
    return next((kind for kind, pattern in CERTAIN if pattern.fullmatch(name)), None)


def build_kinds(connection: sqlite3.Connection) -> None:
    """Set the kind of accounts and of their identities, where neither register nor source data say it."""
    rows = connection.execute("SELECT id, name, identity_id, kind FROM accounts ORDER BY id").fetchall()
    found = [(kind, row["id"], row["identity_id"]) for row in rows if (kind := kind_of(row["name"]))]
    connection.executemany(
        "UPDATE accounts SET kind = coalesce(kind, ?) WHERE id = ?",
        [(kind, account) for kind, account, _ in found],
    )
    # An e-mail that is certain to be a machine's was taken for a person's, unless a worker id or the register says so.
    connection.executemany(
        """UPDATE identities SET kind = ? WHERE id = ? AND (kind IS NULL OR kind = 'human' AND record_id IS NULL
             AND worker_id IS NULL AND NOT EXISTS (
               SELECT 1 FROM person_keys k WHERE k.kind = 'email' AND k.key = fold(identities.id)))""",
        [(kind, identity) for kind, _, identity in found if identity],
    )
    _groups(connection)


def _groups(connection: sqlite3.Connection) -> None:
    """Accounts that hold something and are held by others."""
    unknown = connection.execute(
        """SELECT a.id, a.identity_id FROM entitlements e CROSS JOIN accounts a ON a.id = account_id(e.system, e.name)
           CROSS JOIN identities i ON i.id = a.identity_id
           WHERE a.kind IS NULL AND i.kind IS NULL AND e.id IN (SELECT entitlement_id FROM events WHERE verb = 'grant')
             AND EXISTS (SELECT 1 FROM events v WHERE v.subject_id = a.id AND v.verb = 'grant') ORDER BY a.id"""
    ).fetchall()
    connection.executemany("UPDATE accounts SET kind = 'group' WHERE id = ?", [row[:1] for row in unknown])
    connection.executemany("UPDATE identities SET kind = 'group' WHERE id = ?", [row[1:] for row in unknown])


STAGE = Stage(
    "kinds",
    reads=(
        "entitlements",
        "events",
        "person_keys",
    ),
    writes=(),
    completes=(
        "accounts",
        "identities",
    ),
    run=lambda work: build_kinds(work.connection),
)
