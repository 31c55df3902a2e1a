from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.program.scores.company import Company


@pytest.fixture
def company(db: Any, settings: Any, tmp_path: Path) -> Company:
    """A company whose survey is confidential."""
    from promontory.server.home import Home
    from tests.program.scores.company import found_company

    settings.HOME = Home(tmp_path)
    return found_company(tmp_path / "warehouse")


@pytest.fixture
def identified(company: Company) -> Company:
    """The same company with an identified survey."""
    company.survey.promise = "identified"
    company.survey.save()
    return company
