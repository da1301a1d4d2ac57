"""The page for what could not be shown: one sentence, no path of this machine, nothing on the terminal."""

import logging
import sqlite3
from typing import Any

from datasette.database import QueryInterrupted
from datasette.utils import InvalidSql
from datasette.utils.asgi import Base400, Forbidden, Response
from datasette.views.base import DatasetteError

from tracer.show.text import safe_text

LOG = logging.getLogger(__name__)


async def failed(datasette: Any, request: Any, exception: Exception) -> Any:
    """The response; JSON where JSON was asked for."""
    status, sentence = said(exception)
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": sentence, "status": status, "title": None}, status=status)
    page = datasette.jinja_env.get_template("error.html")
    text = await page.render_async(
        status=status,
        title=None,
        error=sentence,
        urls=datasette.urls,
        app_css_hash=datasette.app_css_hash(),
        menu_links=lambda: [],
    )
    return Response.html(text, status=status)


def said(exception: Exception) -> tuple[int, str]:
    """The status and one sentence that is safe to show."""
    if (
        isinstance(exception, QueryInterrupted)
        or getattr(exception, "message_is_html", False)
        or (isinstance(exception, sqlite3.OperationalError) and str(exception) == "interrupted")
    ):
        return 400, "The question took too long; ask for less at a time."
    if isinstance(exception, DatasetteError):
        return exception.status, safe_text(exception.message)
    if isinstance(exception, Base400):
        return exception.status, safe_text(exception.args[0] if exception.args else "")
    if isinstance(exception, Forbidden):
        return 403, "That is not allowed here."
    if isinstance(exception, sqlite3.Error | InvalidSql):
        return 400, safe_text(exception)
    LOG.error("a page could not be made (%s)", type(exception).__name__)
    return 500, "This page could not be made."
