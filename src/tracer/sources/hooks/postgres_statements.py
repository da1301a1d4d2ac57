"""What a PostgreSQL statement changes: memberships, privileges, attributes and credentials of roles.

Follows the grammar of GRANT, REVOKE, CREATE / ALTER / DROP ROLE (USER, GROUP), REASSIGN and DROP OWNED, SET ROLE and SET
SESSION AUTHORIZATION: https://www.postgresql.org/docs/current/sql-commands.html. Names that are not quoted fold to
lower case, as the server folds them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""\s+|--[^\n]*|/\*.*?\*/                          # nothing
    |(?P<quoted>"(?:[^"]|"")*")                         # a quoted name
    |(?P<text>[eE]?'(?:[^'\\]|''|\\.)*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    |(?P<word>[^\W\d][\w$]*)
    |(?P<number>\d+)
    |(?P<mark>.)""",
    re.DOTALL | re.VERBOSE,
)

ATTRIBUTES = {"superuser", "createdb", "createrole", "replication", "bypassrls", "login", "inherit"}
"""Attributes of a role that are access: each is an entitlement of that name. INHERIT alone gives nothing."""

OBJECTS = {
    "table": "", "sequence": "", "database": "database ", "schema": "schema ", "function": "function ", "procedure": "function ",
    "routine": "function ", "language": "language ", "tablespace": "tablespace ", "domain": "type ", "type": "type ",
    "parameter": "parameter ",
}  # fmt: skip
"""Kinds of object in ON …, and what stands before their names in an entitlement."""


OWN = ("user", "current_user", "current_role", "session_user")
"""Words for whoever runs the statement: after SET ROLE that is not who logged in, so it is nobody that the log names."""


@dataclass
class Change:
    """One thing that a statement does to one role."""

    verb: str
    subject: str | None
    entitlement: str | None = None
    kind: str | None = None
    expires_at: str | None = None
    renamed: str | None = None


@dataclass
class Words:
    """The tokens of a statement, read from left to right: names and words folded, texts with a quote before them."""

    found: list[str] = field(default_factory=list)
    place: int = 0

    def peek(self, ahead: int = 0) -> str:
        """The token at hand; empty at the end."""
        at = self.place + ahead
        return self.found[at] if at < len(self.found) else ""

    def take(self, *wanted: str) -> bool:
        """Whether these tokens come next; they are then read."""
        if tuple(self.found[self.place : self.place + len(wanted)]) != wanted:
            return False
        self.place += len(wanted)
        return True

    def next(self) -> str:
        """Read one token."""
        self.place += 1
        return self.peek(-1)

    def until(self, *ends: str) -> list[str]:
        """The tokens up to one of these words, or to the end."""
        start = self.place
        while self.peek() and self.peek() not in ends:
            self.place += 1
        return self.found[start : self.place]


def tokens(statement: str) -> list[str]:
    """Names and words (folded unless quoted), texts as `'text`, and marks."""
    found = []
    for match in TOKEN.finditer(statement):
        if match["quoted"]:
            found.append(match["quoted"][1:-1].replace('""', '"'))
        elif match["text"]:
            found.append("'" + _unquoted(match["text"]))
        elif match["word"]:
            found.append(match["word"].lower())
        elif match["number"] or match["mark"]:
            found.append(match[0])
    return found


def _unquoted(text: str) -> str:
    if text.startswith("$"):
        return text.split("$", 2)[2].rsplit("$", 2)[0]
    return text[text.index("'") + 1 : -1].replace("''", "'")


def changes(statement: str) -> list[Change]:
    """Everything that the statement changes; empty where it changes no access."""
    listed: list[Change] = []
    for one in _statements(tokens(statement)):
        words = Words(one)
        verb = words.next()
        if verb in ("grant", "revoke"):
            listed += _grant(words, verb)
        elif verb in ("create", "alter", "drop") and words.peek() in ("role", "user", "group"):
            kind = words.next()
            if kind == "user" and words.take("mapping"):
                listed += _mapping(words, verb)
            elif verb == "create" and words.peek():
                listed += _create(words, user=kind == "user")
            else:
                listed += _alter(words) if verb == "alter" else _drop(words) if verb == "drop" else []
        elif verb == "create" and words.peek() == "schema" and "grant" in one:
            words.until("grant")
            words.next()
            listed += _grant(words, "grant")
        elif verb == "drop" and words.take("owned", "by"):
            listed += [Change("revoke", name) for name in _names(words.until("cascade", "restrict"))]
        elif verb == "alter" and words.take("default", "privileges"):
            listed += [Change("change-rule", None, "default privileges", "permission")]
        elif verb == "set":
            listed += _set(words)
    return listed


def _statements(found: list[str]) -> Iterator[list[str]]:
    """The statements that semicolons separate."""
    current: list[str] = []
    for token in [*found, ";"]:
        if token != ";":
            current.append(token)
        elif current:
            yield current
            current = []


def _names(found: list[str]) -> list[str]:
    """Names separated by commas, dotted ones in one; a list in brackets belongs to the name before it."""
    names: list[str] = []
    current, depth = "", 0
    for token in [*found, ","]:
        depth += (token == "(") - (token == ")")
        if token == "," and depth == 0:
            if current:
                names.append(current)
            current = ""
        elif depth or token in (")", "."):
            current += token
        elif current and not current.endswith(".") and not current.endswith(" "):
            current += f" {token}"
        else:
            current += token
    return names


