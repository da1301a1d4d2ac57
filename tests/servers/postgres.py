"""A real PostgreSQL server with pgaudit, for one test run: started in a folder of its own, reached by its socket alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
shared_preload_libraries = 'pgaudit'
pgaudit.log = 'role, ddl, misc'
logging_collector = on
log_directory = '{folder}/log'
log_filename = 'server.log'
log_destination = '{destinations}'
log_timezone = 'Asia/Kolkata'
fsync = off
"""


def programs() -> Path | None:
    """The folder of `initdb` and `postgres` that has pgaudit beside it; None where there is none."""
    found = [Path(path).parent for path in (shutil.which("initdb"),) if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        libraries = folder.parent / "lib"
        if (folder / "initdb").exists() and list(libraries.rglob("pgaudit.so")):
            return folder
    return None


@dataclass
class Server:
    """A running server."""

    bin: Path
    folder: Path
    prefix: list[str]

    def sql(self, statements: str, user: str = "postgres", *, fails: bool = False) -> str:
        """Run statements through psql as this user; says what psql printed."""
        command = [
            "psql",
            "-h",
            str(self.folder),
            "-U",
            user,
            "-d",
            "postgres",
            "-At",
            "-v",
            "ON_ERROR_STOP=1",
            "-f",
            "-",
        ]
        done = subprocess.run(
            command, input=statements, capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stdout

    def stop(self) -> None:
        """Shut the server down, so that its logs are whole."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "fast", "-w", "stop")

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "start.log"), "-w", "start"
        )

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self.prefix, str(self.bin / program), *arguments],
            check=True,
            capture_output=True,
            timeout=60,
            cwd="/",
        )


@contextmanager
def server(programs: Path) -> Iterator[Server]:
    """A server that is stopped and removed at the end; as root it runs as an ordinary user, as PostgreSQL demands."""
    folder = Path(tempfile.mkdtemp(prefix="tracer-pg-", dir="/tmp"))
    prefix: list[str] = []
    if os.getuid() == 0:
        name = next(one for one in ("postgres", "nobody") if _exists(one))
        shutil.chown(folder, name)
        prefix = ["setpriv", f"--reuid={name}", "--clear-groups", "--"]
    one = Server(programs, folder, prefix)
    try:
        one._run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync")
        version = int((folder / "data" / "PG_VERSION").read_text().split(".")[0])
        destinations = "stderr,csvlog" + (",jsonlog" if version >= 15 else "")
        with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(SETTINGS.format(folder=folder, destinations=destinations))
        one.start()
        yield one
    finally:
        subprocess.run(
            [*prefix, str(programs / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop"],
            capture_output=True,
            check=False,
            cwd="/",
        )
        shutil.rmtree(folder, ignore_errors=True)


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
