"""How much each failing control answers for a wrong access: 1/(1+k) (H. Chockler and J. Y. Halpern, 2004).

k is the fewest other failing controls that must be mended before mending this one alone would have prevented the access.
The ways to one entitlement, direct ones and those through groups, form a small graph whose edges are grants; mending a
control takes away every grant of the graph on which it failed. k is a minimum cut of what is left.

Where nobody is in a group every way is one grant, and needs no graph: k is the number of the other wrong grants, or of
the controls that failed on all of them if those are fewer. Only ways through groups are walked as a graph.
"""

import itertools
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
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
    """Grant and mode of each finding -> its share, where it is less than 1.

    Reads `grants` and the temporary `failing` and `seats`.
    """
    _several_ways(connection)
    found: dict[tuple[str, str], float] = {}
    for edges, modes, accounts in (*_direct(connection), *_through_groups(connection)):
        for edge in edges:
            if edge.head == TARGET[0] and edge.tail in accounts:
                for mode, control in modes.get(edge.grant, ()):
                    if k := others(edge, edges, control, accounts):
                        found[edge.grant, mode] = 1 / (1 + k)
    return found


Ways = tuple[list[Edge], dict[str, list[tuple[str, str]]], set[str]]
"""All ways of one identity to one entitlement; grant -> its failing modes with their controls; the identity's accounts."""


def _several_ways(connection: sqlite3.Connection) -> None:
    """Identities and entitlements with wrong access of which there may be another wrong way, as `several_ways`.

    `grouped` are those of which a way may lead through a group.
    """
    connection.execute("DROP TABLE IF EXISTS temp.several_ways")
    connection.execute(
        """CREATE TEMP TABLE several_ways AS
           WITH grouped AS MATERIALIZED (
             SELECT DISTINCT a.identity_id FROM reaches r JOIN accounts a ON a.id = r.member_id WHERE a.identity_id IS NOT NULL)
           SELECT identity_id, entitlement_id, identity_id IN (SELECT identity_id FROM grouped) AS grouped FROM (
             SELECT identity_id, entitlement_id FROM grants WHERE verdict = 'wrong-access' AND identity_id IS NOT NULL
             GROUP BY 1, 2 HAVING count(*) > 1
             UNION
             SELECT g.identity_id, g.entitlement_id FROM reaches r CROSS JOIN accounts a ON a.id = r.member_id
             CROSS JOIN accounts b ON b.id = r.group_id CROSS JOIN grants h ON h.identity_id = b.identity_id AND h.account_id = b.id
             CROSS JOIN grants g ON g.identity_id = a.identity_id AND +g.entitlement_id = h.entitlement_id
             WHERE g.verdict = 'wrong-access')
           ORDER BY 1, 2"""
    )


def _direct(connection: sqlite3.Connection) -> Iterator[Ways]:
    """The wrong grants of every identity that is in no group; right ones make no way that holds a wrong one."""
    rows = connection.execute(
        """SELECT w.identity_id, w.entitlement_id, g.id, g.account_id, g.first_sign_at, g.ended_at, k.mode, s.control
           FROM several_ways w CROSS JOIN grants g ON g.identity_id = w.identity_id AND +g.entitlement_id = w.entitlement_id
           CROSS JOIN failing k ON k.grant_id = g.id CROSS JOIN seats s ON s.grant_id = k.grant_id AND s.mode = k.mode
           WHERE w.grouped = 0 AND g.verdict = 'wrong-access' AND g.via IS NULL ORDER BY w.identity_id, w.entitlement_id, g.id, k.mode"""
    )
    for _, of_one in groupby(rows, key=lambda row: (row["identity_id"], row["entitlement_id"])):
        edges: dict[str, Edge] = {}
        modes: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in of_one:
            grant = row["id"]
            if grant not in edges:
                until = row["ended_at"] or FOREVER
                edges[grant] = Edge(grant, row["account_id"], TARGET[0], row["first_sign_at"], until)
            name = _name(row["control"], row["mode"], grant)
            modes[grant].append((row["mode"], name))
            edges[grant].controls.add(name)
        yield list(edges.values()), modes, {edge.tail for edge in edges.values()}


def _name(control: str | None, mode: str, grant: str) -> str:
    """What is mended: the control, or where the register has none whatever failed here alone."""
    return control or f"{mode} of {grant}"


def _through_groups(connection: sqlite3.Connection) -> Iterator[Ways]:
    """The ways of every identity that is in a group."""
    for row in connection.execute(
        "SELECT identity_id, entitlement_id FROM several_ways WHERE grouped = 1"
    ).fetchall():
        edges = _edges(connection, row["identity_id"], row["entitlement_id"])
        yield edges, _controls(connection, edges), _accounts(connection, row["identity_id"])


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
           SELECT g.id, g.account_id AS tail, 'target' AS head, g.first_sign_at AS since, g.ended_at AS until
             FROM near n CROSS JOIN accounts a ON a.id = n.id CROSS JOIN grants g ON g.identity_id = a.identity_id
             WHERE g.account_id = n.id AND +g.entitlement_id = :entitlement AND g.via IS NULL
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
            """SELECT k.mode, s.control FROM grants g CROSS JOIN failing k ON k.grant_id = g.id
               CROSS JOIN seats s ON s.grant_id = k.grant_id AND s.mode = k.mode
               WHERE g.id = ? AND g.verdict = 'wrong-access' ORDER BY k.mode""",
            (grant,),
        ):
            name = _name(control, mode, grant)
            modes[grant].append((mode, name))
            for edge in of_grant:
                edge.controls.add(name)
    return modes


def others(of: Edge, edges: list[Edge], control: str, accounts: set[str]) -> int:
    """K for `control`, which failed on the grant `of`: of all ways that were open at a time when that one was."""
    together = [one for one in edges if one.since < of.until and of.since < one.until]
    if all(one.head == TARGET[0] and one.tail in accounts for one in together):
        failed = sorted(tuple(sorted(one.controls)) for one in together if one.controls)
        return _fewest(tuple(failed), control)
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


@lru_cache(maxsize=65_536)
def _fewest(failed: tuple[tuple[str, ...], ...], control: str) -> int:
    """K for `control` among ways of one grant each, of which these are the controls that failed on the wrong ones.

    Taken away are the grants on which `control` did not fail, one by one; or all at once by mending the fewest controls
    that failed on every one of them, but not all that failed on some grant of `control`.
    """
    ways = {frozenset(names) for names in failed}
    own, rest = {way for way in ways if control in way}, {way for way in ways if control not in way}
    fewest = sum(control not in names for names in failed)
    if len({name for way in ways for name in way} - {control}) <= MOST_TRIED:
        for spared in own:
            left = [way - spared for way in rest]
            if all(left):
                fewest = min(fewest, _hitting(left, fewest))
    return fewest


def _hitting(sets: list[frozenset[str]], most: int) -> int:
    """The fewest names of which every set holds one, and `most` if there are not fewer."""
    if not sets:
        return 0
    if most <= 1:
        return most
    tightest = min(sets, key=len)
    for name in sorted(tightest):
        left = [one for one in sets if name not in one]
        most = min(most, 1 + _hitting(left, most - 1))
    return most


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