def _people(found: list[str]) -> list[str | None]:
    """Roles that gain or lose: PUBLIC is everybody; GROUP before a name is an old way to write a role."""
    return [None if name in OWN else name.removeprefix("group ") for name in _names(found)]


def _grant(words: Words, verb: str) -> list[Change]:
    option = verb == "revoke" and any(
        words.take(kind, "option", "for") for kind in ("grant", "admin", "inherit", "set")
    )
    what = words.until("on", "to", "from")
    if words.take("on"):
        objects = words.until("to", "from")
        words.next()
        who = _people(words.until("with", "granted", "cascade", "restrict"))
        entitlements = [
            (f"{thing}:{right}", "permission") for thing in _objects(objects) for right in _rights(what)
        ]
    else:
        words.next()
        who = _people(words.until("with", "granted", "cascade", "restrict"))
        entitlements = [(name, "role") for name in _names(what)]
    if option:
        # Only the right to hand it on is taken; the access stays.
        return [
            Change("change-rule", name, entitlement, kind)
            for name in who
            for entitlement, kind in entitlements
        ]
    return [Change(verb, name, entitlement, kind) for name in who for entitlement, kind in entitlements]


def _rights(found: list[str]) -> list[str]:
    return [
        right.removesuffix(" privileges").upper()
        if "(" not in right
        else right[: right.index("(")].strip().upper() + right[right.index("(") :]
        for right in _names(found)
    ]


def _objects(found: list[str]) -> list[str]:
    words = Words(found)
    if words.take("all"):
        kind = words.next()
        schemas = words.found[words.place + 2 :]
        return [
            f"{schema}.*" if kind in ("tables", "sequences") else f"function {schema}.*"
            for schema in _names(schemas)
        ]
    if words.take("large", "object"):
        return [f"large object {name}" for name in _names(words.until())]
    if words.take("foreign"):
        kind = "server " if words.take("server") else "foreign data wrapper "
        words.take("data", "wrapper")
        return [kind + name for name in _names(words.until())]
    before = OBJECTS.get(words.peek(), "")
    if words.peek() in OBJECTS and len(found) > 1:
        words.next()
    return [before + name for name in _names(words.until())]


def _create(words: Words, *, user: bool) -> list[Change]:
    """CREATE USER is CREATE ROLE with LOGIN unless it says otherwise."""
    name = words.next()
    words.take("with")
    login = [Change("grant", name, "LOGIN", "attribute")]
    implied = login if user and not {"login", "nologin"} & set(words.found[words.place :]) else []
    return [Change("create", name), *implied, *_options(words, name, created=True)]


def _mapping(words: Words, verb: str) -> list[Change]:
    """What a role logs in with at a foreign server."""
    words.until("for")
    words.next()
    name = words.next()
    words.take("server")
    server = words.next()
    if not server:
        return []
    does = {"create": "grant", "alter": "rotate", "drop": "revoke"}[verb]
    named = None if name in OWN else name
    return [Change(does, named, f"credential:{named}@{server}" if named else None, "credential")]


def _alter(words: Words) -> list[Change]:
    words.take("if", "exists")
    name = words.next()
    for verb, mark in (("grant", "add"), ("revoke", "drop")):
        if words.take(mark, "user"):
            return [Change(verb, member, name, "role") for member in _names(words.until())]
    if words.take("rename", "to"):
        return [Change("change-rule", name, renamed=words.next())]
    if words.peek() in ("set", "reset", "in"):
        return []
    words.take("with")
    return _options(words, name, created=False)


def _drop(words: Words) -> list[Change]:
    words.take("if", "exists")
    return [Change("delete", name) for name in _names(words.until())]


def _options(words: Words, name: str, *, created: bool) -> list[Change]:
    """Attributes, memberships and the password of a role; VALID UNTIL is the end of the password."""
    found: list[Change] = []
    password: str | None = None
    until: str | None = None
    while words.peek():
        word = words.next()
        if word == "encrypted" or word == "unencrypted":
            continue
        if word == "password":
            password = words.next()
        elif word == "valid" and words.take("until"):
            until = words.next().removeprefix("'")
        elif word == "in" and words.peek() in ("role", "group"):
            words.next()
            found += [Change("grant", name, role, "role") for role in _listed(words)]
        elif word in ("role", "user", "admin"):
            found += [Change("grant", member, name, "role") for member in _listed(words)]
        elif word in ATTRIBUTES and word != "inherit":
            found.append(Change("grant", name, word.upper(), "attribute"))
        elif not created and word.removeprefix("no") in ATTRIBUTES - {"inherit"}:
            found.append(Change("revoke", name, word.removeprefix("no").upper(), "attribute"))
        elif word == "connection" and words.take("limit"):
            words.take("-")
            words.next()
    end = None if until in (None, "infinity") else until
    credential = f"credential:{name}"
    if password == "null":
        found.append(Change("revoke", name, credential, "credential"))
    elif password is not None:
        found.append(Change("grant" if created else "rotate", name, credential, "credential", end))
    elif until is not None and not created:
        found.append(Change("extend", name, credential, "credential", end))
    return found


def _listed(words: Words) -> list[str]:
    """Names that commas join, up to the first that no comma follows."""
    found = [words.next()]
    while words.take(","):
        found.append(words.next())
    return found


def _set(words: Words) -> list[Change]:
    words.take("session") or words.take("local")
    if words.take("authorization") or words.take("role"):
        words.take("=") or words.take("to")
        name = words.next().removeprefix("'")
        return [] if name in ("default", "none", "") else [Change("assume", name)]
    return []
