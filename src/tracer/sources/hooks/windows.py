"""Windows Security: who did what to whom, from a record of any exporter.

https://learn.microsoft.com/windows/security/threat-protection/auditing/security-auditing-overview. Of a change of
membership `TargetUserName` is the group; the member is a distinguished name, or for groups of one machine a SID alone.
"""

import re
from typing import Any

from tracer.sources.clock import utc
from tracer.sources.hooks import Principal
from tracer.sources.hooks.windows_records import Flat, flat, said
from tracer.sources.hooks.windows_sddl import GROUPS, WELL_KNOWN, gained_and_lost, listed
from tracer.sources.paths import text_of

LOGONS = {
    "4624": "logon",
    "4625": "logon",
    "4634": "logoff",
    "4647": "logoff",
    "4648": "logon with explicit credentials",
    "4672": "logon with special privileges",
    "4740": "locked out",
    "4768": "Kerberos ticket",
    "4769": "Kerberos service ticket",
    "4770": "Kerberos ticket renewed",
    "4771": "Kerberos pre-authentication",
    "4776": "credential validation",
    "4778": "session reconnected",
    "4779": "session disconnected",
}
"""Events that an account did itself: it stands where others have the target, save for 4672."""

AUDIT_FAILURE = 0x10000000000000
UNCONSTRAINED, TO_ANY_PROTOCOL = 0x2000, 0x40000
"""Bits of the account control, as these events count them: trusted for delegation, and that with any way to log on."""

DESCRIPTORS = ("ntsecuritydescriptor", "msds-allowedtoactonbehalfofotheridentity")
"""Attributes of the directory that say who may do what."""

NAME = re.compile(r"[^\s\"/\\\[\]:;|=,+*?<>@]{1,20}")
"""What can be a logon name: an object's common name of this form is taken for one."""

