"""How far an installation has come, found out without loading Django: what a start waits for.

A start of an installation that is up to date should cost no more than the server itself, so this
asks the databases directly.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from promontory.server.home import Home, current

Ask = Callable[[str], list[tuple[Any, ...]]]

KEYS_TABLES = "ledger"
"""The app whose tables live in the database of the keys."""


def is_ready(home: Home | None = None) -> bool:
    """Say whether both databases are up to date with this version and somebody may sign in.

    False also where that cannot be told quickly: the ordinary way then finds out.
    """
    home = home or current()
    return _ask("PROMONTORY_DATABASE", home.database, _is_set_up) and _ask(
        "PROMONTORY_KEYS_DATABASE", home.keys, _is_migrated
    )


def _is_set_up(ask: Ask) -> bool:
    return _is_migrated(ask) and bool(ask("SELECT 1 FROM organization_user LIMIT 1"))


def _is_migrated(ask: Ask) -> bool:
    return expected_migrations() <= set(ask("SELECT app, name FROM django_migrations"))


def expected_migrations() -> set[tuple[str, str]]:
    """Return (app, name) of every migration that this version has, from the folders."""
    from promontory.server.settings import INSTALLED_APPS

    found: set[tuple[str, str]] = set()
    for app in INSTALLED_APPS:
        root, *rest = app.split(".")
        spec = find_spec(root)
        if spec is None or spec.origin is None:
            continue
        folder = Path(spec.origin).parent.joinpath(*rest, "migrations")
        found |= {(rest[-1] if rest else root, path.stem) for path in folder.glob("[0-9]*.py")}
    return found


def _ask(variable: str, path: Path, question: Callable[[Ask], bool]) -> bool:
    url = os.environ.get(variable, "")
    try:
        if url:
            import psycopg

            with psycopg.connect(url, connect_timeout=5) as server:
                return question(lambda statement: server.execute(statement.encode()).fetchall())
        if not path.exists():
            return False
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as file:
            return question(lambda statement: file.execute(statement).fetchall())
    except Exception:
        return False
