"""Every table of the case file, as migrations that are only ever appended to.

`TABLES` is the current version: table -> its columns with their SQLite types, its primary key and its foreign keys.
The evidence layer is written by `ingest` alone and never changed after that; all other tables can be thrown away
and rebuilt by `judge`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite3 import Connection

    from sqlite_utils import Database

SCHEMA_VERSION = 6
"""Stored as SQLite's `user_version`; a case file with a higher one was written by a newer tracer."""

OLDEST_VERSION = 2
"""Before it nothing was released: such a file has another layout, and no migration leads here."""


@dataclass(frozen=True)
class Table:
    """One table: columns as `name TYPE` words, its key, what its columns refer to, and what is indexed."""

    columns: str
    key: tuple[str, ...]
    refers: dict[str, str] = field(default_factory=dict)
    indexes: tuple[tuple[str, ...], ...] = ()

    def types(self) -> dict[str, Any]:
        """Column name -> Python type, in the order of the table; a column is TEXT unless it says otherwise."""
        kinds: dict[str, Any] = {"INT": int, "REAL": float, "BLOB": bytes}
        pairs = (column.partition(":") for column in self.columns.split())
        return {name: kinds.get(kind, str) for name, _, kind in pairs}


EVIDENCE: dict[str, Table] = {
    "evidence": Table(
        "id path sha256 bytes:INT source kind read_at version records:INT kept:INT counted:INT skipped:INT "
        "rejected:INT first_at last_at note",
        ("id",),
        indexes=(("source",),),
    ),
    "records": Table(
        "id evidence_id ordinal:INT offset:INT sha256 raw",
        ("id",),
        {"evidence_id": "evidence"},
        (("evidence_id", "ordinal"),),
    ),
    "rejects": Table(
        "id evidence_id ordinal:INT offset:INT reason raw",
        ("id",),
        {"evidence_id": "evidence"},
        (("evidence_id",),),
    ),
    "acts": Table(
        "record_id seq:INT act source at verb system actor actor_system actor_kind subject subject_system "
        "subject_kind entitlement entitlement_kind scope expires_at ticket exception rule rule_version session "
        "issued chain outcome reason decision on_behalf_of inputs binding whole",
        ("record_id", "seq"),
        {"record_id": "records"},
        (("act",),),
    ),
    "aliases": Table(
        "record_id system name alias kind",
        ("record_id", "system", "name", "alias"),
        {"record_id": "records"},
    ),
    "claims": Table(
        "record_id seq:INT worker_id email attribute value system effective_at recorded_at",
        ("record_id", "seq"),
        {"record_id": "records"},
    ),
    "holdings": Table(
        "record_id seq:INT as_of system account entitlement scope expires_at",
        ("record_id", "seq"),
        {"record_id": "records"},
    ),
    "entries": Table(
        "record_id section key line:INT content",
        ("record_id",),
        {"record_id": "records"},
        (("section", "key"),),
    ),
    "supersedes": Table("evidence_id sha256", ("evidence_id", "sha256"), {"evidence_id": "evidence"}),
    "counted": Table(
        "evidence_id system account session action hour count:INT failed:INT first_at last_at first_ordinal:INT "
        "keys:BLOB failed_keys:BLOB",
        ("evidence_id", "system", "account", "session", "action", "hour"),
        {"evidence_id": "evidence"},
        (("session",),),
    ),
    "spans": Table(
        "evidence_id system first_at last_at records:INT uses:INT",
        ("evidence_id", "system"),
        {"evidence_id": "evidence"},
    ),
    "dispositions": Table("finding_id disposition because by at", ("finding_id", "at")),
    "sources": Table("name kind carries", ("name",)),
    "meta": Table("name value", ("name",)),
}
"""Written by `ingest` (and `mark`). All but `meta` are evidence."""

