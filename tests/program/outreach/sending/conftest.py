"""A real mail server that misbehaves when told to, and a sender that uses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.channels.email.conftest import Box, MailServer
from tests.program.outreach.sending.waves import NOW


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[MailServer]:
    controller = MailServer(box)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def sender(db: None, server: MailServer) -> Any:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import found_organization
    from promontory.program.outreach.actions.senders import add_sender

    found_organization(name="Acme", zone="UTC", by=SYSTEM, at=NOW)
    return add_sender(
        name="Server",
        provider="smtp",
        address="Acme <ask@acme.example>",
        per_second=5_000,
        values={"host": "127.0.0.1", "port": server.port, "security": "none", "timeout": 1},
        by=SYSTEM,
        at=NOW,
    )


@pytest.fixture(autouse=True)
def no_naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Whoever waits for a provider does not really: the waits are listed."""
    from promontory.program.outreach.actions import sending_run

    naps: list[float] = []
    defaults = sending_run.send_lane.__kwdefaults__
    monkeypatch.setitem(defaults, "nap", naps.append)
    return naps
