"""Salesforce: what a row of the setup audit trail says was changed, which stands in a sentence.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_setupaudittrail.htm
The table that is downloaded has the sentence only, under Action, and a time in the zone and manner of who downloads it.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tracer.case.times import iso, plus
from tracer.limits import Limit
from tracer.sources.paths import look_up, text_of
from tracer.sources.sentences import sentence

Change = dict[str, Any]

LONGEST = Limit(
    1000,
    "characters",
    bounds="the sentence of a row of Salesforce's setup audit trail",
    why="names in it may hold any words, so that every division is tried; the field itself is no longer",
    beyond="the record is rejected",
)

WHO = r"(?P<who>.+?)"
OLD_NEW = r"from (?P<old>.+) to (?P<what>.+?)\.?$"
RULES: tuple[tuple[str, str], ...] = (
    (
        rf"^Permission set(?P<of> group| license)? (?P<what>.+?):? assigned to user {WHO}: expiration was changed from .+ to (?P<until>.+?)\.?$",
        "extend",
    ),
    (
        rf"^Permission set(?P<of> group| license)? (?P<what>.+?) with expiration:? assigned to user {WHO}(?:, expiring on (?P<until>.+?))?\.?$",
        "grant",
    ),
    (rf"^Permission set(?P<of> group| license)? (?P<what>.+?):? assigned to user {WHO}\.?$", "grant"),
    (
        rf"^Permission set(?P<of> group| license)? (?P<what>.+?)(?: with expiration)?:? (?:unassigned|removed) from user {WHO}\.?$",
        "revoke",
    ),
    (rf"^Assigned permission set(?P<of> group| license)? (?P<what>.+?) to user {WHO}\.?$", "grant"),
    (
        rf"^(?:Una|Dea)ssigned permission set(?P<of> group| license)? (?P<what>.+?) from user {WHO}\.?$",
        "revoke",
    ),
    (rf"^Changed (?P<of>profile|role) for user {WHO} {OLD_NEW}", "moved"),
    (rf"^Changed (?P<of>profile|role) for user {WHO} to (?P<what>.+?)\.?$", "moved"),
    (rf"^For user {WHO}, changed (?P<what>.+? user) from off to (?P<of>on)\.?$", "grant"),
    (rf"^For user {WHO}, changed (?P<what>.+? user) from on to (?P<of>off)\.?$", "revoke"),
    (rf"^Granted \d+ (?P<of>User) (?P<what>Package License)s? for User with ID: {WHO}\.?$", "grant"),
    (rf"^The (?P<of>delegate) approver for user {WHO} changed {OLD_NEW}", "delegate"),
    (
        rf"^Assigned OAuth client credentials user {WHO} to (?P<of>app) (?P<what>.+?)(?: \(AppID: .*\))?\.?$",
        "delegate",
    ),
    (
        rf"^{WHO} has (?:granted|changed) (?:(?P<what>\S+) login access|user login access) through (?P<until>[\d/]+)(?: to package publisher (?P<to>.+?)(?: \(\w+\))?)?\.?$",
        "access",
    ),
    (
        rf"^{WHO} has revoked (?:(?P<what>\S+) login access|user login access)(?: to package publisher (?P<to>.+?)(?: \(\w+\))?)?\.?$",
        "no-access",
    ),
    (rf"^Created new (?:\w+ )?user {WHO}\.?$", "create"),
    (rf"^Unfroze user account for {WHO}\.?$", "enable"),
    (rf"^Froze user account for {WHO}\.?$", "disable"),
    (rf"^User {WHO} disabled as a (?:Customer Portal|Partner) user\.?$", "disable"),
    (rf"^(?:Activated|Reactivated|Unfroze|Unlocked) user {WHO}\.?$", "enable"),
    (rf"^(?:Deactivated|Froze|Locked) user {WHO}\.?$", "disable"),
    (rf"^(?:Deleted) user {WHO}\.?$", "delete"),
    (rf"^(?:Reset|Changed|Set new) password (?:for user|for) {WHO}\.?$", "rotate"),
    (
        rf"^(?:Time-Based Token|Security Key .+|Salesforce Authenticator pairing .+) added for {WHO}\.?$",
        "factor",
    ),
    (
        rf"^(?:Time-Based Token|Security Key .+|Salesforce Authenticator pairing .+) removed for {WHO}\.?$",
        "no-factor",
    ),
    (rf"^Temporary verification code .+ added for {WHO}\.?$", "factor"),
    (
        rf"^Generated (?:a new initial access token|temporary credentials) for connected app {WHO}\.?$",
        "secret",
    ),
    (rf"^Logged in using Login-As access for {WHO}\.?$", "assume"),
    (rf"^Added (?:user )?{WHO} to (?:public )?(?P<of>group|queue) (?P<what>.+?)\.?$", "grant"),
    (rf"^Removed (?:user )?{WHO} from (?:public )?(?P<of>group|queue) (?P<what>.+?)\.?$", "revoke"),
)
SENTENCES = tuple((re.compile(pattern, re.IGNORECASE), verb) for pattern, verb in RULES)
ID = re.compile(r"\b(005[A-Za-z0-9]{12})(?:[A-Za-z0-9]{3})?\b")
MAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
BY_CODE = re.compile(
    r"PermSet|Profile|ConnectedApp|LoginFlow|SharingRule|owd|SingleSignOn|saml|sessionTimeout|twoFactor|mfa|skipSFA"
    r"|SetupEntityAccess|LoginAs|overrideGrantAccess|restrictPasswordAuth|restrictEmailDomains|verifyOn|u2FEnabled"
    r"|oauthCors|IpWhiteList|loginIpRange|secureGuestUser|supportAccess",
    re.IGNORECASE,
)
"""Codes of changes to what a permission set, a profile or a way to sign in gives."""

SECTIONS = {
    "application",
    "certificate and key management",
    "connected app session policy",
    "connected apps",
    "custom permissions",
    "experiences network member group",
    "external credentials",
    "groups",
    "identity provider",
    "login flows",
    "my domain",
    "named credentials",
    "password policies",
    "permission set group",
    "remote access",
    "security controls",
    "service provider",
    "session settings",
    "sharing defaults",
    "sharing rules",
    "sharing sets",
    "single sign-on settings",
    "transaction security",
    "user management settings",
}
"""Parts of the setup in which every change is one of who may do what, or how they sign in."""

RULE_SENTENCE = re.compile(
    r"^(?:Changed|Created|Deleted|Enabled|Disabled|Cloned) .*\b(?:permission set|profile|connected app)\b"
    r"|^(?:Created|Updated|Deleted) (?:Public Group|Queue) |^Changed membership (?:of|for) (?:Group|Queue) "
    r"|^(?:Created new|Deleted|Changed) role |^Changed Administrators Can Log in as Any User "
    r"|^Allowed email domain |set support access for only admins",
    re.IGNORECASE,
)
NO_RULE = re.compile(
    r"^(?:Initiated|Completed|Started|Finished) |calculation (?:started|completed)|page layout|record type"
    r"|\b(?:description|API name) was changed|Master Label was changed|\btab was changed|default application$",
    re.IGNORECASE,
)
"""What moves no right: recalculations, labels, and how pages look."""

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
KINDS = {
    "group": "group",
    "queue": "queue",
    "license": "license",
    "on": "license",
    "off": "license",
    "user": "license",
}
CREDENTIALS = {
    "rotate": ("rotate", "password"),
    "secret": ("rotate", "token"),
    "factor": ("grant", "second-factor"),
    "no-factor": ("revoke", "second-factor"),
}
LAYOUTS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M %p")


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The row once per change, with `at`, `who` and `change`."""
    said = sentence(text_of(record.get("Display")) or text_of(record.get("Action")), LONGEST)
    code = text_of(record.get("Action")) or ""
    found = {**record, "at": text_of(record.get("CreatedDate")) or _moment(text_of(record.get("Date")))}
    found["did"] = code if "Display" in record else text_of(record.get("Section"))
    found |= _who(record)
    changes = _changes(said.strip())
    if not changes and not NO_RULE.search(said) and _is_rule(record, code, said):
        changes = [{"verb": "change-rule", "entitlement": said.strip()[:200]}]
    return [{**found, "change": one} for one in changes] or [found]


