"""Repeated failures of one control are one governance defect, not a list of incidents.

The rate is failures over runs of the same check on grants that the control answers for, with its 95 % Wilson interval
(E. B. Wilson, 1927), beside the rate of the same check elsewhere.
"""

import json
import math
import sqlite3
from itertools import groupby

from tracer.case.ids import content_id
from tracer.case.stage import Stage
from tracer.case.times import duration, parse_iso
from tracer.judgement.checks.catalogue import Catalogue, catalogue_of

FEW_RUNS = 5
"""Below this many runs a rate says nothing, and the defect says so."""


def wilson(failures: int, runs: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a rate of `failures` in `runs`; (0, 1) where nothing ran."""
    if not runs:
        return 0.0, 1.0
    rate = failures / runs
    centre = rate + z * z / (2 * runs)
    spread = z * math.sqrt(rate * (1 - rate) / runs + z * z / (4 * runs * runs))
    scale = 1 + z * z / runs
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def build_defects(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Fill `defects`, one row per control and failure mode."""
    runs = {
        (row["control"], row["mode"]): row["runs"]
        for row in connection.execute("SELECT control, mode, runs FROM control_runs")
    }
    failures = {
        (row["control"], row["mode"]): row["failures"]
        for row in connection.execute(
            "SELECT coalesce(control, '') AS control, mode, count(*) AS failures FROM findings GROUP BY 1, 2"
        )
    }
    found = connection.execute(
        """SELECT coalesce(f.control, '') AS control, f.mode, f.failed_at, f.owner, f.is_root, c.granted_at, c.identity,
             c.identity_kind, c.held_until, g.entitlement_id, t.privileged, r.cost
           FROM findings f CROSS JOIN circumstances c ON c.grant_id = f.grant_id CROSS JOIN grants g ON g.id = f.grant_id
           JOIN entitlements t ON t.id = g.entitlement_id LEFT JOIN roles r ON r.id = g.role_id
           ORDER BY 1, f.mode, f.failed_at, f.id"""
    )
    for (control, mode), group in groupby(found, key=lambda row: (row["control"], row["mode"])):
        rows = list(group)
        times = [row["failed_at"] or row["granted_at"] for row in rows]
        count, ran = len(rows), max(runs.get((control, mode), 0), len(rows))
        elsewhere = sum(n for (c, m), n in runs.items() if m == mode and c != control)
        failed_elsewhere = sum(n for (c, m), n in failures.items() if m == mode and c != control)
        low, high = wilson(count, ran)
        cost, currency = _cost(rows)
        roots = sum(row["is_root"] for row in rows)
        values = {
            "id": content_id("defect", control, mode),
            "control": control or None,
            "mode": mode,
            "class": catalogue.modes[mode].klass,
            "owner": rows[-1]["owner"],
            "count": count,
            "roots": roots,
            "first_at": min(times),
            "last_at": max(times),
            "trend": _trend(times),
            "identities": len({row["identity"] for row in rows}),
            "entitlements": len({row["entitlement_id"] for row in rows}),
            "non_human": round(sum(row["identity_kind"] not in (None, "human") for row in rows) / count, 4),
            "runs": ran,
            "rate": round(count / ran, 4),
            "rate_low": round(low, 4),
            "rate_high": round(high, 4),
            "elsewhere_rate": round(failed_elsewhere / elsewhere, 4) if elsewhere else None,
            "cost": cost,
            "currency": currency,
            "severity": _severity(count, roots, any(row["privileged"] for row in rows)),
            "note": f"{ran} runs are too few for a rate" if ran < FEW_RUNS else None,
        }
        names, places = ", ".join(values), ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO defects ({names}) VALUES ({places})", list(values.values()))


def _cost(rows: list[sqlite3.Row]) -> tuple[float | None, str | None]:
    """What the licences of these grants have cost from the failure to the end of the access, and in which currency.

    Nothing where the catalogue gives no price, or prices in several currencies, which do not add up.
    """
    found: dict[str, float] = {}
    for row in rows:
        price = json.loads(row["cost"]) if row["cost"] else None
        if not isinstance(price, dict):
            continue
        try:
            amount = float(price["amount"])
            times = 1.0
            if price.get("per"):
                failed, end = row["failed_at"] or row["granted_at"], row["held_until"]
                held = parse_iso(end) - max(parse_iso(failed), parse_iso(row["granted_at"]))
                times = max(0.0, held / duration(str(price["per"])))
        except (KeyError, TypeError, ValueError, OverflowError, ZeroDivisionError):
            continue
        currency = str(price.get("currency") or "")
        found[currency] = found.get(currency, 0.0) + amount * times
    if len(found) != 1:
        return None, None
    [(currency, cost)] = found.items()
    return round(cost, 2), currency or None


def _trend(times: list[str]) -> str | None:
    """Whether failures come closer together in the later half of the time than in the earlier; null for fewer than 3."""
    if len(times) < 3:
        return None
    first, last = parse_iso(min(times)), parse_iso(max(times))
    later = sum(1 for at in times if parse_iso(at) > first + (last - first) / 2)
    return "rising" if later * 2 > len(times) else "falling" if later * 2 < len(times) else "steady"


def _severity(count: int, roots: int, privileged: bool) -> str:
    """How bad: wrong access that repeats or is privileged first, weaknesses last."""
    if roots and (privileged or count >= 3):
        return "critical" if privileged and count >= 3 else "high"
    return "medium" if roots else "low"


STAGE = Stage(
    "defects",
    reads=(
        "circumstances",
        "control_runs",
        "entitlements",
        "findings",
        "grants",
        "meta",
        "roles",
    ),
    writes=("defects",),
    run=lambda work: build_defects(work.connection, work.once(catalogue_of)),
)
