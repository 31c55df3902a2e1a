"""A drawing killed at random moments draws the same people, each once, and always adds up."""

from __future__ import annotations

import json

import pytest

from tests.installation import Installation

pytestmark = [pytest.mark.kill, pytest.mark.slow]
PEOPLE, KILLS = 2_000, 8


def test_a_drawing_survives_being_killed(installation: Installation) -> None:
    said = installation.python(
        f"from tests.program.outreach.killing import main\nmain({PEOPLE}, {KILLS}, 3)"
    )
    lines = dict(line.split(" ", 1) for line in said.splitlines())
    # A quick machine is done before a second kill falls.
    assert int(lines["killed"]) >= 1, "nothing was killed"
    invited = installation.rows("SELECT contact_id FROM outreach_invitation ORDER BY contact_id")
    assert [pk for (pk,) in invited] == json.loads(lines["chosen"])
    assert installation.rows("SELECT state, written FROM outreach_wave") == [("drawn", PEOPLE // 2)]
    assert installation.rows("SELECT count(*) FROM outreach_clock") == [(PEOPLE // 2,)]
    assert installation.rows("SELECT sum(count) FROM outreach_frameslice") == [(PEOPLE,)]