DERIVED: dict[str, Table] = {
    "ticket_acts": Table(
        "record_id seq:INT act source at verb system actor actor_system actor_kind subject subject_system "
        "subject_kind entitlement entitlement_kind scope expires_at ticket exception rule rule_version session "
        "issued chain outcome reason decision on_behalf_of inputs binding whole",
        ("record_id", "seq"),
        {"record_id": "records"},
        (("act",),),
    ),
    "ticket_aliases": Table(
        "record_id system name alias kind",
        ("record_id", "system", "name", "alias"),
        {"record_id": "records"},
    ),
    "identities": Table(
        "id kind name owner owner_id accountable status on_behalf_of purpose purpose_ends_at worker_id email record_id",
        ("id",),
    ),
    "accounts": Table(
        "id system name kind identity_id basis", ("id",), {"identity_id": "identities"}, (("identity_id",),)
    ),
    "account_aliases": Table(
        "account_id alias kind", ("account_id", "alias"), {"account_id": "accounts"}, (("alias",),)
    ),
    "entitlements": Table("id system name kind privileged:INT", ("id",)),
    "entitlement_aliases": Table("system alias name", ("system", "alias")),
    "events": Table(
        "id at verb source system actor_id subject_id entitlement_id scope expires_at ticket exception rule "
        "rule_version session issued chain outcome reason decision on_behalf_of inputs started_by chain_note "
        "record_id",
        ("id",),
        {
            "actor_id": "accounts",
            "subject_id": "accounts",
            "entitlement_id": "entitlements",
            "record_id": "records",
        },
        (
            ("verb", "outcome"),
            ("ticket",),
            ("issued",),
            ("session",),
            ("subject_id", "entitlement_id"),
            ("at",),
        ),
    ),
    "event_records": Table(
        "event_id record_id",
        ("event_id", "record_id"),
        {"event_id": "events", "record_id": "records"},
    ),
    "facts": Table(
        "id identity_id attribute value system valid_from valid_to recorded_at record_id ordinal:INT",
        ("id",),
        {"identity_id": "identities", "record_id": "records"},
        (("identity_id", "attribute", "system"),),
    ),
    "coverage": Table("system source kind first_at last_at records:INT", ("system", "source", "first_at")),
    "controls": Table("id point covers responder record_id", ("id",)),
    "control_owners": Table(
        "control_id owner role owner_from owner_to",
        ("control_id", "owner_from", "owner"),
        {"control_id": "controls"},
    ),
    "rules": Table(
        "id version valid_from valid_to owner language expression cel refused reviewed_at tested_at grants record_id",
        ("id", "version"),
    ),
    "roles": Table(
        "id system entitlement eligible cel privileged:INT max_duration approval justification cost conflicts owner "
        "provisioners record_id",
        ("id",),
    ),
    "authorities": Table(
        "id approver identity_id system entitlement valid_from valid_to delegated_by delegator_id record_id",
        ("id",),
    ),
    "exceptions": Table(
        "id kind identity identity_id system entitlement recorded_by recorded_at approved_by approver_id expires_at cleanup_owner "
        "cleanup_id record_id",
        ("id",),
    ),
    "knowers": Table(
        "identity_id name person_id record_id", ("identity_id", "name"), {"identity_id": "identities"}
    ),
    "exposures": Table(
        "id system credential identity identity_id exposed_at reported_at source record_id", ("id",)
    ),
    "sources_of_truth": Table("attribute system role record_id", ("attribute", "system")),
    "policy": Table("name value record_id", ("name",)),
    "requests": Table(
        "id ticket source requester_id beneficiary_id beneficiary system entitlement scope expires_at justification "
        "requested_at decision decided_at approved_at free_text known_fields record_id",
        ("id",),
        indexes=(("beneficiary_id", "system", "entitlement"), ("ticket",)),
    ),
    "request_events": Table(
        "request_id event_id",
        ("request_id", "event_id"),
        {"request_id": "requests", "event_id": "events"},
        (("event_id",),),
    ),
    "grants": Table(
        "id identity_id account_id entitlement_id granted_at first_sign_at ended_at ended_by basis via executor_id started_by "
        "on_behalf_of ticket ticket_basis request_id exception rule rule_version event_id end_event_id scope expires_at last_sign_at "
        "role_id override_event_id named_ticket judged_at record_id verdict root_finding_id inherited_from",
        ("id",),
        {
            "identity_id": "identities",
            "account_id": "accounts",
            "entitlement_id": "entitlements",
            "executor_id": "accounts",
            "event_id": "events",
        },
        (
            ("identity_id",),
            ("entitlement_id",),
            ("verdict",),
            ("ticket",),
            ("rule",),
            ("event_id",),
            ("executor_id",),
        ),
    ),
    "memberships": Table(
        "grant_id member_id group_id valid_from valid_to",
        ("grant_id", "group_id"),
        {"grant_id": "grants", "member_id": "accounts", "group_id": "accounts"},
        (("member_id",), ("group_id",)),
    ),
    "reaches": Table(
        "member_id group_id valid_from valid_to",
        ("member_id", "group_id", "valid_from"),
        {"member_id": "accounts", "group_id": "accounts"},
        (("group_id",),),
    ),
    "uses": Table(
        "account_id started_by action system entitlement_id hour count:INT failed:INT first_at last_at evidence_id "
        "first_ordinal:INT",
        ("account_id", "started_by", "action", "system", "entitlement_id", "hour"),
        {"account_id": "accounts", "evidence_id": "evidence"},
    ),
    "use_spans": Table("system first_at last_at", ("system", "first_at", "last_at")),
    "lineage": Table(
        "grant_id relation from_kind from_id to_kind to_id basis record_id",
        ("grant_id", "relation", "from_kind", "from_id", "to_kind", "to_id"),
        {"grant_id": "grants"},
    ),
    "decision_inputs": Table(
        "grant_id attribute reading value system record_id",
        ("grant_id", "attribute", "reading", "system"),
        {"grant_id": "grants"},
    ),
    "approvals": Table(
        "id grant_id event_id approver_id at own:INT own_through authority delegator_id ground record_id",
        ("id",),
        {"grant_id": "grants", "event_id": "events", "record_id": "records"},
        (("grant_id",), ("approver_id",)),
    ),
    "differences": Table(
        "id grant_id mode attribute system used_value then_value now_value valid_from recorded_at decides:INT "
        "record_id",
        ("id",),
        {"grant_id": "grants", "record_id": "records"},
        (("grant_id", "mode"),),
    ),
    "changes": Table(
        "id grant_id expression attribute system value since until effective_at recorded_at deadline at_start:INT "
        "corrects:INT record_id",
        ("id",),
        {"grant_id": "grants", "record_id": "records"},
        (("grant_id",),),
    ),
    "circumstances": Table(
        "grant_id system entitlement identity identity_kind source granted_at held_until is_open:INT basis rule "
        "rule_version rule_known:INT rule_owner rule_covers:INT inputs_logged:INT ticket request_id decision requested_at "
        "decided_at lapses_at requester_id beneficiary_id decided_entitlement decided_scope decided_expires_at "
        "free_text:INT fields_mapped:INT same_entitlement:INT scope scope_wider:INT carries_scope:INT carries_end:INT "
        "delivered_expires_at expires_at exception exception_id named_ticket covered:INT covered_at_grant:INT "
        "missing_from missing_to ticket_need role_id approval provisioners start_id start_name chain_missing:INT "
        "permitted:INT self_grant:INT override_event_id override_by correlated_id correlated_by judged_at maybe_until quiet_from quiet_to "
        "verification_window verify_due verify_covered:INT verified_at revocation_sla source_update_sla "
        "unlogged:INT log_covered:INT approver_id other_approvers exception_allowed:INT "
        "record_id request_record_id rule_record_id role_record_id exception_record_id end_record_id",
        ("grant_id",),
        {"grant_id": "grants"},
    ),
    "absences": Table(
        "identity_id since until value system recorded_at record_id",
        ("identity_id", "since"),
        {"identity_id": "identities", "record_id": "records"},
    ),
    "lapses": Table("grant_id first_at last_at", ("grant_id", "first_at"), {"grant_id": "grants"}),
    "reviews_due": Table(
        "grant_id last_at due_at next_at missed_at", ("grant_id", "last_at"), {"grant_id": "grants"}
    ),
    "idle": Table(
        "grant_id last_at due_at next_at missed_at", ("grant_id", "last_at"), {"grant_id": "grants"}
    ),
    "conflicts": Table(
        "grant_id other_id system entitlement since record_id",
        ("grant_id", "other_id"),
        {"grant_id": "grants", "record_id": "records"},
    ),
    "time_bounds": Table(
        "grant_id reason decided_end latest_end mapped:INT record_id", ("grant_id",), {"grant_id": "grants"}
    ),
    "extensions": Table("event_id approved:INT approved_until", ("event_id",), {"event_id": "events"}),
    "renewals": Table(
        "grant_id event_id at expires_at ticket approved:INT need period_from period_to record_id",
        ("grant_id", "event_id"),
        {"grant_id": "grants", "event_id": "events", "record_id": "records"},
    ),
    "removals": Table(
        "grant_id ended_at due_at covered:INT verified_at granted_again_at record_id",
        ("grant_id",),
        {"grant_id": "grants"},
    ),
    "rotations": Table(
        "grant_id at what due_at next_at covered:INT record_id", ("grant_id", "at"), {"grant_id": "grants"}
    ),
    "compromises": Table(
        "id grant_id mode known_as since recorded_at deadline rotated_at covered:INT record_id",
        ("id",),
        {"grant_id": "grants"},
        (("grant_id", "mode"),),
    ),
    "evaluations": Table(
        "grant_id subject reading result:INT blank reason values_used",
        ("grant_id", "subject", "reading"),
        {"grant_id": "grants"},
    ),
    "reproductions": Table(
        "event_id grant_id identity_id rule rule_version outcome:INT result:INT reproduced:INT doubt:INT because need "
        "record_id",
        ("event_id",),
        {"event_id": "events", "grant_id": "grants", "record_id": "records"},
        (("grant_id",), ("rule", "rule_version")),
    ),
    "checks": Table(
        "id:INT grant_id mode verdict because need ask period_from period_to since before_grant:INT failed_at person "
        "shared system attribute record_id records",
        ("id",),
        {"grant_id": "grants", "record_id": "records"},
        (("grant_id", "mode"), ("mode", "verdict")),
    ),
    "check_records": Table(
        "check_id:INT record_id", ("check_id", "record_id"), {"check_id": "checks", "record_id": "records"}
    ),
    "findings": Table(
        "id grant_id class mode control_point part is_root:INT control owner owner_role owner_basis shared_with "
        "responder owner_now wrong_since failed_at responsibility:REAL confidence:REAL because",
        ("id",),
        {"grant_id": "grants"},
        (("grant_id",), ("mode",), ("control",), ("owner",), ("class",)),
    ),
    "finding_records": Table(
        "finding_id record_id",
        ("finding_id", "record_id"),
        {"finding_id": "findings", "record_id": "records"},
    ),
    "control_runs": Table("control mode runs:INT failed:INT no_evidence:INT", ("control", "mode")),
    "defects": Table(
        "id control mode class owner count:INT roots:INT first_at last_at trend identities:INT entitlements:INT "
        "non_human:REAL runs:INT rate:REAL rate_low:REAL rate_high:REAL elsewhere_rate:REAL cost:REAL currency severity "
        "note",
        ("id",),
    ),
}
"""Thrown away and rebuilt by `judge`, in this order of dependence."""

