"""The inputs that have no vendor format: source data, provisioning log, reviews, snapshot, exceptions."""

import csv
import json
from datetime import datetime
from pathlib import Path

from samples.generate.world import DOMAIN, World, at, iso

Held = dict[tuple[str, str, str], str]


def rows(path: Path, header: str, body: list[list[str]]) -> None:
    """A CSV file with Unix line ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(body)


def held(world: World, moment: datetime) -> Held:
    """(system, account, entitlement) -> scope of what the provisioning log leaves in force at `moment`."""
    state: Held = {}
    for line in sorted(world.provisioning, key=lambda row: str(row["at"])):
        key = (str(line["system"]), str(line["account"]), str(line["entitlement"]))
        if str(line["at"]) > iso(moment):
            break
        if line["action"] == "grant":
            state[key] = str(line["scope"] or "")
        elif line["action"] == "revoke":
            state.pop(key, None)
    return state


def spring_review(world: World) -> None:
    """The yearly campaign keeps all that the business owners are shown."""
    time = at("2026-03-10T09:00")
    for system, account, entitlement in sorted(held(world, time)):
        if system in ("ledger", "crm", "warehouse"):
            world.reviews.append(
                [
                    iso(time),
                    f"{system}-business@{DOMAIN}",
                    system,
                    account,
                    entitlement,
                    "keep",
                    "spring-2026",
                ]
            )


def write(world: World, folder: Path) -> None:
    """One folder or file per kind of input."""
    header = "worker_id,email,attribute,value,effective_at,recorded_at,system"
    for system in ("people-hub", "okta"):
        body = sorted(
            (claim for claim in world.claims if claim[6] == system), key=lambda claim: (claim[5], claim)
        )
        rows(folder / "source-data" / f"{system}.csv", header, body)
    target = folder / "provisioning"
    target.mkdir(parents=True, exist_ok=True)
    lines = sorted(world.provisioning, key=lambda line: (str(line["at"]), json.dumps(line, sort_keys=True)))
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    (target / "engine.jsonl").write_text(text)
    rows(
        folder / "access-reviews.csv",
        "reviewed_at,reviewer,system,account,entitlement,decision,campaign",
        sorted(world.reviews),
    )
    moment = at("2026-06-29T03:00")
    snapshot = [
        [iso(moment), *key, scope, ""]
        for key, scope in sorted(held(world, moment).items())
        if key[0] == "ledger"
    ]
    rows(folder / "ledger-entitlements.csv", "as_of,system,account,entitlement,scope,expires_at", snapshot)
    header = (
        "id,kind,identity,system,entitlement,recorded_by,recorded_at,approved_by,expires_at,cleanup_owner"
    )
    rows(folder / "exceptions.csv", header, sorted(world.exceptions))