SID = re.compile(r"S-1-\d+(?:-\d+)+", re.I)


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event with `what`, `at`, `uid`, `actor`, `target`, `member`, `group`, `rights` and what else the rows read."""
    data = flat(record)
    number = said(data, "eventid", "eventcode", "id", "code")
    channel = said(data, "channel", "logname", "eventlog")
    if not number or (channel or "Security").casefold() != "security":
        return []
    computer = said(data, "computer", "computername", "hostname", "host") or ""
    host = computer.partition(".")[0].upper()
    place = said(data, "eventrecordid", "recordid", "recordnumber")
    at = said(data, "timecreated", "systemtime", "eventtime", "@timestamp", "timegenerated", "timestamp")
    moment = utc(at)
    found: Flat = {"what": number, "at": at, "computer": computer, "host": host or None, "data": data}
    if computer and place and moment:
        # The number of a record begins anew when a log is cleared; exporters write parts of a second as they like.
        found["uid"] = f"{computer.casefold()} {place} {moment[:19]}"
    found["failed"] = _failed(data)
    found["action"] = LOGONS.get(number, f"event {number}")
    _who(found, data, host)
    _group(found, data, host)
    _rights(found, data, number)
    found["requester"] = account(said(data, "requester"), None, host)
    return [found]


def principal(record: dict[str, Any]) -> Principal:
    """Who acted; the session is the logon id, which is unique on one machine between two starts."""
    return {
        "actor": text_of(record.get("actor")),
        "actor_kind": text_of(record.get("actor_kind")),
        "session": text_of(record.get("session")),
        "chain": None,
    }


def account(name: str | None, domain: str | None, host: str) -> str | None:
    r"""`DOMAIN\name`, the domain as the short name of itself; None for what is no name."""
    if not name:
        return None
    if "\\" in name:
        domain, _, name = name.partition("\\")
    if "@" in name and domain:
        name = name.partition("@")[0]
    domain = (domain or host).partition(".")[0]
    return f"{domain.upper()}\\{name}" if domain else name


def _who(found: Flat, data: Flat, host: str) -> None:
    """The actor and the account that is the target, each with its SID."""
    number = found["what"]
    subject = account(said(data, "subjectusername"), said(data, "subjectdomainname"), host)
    subject_sid = _sid(data, "subjectusersid")
    target = account(said(data, "targetusername", "newtargetusername"), said(data, "targetdomainname"), host)
    target_sid = _sid(data, "targetsid", "targetusersid", "usersid")
    own = number in LOGONS and number != "4672"
    actor, sid = (target or subject, target_sid) if own else (subject, subject_sid)
    if actor and sid in WELL_KNOWN and not actor.endswith("$"):
        actor = WELL_KNOWN[sid]
    found["actor"], found["actor_sid"] = actor or sid, sid
    system = sid in ("S-1-5-18", "S-1-5-19", "S-1-5-20") or (actor or "").endswith("$")
    found["actor_kind"] = "workload" if system else None
    found["target"] = target or _named(target_sid)
    found["target_sid"] = target_sid
    found["target_kind"] = "workload" if (target or "").endswith("$") else None
    logon = said(data, "targetlogonid" if own else "subjectlogonid")
    found["session"] = f"{host} {logon.lower()}" if logon and host and logon not in ("0x0", "0") else None


def _sid(data: Flat, *names: str) -> str | None:
    text = said(data, *names)
    return text.upper() if text and SID.fullmatch(text) and text.upper() != "S-1-0-0" else None


def _named(sid: str | None) -> str | None:
    return WELL_KNOWN.get(sid, sid) if sid else None


def _group(found: Flat, data: Flat, host: str) -> None:
    """The group, on which machine it is where it is of one machine only, and who its member is."""
    # A group may be called None (every account of a machine outside a domain is in it).
    group = text_of(data.get("targetusername"))
    member, sid = said(data, "membername"), _sid(data, "membersid")
    domain = said(data, "targetdomainname") or ""
    local = domain.casefold() == host.casefold() or (domain.casefold() == "builtin" and member is None)
    found["group"], found["scope"] = group, host if local and host else None
    found["alias"] = found["target_sid"]
    found["binding"] = (
        f"{host if local else domain} {found['target_sid'] or group}".casefold() if group else None
    )
    if sid or member:
        found["alias"] = sid
    found["member_kind"] = None
    name, issuer = _member(member, domain, host), _issuer(sid, found, data)
    if name and issuer:
        name = account(name.rpartition("\\")[2], issuer, host)
    # A common name that cannot be a logon name says less than the SID, by which other records know the account.
    found["member"] = (
        (name if name and NAME.fullmatch(name.partition("\\")[2] or name) else None) or _named(sid) or name
    )
    if (found["member"] or "").endswith("$"):
        found["member_kind"] = "workload"
    elif found["member"] in GROUPS:
        found["member_kind"] = "group"
    common = (name or "").partition("\\")[2] or sid
    found["joined"] = _key(found, group, common)


def _key(found: Flat, group: str | None, member: str | None) -> str | None:
    """What a change of membership is known by: the directory logs it again as a change of the group's object."""
    at = utc(found["at"])
    return f"member {group} {member} {at[:19]}".casefold() if group and member and at else None


def _issuer(sid: str | None, found: Flat, data: Flat) -> str | None:
    """The short name of the domain that issued a SID, where the record names it of the group's SID or the actor's.

    A distinguished name has the domain's long name, which need not begin with the short one.
    """
    issuer = (sid or "").rpartition("-")[0]
    named = (
        (found["target_sid"], said(data, "targetdomainname")),
        (found["actor_sid"], said(data, "subjectdomainname")),
    )
    for other, domain in named:
        if issuer.startswith("S-1-5-21-") and (other or "").rpartition("-")[0] == issuer and domain:
            return domain
    return None


def _member(member: str | None, domain: str, host: str) -> str | None:
    if member is None:
        return None
    if not re.match(r"\w+=", member):
        return account(member, domain if domain.casefold() != "builtin" else None, host)
    return _of_dn(member, domain)


def _of_dn(name: str, domain: str) -> str | None:
    r"""`DOMAIN\name` of a distinguished name; the domain's own spelling where it is this one."""
    parts = [part.replace("\\", "") for part in re.split(r"(?<!\\),", name)]
    common = parts[0].partition("=")[2].strip()
    of = next((part.partition("=")[2].strip() for part in parts if part.strip()[:3].casefold() == "dc="), "")
    if SID.fullmatch(common):
        return None  # somebody of another forest, whom the directory knows by the SID alone
    if domain and domain.casefold() != "builtin" and (not of or of.casefold() == domain.casefold()):
        of = domain
    return f"{of.upper()}\\{common}" if of and common else common or None


