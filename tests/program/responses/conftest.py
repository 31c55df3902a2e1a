"""A survey to import into, a viewer who may, and files made on the spot."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_home(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Uploads, warehouse and anchors of each test are its own."""
    from django.conf import settings

    from promontory.server.home import Home

    monkeypatch.setattr(settings, "HOME", Home(tmp_path))
    return tmp_path


@pytest.fixture
def survey(db: None) -> Any:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import found_organization
    from promontory.program.surveys.actions import create_survey

    found_organization(name="Test", zone="UTC", by=SYSTEM, at=NOW)
    return create_survey(name="Relationship", promise="identified", by=SYSTEM, at=NOW)
