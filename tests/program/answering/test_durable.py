"""What was acknowledged is settled once, whoever dies in between and however many come at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installation import Installation

_PREPARE = """
from tests.program.answering.conftest import invite, make_survey
survey = make_survey()
for n in range({people}):
    print(invite(survey, email=f"p{{n}}@example.org").token)
"""

_ANSWER = """
import sys, time, threading
from django.test import Client
from promontory.program.answering.doors import flood
tokens = {tokens!r}

def answer(mine):
    from django.db import connections
    for token in mine:
        flood.forget()
        form = {{"q-recommend": "7", "page": "1", "session": "s" * 20}}
        said = Client().post(f"/r/{{token}}", form)
        assert said.status_code == 303, said.status_code
        # In one piece: four threads write, and print writes its words one by one.
        sys.stdout.write(f"kept {{token}}\\n")
        sys.stdout.flush()
    connections.close_all()

def settle():
    from django.utils import timezone
    from promontory.program.answering.actions.settling import settle
    while True:
        settle(limit=16, at=timezone.now())
        time.sleep(0.005)

threading.Thread(target=settle, daemon=True).start()
threads = [threading.Thread(target=answer, args=(tokens[n::4],)) for n in range(4)]
for each in threads: each.start()
for each in threads: each.join()
"""

_FINISH = """
from django.utils import timezone
from promontory.program.answering.actions.settling import settle
settle(at=timezone.now())
from promontory.program.ledger import actions as ledger
ledger.seal()
from promontory.program.ledger.verify import verify
print(verify().sentence())
"""


@pytest.mark.kill
@pytest.mark.slow
def test_no_acknowledged_answer_is_lost_when_the_server_dies(installation: Installation) -> None:
    house = installation
    tokens = house.python(_PREPARE.format(people=60)).split()
    words = house.home / "words.log"
    for _ in range(3):
        before = _kept(words)
        process = house.start(_ANSWER.format(tokens=tokens))
        house.wait(lambda before=before: len(_kept(words)) >= len(before) + 12, seconds=60)
        process.kill()
        process.wait()
    assert "internally consistent" in house.python(_FINISH)
    kept = {line.split()[1] for line in _kept(words)} & set(tokens)
    assert len(kept) >= 12
    [(responses, answered)] = house.rows(
        "SELECT (SELECT count(*) FROM responses_response), "
        "(SELECT count(*) FROM outreach_invitation WHERE disposition = 50)"
    )
    # What was kept and not acknowledged before the end may count as well; nothing is there twice.
    assert len(kept) <= responses == answered <= 60
    assert house.rows("SELECT count(*) FROM answering_intake") == [(0,)]
    assert house.rows("SELECT count(*) FROM ledger_entry WHERE kind = 1") == [(responses,)]
    assert house.rows("SELECT count(*) FROM ledger_entry WHERE kind = 2") == [(0,)]


def _kept(words: Path) -> list[str]:
    said = words.read_text().splitlines() if words.exists() else []
    return [line for line in said if line.startswith("kept ")]