def _rights(found: Flat, data: Flat, number: str) -> None:
    """Rights given or taken, delegation, permissions on an object, and the object that the directory changed."""
    if number in ("4704", "4705", "4717", "4718"):
        text = said(data, "privilegelist", "accessgranted", "accessremoved") or ""
        rights = re.findall(r"Se\w+", text)
        found["rights"] = [one for one in rights if not one.startswith("SeDeny")]
        found["denied"] = [one.replace("SeDeny", "Se", 1) for one in rights if one.startswith("SeDeny")]
        # What a right is given to is named by its SID; some exporters write its name instead.
        holder = said(data, "targetsid")
        found["holder"] = (
            found["target"] if found["target_sid"] else account(holder, None, found["host"] or "")
        )
        found["holder_kind"] = "group" if found["holder"] in GROUPS else found["target_kind"]
    elif number in ("4738", "4742"):
        found["rights"], found["withdrawn"] = _delegation(data)
    elif number == "4670" and said(data, "objectname"):
        found["gained"], found["lost"] = gained_and_lost(said(data, "oldsd") or "", said(data, "newsd") or "")
        for one in (*found["gained"], *found["lost"]):
            one["kind"] = "group" if one["name"] in GROUPS else ""
    elif number == "5136":
        _directory(found, data)


def _delegation(data: Flat) -> tuple[list[str], list[str]]:
    """The ways in which an account may act as others from now on, and those in which it no longer may."""
    old, new = _bits(data.get("olduacvalue")), _bits(data.get("newuacvalue"))
    names = ((UNCONSTRAINED, "delegation:any-service"), (TO_ANY_PROTOCOL, "delegation:any-protocol"))
    changed = 0 if old is None or new is None else old ^ new
    gained = [name for bit, name in names if changed & bit and (new or 0) & bit]
    lost = [name for bit, name in names if changed & bit and (old or 0) & bit]
    gained += [f"delegation:{one}" for one in (said(data, "allowedtodelegateto") or "").split()]
    history = said(data, "sidhistory") or ""
    return [*gained, *(f"sid-history:{one.upper()}" for one in SID.findall(history))], lost


def _bits(value: Any) -> int | None:
    try:
        return int(str(value), 0)
    except ValueError:
        return None


def _directory(found: Flat, data: Flat) -> None:
    """A change of one attribute: two events of one operation tell the value before and the value after."""
    attribute = (said(data, "attributeldapdisplayname") or "").casefold()
    name = said(data, "objectdn") or ""
    domain = said(data, "subjectdomainname") or ""
    found["attribute"], found["object"] = attribute, name or None
    operation = said(data, "opcorrelationid")
    found["operation"] = f"{operation.strip('{}')} {name}".casefold() if operation else None
    found["added"] = {
        "%%14674": "true",
        "value added": "true",
        "%%14675": "false",
        "value deleted": "false",
    }.get((said(data, "operationtype") or "").casefold())
    value = listed(said(data, "attributevalue") or "", name)
    if attribute in DESCRIPTORS and found["added"] and value:
        found["list"] = f'{{"{"after" if found["added"] == "true" else "before"}": {value}}}'
    owner = _of_dn(name, domain) if name else None
    if owner and (said(data, "objectclass") or "").casefold() == "computer":
        owner += "$"
    found["owner"] = owner
    if attribute == "member":
        group = (_of_dn(name, domain) or "").partition("\\")[2] or None
        member = _of_dn(said(data, "attributevalue") or "", domain)
        found["group"], found["member"] = group, member
        found["joined"] = _key(found, group, (member or "").partition("\\")[2])


def _failed(data: Flat) -> str | None:
    """Whether the audit was one of a failure: by the keywords' bit, or by the exporter's word for it."""
    words = " ".join(
        (text_of(data.get(name)) or "").casefold()
        for name in ("eventtype", "outcome", "severityvalue", "keywords")
    )
    keywords = _bits(data.get("keywords"))
    if keywords is not None:
        return "true" if keywords & AUDIT_FAILURE else None
    return "true" if "fail" in words else None
