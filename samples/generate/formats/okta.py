"""Okta's System Log, as the API answers: an array of events."""

import json
from datetime import datetime
from pathlib import Path

from samples.generate.world import Person, iso, token


def user(person: Person) -> dict[str, object]:
    """A person as actor or target."""
    return {
        "id": "00u" + token("okta", person.email, length=17),
        "type": "User",
        "alternateId": person.email,
        "displayName": person.name,
        "detailEntry": None,
    }


def service(name: str) -> dict[str, object]:
    """An integration that acts by itself."""
    return {
        "id": "0oa" + token("okta", name, length=17),
        "type": "PublicClientApp",
        "alternateId": name,
        "displayName": name,
        "detailEntry": None,
    }


def event(
    time: datetime, kind: str, actor: dict[str, object], targets: list[dict[str, object]], message: str
) -> dict[str, object]:
    """One event of the System Log."""
    return {
        "uuid": token("okta", iso(time), kind, actor["id"], [t["id"] for t in targets]),
        "published": time.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "eventType": kind,
        "version": "0",
        "severity": "INFO",
        "displayMessage": message,
        "actor": actor,
        "client": {"ipAddress": "203.0.113.40", "zone": "null", "device": "Computer"},
        "authenticationContext": {
            "authenticationStep": 0,
            "externalSessionId": token("s", iso(time), actor["id"], length=22),
        },
        "outcome": {"result": "SUCCESS", "reason": None},
        "target": targets,
        "transaction": {"type": "WEB", "id": token("t", iso(time), actor["id"], length=24), "detail": {}},
        "debugContext": {"debugData": {}},
        "request": {"ipChain": []},
    }


def sign_in(person: Person, time: datetime) -> dict[str, object]:
    """Someone signs in."""
    return event(time, "user.session.start", user(person), [], "User login to Okta")


def group_member(
    time: datetime, actor: dict[str, object], person: Person, group: str, added: bool = True
) -> dict[str, object]:
    """A person is added to a group, or removed from it."""
    target: dict[str, object] = {
        "id": "00g" + token("okta", group, length=17),
        "type": "UserGroup",
        "alternateId": "unknown",
        "displayName": group,
        "detailEntry": None,
    }
    kind = f"group.user_membership.{'add' if added else 'remove'}"
    message = "Add user to group membership" if added else "Remove user from group membership"
    return event(time, kind, actor, [user(person), target], message)


def write(events: list[dict[str, object]], folder: Path) -> None:
    """One file per half-year."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = sorted(events, key=lambda e: (str(e["published"]), str(e["uuid"])))
    for year in ("2025", "2026"):
        part = [row for row in rows if str(row["published"]).startswith(year)]
        text = "[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in part) + "\n]\n"
        (folder / f"system-log-{year}.json").write_text(text)
