"""Asking a served case, in this process or over a socket."""

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def get(datasette: Any, path: str, method: str = "GET", **headers: str) -> Any:
    """The answer of a Datasette; headers with `_` for `-`."""

    async def fetch() -> Any:
        await datasette.invoke_startup()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await datasette.client.request(method, path, headers=named)

    return asyncio.run(fetch())


class Running:
    """A `tracer serve` in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port = process, port

    def get(self, path: str, host: str = "localhost", timeout: float = 30) -> tuple[int, str]:
        """The status and the text of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def memory(self) -> int:
        """The most bytes that the process has held so far (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        return int(peak) * 1024


@contextmanager
def running(case: Path, *options: str, folder: Path | None = None, **environment: str) -> Iterator[Running]:
    """A `tracer serve` of this case, started in `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [Path(sys.executable).parent / "tracer", "serve", case, "--port", str(port), *options],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        served = Running(process, port)
        for _ in range(300):
            try:
                served.get("/favicon.ico")
                break
            except OSError:
                assert process.poll() is None, process.stdout and process.stdout.read()
                time.sleep(0.1)
        yield served
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