TABLES = EVIDENCE | DERIVED


def first_version(db: "Database") -> None:
    """Create every table."""
    for name, table in TABLES.items():
        _create(db, name, table)


def _create(db: "Database", name: str, table: Table) -> None:
    db.table(name).create(
        table.types(),
        pk=table.key if len(table.key) > 1 else table.key[0],
        foreign_keys=[(column, other, "id") for column, other in table.refers.items()],
    )


def added_tables(db: "Database") -> None:
    """Create the tables that came after the first version, where they are missing."""
    present = set(db.table_names())
    for name, table in TABLES.items():
        if name not in present:
            _create(db, name, table)


def narrower_checks(db: "Database") -> None:
    """Number the checks instead of naming them, and let them tell all that is known of a failure."""
    _made_anew(db, "check_records", "checks")


def numbers_in_defects(db: "Database") -> None:
    """Hold the share and the cost of a defect as numbers."""
    _made_anew(db, "defects")


def grounds_of_approvals(db: "Database") -> None:
    """Say of approvals through whom they are the approver's own, and why an authority was not enough."""
    _made_anew(db, "approvals")


def _made_anew(db: "Database", *derived: str) -> None:
    """Make these derived tables anew in their present shape; judging fills them."""
    for name in derived:
        db.table(name).drop()
    added_tables(db)
    db.execute("UPDATE meta SET value = '1' WHERE name = 'stale'")


