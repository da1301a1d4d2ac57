"""Snowflake: what a statement of the query history changes.

Follows GRANT, REVOKE, CREATE / ALTER / DROP USER and ROLE: https://docs.snowflake.com/en/sql-reference/commands-user-role.
Names that are not quoted fold to upper case, as the service folds them.
"""

import re
from typing import Any

from tracer.limits import Limit
from tracer.sources.paths import text_of

QUOTED = r'"(?:[^"]|"")++"'
NAME = rf"(?:{QUOTED}|[\w$.]++)"
NAMES = rf"(?:{QUOTED}|[\w$.])++(?:\s*+\.\s*+(?:{QUOTED}|[\w$.])++)*+"
BLANKS = re.compile(rf"({QUOTED})|\s+")
GRANT_ROLE = re.compile(
    rf"^(grant|revoke)\s+(?:(?:database|application)\s+)?role\s+({NAMES})\s+(?:to|from)\s+(user|role|database\s+role|share)?\s*({NAMES})",
    re.I,
)
GRANT_ON = re.compile(
    rf"^(grant|revoke)\s+(?:grant\s+option\s+for\s+)?(.+?)\s+on\s+((?:all|future)\s+\w+\s+in\s+\w+\s+|[a-z_]+\s+(?:[a-z_]+\s+)??)?({NAMES})\s+(?:to|from)\s+(?:(role|user|share|database\s+role|application\s+role)\s+)?({NAMES})",
    re.I | re.S,
)
USER = re.compile(
    rf"^(create|alter|drop)\s+(?:or\s+replace\s+)?(user|role)\s+(?:if\s+(?:not\s+)?exists\s+)?({NAME})(.*)$",
    re.I | re.S,
)
POLICY = re.compile(
    r"^(?:create|alter|drop)\s+(?:or\s+replace\s+)?((?:network|password|session|authentication|masking|row access)\s+policy|security\s+integration)\b",
    re.I,
)
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|--[^\n]*", re.S)
LONGEST = Limit(
    20_000,
    "characters",
    bounds="a statement of Snowflake's query history, without comments",
    why="who is given what is looked for in all of it, at every `on`; a grant of everything has some hundreds",
    beyond="what it says after them is not looked at",
)


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """One record per change of the statement; the record itself where it changes no access."""
    found = {str(key).upper(): value for key, value in record.items()}
    statement = COMMENT.sub(" ", text_of(found.get("QUERY_TEXT")) or "").strip().rstrip(";").strip()
    changes = _changes(BLANKS.sub(lambda found: found[1] or " ", statement[:LONGEST]))
    return [{**found, "change": one} for one in changes] or [found]


def _changes(text: str) -> list[dict[str, str | None]]:
    if match := GRANT_ROLE.match(text):
        verb, role, kind, who = match.groups()
        # Without a word before it the receiver is a role.
        return [_change(verb.lower(), _folded(who), _folded(role), "role", kind)]
    if match := GRANT_ON.match(text):
        verb, rights, kind, thing, holder, who = match.groups()
        before = " ".join((kind or "").lower().split())
        name = f"{before} {_folded(thing)}".strip()
        return [
            _change(
                verb.lower(), _folded(who), f"{name}:{' '.join(right.upper().split())}", "permission", holder
            )
            for right in rights.split(",")
        ]
    if match := USER.match(text):
        return _account(match[1].lower(), match[2].lower(), _folded(match[3]), match[4])
    if match := POLICY.match(text):
        return [_change("change-rule", None, " ".join(match[1].lower().split()), None, None)]
    return []


def _account(verb: str, kind: str, name: str, rest: str) -> list[dict[str, str | None]]:
    if verb == "drop":
        return [_change("delete", name, None, None, None)]
    found = [_change("create", name, None, None, None)] if verb == "create" else []
    disabled = re.search(r"\bdisabled\s*=\s*(true|false)", rest, re.I)
    if disabled and kind == "user":
        if disabled[1].lower() == "true":
            found.append(_change("disable", name, None, None, None))
        elif verb == "alter":
            found.append(_change("enable", name, None, None, None))
    if verb == "alter" and re.search(r"\b(password|rsa_public_key(?:_2)?)\s*=", rest, re.I):
        found.append(_change("rotate", name, f"credential:{name}", None, None))
    return found


def _change(
    verb: str, subject: str | None, entitlement: str | None, kind: str | None, holder: str | None
) -> dict[str, str | None]:
    group = "group" if verb in ("grant", "revoke") and (holder or "role").lower() != "user" else None
    return {"verb": verb, "subject": subject, "entitlement": entitlement, "kind": kind, "holder": group}


def _folded(name: str) -> str:
    parts = re.findall(NAME.replace(".]", "]"), name)
    return ".".join(part[1:-1].replace('""', '"') if part.startswith('"') else part.upper() for part in parts)
