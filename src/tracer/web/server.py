"""Serving a case file with Datasette and our plugin."""

import socket
import threading
from pathlib import Path
from typing import Any

from tracer.errors import TracerError


def datasette_for(case: str | Path) -> Any:
    """A Datasette that opens this case file read-only; our plugin is registered once per process."""
    from datasette.app import Datasette
    from datasette.plugins import pm

    from tracer.web import plugin

    if not any(item is plugin for item in pm.get_plugins()):
        pm.register(plugin, "tracer.web.plugin")
    return Datasette([str(case)], settings={"default_page_size": 50, "allow_download": False})


def serve(case: str | Path, host: str, port: int, *, browse: bool = False) -> None:
    """Serve the case until interrupted, and open a browser on it with `browse`.

    Raises TracerError where nobody can listen at that address.
    """
    import uvicorn

    free(host, port)
    datasette = datasette_for(case)
    if browse:
        import webbrowser

        opening = threading.Timer(1.0, webbrowser.open, [address(host, port)])
        opening.daemon = True
        opening.start()
    uvicorn.run(datasette.app(), host=host, port=port, log_level="warning", lifespan="on", workers=1)


def address(host: str, port: int) -> str:
    """The address to open in a browser."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def free(host: str, port: int) -> None:
    """Make sure that the port can be listened at, so that a taken one is one clear sentence."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(where)
    except OSError as error:
        raise TracerError(
            f"cannot listen there ({error.strerror or error})",
            where=f"{host}:{port}",
            todo="choose another --port",
        ) from error
