"""Ends that reach more than the one grant they name.

A deleted group takes its memberships with it. `org/repo:*` ends whatever that account holds of `org/repo:`, for a log may say that somebody left and not which role they
had; `org:*` also each `org/team`, which has members of the organisation alone. A credential is known by its id alone: who revokes one need not say whose it was, where one account alone was given it. Reads `events` and `entitlements`.
"""

import sqlite3

WIDER = ("subject_id", "entitlement_id")
"""The columns of an event that `wider_ends` gives anew."""


def build_wider_ends(connection: sqlite3.Connection) -> None:
    """Fill the temporary table `wider_ends`: which event also ends what which account holds of which entitlement."""
    connection.execute("DROP TABLE IF EXISTS temp.wider_ends")
    connection.execute("CREATE TEMP TABLE wider_ends (event_id, subject_id, entitlement_id)")
    connection.execute(
        """INSERT INTO wider_ends
           SELECT DISTINCT e.id, g.subject_id, g.entitlement_id
           FROM entitlements w
           JOIN events e ON e.entitlement_id = w.id AND e.verb = 'revoke' AND e.outcome = 'success'
           JOIN events g ON g.subject_id = e.subject_id AND g.verb = 'grant' AND g.outcome = 'success'
           JOIN entitlements h ON h.id = g.entitlement_id AND h.id <> w.id AND fold(h.system) = fold(w.system)
             AND (substr(fold(h.name), 1, length(w.name) - 1) = fold(substr(w.name, 1, length(w.name) - 1))
               OR (substr(fold(h.name), 1, length(w.name) - 1) = fold(substr(w.name, 1, length(w.name) - 2)) || '/' AND h.name NOT LIKE '%:%'))
           WHERE w.name LIKE '%:*'"""
    )
    connection.execute(
        """INSERT INTO wider_ends
           SELECT e.id, min(g.subject_id), w.id
           FROM entitlements w
           JOIN events e ON e.entitlement_id = w.id AND e.verb = 'revoke' AND e.outcome = 'success' AND e.subject_id IS NULL
           JOIN events g ON g.entitlement_id = w.id AND g.verb = 'grant' AND g.outcome = 'success' AND g.subject_id IS NOT NULL
           WHERE w.name LIKE 'credential:%' GROUP BY e.id, w.id HAVING count(DISTINCT g.subject_id) = 1"""
    )
    connection.execute(
        """INSERT INTO wider_ends
           SELECT DISTINCT e.id, g.subject_id, g.entitlement_id
           FROM events e
           JOIN accounts s ON s.id = e.subject_id AND s.kind = 'group'
           JOIN entitlements h ON fold(h.system) = fold(s.system) AND fold(h.name) = fold(s.name)
           JOIN events g ON g.entitlement_id = h.id AND g.verb = 'grant' AND g.outcome = 'success' AND g.subject_id IS NOT NULL
           WHERE e.verb = 'delete' AND e.outcome = 'success' AND e.entitlement_id IS NULL"""
    )