def _is_rule(record: dict[str, Any], code: str, sentence: str) -> bool:
    section = (text_of(record.get("Section")) or "").lower()
    by_code = BY_CODE.search(code) if "Display" in record else None
    return bool(by_code or RULE_SENTENCE.search(sentence) or section in SECTIONS)


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
        if match is not None:
            return _told(verb, sentence, match.groupdict())
    return []


def _told(verb: str, sentence: str, said: dict[str, Any]) -> list[Change]:
    who = _account(said["who"])
    kind = (said.get("of") or "permission set").strip().lower()
    if verb == "moved":
        taken = [("revoke", said.get("old")), ("grant", said["what"])]
        return [_held(act, who, f"{kind}:{_bare(name)}", kind) for act, name in taken if name and _bare(name)]
    if verb == "delegate":
        return _delegated(who, kind, said)
    if verb in ("access", "no-access"):
        # Whoever the vendor or publisher sends, and no account of one's own.
        given = f"login-access:{_bare(said.get('to')) or said.get('what') or 'salesforce.com'}"
        act = "delegate" if verb == "access" else "revoke"
        return [_held(act, {"for": who["subject"]}, given, "role") | {"until": _day(said.get("until"))}]
    if verb in ("grant", "revoke", "extend"):
        kind = KINDS.get(kind, "permission-set")
        if "ermission set group" in sentence:
            kind = "permission-set-group"
        return [_held(verb, who, f"{kind}:{_bare(said['what'])}", kind) | {"until": _day(said.get("until"))}]
    if verb in CREDENTIALS:
        act, named = CREDENTIALS[verb]
        return [_held(act, who, f"credential:{named}", "credential")]
    return [{"verb": verb, **who}]


