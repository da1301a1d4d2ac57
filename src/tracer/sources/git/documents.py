"""What a document (YAML, JSON, Terraform as data) says of who holds what, by the words that such registers use.

A list of people lies in something that has a name, and that name is the entitlement; a list of another role than
member adds the role to it (`platform:admin`). A mapping that names an account and what it holds is read by itself.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from tracer.limits import Limit
from tracer.sources.clock import utc
from tracer.sources.git import words
from tracer.sources.git.state import Account, Holding, State, Text

MOST_STEPS = Limit(
    500_000,
    "values",
    bounds="the values of one register file of a repository, with those that aliases repeat",
    why="a register of fifty thousand accounts with ten keys each has as many",
    beyond="the file's commit is a reject that says so",
)


@dataclass(frozen=True)
class Place:
    """Where in a document one is: the system, the name of the innermost group, and what entitlements are called."""

    system: Text
    group: Text
    template: str = "{group}"
    top: Text = None
    named: bool = True
    scope: Text = None

    def entitlement(self, name: Text, role: str = "") -> Text:
        """What holding a role in a group is called; outside all groups the group is what the file is about.

        Where a declaration says what that is (`named` is false), it is no group but something with roles.
        """
        if name is None:
            if self.top is None or (self.named and not role):
                return self.top or role or None
            return f"{self.top}:{role or 'member'}"
        called = self.template.replace("{group}", name)
        return f"{called}:{role}" if role else called


class Reader:
    """Reads one document into a state."""

    def __init__(self, absent_groups: tuple[str, ...] = ()) -> None:
        self.state = State()
        self.steps = 0
        self.absent = {name.casefold() for name in absent_groups}

    def read(self, node: Any, place: Place) -> State:
        """The state that a document says. Raises ValueError where it is too large to be a register."""
        self._node(node, place)
        return self.state

    def _node(self, node: Any, place: Place) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise ValueError("the document is too large for a register")
        if isinstance(node, dict):
            self._mapping(node, place)
        elif isinstance(node, list):
            for one in node:
                if isinstance(one, dict):
                    self._element(one, place)
                elif isinstance(one, list):
                    self._node(one, place)

    def _element(self, node: dict[str, Any], place: Place) -> None:
        """One mapping of a list: an account with what it holds, or something with a name."""
        if self._entry(node, place):
            return
        name = _first(node, words.NAMES)
        self._node(node, replace(place, group=name) if name else place)

    def _mapping(self, node: dict[str, Any], place: Place) -> None:
        node = {str(key): value for key, value in node.items()}
        place = _placed(node, place)
        if self._entry(node, place):
            return
        if (
            place.group is None
            and place.named
            and any(isinstance(node.get(word), list) for word in words.MEMBERS)
        ):
            place = replace(place, top=_first(node, words.NAMES) or place.top)
        group = place.group
        listed = False
        for key, value in node.items():
            word = key.casefold().replace("-", "_")
            if word in words.MEMBERS and self._people(word, value, place):
                listed = True
            elif word in words.CONTAINERS:
                self._container(value, place)
            elif isinstance(value, dict | list):
                self._node(value, replace(place, group=key))
        if listed and group is not None and group.casefold() not in self.absent:
            self._define(node, group, place)

    def _container(self, value: Any, place: Place) -> None:
        """`groups: {a: [x, y]}`, `groups: {a: {members: …}}` or a list of groups."""
        if not isinstance(value, dict):
            self._node(value, place)
            return
        for name, inside in value.items():
            here = replace(place, group=str(name))
            if isinstance(inside, list) and inside and all(isinstance(one, str) for one in inside):
                self._hold_all(inside, here, "")
            else:
                self._node(inside, here)

    def _people(self, word: str, value: Any, place: Place) -> bool:
        """A list of people in the group at hand, or a mapping of accounts; says whether it was one."""
        role = words.MEMBERS[word]
        if isinstance(value, dict):
            self._people_by_name(word, value, place, role)
            return True
        if not isinstance(value, list):
            if isinstance(value, str) and value.strip() and role is not None:
                self._hold_all([value], place, role)
                return True
            return False
        if role is None:
            return True
        self._hold_all([one for one in value if isinstance(one, str)], place, role)
        for one in value:
            if isinstance(one, dict) and (place.group is None or not self._entry(one, place, role)):
                name = _account_of(one) or _first(one, words.ACCOUNT)
                if name:
                    self._account(name, one, place, word)
            elif isinstance(one, list):
                self._hold_all([name for name in one if isinstance(name, str)], place, role)
        return True

    def _people_by_name(self, word: str, value: dict[str, Any], place: Place, role: Text) -> None:
        """`users: {ada: {…}}` is a list of accounts, `{ada: [admin, dev]}` and `{ada: admin}` say what they hold."""
        accounts = any(isinstance(said, dict) for said in value.values())
        for name, said in value.items():
            if accounts:
                if isinstance(said, dict) or not said:
                    self._account(str(name), said or {}, place, word)
            elif role is None:
                continue
            elif isinstance(said, list):
                for one in map(_text, said):
                    self._hold(str(name), place, place.entitlement(one) if one else None)
            elif place.group is None and _text(said):
                self._hold(str(name), place, place.entitlement(_text(said)))
            elif place.group is None and word in words.PEOPLE:
                self._account(str(name), {}, place, word)
            else:
                self._hold(str(name), place, place.entitlement(place.group, _text(said) or role))

    def _hold_all(self, names: list[str], place: Place, role: str) -> None:
        if place.group is not None and place.group.casefold() in self.absent:
            for name in names:
                self.state.account(Account(place.system, name, absent=True, stated=True))
            return
        for name in names:
            self._hold(name, place, place.entitlement(place.group, role))

    def _hold(
        self, account: str, place: Place, entitlement: Text, about: dict[str, Any] | None = None
    ) -> None:
        if entitlement is None:
            return
        about = about or {}
        kind, name = _typed(account)
        self.state.hold(
            Holding(
                system=_first(about, words.SYSTEM) or place.system,
                account=name,
                entitlement=entitlement,
                kind="group" if entitlement == place.group else None,
                account_kind=kind,
                scope=_first(about, words.SCOPE) or place.scope,
                expires_at=utc(_first(about, words.EXPIRY)),
                reason=_first(about, words.REASON),
                ticket=_first(about, words.TICKET),
                requested_by=_first(about, words.REQUESTER),
            )
        )

    def _entry(self, node: dict[str, Any], place: Place, role: str = "") -> bool:
        """A mapping that names an account and what it holds."""
        account = _account_of(node)
        if account is None or any(
            isinstance(node.get(word), list | dict) for word in words.MEMBERS if word in node
        ):
            return False
        held = _held(node)
        if not held and not role and place.group is None:
            return False
        explicit = any(name in node for name in ("entitlement", "entitlements"))
        for one in held:
            bare = explicit or place.group is None or one == place.group
            entitlement = place.entitlement(one) if bare else place.entitlement(place.group, one)
            self._hold(account, place, entitlement, node)
        if not held:
            self._hold(account, place, place.entitlement(place.group, role), node)
        self._describe(account, node, place, listed=False)
        return True

    def _account(self, name: str, about: dict[str, Any], place: Place, word: str) -> None:
        """An entry of a mapping of accounts; in a group it is a member, else it is the list of accounts."""
        held = _held(about)
        for one in held:
            self._hold(name, place, place.entitlement(one), about)
        if place.group is not None and not held and words.MEMBERS.get(word) is not None:
            self._hold(name, place, place.entitlement(place.group, words.MEMBERS[word] or ""), about)
        if place.group is None or held:
            self._describe(name, about, place)

    def _describe(self, name: str, about: dict[str, Any], place: Place, listed: bool = True) -> None:
        account = Account(_first(about, words.SYSTEM) or place.system, _typed(name)[1], listed=listed)
        for key, value in about.items():
            word, text = str(key).casefold().replace("-", "_"), _text(value)
            if text is not None and word in words.GONE:
                account.stated = True
                account.absent = account.absent or text.casefold() in words.GONE[word]
            if text and word in words.ALIASES and text != name:
                account.aliases[text] = words.ALIASES[word]
            if word in words.CREDENTIALS:
                keys = value if isinstance(value, list) else [value]
                account.credentials |= dict(_credential(one) for one in keys if one)
        self.state.account(account)

    def _define(self, node: dict[str, Any], group: str, place: Place) -> None:
        """What the group is besides its members: a change of it is a change of a rule."""
        about = {
            key: value
            for key, value in node.items()
            if key.casefold() not in words.MEMBERS
            and key.casefold() not in words.DESCRIBING
            and key.casefold()
            not in words.CONTAINERS - {"permissions", "access", "policies", "entitlements", "grants"}
        }
        digest = hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()
        name = place.entitlement(group) or group
        self.state.groups[(place.system or "").casefold(), name.casefold()] = (place.system, name, digest)


def _placed(node: dict[str, Any], place: Place) -> Place:
    """The place with what a mapping says of itself: its system, or the role that a Kubernetes binding binds."""
    reference = node.get("roleRef")
    if isinstance(reference, dict) and _text(reference.get("name")):
        about = node.get("metadata")
        scope = _text(about.get("namespace")) if isinstance(about, dict) else None
        return replace(place, group=_text(reference["name"]), scope=scope)
    system = _text(node.get("system"))
    if system and any(isinstance(value, dict | list) for value in node.values()):
        place = replace(place, system=system)
    return place


def _account_of(node: dict[str, Any]) -> Text:
    """The account that a mapping is about: a login goes before a name in one word, that before an address."""
    strict = _first(node, tuple(name for name in words.STRICT_ACCOUNT if name not in words.MAIL))
    mail = _first(node, words.MAIL)
    if strict or not mail:
        return strict
    name = _first(node, words.OWN_NAME)
    return name if name and " " not in name else mail


def _held(node: dict[str, Any]) -> list[str]:
    """What a mapping about an account says that it holds."""
    found = []
    for key in words.ENTITLEMENT:
        value = node.get(key)
        for one in value if isinstance(value, list) else [value]:
            text = _first(one, words.NAMES) if isinstance(one, dict) else _text(one)
            if text and text not in found:
                found.append(text)
    return found


def _first(node: Any, names: tuple[str, ...]) -> Text:
    return (
        next((text for name in names if (text := _text(node.get(name)))), None)
        if isinstance(node, dict)
        else None
    )


def _text(value: Any) -> Text:
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).strip() or None


def _typed(name: str) -> tuple[Text, str]:
    """`serviceAccount:x@y` of Google and the like: what the account is, and its name; an `@login` without the sign."""
    kind, _, rest = name.strip().partition(":")
    kinds = {"user": None, "serviceaccount": "service-account", "group": "group", "domain": "group"}
    if rest and kind.casefold() in kinds:
        return kinds[kind.casefold()], rest
    return None, name.strip().removeprefix("@")


def _credential(value: Any) -> tuple[str, str]:
    """A key's fingerprint, which does not reveal it, and its comment."""
    text = (
        json.dumps(value, sort_keys=True, default=str)
        if isinstance(value, dict | list)
        else str(value).strip()
    )
    parts = text.split()
    body = parts[1] if len(parts) > 1 and parts[0].startswith(("ssh-", "ecdsa-", "sk-")) else text
    comment = parts[2] if len(parts) > 2 and body == parts[1] else ""
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:16], comment
