"""When which account's hold of which entitlement was verified, prepared once for all that ask about it.

Reads `events`; fills the temporary table `verified`: account, entitlement, time (UTC text) and record of every
verification that succeeded, in that order, so that the first one after a moment is found in one step. `Strays` are those
of access that was never granted: a name may be written wrongly in one of the two records.
"""

import sqlite3
from bisect import bisect_left
from collections import defaultdict

from tracer.case.stage import Stage


def build_verifications(connection: sqlite3.Connection) -> None:
    """Fill `verified`; it stays empty where no source verifies anything."""
    connection.execute("DROP TABLE IF EXISTS temp.verified")
    connection.execute(
        """CREATE TEMP TABLE verified (account_id, entitlement_id, at, record_id,
             PRIMARY KEY (account_id, entitlement_id, at, record_id)) WITHOUT ROWID"""
    )
    connection.execute(
        """INSERT OR IGNORE INTO verified
           SELECT subject_id, entitlement_id, at, record_id FROM events
           WHERE verb = 'verify' AND outcome = 'success' AND subject_id IS NOT NULL AND entitlement_id IS NOT NULL
           ORDER BY 1, 2, 3, 4"""
    )


class Strays:
    """Verifications of access that was neither granted nor seen before, of which each may be that of another access.

    That is so where the two differ in one name only, and one of both names stands nowhere else: nothing else was done to
    the account, or nobody else was granted the entitlement.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._times: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        rows = connection.execute(
            """SELECT v.at, v.account_id, v.entitlement_id, fold(a.name), fold(e.system), fold(e.name) FROM verified v
               JOIN accounts a ON a.id = v.account_id JOIN entitlements e ON e.id = v.entitlement_id
               LEFT JOIN (SELECT account_id, entitlement_id, min(first_sign_at) AS since FROM grants GROUP BY 1, 2) g
                 ON g.account_id = v.account_id AND g.entitlement_id = v.entitlement_id
               WHERE coalesce(v.at < g.since, 1) ORDER BY v.at"""
        ).fetchall()
        granted = {
            name
            for name in {row[2] for row in rows}
            if connection.execute("SELECT 1 FROM grants WHERE entitlement_id = ? LIMIT 1", (name,)).fetchone()
        }
        for at, account_id, entitlement_id, account, system, entitlement in rows:
            self._times[account, system, entitlement].append(at)
            self._times["system", account, system].append(at)
            self._times["entitlement", system, entitlement].append(at)
            if entitlement_id not in granted:
                self._times["odd in system", account, system].append(at)
                self._times["odd system", account, entitlement].append(at)
            if not self._changes(account_id):
                self._times["odd account", system, entitlement].append(at)

    def of(self, row: sqlite3.Row, entitlement: str, until: str) -> bool:
        """Whether one shows, before `until`, that who got this grant held another entitlement there."""
        key = (row["account"].casefold(), row["system"], entitlement.casefold())
        return self._within(key, row["granted_at"], until)

    def perhaps(self, row: sqlite3.Row, until: str) -> bool:
        """Whether one may be that of this grant: made after it, and before `until`."""
        account, system, entitlement = (row[name].casefold() for name in ("account", "system", "entitlement"))
        odd = [
            ("odd in system", account, system),
            ("odd system", account, entitlement),
            ("odd account", system, entitlement),
        ]
        if any(self._within(key, row["granted_at"], until) for key in odd):
            return True
        lone = self._within(("entitlement", system, entitlement), row["granted_at"], until)
        return self.misnamed(row, until) or (lone and self._changes(row["account_id"]) == 1)

    def misnamed(self, row: sqlite3.Row, until: str) -> bool:
        """Whether one, before `until`, is of another entitlement of that account, and this grant alone is of this one."""
        key = ("system", row["account"].casefold(), row["system"])
        return self._within(key, row["granted_at"], until) and self._granted_once(row["entitlement_id"])

    def _within(self, key: tuple[str, str, str], since: str, until: str) -> bool:
        times = self._times.get(key, [])
        place = bisect_left(times, since)
        return place < len(times) and times[place] < until

    def _granted_once(self, entitlement: str) -> bool:
        rows = self._connection.execute(
            "SELECT 1 FROM grants WHERE entitlement_id = ? LIMIT 2", (entitlement,)
        )
        return len(rows.fetchall()) == 1

    def _changes(self, account: str) -> int:
        """How many other events than verifications an account stands in; no more than two are counted."""
        rows = self._connection.execute(
            "SELECT 1 FROM events WHERE subject_id = ? AND verb <> 'verify' LIMIT 2", (account,)
        )
        return len(rows.fetchall())


STAGE = Stage(
    "verifications",
    reads=("events",),
    writes=("verified",),
    run=lambda work: build_verifications(work.connection),
)
