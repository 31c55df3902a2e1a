"""Tests of the doors: the company of the scores' tests, and nobody told to wait."""

from __future__ import annotations

from typing import Any

import pytest

from tests.program.scores.conftest import company, identified

__all__ = ["company", "identified"]


@pytest.fixture(autouse=True)
def no_limit(request: pytest.FixtureRequest) -> None:
    """Programs of tests may ask as often as they like; who tests the limit sets one."""
    if "settings" in request.fixturenames or "company" in request.fixturenames:
        given: Any = request.getfixturevalue("settings")
        given.API_REQUESTS_A_MINUTE = 0
