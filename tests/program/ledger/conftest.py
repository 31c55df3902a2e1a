"""The ledger on its own: what the contexts above register is theirs to test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _no_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    from promontory.program.ledger import hooks

    for registry in (hooks.erasers, hooks.projections, hooks.personal_values):
        monkeypatch.setattr(registry, "_kinds", {})


@pytest.fixture(autouse=True)
def _no_heads_of_other_tests() -> Iterator[None]:
    yield
    from promontory.program.ledger import queries

    queries.heads_file().unlink(missing_ok=True)


@pytest.fixture
def installation_settings() -> str:
    return "tests.program.ledger.settings"
