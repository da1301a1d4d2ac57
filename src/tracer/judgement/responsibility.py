"""How much each failing control answers for a wrong access: 1/(1+k) (H. Chockler and J. Y. Halpern, 2004).

k is the fewest other failing controls that must be mended before mending this one alone would have prevented the access.
The ways to one entitlement, direct ones and those through groups, form a small graph whose edges are grants; mending a
control takes away every grant of the graph on which it failed. k is a minimum cut of what is left.
"""

import itertools
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

SOURCE, TARGET = ("source", 0), ("target", 1)
FOREVER = "9999"

MOST_TRIED = 12
"""Controls among which sets that mend several grants at once are looked for."""


@dataclass
class Edge:
    """One grant on the way: from an account to a group or to the entitlement, with the controls that failed on it."""

    grant: str
    tail: str
    head: str
    since: str
    until: str
    controls: set[str] = field(default_factory=set)


def shares(connection: sqlite3.Connection) -> dict[tuple[str, str], float]:
    """Grant and mode of each finding -> its share; where there is a single way it is 1 and left out."""
    found: dict[tuple[str, str], float] = {}
    for identity, entitlement in _several_ways(connection):
        accounts = _accounts(connection, identity)
        edges = _edges(connection, identity, entitlement)
        modes = _controls(connection, edges)
        for edge in edges:
            if edge.head == TARGET[0] and edge.tail in accounts:
                for mode, control in modes.get(edge.grant, ()):
                    found[edge.grant, mode] = 1 / (1 + others(edge, edges, control, accounts))
    return found


def _several_ways(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Identities and entitlements with wrong access of which there may be another wrong way."""
    rows = connection.execute(
        """SELECT identity_id, entitlement_id FROM grants WHERE verdict = 'wrong-access' AND identity_id IS NOT NULL
           GROUP BY 1, 2 HAVING count(*) > 1
           UNION
           SELECT g.identity_id, g.entitlement_id FROM grants g JOIN accounts a ON a.identity_id = g.identity_id
           JOIN reaches r ON r.member_id = a.id JOIN grants h ON h.account_id = r.group_id AND h.entitlement_id = g.entitlement_id
           WHERE g.verdict = 'wrong-access' ORDER BY 1, 2"""
    )
    return [(row[0], row[1]) for row in rows]


def _accounts(connection: sqlite3.Connection, identity: str) -> set[str]:
    return {
        row[0] for row in connection.execute("SELECT id FROM accounts WHERE identity_id = ?", (identity,))
    }


def _edges(connection: sqlite3.Connection, identity: str, entitlement: str) -> list[Edge]:
    """Every grant on a way from the identity's accounts to the entitlement."""
    rows = connection.execute(
        """WITH own AS (SELECT id FROM accounts WHERE identity_id = :identity),
             reached AS (SELECT DISTINCT group_id AS id FROM reaches WHERE member_id IN (SELECT id FROM own)),
             near AS (SELECT id FROM own UNION SELECT id FROM reached)
           SELECT g.id, g.account_id AS tail, 'target' AS head, g.first_sign_at AS since, g.ended_at AS until FROM near n
             CROSS JOIN grants g ON g.account_id = n.id WHERE g.entitlement_id = :entitlement AND g.via IS NULL
           UNION ALL
           SELECT m.grant_id, m.member_id, m.group_id, m.valid_from, m.valid_to FROM near n
             CROSS JOIN memberships m ON m.member_id = n.id WHERE m.group_id IN (SELECT id FROM reached)""",
        {"identity": identity, "entitlement": entitlement},
    )
    return [Edge(row["id"], row["tail"], row["head"], row["since"], row["until"] or FOREVER) for row in rows]


def _controls(connection: sqlite3.Connection, edges: list[Edge]) -> dict[str, list[tuple[str, str]]]:
    """Grant -> its failing modes with their controls; also noted on the edges of wrong access."""
    modes: dict[str, list[tuple[str, str]]] = defaultdict(list)
    by_grant: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_grant[edge.grant].append(edge)
    for grant, of_grant in by_grant.items():
        for mode, control in connection.execute(
            """SELECT k.mode, s.control FROM checks k JOIN seats s ON s.check_id = k.id JOIN grants g ON g.id = k.grant_id
               WHERE k.grant_id = ? AND k.verdict = 'fail' AND g.verdict = 'wrong-access' ORDER BY k.mode""",
            (grant,),
        ):
            name = control or f"{mode} of {grant}"
            modes[grant].append((mode, name))
            for edge in of_grant:
                edge.controls.add(name)
    return modes


def others(of: Edge, edges: list[Edge], control: str, accounts: set[str]) -> int:
    """K for `control`, which failed on the grant `of`: of all ways that were open at a time when that one was."""
    together = [one for one in edges if one.since < of.until and of.since < one.until]
    fewest = _cut(of, together, control, accounts)
    names = sorted({name for one in together for name in one.controls} - {control})
    if len(names) > MOST_TRIED:
        return fewest
    for size in range(fewest):
        for mended in itertools.combinations(names, size):
            left = [one for one in together if not one.controls & set(mended)]
            if _open(left, accounts) and not _open(
                [one for one in left if control not in one.controls], accounts
            ):
                return size
    return fewest


def _open(edges: list[Edge], accounts: set[str]) -> bool:
    """Whether a way that holds a wrong grant is left."""
    return bool(nx.has_path(_graph(edges, accounts), SOURCE, TARGET))


def _cut(of: Edge, together: list[Edge], control: str, accounts: set[str]) -> int:
    """The fewest other wrong grants to take away, one way through `of` being spared, until none is left without `control`."""
    whole = _graph(together, accounts)
    spared: set[str] = set()
    for state in (0, 1):
        node = (of.tail, state)
        if whole.has_node(node) and nx.has_path(whole, SOURCE, node):
            spared = {str(step[0]) for step in nx.shortest_path(whole, SOURCE, node)}
            break
    rest = [one for one in together if control not in one.controls]
    most = len({one.grant for one in rest if one.controls})
    graph = _graph(rest, accounts, spared)
    if not nx.has_path(graph, SOURCE, TARGET):
        return 0
    try:
        return min(int(nx.minimum_cut_value(graph, SOURCE, TARGET)), most)
    except nx.NetworkXUnbounded:
        return most


def _graph(edges: list[Edge], accounts: set[str], spared: set[str] | frozenset[str] = frozenset()) -> Any:
    """The ways that hold at least one wrong grant: nodes say whether one was passed; what is right cannot be cut."""
    graph = nx.DiGraph()
    graph.add_nodes_from([SOURCE, TARGET])
    for account in accounts:
        graph.add_edge(SOURCE, (account, 0))
    for one in edges:
        for before, after in ((0, 1), (1, 1)) if one.controls else ((0, 0), (1, 1)):
            step = (one.grant, before)
            cuttable = one.controls and one.grant not in spared
            graph.add_edge((one.tail, before), step, **({"capacity": 1} if cuttable else {}))
            graph.add_edge(step, (one.head, after))
    return graph
