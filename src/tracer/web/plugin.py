"""The Datasette plugin: metadata, questions and a page per grant, for every case file that Datasette opens.

Other databases in the same Datasette are left as they are. Whom a Datasette answers is decided by whoever starts it; what
`tracer serve` starts has an `Access`. Written for Datasette 0.65.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote

from datasette import hookimpl
from datasette.utils.asgi import Response
from markupsafe import Markup, escape

from tracer.limits import Limit
from tracer.show.secrets import secrets_shown
from tracer.show.text import safe_text, visible_lines
from tracer.web.access import Access
from tracer.web.cases import cases, metadata
from tracer.web.failed import failed
from tracer.web.guard import App, Guard

F = TypeVar("F", bound=Callable[..., Any])

TEMPLATES = Path(__file__).parent / "templates"

GRANT = re.compile(r"[0-9a-f]{20}")

TRACE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""A page of ours runs no script and asks nobody for anything, whatever evidence says."""

READ_BY_TRACE = ("grants", "findings", "checks", "lineage", "events", "records", "evidence")
"""Tables whose content the page of a grant shows: who may not see one of them may not see the page."""

PATIENCE = Limit(
    20,
    "seconds",
    bounds="how long the page of a grant asks the case",
    why="on a case of a million grants it takes a second; a case that somebody else made may never answer",
    beyond="the page says that it took too long",
)

FIRST = 25
"""Grants on the front page; the question behind it lists all."""


def hook(function: F) -> F:
    """Datasette's hookimpl, which is untyped, without losing the type of the function."""
    return cast(F, hookimpl(function))


def hook_with(**options: bool) -> Callable[[F], F]:
    """The same with options of pluggy, such as `trylast`."""
    return cast(Callable[[F], F], hookimpl(**options))


@hook
def get_metadata(datasette: Any, key: str | None, database: str | None, table: str | None) -> dict[str, Any]:
    """Titles and descriptions of all tables and columns, whatever the case file is called."""
    names = cases(datasette)
    return metadata(names, alone=not _others(datasette)) if names else {}


def serve_to(datasette: Any, allowed: Access) -> None:
    """Let this Datasette answer only what is allowed."""
    datasette.__dict__["_tracer_access"] = allowed


def access_of(datasette: Any) -> Access | None:
    """What is allowed to whom; None where tracer did not start this Datasette."""
    found: Access | None = datasette.__dict__.get("_tracer_access")
    return found


@hook_with(trylast=True)
def asgi_wrapper(datasette: Any) -> Callable[[App], App]:
    """The guard before every page of `tracer serve`, outside all other wrappers; other Datasettes answer as they were told to."""

    def routes() -> list[str]:
        return [_encoded(datasette.databases[name].route) for name in cases(datasette)]

    def wrapped(app: App) -> App:
        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            allowed = access_of(datasette)
            await (Guard(app, allowed, routes) if allowed else app)(scope, receive, send)

        return guarded

    return wrapped


@hook
def prepare_connection(conn: Any, database: str, datasette: Any) -> None:
    """The SQL functions that the questions use; a case that tracer serves is only read."""
    from tracer.web.connection import confine, prepare

    prepare(conn)
    if access_of(datasette) and database in cases(datasette):
        confine(conn)


@hook
def filters_from_request(request: Any, datasette: Any) -> None:
    """No SQL within the address of a table: it would run where nothing ends it. The page of the case takes SQL."""
    if access_of(datasette) and "_where" in request.args:
        from datasette.views.base import DatasetteError

        raise DatasetteError("_where= is not offered here; ask in SQL on the page of the case", status=403)


@hook_with(hookwrapper=True)
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """What went wrong, said on the page alone: Datasette prints tracebacks with the values in them on the terminal."""
    outcome = yield
    if access_of(datasette):
        outcome.force_result([failed(datasette, request, exception)])


@hook
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """Our templates stand before Datasette's own and behind those that a user gives with --template-dir.

    Where only cases are served, whatever a page prints is made visible: names stand in links and facets too, which
    `render_cell` never sees.
    """
    env.loader.loaders[0].searchpath.insert(-1, str(TEMPLATES))
    if cases(datasette) and not _others(datasette):
        env.finalize = _visible


def _visible(value: Any) -> Any:
    """Text with codes for what would act on a screen; markup stays markup, no character of which is one of those."""
    if not isinstance(value, str):
        return value
    return Markup(visible_lines(value)) if hasattr(value, "__html__") else visible_lines(value)


def _others(datasette: Any) -> list[str]:
    """The names of the databases that are no cases and lie in a file."""
    names = cases(datasette)
    return [name for name, item in datasette.databases.items() if name not in names and not item.is_memory]


@hook
def canned_queries(datasette: Any, database: str, actor: Any) -> dict[str, Any]:
    """The questions in SQL."""
    if database not in cases(datasette):
        return {}
    from tracer.questions.canned import canned

    return {
        question.page: {"sql": question.sql, "title": question.title, "description": question.question}
        for question in canned().values()
    }


@hook
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
    """One page per grant."""
    return [(r"^/-/trace/(?P<grant>[0-9a-f]{20})$", trace)]


