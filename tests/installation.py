"""Whole installations in processes of their own, to be killed and looked at from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import postgres

ROOT = Path(__file__).parents[1]


@dataclass
class Installation:
    """One home with its databases; `python` and `start` run code in it after django.setup()."""

    home: Path
    vendor: str
    settings: str
    urls: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PROMONTORY_")}
        return inherited | {
            "PROMONTORY_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": self.settings,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            **self.urls,
        }

    def python(self, code: str) -> str:
        """Run code to its end and return what it printed."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        done = subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, code: str) -> subprocess.Popen[bytes]:
        """Start code in a process that the test may kill; what is left is killed at its end."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        with (self.home / "words.log").open("ab") as words:
            process = subprocess.Popen(command, env=self.env, cwd=ROOT, stdout=words, stderr=words)
        self.processes.append(process)
        return process

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the application database from outside."""
        if self.vendor == "postgres":
            import psycopg

            with psycopg.connect(self.urls["PROMONTORY_DATABASE"]) as connection:
                return connection.execute(statement.encode()).fetchall()
        import sqlite3

        connection = sqlite3.connect(self.home / "db.sqlite3", timeout=20)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def wait(self, condition: Callable[[], object], *, seconds: float = 30) -> None:
        """Wait until the condition holds; what the processes said is shown when it never does."""
        end = time.monotonic() + seconds
        while not condition():
            said = (self.home / "words.log").read_text() if time.monotonic() > end else ""
            assert time.monotonic() < end, f"it did not come to pass\n{said}"
            time.sleep(0.02)

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


class Installations:
    """Makes installations as copies of one that was migrated once per run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[tuple[str, str], Installation] = {}
        self._made = 0

    def make(self, vendor: str, settings: str) -> Installation:
        if (vendor, settings) not in self._templates:
            self._templates[vendor, settings] = self._template(vendor, settings)
        template = self._templates[vendor, settings]
        self._made += 1
        home = self._folder / f"home-{self._made}"
        shutil.copytree(template.home, home)
        urls = {}
        for variable, url in template.urls.items():
            source = url.split("/")[3].split("?")[0]
            urls[variable] = postgres.server().create_database(
                f"{source}-{self._made}", template=source
            )
        return Installation(home, vendor, settings, urls)

    def _template(self, vendor: str, settings: str) -> Installation:
        name = f"{vendor}-{settings.replace('.', '-')}"
        home = self._folder / name
        home.mkdir()
        urls = {}
        if vendor == "postgres":
            for variable in ("PROMONTORY_DATABASE", "PROMONTORY_KEYS_DATABASE"):
                database = f"{name}-{len(urls)}"
                urls[variable] = postgres.server().create_database(database)
        template = Installation(home, vendor, settings, urls)
        template.python(
            "from django.core.management import call_command\n"
            "for alias in ('default', 'keys'):\n"
            "    call_command('migrate', database=alias, verbosity=0)"
        )
        return template
