"""Which identity is behind each account: the register first, then the worker id, then e-mail or UPN.

Reads `accounts`, `account_aliases`, `claims` and what the register put into `identities`; completes `identities` and
sets `accounts.identity_id` with the basis of each join. Display names never join. An account that nothing joins is
an identity of its own, named `system:name`.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from tracer.case.emails import is_email
from tracer.case.stage import Stage


@dataclass
class Worker:
    """One person as source data knows them: a worker id with the e-mails it had, latest first, or an e-mail alone."""

    worker_id: str
    emails: list[str]
    identity: str = ""


def build_identities(connection: sqlite3.Connection) -> None:
    """Join every account to one identity and keep the basis of the join."""
    registered = {
        row["id"].casefold(): row["id"] for row in connection.execute("SELECT id FROM identities ORDER BY id")
    }
    taken = _registered_accounts(connection)
    emails = _emails_of_the_register(connection, registered, taken)
    workers = _workers(connection)
    by_worker: dict[str, str] = {}
    for worker in workers:
        known = next((emails[mail.casefold()] for mail in worker.emails if mail.casefold() in emails), None)
        known = known or registered.get(worker.worker_id.casefold())
        worker.identity = known or (worker.emails[0].casefold() if worker.emails else worker.worker_id)
        by_worker[worker.worker_id.casefold()] = worker.identity
        for mail in worker.emails:
            emails.setdefault(mail.casefold(), worker.identity)
    _add_workers(connection, workers)
    _keep_keys(connection, emails, by_worker)
    _join_accounts(connection, taken, emails, by_worker)
    _describe(connection)


def _registered_accounts(connection: sqlite3.Connection) -> dict[str, str]:
    """Account id -> identity, as the register says, also for the account that a registered name is an alias of."""
    taken = dict(
        connection.execute(
            "SELECT id, identity_id FROM accounts WHERE basis = 'register' ORDER BY id"
        ).fetchall()
    )
    aliases = connection.execute(
        """SELECT b.id, min(a.identity_id) FROM accounts a
           JOIN account_aliases l ON l.kind <> 'display-name' AND fold(l.alias) = fold(a.name)
           JOIN accounts b ON b.id = l.account_id AND fold(b.system) = fold(a.system)
           WHERE a.basis = 'register' AND b.basis IS NULL
           GROUP BY b.id HAVING count(DISTINCT a.identity_id) = 1"""
    )
    return taken | dict(aliases.fetchall())


def _emails_of_the_register(
    connection: sqlite3.Connection, registered: dict[str, str], taken: dict[str, str]
) -> dict[str, str]:
    """E-mail -> identity: ids of the register that are e-mails, and registered accounts that are named by one."""
    emails = {folded: name for folded, name in registered.items() if is_email(folded)}
    claimed: dict[str, set[str]] = defaultdict(set)
    for account_id, name in connection.execute("SELECT id, name FROM accounts WHERE basis = 'register'"):
        if is_email(name):
            claimed[name.casefold()].add(taken[account_id])
    for mail, owners in claimed.items():
        if len(owners) == 1:
            emails.setdefault(mail, next(iter(owners)))
    return emails


def _workers(connection: sqlite3.Connection) -> list[Worker]:
    """Everyone in source data; an e-mail that two worker ids held belongs to the one that held it last."""
    rows = connection.execute(
        """SELECT coalesce(worker_id, '') AS worker, coalesce(email, '') AS email, max(effective_at) AS last
           FROM claims GROUP BY fold(worker), fold(email) ORDER BY last DESC, worker, email"""
    ).fetchall()
    holder: dict[str, str] = {}
    for row in rows:
        if row["email"] and row["worker"]:
            holder.setdefault(row["email"].casefold(), row["worker"].casefold())
    workers: dict[str, Worker] = {}
    for row in rows:
        mail, key = row["email"], row["worker"].casefold()
        if not key:
            key = holder.get(mail.casefold(), "email:" + mail.casefold())
        worker = workers.setdefault(key, Worker(row["worker"] or mail, []))
        if row["worker"] and worker.worker_id == mail:
            worker.worker_id = row["worker"]
        if mail and mail not in worker.emails and holder.get(mail.casefold(), key) == key:
            worker.emails.append(mail)
    return [workers[key] for key in sorted(workers)]


def _add_workers(connection: sqlite3.Connection, workers: list[Worker]) -> None:
    connection.executemany(
        """INSERT INTO identities (id, kind, name, worker_id, email) VALUES (:identity, 'human', :identity, :worker, :mail)
           ON CONFLICT (id) DO UPDATE SET kind = coalesce(kind, 'human'), worker_id = coalesce(worker_id, excluded.worker_id),
             email = coalesce(email, excluded.email)""",
        [
            {
                "identity": worker.identity,
                "worker": None if is_email(worker.worker_id) else worker.worker_id,
                "mail": worker.emails[0].casefold() if worker.emails else None,
            }
            for worker in workers
        ],
    )


def _keep_keys(connection: sqlite3.Connection, emails: dict[str, str], by_worker: dict[str, str]) -> None:
    """The keys of people, for the facts that name a person by them."""
    connection.execute("DROP TABLE IF EXISTS temp.person_keys")
    connection.execute("CREATE TEMP TABLE person_keys (kind, key, identity_id, PRIMARY KEY (kind, key))")
    keys = [("worker-id", key, identity) for key, identity in by_worker.items() if not is_email(key)]
    keys += [("email", key, identity) for key, identity in emails.items()]
    connection.executemany("INSERT INTO person_keys VALUES (?, ?, ?)", keys)


def _join_accounts(
    connection: sqlite3.Connection, taken: dict[str, str], emails: dict[str, str], by_worker: dict[str, str]
) -> None:
    names: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for account_id, alias, kind in connection.execute(
        "SELECT account_id, alias, kind FROM account_aliases WHERE kind <> 'display-name' ORDER BY alias"
    ):
        names[account_id].append((kind, alias))
    joined: list[tuple[str, str, str]] = []
    alone: list[dict[str, str | None]] = []
    people: list[dict[str, str | None]] = []
    for row in connection.execute("SELECT id, system, name, kind FROM accounts ORDER BY id"):
        if row["id"] in taken:
            joined.append((taken[row["id"]], "register", row["id"]))
            continue
        others = names.get(row["id"], [])
        worker = next(
            (by_worker[a.casefold()] for k, a in others if k == "worker-id" and a.casefold() in by_worker),
            None,
        )
        worker = worker or by_worker.get(row["name"].casefold())
        if worker:
            joined.append((worker, "worker-id", row["id"]))
            continue
        mails = [row["name"], *(alias for _, alias in others)] if row["kind"] != "group" else []
        mails = [mail.casefold() for mail in mails if is_email(mail)]
        if mails:
            identity = next((emails[mail] for mail in mails if mail in emails), None)
            if identity is None:
                identity = emails[mails[0]] = mails[0]
                people.append(
                    {"id": identity, "kind": row["kind"] or "human", "name": identity, "email": mails[0]}
                )
            for mail in mails:
                emails.setdefault(mail, identity)
            joined.append((identity, "email", row["id"]))
            continue
        identity = f"{row['system']}:{row['name']}"
        alone.append({"id": identity, "kind": row["kind"], "name": row["name"], "email": None})
        joined.append((identity, "own", row["id"]))
    connection.executemany(
        "INSERT OR IGNORE INTO identities (id, kind, name, email) VALUES (:id, :kind, :name, :email)",
        alone + people,
    )
    connection.executemany("UPDATE accounts SET identity_id = ?, basis = ? WHERE id = ?", joined)


def _describe(connection: sqlite3.Connection) -> None:
    """Fill what the register leaves open: the e-mail of an identity named by one, and owners' own rows."""
    rows = connection.execute("SELECT id FROM identities WHERE email IS NULL").fetchall()
    connection.executemany(
        "UPDATE identities SET email = ? WHERE id = ?",
        [(row["id"].casefold(), row["id"]) for row in rows if is_email(row["id"])],
    )


STAGE = Stage(
    "identities",
    reads=(
        "account_aliases",
        "claims",
    ),
    writes=("person_keys",),
    completes=(
        "accounts",
        "identities",
    ),
    run=lambda work: build_identities(work.connection),
)
