"""Windows: who a SID is that every machine knows, and what one security descriptor allows more than another.

https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
"""

import json
import re

WELL_KNOWN = {
    "S-1-1-0": "Everyone",
    "S-1-3-0": "CREATOR OWNER",
    "S-1-5-7": "NT AUTHORITY\\ANONYMOUS LOGON",
    "S-1-5-9": "Enterprise Domain Controllers",
    "S-1-5-10": "NT AUTHORITY\\SELF",
    "S-1-5-11": "NT AUTHORITY\\Authenticated Users",
    "S-1-5-18": "NT AUTHORITY\\SYSTEM",
    "S-1-5-19": "NT AUTHORITY\\LOCAL SERVICE",
    "S-1-5-20": "NT AUTHORITY\\NETWORK SERVICE",
    "S-1-5-32-544": "BUILTIN\\Administrators",
    "S-1-5-32-545": "BUILTIN\\Users",
    "S-1-5-32-546": "BUILTIN\\Guests",
    "S-1-5-32-547": "BUILTIN\\Power Users",
    "S-1-5-32-548": "BUILTIN\\Account Operators",
    "S-1-5-32-549": "BUILTIN\\Server Operators",
    "S-1-5-32-550": "BUILTIN\\Print Operators",
    "S-1-5-32-551": "BUILTIN\\Backup Operators",
    "S-1-5-32-555": "BUILTIN\\Remote Desktop Users",
    "S-1-5-32-580": "BUILTIN\\Remote Management Users",
}
"""Names of SIDs that are the same on every machine."""

ALIASES = {
    "WD": "S-1-1-0",
    "CO": "S-1-3-0",
    "AN": "S-1-5-7",
    "ED": "S-1-5-9",
    "PS": "S-1-5-10",
    "AU": "S-1-5-11",
    "SY": "S-1-5-18",
    "LS": "S-1-5-19",
    "NS": "S-1-5-20",
    "BA": "S-1-5-32-544",
    "BU": "S-1-5-32-545",
    "BG": "S-1-5-32-546",
    "PU": "S-1-5-32-547",
    "AO": "S-1-5-32-548",
    "SO": "S-1-5-32-549",
    "PO": "S-1-5-32-550",
    "BO": "S-1-5-32-551",
    "RD": "S-1-5-32-555",
    "RM": "S-1-5-32-580",
}

DOMAIN_GROUPS = {
    "DA": "Domain Admins",
    "DU": "Domain Users",
    "DG": "Domain Guests",
    "DC": "Domain Computers",
    "DD": "Domain Controllers",
    "EA": "Enterprise Admins",
    "SA": "Schema Admins",
    "PA": "Group Policy Creator Owners",
    "CA": "Cert Publishers",
    "LA": "Administrator",
    "LG": "Guest",
}

GROUPS = frozenset(
    [name for sid, name in WELL_KNOWN.items() if sid.startswith(("S-1-5-32-", "S-1-1-", "S-1-5-11"))]
    + [name for token, name in DOMAIN_GROUPS.items() if token not in ("LA", "LG")]
)
"""Those of them that stand for many."""

OWNER = re.compile(r"O:(S-1-[\d-]+|[A-Z]{2})")
LIST = re.compile(r"D:[A-Z]*((?:\([^()]*\))*)")
ENTRY = re.compile(r"\(([^()]*)\)")

Entry = tuple[str, str, str]
"""Allow or deny, the rights, and for whom (a SID or name)."""


def trustee(text: str) -> str:
    """Who an entry of a security descriptor is for: a name where every machine knows it, else the SID."""
    sid = ALIASES.get(text, text)
    return WELL_KNOWN.get(sid) or DOMAIN_GROUPS.get(text) or sid


def entries(descriptor: str) -> list[Entry]:
    """The entries of a descriptor that give access (`allow`) or withhold it (`deny`), inherited ones left out."""
    listed = LIST.search(descriptor)
    found: list[Entry] = []
    for entry in ENTRY.findall(listed[1]) if listed else ():
        fields = entry.split(";")
        if len(fields) < 6 or "ID" in re.findall("..", fields[1]):
            continue
        effect = {"A": "allow", "OA": "allow", "XA": "allow", "D": "deny", "OD": "deny", "XD": "deny"}.get(
            fields[0]
        )
        if effect and fields[5]:
            found.append((effect, fields[2] + (f" {fields[3]}" if fields[3] else ""), trustee(fields[5])))
    return found


def listed(descriptor: str, place: str) -> str | None:
    """What a descriptor of a place gives and withholds, its owner among it, as JSON; None where it is no descriptor."""
    owner = OWNER.match(descriptor)
    if owner is None and LIST.search(descriptor) is None:
        return None
    found = [("allow", "owner", trustee(owner[1]))] if owner else []
    return json.dumps(
        [
            [
                "grant" if effect == "allow" else "revoke",
                name,
                "group" if name in GROUPS else None,
                f"{place}:{rights}",
            ]
            for effect, rights, name in dict.fromkeys(found + entries(descriptor))
        ]
    )


def gained_and_lost(old: str, new: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Who has more and who has less by the new descriptor; what is denied is lost, a denial taken back gives nothing."""
    before, after = entries(old), entries(new)
    gained = [one for one in after if one not in before and one[0] == "allow"]
    lost = [one for one in before if one not in after and one[0] == "allow"]
    lost += [one for one in after if one not in before and one[0] == "deny"]
    return [_named(one) for one in dict.fromkeys(gained)], [_named(one) for one in dict.fromkeys(lost)]


def _named(entry: Entry) -> dict[str, str]:
    return {"rights": entry[1], "name": entry[2]}
