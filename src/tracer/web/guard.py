"""Stands before every page that `tracer serve` shows: who is answered, which pages there are, what a browser may do with them.

A page elsewhere can make a browser ask us, under our own name or, where it owns a domain, under that (DNS rebinding).
Whatever evidence says, no page of ours runs a script that is not Datasette's own.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextvars import ContextVar
from functools import cache
from http.cookies import CookieError, SimpleCookie
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, unquote

from tracer.limits import Limit
from tracer.show.secrets import secrets_shown
from tracer.web.access import Access

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]

LONGEST = Limit(
    8_192,
    "bytes",
    bounds="the path and the question of an address that is asked of `tracer serve`",
    why="questions in SQL that people write are far shorter, and all that a reader can send stands there",
    beyond="the request is refused with 414",
)

ENTER = "/-/enter"
"""Where a token is changed for a cookie."""

PAGES = ("static", "trace")
"""What there is below `/-/`; Datasette's own pages there tell of the machine, or are for finding errors."""

FORMATS = ("", "json", "jsono", "csv")
"""Forms in which a case, a table or a row is given; `.db`, the file itself, and `.blob` are none of them."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

OURS = frozenset(name.lower().encode() for name in HEADERS) | {b"server", b"access-control-allow-origin"}
"""Headers that are never left as the page has them."""

asking: ContextVar[str] = ContextVar("asking", default="")
"""The reader's own SQL that the current request brings; empty: none."""

INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class Guard:
    """The ASGI application of Datasette, answered only where `access` allows."""

    def __init__(self, app: App, access: Access, routes: Callable[[], Iterable[str]]) -> None:
        """`routes` gives what the addresses of the databases begin with, as Datasette encodes them."""
        self.app, self.access, self.routes = app, access, routes

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:
        """Answer the request, or refuse it in one sentence."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":
            return None
        headers = _headers(scope)
        path = scope.get("raw_path") or scope["path"].encode()
        path = path.decode("latin-1").partition("?")[0]
        guarded = _with_headers(send)
        refused = self._refused(scope, headers, path)
        if refused:
            return await _say(guarded, *refused)
        if self.access.door and path == ENTER:
            return await self._enter(scope, guarded)
        if self.access.door and not self._known(headers, scope):
            return await _say(
                guarded, 401, "Open the address that tracer serve printed: it lets a browser in once."
            )
        if not self._exists(path):
            return await _say(guarded, 404, "There is no such page here.")
        from datasette.utils.asgi import Request

        asking.set(Request(scope, receive).args.get("sql") or "")
        if _form(path) == "csv":
            guarded = _with_safe_cells(guarded)
        with secrets_shown(self.access.show_secrets):
            return await self.app(scope, receive, guarded)

    def _refused(self, scope: Message, headers: dict[str, str], path: str) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if not self.access.answers_to(host):
            return 421, "This server does not answer to that name; tracer serve --allow-host NAME adds one."
        if scope["method"] not in ("GET", "HEAD"):
            return 405, "A case is only read here."
        if len(path) + len(scope.get("query_string", b"")) > LONGEST:
            return 414, f"The address is longer than {LONGEST:,} bytes."
        if _from_elsewhere(headers, host):
            return 403, "A page of another site asked for this."
        return None

    def _known(self, headers: dict[str, str], scope: Message) -> bool:
        assert self.access.door is not None
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(_cookie(scope))
        except CookieError:
            return False
        return found is not None and self.access.door.knows(found.value)

    async def _enter(self, scope: Message, send: Send) -> None:
        assert self.access.door is not None
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        cookie = self.access.door.enter(given) if scope["method"] == "GET" else None
        if cookie is None:
            return await _say(
                send, 403, "This token is spent or wrong; tracer serve has printed another address."
            )
        # No redirect: after one a browser that came from elsewhere would not yet send the cookie.
        page = b'<!doctype html><meta http-equiv="refresh" content="0; url=/"><p><a href="/">The case</a></p>'
        kept = f"{_cookie(scope)}={cookie}; HttpOnly; SameSite=Strict; Path=/"
        return await _answer(
            send, 200, page, [(b"content-type", b"text/html; charset=utf-8"), (b"set-cookie", kept.encode())]
        )

    def _exists(self, path: str) -> bool:
        first, _, rest = path[1:].partition("/")
        if first == "-":
            return rest.partition("/")[0] in PAGES
        if path in ("/", "/.json", "/favicon.ico"):
            return True
        if _form(path) not in FORMATS:
            return False
        from datasette.utils import tilde_encode

        name = first.partition(".")[0]
        return name in self.routes() or ("%" in name and tilde_encode(unquote(name)) in self.routes())


def _form(path: str) -> str:
    """What stands behind the dot of an address; '' where there is none (a dot in a name is encoded)."""
    return path.rpartition("/")[2].partition(".")[2]


def _headers(scope: Message) -> dict[str, str]:
    """The headers of a request; those that come twice are joined, so that no second one hides behind the first."""
    found: dict[str, str] = {}
    for key, value in scope["headers"]:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def _from_elsewhere(headers: dict[str, str], host: str) -> bool:
    """Whether a page of another site asks, other than by a link that somebody followed."""
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (f"http://{host.lower()}", f"https://{host.lower()}"):
        return True
    followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not followed


def _cookie(scope: Message) -> str:
    """The name of the cookie; with the port, because browsers send it to every port of a machine."""
    server = scope.get("server") or ("", 0)
    return f"tracer-{server[1]}"


def _with_headers(send: Send) -> Send:
    """`send`, with the headers that keep every page to itself. A stricter policy that a page brings is kept."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(key, value) for key, value in message.get("headers", []) if key.lower() not in OURS]
            kept += [(key.encode(), value.encode()) for key, value in HEADERS.items()]
            if not any(key.lower() == b"content-security-policy" for key, _ in kept):
                kept.append((b"Content-Security-Policy", policy().encode()))
            message = {**message, "headers": kept}
        await send(message)

    return sending


def _with_safe_cells(send: Send) -> Send:
    """`send`, with every row of a CSV made safe; Datasette sends one at a time."""
    from tracer.web.cells import safe_csv

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body" and message.get("body"):
            message = {**message, "body": safe_csv(message["body"].decode()).encode()}
        await send(message)

    return sending


async def _say(send: Send, status: int, sentence: str) -> None:
    await _answer(send, status, f"{sentence}\n".encode(), [(b"content-type", b"text/plain; charset=utf-8")])


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@cache
def policy() -> str:
    """The Content-Security-Policy of Datasette's pages: its script files, and the few lines it writes into its pages.

    Those lines are allowed by their hash, so that a script from evidence would not run even if it got into a page.
    """
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in sorted(_inline_scripts()))
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _inline_scripts() -> set[str]:
    found = set()
    for template in files("datasette").joinpath("templates").iterdir():
        for script in INLINE.findall(template.read_text(encoding="utf-8")):
            if "{" + "%" in script:
                continue
            # The one value that a template writes into a script is whether facets may be asked for.
            found |= {re.sub(r"\{\{.*?\}\}", value, script) for value in ("true", "false")}
    return found


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