def _delegated(who: Change, kind: str, said: dict[str, Any]) -> list[Change]:
    """An app that acts as a user, or who approves in another's place."""
    if kind == "app":
        app = _bare(said["what"])
        return [_held("delegate", {"subject": app, "for": who["subject"]}, f"app:{app}", "app")]
    given = f"approvals:{who['called'] or who['subject']}"
    taken = [("revoke", _bare(said["old"])), ("delegate", _bare(said["what"]))]
    return [
        _held(act, {**_account(name), "for": who["subject"]}, given, "role") for act, name in taken if name
    ]


def _held(verb: str, who: Change, entitlement: str, kind: str) -> Change:
    return {"verb": verb, **who, "entitlement": entitlement, "kind": kind}


def _bare(name: str | None) -> str:
    text = (name or "").strip().strip("\"'").rstrip(":")
    return "" if text.lower() in ("none", "null", "<none specified>") else text


def _account(text: str) -> Change:
    """The account by its id or address, where the sentence has one; else by the name that it has."""
    by_id, mail = ID.search(text), MAIL.search(text)
    name = _bare(re.sub(r"\s*\((?:UserID|ID):.*$", "", text))
    subject = by_id[1] if by_id else mail[0] if mail else name
    return {"subject": subject or None, "called": name or None}


def _moment(text: str | None) -> str | None:
    """A time of the downloaded table: 3/2/2026, 9:26:38 AM PST, in the manner of the United States."""
    match = re.fullmatch(r"(.+?)(?:\s+([A-Z]{3,4}))?", (text or "")[:100].strip().replace(",", ""))
    if match is None or (match[2] not in (None, "AM", "PM") and match[2] not in ZONES):
        return text
    for layout in LAYOUTS:
        try:
            return plus(
                iso(datetime.strptime(match[1], layout)), -timedelta(hours=ZONES.get(match[2] or "UTC", 0))
            )
        except ValueError:
            continue
    return text


def _day(text: str | None) -> str | None:
    """When something ends: Sat May 20 06:59:59 GMT 2026, or the day 11/1/2030, to its end."""
    match = re.fullmatch(r"(?:\w{3} )?(\w{3} \d+ [\d:]+) ([A-Z]{3,4}) (\d{4})", (text or "").strip())
    try:
        if match and match[2] in ZONES:
            found = datetime.strptime(f"{match[1]} {match[3]}", "%b %d %H:%M:%S %Y")
            return plus(iso(found), -timedelta(hours=ZONES[match[2]]))
        return iso(
            datetime.strptime(text or "", "%m/%d/%Y").replace(hour=23, minute=59, second=59, tzinfo=UTC)
        )
    except ValueError:
        return None
