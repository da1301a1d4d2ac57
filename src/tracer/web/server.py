"""Serving a case file with Datasette and our plugin."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tracer.errors import TracerError
from tracer.limits import Limit
from tracer.web.access import Access

CONNECTIONS = Limit(
    100,
    "connections",
    bounds="connections that `tracer serve` holds at a time",
    why="a browser opens six, and each costs memory; few people read a case at a time",
    beyond="further ones are told to come again (503)",
)

ENDING = 2
"""Seconds that pages which are being made have when the server is told to end."""


def datasette_for(case: str | Path, access: Access | None = None) -> Any:
    """A Datasette that opens this case file read-only, for this machine only unless `access` says otherwise."""
    from tracer.web.served import served

    return served(case, access or Access())


def serve(
    case: str | Path, host: str, port: int, *, access: Access | None = None, browse: bool = False
) -> None:
    """Serve the case until interrupted, and open a browser on it with `browse`.

    Raises TracerError where nobody can listen at that address.
    """
    sockets = listening(host, port)
    datasette = datasette_for(case, access)
    if browse:
        import webbrowser

        opening = threading.Timer(1.0, webbrowser.open, [address(host, port)])
        opening.daemon = True
        opening.start()
    try:
        server_for(datasette).run(sockets)
    finally:
        from tracer.web.served import end

        end(datasette)
        for one in sockets:
            one.close()


def server_for(datasette: Any) -> Any:
    """The HTTP server; it takes nothing from the environment, believes no proxy, and writes no log of requests."""
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """A signal ends the server in order, which is how it ends; uvicorn would raise it again afterwards."""
            if threading.current_thread() is not threading.main_thread():
                yield
                return
            before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)}
            try:
                yield
            finally:
                for one, handler in before.items():
                    signal.signal(one, handler)

        async def shutdown(self, sockets: Any = None) -> None:
            from tracer.web.served import end

            end(datasette)
            await super().shutdown(sockets)

    return Server(
        uvicorn.Config(
            datasette.app(),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="on",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            # One that is counted there is refused.
            limit_concurrency=CONNECTIONS + 1,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=ENDING,
            h11_max_incomplete_event_size=32_768,
        )
    )


def address(host: str, port: int) -> str:
    """The address to open in a browser."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def listening(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen at every address of the host, so that a taken port is one clear sentence.

    Raises TracerError where none can be had.
    """
    found: list[socket.socket] = []
    try:
        for family, kind, protocol, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            one = socket.socket(family, kind, protocol)
            found.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(where)
            one.listen()
    except OSError as error:
        for one in found:
            one.close()
        raise TracerError(
            f"cannot listen there ({error.strerror or error})",
            where=f"{host}:{port}",
            todo="choose another --port or --host",
        ) from error
    return found
