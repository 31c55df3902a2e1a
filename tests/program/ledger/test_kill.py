"""Writers and sealers killed in mid-work: nothing lost, nothing twice, no gap, in order."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections import Counter

import pytest

from tests.installation import Installation
from tests.program.ledger.writer import EACH, WRITERS, acknowledged

pytestmark = [pytest.mark.kill, pytest.mark.slow]


def start(house: Installation, call: str) -> subprocess.Popen[bytes]:
    module = "from tests.program.ledger import writer"
    return house.start(f"{module}\nwriter.{call}")


def kill_many_times(house: Installation, writers: int, others: list[str], *, kills: int) -> None:
    """Keep all of them running; kill one at a time, at moments that chance picks."""
    chance = random.Random(2)
    calls = [f"write({number})" for number in range(writers)] + others
    running = {call: start(house, call) for call in calls}
    house.wait(lambda: min(acknowledged(house.home / "acknowledged")[:writers]) > 0)
    since = dict.fromkeys(calls, time.monotonic())
    while kills:
        time.sleep(chance.uniform(0.01, 0.15))
        # One that was started just now is still importing: killing it would prove nothing.
        busy = [call for call in calls if time.monotonic() - since[call] > 1.2]
        if busy:
            call = chance.choice(busy)
            assert running[call].poll() is None, (house.home / "words.log").read_text()
            running[call].kill()
            running[call].wait()
            running[call], since[call] = start(house, call), time.monotonic()
            kills -= 1
    for process in running.values():
        process.kill()
        process.wait()


def demand_that_nothing_is_lost_or_twice(house: Installation, writers: int) -> None:
    said = house.python(
        "from promontory.program.ledger import actions, queries\n"
        "from promontory.program.ledger.verify import verify\n"
        "actions.seal()\nprint(queries.pending_count(), verify().sentence())"
    )
    sealed = house.rows(
        "SELECT s.position, e.local_day, e.subject, e.kept FROM ledger_seal s "
        "JOIN ledger_entry e ON e.id = s.entry_id ORDER BY s.position"
    )
    ((entries,),) = house.rows("SELECT count(*) FROM ledger_entry")
    assert said == f"0 The ledger is internally consistent up to position {entries}.\n"
    assert [row[0] for row in sealed] == list(range(1, entries + 1))

    found = Counter((writer, number) for _, writer, number, _ in sealed)
    assert set(found.values()) == {EACH}  # a transaction is there whole, and once
    last = acknowledged(house.home / "acknowledged")[:writers]
    assert min(last) > 0
    for writer, number in enumerate(last):
        assert {n for w, n in found if w == writer} >= set(range(1, number + 1))

    position = {(w, n, json.loads(kept)["part"]): at for at, w, n, kept in sealed}
    for at, writer, number, kept in sealed:
        values = json.loads(kept)
        part = values["part"]
        assert part == 0 or position[writer, number, part - 1] < at
        for other, seen in enumerate(values["seen"][:writers]):
            # What was acknowledged before this transaction began has a lower position.
            assert seen == 0 or position[other, seen, EACH - 1] < at


def test_eight_writers_and_two_sealers_or_three_writers_on_sqlite(
    installation: Installation,
) -> None:
    if installation.vendor == "postgres":
        kill_many_times(installation, WRITERS, ["seal()", "seal() "], kills=30)
        demand_that_nothing_is_lost_or_twice(installation, WRITERS)
    else:
        kill_many_times(installation, 3, [], kills=15)
        demand_that_nothing_is_lost_or_twice(installation, 3)
