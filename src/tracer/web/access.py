"""To whom a case is served: the names that the server answers to, who may ask SQL of their own, and the token."""

import hashlib
import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tracer.errors import UsageError
from tracer.limits import Limit

SESSIONS = Limit(
    256,
    "browsers",
    bounds="browsers that are let in at a time by `tracer serve --auth`",
    why="each is one entry in memory, and a case is read by a few people",
    beyond="the one that was let in first has to be let in again",
)

HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_.-]+))(?::[0-9]{1,5})?")
"""A Host header in lower case: a name or an address, an IPv6 address in brackets, perhaps a port."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names that only this machine has; a page elsewhere cannot make a browser send them to us."""

EVERYWHERE = frozenset({"", "0.0.0.0", "::"})
"""What to listen at means: all addresses of this machine."""


@dataclass
class Door:
    """Lets a browser in once per token, and remembers it by a random cookie of which only the hash is kept."""

    announce: Callable[[str], None]
    """Is told each new token, the first one included; the one before is worth nothing then."""
    _token: str = ""
    _sessions: list[bytes] = field(default_factory=list)

    def open(self) -> None:
        """Make a new token and announce it."""
        self._token = secrets.token_urlsafe(32)
        self.announce(self._token)

    def enter(self, token: str) -> str | None:
        """The cookie for whoever brings the token, which is then spent; None for another token."""
        if not self._token or not hmac.compare_digest(token.encode(), self._token.encode()):
            return None
        cookie = secrets.token_urlsafe(32)
        self._sessions.append(_hashed(cookie))
        del self._sessions[:-SESSIONS]
        self.open()
        return cookie

    def knows(self, cookie: str) -> bool:
        """Whether the cookie is of somebody who was let in; compared in constant time."""
        hashed = _hashed(cookie)
        return any([hmac.compare_digest(hashed, session) for session in self._sessions])


def _hashed(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).digest()


@dataclass(frozen=True)
class Access:
    """What `tracer serve` allows. Without arguments: this machine, no SQL of one's own, secrets masked."""

    names: frozenset[str] = LOOPBACK
    """Names and addresses, in lower case, that may stand in a Host header."""
    addresses: bool = False
    """Whether any IP address may stand there: of these none can be pointed at us by whoever owns a domain."""
    door: Door | None = None
    sql: bool = False
    show_secrets: bool = False

    def answers_to(self, host: str) -> bool:
        """Whether a request with this Host header is answered."""
        found = HOST.fullmatch(host.lower())
        if found is None:
            return False
        name = found["six"] or found["name"]
        return name in self.names or (self.addresses and _is_address(name))


def access(
    host: str,
    *,
    allowed: Iterable[str] = (),
    door: Door | None = None,
    trust: bool = False,
    show_secrets: bool = False,
) -> Access:
    """What is allowed to whom for a server that listens at `host`; `allowed` are further names for the Host header.

    Raises UsageError where others could reach it and neither a door nor trust was asked for.
    """
    if not (door or trust or only_this_machine(host)):
        raise UsageError(
            f"--host {host!r} lets others read the case",
            todo="ask for a token with --auth, or say with --trust that everybody who reaches it may read all of it",
        )
    named = {name.lower().strip("[]") for name in (host, *allowed)} - EVERYWHERE
    for name in named:
        if not HOST.fullmatch(f"[{name}]" if ":" in name else name):
            raise UsageError(
                f"{name!r} is no name of a machine",
                todo="name it without port and path, such as wiki.corp.example",
            )
    return Access(LOOPBACK | named, host in EVERYWHERE, door, bool(door or trust), show_secrets)


def only_this_machine(host: str) -> bool:
    """Whether nobody else reaches what listens at that host; False where the name is not known."""
    if not host:
        return False
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in found)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
