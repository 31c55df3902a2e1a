"""An organisation of its own for each test, and files made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_home(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Uploads and anchors of each test are its own."""
    from django.conf import settings

    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import found_organization
    from promontory.server.home import Home

    monkeypatch.setattr(settings, "HOME", Home(tmp_path))
    found_organization(name="Test", zone="UTC", by=SYSTEM, at=NOW)
    return tmp_path


@pytest.fixture
def bring_in(own_home: Path) -> Callable[..., Any]:
    """Bring a text in as a CSV file, as far as is wished."""
    from promontory.jobs.draining import drain
    from promontory.program.customers import actions
    from promontory.program.customers.models import ContactImport
    from promontory.program.customers.rules.proposing import suggested
    from promontory.program.organization.access import SYSTEM

    def bring(
        text: str,
        roles: dict[str, str] | None = None,
        *,
        kind: str = "contacts",
        preview_only: bool = False,
        at: datetime = NOW,
        **said: Any,
    ) -> ContactImport:
        path = own_home / "file.csv"
        path.write_text(text)
        source = actions.upload(path, path.name, kind=kind, by=SYSTEM, at=at)
        mapping = suggested(source.proposal, kind) | said
        for column in mapping["columns"]:
            column["role"] = (roles or {}).get(column["name"], column["role"])
        actions.set_mapping(source, mapping, by=SYSTEM, at=at)
        drain(at=at)
        source.refresh_from_db()
        assert source.status == "previewed", source.problem
        if not preview_only:
            actions.start_commit(source, by=SYSTEM, at=at)
            drain(at=at)
            source.refresh_from_db()
        return source

    return bring