def drop_indexes(connection: "Connection", tables: Iterable[str]) -> None:
    """Drop the indexes of these tables, before they are filled anew: to keep them meanwhile costs more than the filling."""
    for table in tables:
        for columns in TABLES[table].indexes:
            connection.execute(f"DROP INDEX IF EXISTS {_index(table, columns)}")


def index(connection: "Connection", tables: Iterable[str]) -> None:
    """Create the missing indexes of these tables within the transaction that is open (after the load: before it they cost double)."""
    for table in tables:
        for columns in TABLES[table].indexes:
            connection.execute(
                f"CREATE INDEX IF NOT EXISTS {_index(table, columns)} ON {table} ({', '.join(columns)})"
            )


def _index(table: str, columns: tuple[str, ...]) -> str:
    """The name of an index, as sqlite-utils gives it."""
    return "_".join(("idx", table, *columns))


def migrate(db: "Database") -> None:
    """Bring a case file to the current schema; a current one is left alone."""
    from sqlite_utils.migrations import Migrations

    migrations = Migrations("tracer")
    migrations(name="0001_first_version")(first_version)
    migrations(name="0002_lapses")(added_tables)
    migrations(name="0003_narrower_checks")(narrower_checks)
    migrations(name="0004_numbers_in_defects")(numbers_in_defects)
    migrations(name="0005_grounds_of_approvals")(grounds_of_approvals)
    migrations.apply(db)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
