"""Salesforce: what a row of the setup audit trail says was changed, which stands in a sentence.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_setupaudittrail.htm
The table that is downloaded has the sentence only, under Action, and a time in the zone and manner of who downloads it.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tracer.case.times import iso
from tracer.evidence.paths import look_up, text_of

Change = dict[str, Any]

WHO = r"(?P<who>.+?)"
RULES: tuple[tuple[str, str], ...] = (
    (rf"^Permission set(?P<of> group| license)? (?P<what>.+?):? assigned to user {WHO}\.?$", "grant"),
    (
        rf"^Permission set(?P<of> group| license)? (?P<what>.+?):? (?:unassigned|removed) from user {WHO}\.?$",
        "revoke",
    ),
    (rf"^Assigned permission set(?P<of> group| license)? (?P<what>.+?) to user {WHO}\.?$", "grant"),
    (
        rf"^(?:Una|Dea)ssigned permission set(?P<of> group| license)? (?P<what>.+?) from user {WHO}\.?$",
        "revoke",
    ),
    (rf"^Changed (?P<of>profile|role) for user {WHO} from (?P<old>.+) to (?P<what>.+?)\.?$", "moved"),
    (rf"^Changed (?P<of>profile|role) for user {WHO} to (?P<what>.+?)\.?$", "moved"),
    (rf"^Created new (?:\w+ )?user {WHO}\.?$", "create"),
    (rf"^(?:Activated|Reactivated|Unfroze|Unlocked) user {WHO}\.?$", "enable"),
    (rf"^(?:Deactivated|Froze|Locked) user {WHO}\.?$", "disable"),
    (rf"^(?:Deleted) user {WHO}\.?$", "delete"),
    (rf"^(?:Reset|Changed) password (?:for user|for) {WHO}\.?$", "rotate"),
    (rf"^Logged in using Login-As access for {WHO}\.?$", "assume"),
    (rf"^Added (?:user )?{WHO} to (?:public )?(?P<of>group|queue) (?P<what>.+?)\.?$", "grant"),
    (rf"^Removed (?:user )?{WHO} from (?:public )?(?P<of>group|queue) (?P<what>.+?)\.?$", "revoke"),
)
SENTENCES = tuple((re.compile(pattern, re.IGNORECASE), verb) for pattern, verb in RULES)
ID = re.compile(r"\b(005[A-Za-z0-9]{12})(?:[A-Za-z0-9]{3})?\b")
MAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
BY_CODE = re.compile(
    r"PermSet|Profile|ConnectedApp|LoginFlow|SharingRule|owd|SingleSignOn|saml|passwordPolic|sessionTimeout|twoFactor|mfa",
    re.IGNORECASE,
)
"""Codes of changes to what a permission set, a profile or a way to sign in gives."""

RULE_SENTENCE = re.compile(
    r"^(?:Changed|Created|Deleted|Enabled|Disabled|Cloned) .*\b(?:permission set|profile|connected app)\b",
    re.IGNORECASE,
)
ZONES = {
    "UTC": 0,
    "GMT": 0,
    "BST": 1,
    "CET": 1,
    "CEST": 2,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}
LAYOUTS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M %p")


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The row once per change, with `at`, `who` and `change`."""
    sentence = text_of(record.get("Display")) or text_of(record.get("Action")) or ""
    code = text_of(record.get("Action")) or ""
    found = {**record, "at": text_of(record.get("CreatedDate")) or _moment(text_of(record.get("Date")))}
    found["did"] = code if "Display" in record else text_of(record.get("Section"))
    found |= _who(record)
    changes = _changes(sentence.strip())
    if not changes and (
        BY_CODE.search(code if "Display" in record else "") or RULE_SENTENCE.search(sentence)
    ):
        changes = [{"verb": "change-rule", "entitlement": sentence.strip()[:200]}]
    return [{**found, "change": one} for one in changes] or [found]


def _who(record: dict[str, Any]) -> dict[str, str | None]:
    """Who acted: where somebody had signed in as another (the delegate), that is they, and the other is `instead_of`."""
    paths = ("CreatedBy.Username", "CreatedBy.Email", "User", "CreatedById")
    account = next((text for path in paths if (text := text_of(look_up(record, path)))), None)
    delegate = text_of(record.get("DelegateUser")) or text_of(record.get("Delegate User"))
    if delegate:
        return {"who": delegate, "who_id": None, "instead_of": account}
    return {"who": account, "who_id": text_of(record.get("CreatedById")), "instead_of": None}


def _changes(sentence: str) -> list[Change]:
    for pattern, verb in SENTENCES:
        match = pattern.match(sentence)
        if match is None:
            continue
        said = match.groupdict()
        who = _account(said["who"])
        kind = (said.get("of") or "permission set").strip().lower()
        if verb == "moved":
            taken = [("revoke", said.get("old")), ("grant", said["what"])]
            return [
                _held(act, who, f"{kind}:{_bare(name)}", kind) for act, name in taken if name and _bare(name)
            ]
        if verb in ("grant", "revoke"):
            kind = {"group": "group", "queue": "queue", "license": "license"}.get(kind, "permission-set")
            if "ermission set group" in sentence:
                kind = "permission-set-group"
            return [_held(verb, who, f"{kind}:{_bare(said['what'])}", kind)]
        if verb == "rotate":
            return [_held(verb, who, "credential:password", "credential")]
        return [{"verb": verb, **who}]
    return []


def _held(verb: str, who: Change, entitlement: str, kind: str) -> Change:
    return {"verb": verb, **who, "entitlement": entitlement, "kind": kind}


def _bare(name: str | None) -> str:
    text = (name or "").strip().strip("\"'").rstrip(":")
    return "" if text.lower() in ("none", "null", "") else text


def _account(text: str) -> Change:
    """The account by its id or address, where the sentence has one; else by the name that it has."""
    by_id, mail = ID.search(text), MAIL.search(text)
    name = _bare(re.sub(r"\s*\((?:UserID|ID):.*$", "", text))
    subject = by_id[1] if by_id else mail[0] if mail else name
    return {"subject": subject or None, "called": name or None}


def _moment(text: str | None) -> str | None:
    """A time of the downloaded table: 3/2/2026, 9:26:38 AM PST, in the manner of the United States."""
    match = re.fullmatch(r"(.+?)(?:\s+([A-Z]{3,4}))?", (text or "").strip().replace(",", ""))
    if match is None or (match[2] not in (None, "AM", "PM") and match[2] not in ZONES):
        return text
    for layout in LAYOUTS:
        try:
            found = datetime.strptime(match[1], layout)
        except ValueError:
            continue
        return iso(found.replace(tzinfo=UTC) - timedelta(hours=ZONES.get(match[2] or "UTC", 0)))
    return text