async def trace(datasette: Any, request: Any) -> Any:
    """The page of one grant, from the first case file that holds it."""
    grant = request.url_vars["grant"]
    for name in cases(datasette):
        database = datasette.get_database(name)
        held = await database.execute("SELECT 1 FROM grants WHERE id = ?", [grant])
        if held.first() is None:
            continue
        for table in READ_BY_TRACE:
            await datasette.ensure_permissions(
                request.actor, [("view-table", (name, table)), ("view-database", name), "view-instance"]
            )
        page = await database.execute_fn(
            lambda connection, name=name: _page(connection, datasette, name, grant)
        )
        return Response.html(page, headers=TRACE_HEADERS)
    return Response.text(f"No grant {grant} in this case", status=404)


def _page(connection: Any, datasette: Any, name: str, grant: str) -> str:
    from datasette.utils import sqlite_timelimit

    allowed = access_of(datasette)
    shown = secrets_shown(allowed is not None and allowed.show_secrets)
    with sqlite_timelimit(connection, PATIENCE * 1000), shown:
        return _story(connection, datasette, name, grant)


def _story(connection: Any, datasette: Any, name: str, grant: str) -> str:
    from tracer.show import report

    stale = connection.execute("SELECT value FROM meta WHERE name = 'stale'").fetchone()
    title = f"Grant {grant}"
    if stale is not None and str(stale[0]) == "1":
        title += " (evidence was added since it was judged: run tracer judge)"
    return report.html(report.gather_grant(connection, grant, title), link=_links(datasette, name))


def _links(datasette: Any, name: str) -> Callable[[str, Any], str]:
    """Addresses of rows in Datasette, made from our own paths and percent-encoded values only."""

    def row(table: str, value: Any) -> str:
        return f"{datasette.urls.table(name, table)}/{_encoded(value)}"

    def rows_of(table: str, column: str, value: Any) -> str:
        return f"{datasette.urls.table(name, table)}?{column}={quote(str(value), safe='')}"

    def link(kind: str, value: Any) -> str:
        if kind == "home":
            return str(datasette.urls.instance())
        if kind == "database":
            return str(datasette.urls.database(name))
        if kind == "grant":
            return row("grants", value)
        if kind == "control":
            return row("controls", value)
        if kind in ("checks", "lineage"):
            return rows_of(kind, "grant_id", value)
        if kind == "record":
            place = f"file={quote(str(value.get('file')), safe='')}&ordinal={quote(str(value.get('ordinal')), safe='')}"
            return f"{datasette.urls.query(name, 'record')}?{place}"
        return ""

    return link


def _encoded(value: Any) -> str:
    from datasette.utils import tilde_encode

    return str(tilde_encode(str(value)))


def trace_url(datasette: Any, grant: str) -> str:
    """The address of a grant's page."""
    return str(datasette.urls.path(f"/-/trace/{grant}"))


@hook
def render_cell(row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any:
    """Grant ids lead to their page; text that would act on a reader's screen is shown as its codes."""
    if database not in cases(datasette):
        return None
    if column == "grant_id" and isinstance(value, str) and GRANT.fullmatch(value):
        return Markup('<a href="{}">{}</a>').format(trace_url(datasette, value), value)
    if table == "grants" and column == "verdict" and value and GRANT.fullmatch(str(row["id"])):
        return Markup('<a href="{}">{}</a>').format(trace_url(datasette, row["id"]), safe_text(value))
    if isinstance(value, str):
        shown = "\n".join(safe_text(line, None) for line in value.split("\n"))
        if shown != value:
            return Markup('<span class="tracer-unsafe">{}</span>').format(escape(shown))
    return None


@hook
def menu_links(datasette: Any, actor: Any) -> list[dict[str, str]]:
    """The list of wrong access, from every page."""
    return [
        {"href": f"{datasette.urls.query(name, 'wrong-access')}", "label": f"Wrong access in {name}"}
        for name in cases(datasette)
    ]


@hook
def extra_template_vars(datasette: Any, view_name: str, request: Any) -> Any:
    """For the front page: the wrong access of every case file that the reader may see."""
    if view_name != "index":
        return {}

    async def variables() -> dict[str, Any]:
        return {
            "tracer_cases": [await _front(datasette, name) for name in cases(datasette) if await _seen(name)]
        }

    async def _seen(name: str) -> bool:
        visible, _ = await datasette.check_visibility(
            request.actor if request else None,
            permissions=[("view-table", (name, "grants")), ("view-database", name)],
        )
        return bool(visible)

    return variables


async def _front(datasette: Any, name: str) -> dict[str, Any]:
    from tracer.questions.canned import canned
    from tracer.show.steps import VERDICTS

    database = datasette.get_database(name)
    rows = await database.execute(f"{canned()['wrong-access'].sql}\nLIMIT {FIRST}")
    counted = await database.execute(
        "SELECT verdict, count(*) FROM grants WHERE verdict IS NOT NULL AND via IS NULL GROUP BY verdict"
    )
    counts = {row[0]: row[1] for row in counted.rows}
    return {
        "name": name,
        "counts": [(words, counts.get(verdict, 0)) for verdict, words in VERDICTS.items()],
        "grants": [
            {key: safe_text(row[key]) for key in row.keys()}  # noqa: SIM118  (a sqlite3.Row is no dict)
            | {"url": trace_url(datasette, row["grant_id"])}
            for row in rows.rows
        ],
        "more": max(0, counts.get("wrong-access", 0) - FIRST),
        "all": datasette.urls.query(name, "wrong-access"),
        "questions": [
            {"title": question.title, "url": datasette.urls.query(name, question.page)}
            for question in canned().values()
        ],
    }
