"""Workers that are killed, paused and raced, on both databases: nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from tests.installation import Installation

pytestmark = [pytest.mark.kill, pytest.mark.slow]

HEAD = """
import os, time
from datetime import timedelta
from pathlib import Path
from django.db import connection, transaction
from promontory.jobs.worker import Worker
from tests.jobs import sample_tasks as tasks
home = Path(os.environ["PROMONTORY_HOME"])
"""
WORK = HEAD + "Worker(lease=timedelta(seconds=1), poll=0.05, {more}).run_until_signalled()"


@pytest.fixture
def house(installation: Installation) -> Installation:
    installation.python(f"{HEAD}connection.cursor().execute(tasks.CREATE)")
    return installation


def enqueue(house: Installation, code: str) -> None:
    house.python(f"{HEAD}{code}")


def work(house: Installation, more: str = "") -> subprocess.Popen[bytes]:
    return house.start(WORK.format(more=more))


def stalled(house: Installation, name: str) -> bool:
    return (house.home / f"stalled-{name}").exists()


def states(house: Installation) -> dict[str, int]:
    rows = house.rows("SELECT state, count(*) FROM jobs_job GROUP BY state")
    return dict(rows)


def effects(house: Installation) -> list[int]:
    return [row[0] for row in house.rows("SELECT n FROM effect ORDER BY n")]


def test_an_atomic_job_takes_effect_exactly_once_however_often_its_worker_is_killed(
    house: Installation,
) -> None:
    enqueue(
        house,
        "for n in range(40):\n"
        "    (tasks.mark_and_stall if n in (5, 17, 30) else tasks.mark).enqueue(n=n)",
    )
    for n in (5, 17, 30):
        worker = work(house)
        house.wait(lambda n=n: stalled(house, str(n)))
        worker.kill()  # the effect is written, its acknowledgement is not
        worker.wait()
        assert n not in effects(house)
    work(house)
    house.wait(lambda: states(house) == {"done": 40})
    assert effects(house) == list(range(40))
    assert house.rows("SELECT max(losses), sum(losses) FROM jobs_job") == [(1, 3)]


def test_a_long_job_goes_on_where_its_killed_worker_was(house: Installation) -> None:
    enqueue(house, "tasks.count_up.enqueue(total=10)")
    for name in ("inside-3", "between-6"):
        worker = work(house)
        house.wait(lambda name=name: stalled(house, name))
        worker.kill()
        worker.wait()
    assert effects(house) == list(range(6))
    assert house.rows("SELECT state, progress_done, progress_total FROM jobs_job") == [
        ("running", 6, 10)
    ]
    work(house)
    house.wait(lambda: states(house) == {"done": 1})
    assert effects(house) == list(range(10))


def test_a_sole_worker_does_not_wait_for_the_leases_of_its_killed_predecessor(
    house: Installation,
) -> None:
    enqueue(house, "tasks.mark_and_stall.enqueue(n=1)")
    worker = house.start(f"{HEAD}Worker(lease=timedelta(hours=1), poll=0.05).run()")
    house.wait(lambda: stalled(house, "1"))
    worker.kill()
    worker.wait()
    house.start(f"{HEAD}Worker(lease=timedelta(hours=1), poll=0.05, sole=True).run()")
    house.wait(lambda: states(house) == {"done": 1})
    assert effects(house) == [1]


def test_a_paused_worker_that_comes_back_cannot_commit_what_another_has_done(
    house: Installation,
) -> None:
    # In mid-transaction SQLite's one writer blocks everybody, so there it is paused between two.
    name = "5" if house.vendor == "postgres" else "between-6"
    atomic = house.vendor == "postgres"
    enqueue(house, "tasks.mark_and_stall.enqueue(n=5)" if atomic else "pass")
    enqueue(house, "pass" if atomic else "(home / 'stalled-inside-3').touch()")
    enqueue(house, "pass" if atomic else "tasks.count_up.enqueue(total=10)")
    expected = [5] if atomic else list(range(10))

    zombie = work(house)
    house.wait(lambda: stalled(house, name))
    os.kill(zombie.pid, signal.SIGSTOP)
    work(house)
    house.wait(lambda: states(house) == {"done": 1})
    assert effects(house) == expected

    (house.home / f"resume-{name}").touch()
    os.kill(zombie.pid, signal.SIGCONT)
    said = house.home / "words.log"
    house.wait(lambda: "belongs to another worker by now" in said.read_text())
    assert effects(house) == expected
    assert states(house) == {"done": 1}


def test_workers_that_race_do_each_job_once(house: Installation) -> None:
    enqueue(house, "for n in range(300): tasks.mark.enqueue(n=n)")
    for _ in range(2):
        work(house, "threads=2")
    house.wait(lambda: states(house) == {"done": 300})
    assert effects(house) == list(range(300))
    assert house.rows("SELECT max(fence) FROM jobs_job") == [(1,)]


def test_a_job_is_enqueued_by_the_commit_and_by_nothing_else(house: Installation) -> None:
    for name, line in [("before", "    pause()\n"), ("after", "pause()\n")]:
        process = house.start(
            f"{HEAD}\n"
            f"def pause(): (home / 'stalled-{name}').touch(); time.sleep(60)\n"
            "with transaction.atomic():\n"
            f"    tasks.mark.enqueue(n=1)\n{line}"
        )
        house.wait(lambda name=name: stalled(house, name))
        process.kill()
        process.wait()
        assert states(house) == ({} if name == "before" else {"ready": 1})


def test_the_clock_fires_once_however_many_processes_watch_it(house: Installation) -> None:
    clock = (
        "from promontory.jobs.schedule import Entry, Every\n"
        "entries = [Entry('tick', tasks.mark, Every(timedelta(seconds=1)), {'n': 1})]\n"
    )
    run = f"{HEAD}{clock}" + WORK.removeprefix(HEAD).format(more="schedule=entries")
    workers = [house.start(run) for _ in range(3)]
    house.wait(lambda: states(house).get("done", 0) >= 4)
    for worker in workers:
        worker.terminate()
    assert [worker.wait(10) for worker in workers] == [0, 0, 0]
    keys = [row[0] for row in house.rows("SELECT key FROM jobs_job ORDER BY id")]
    assert len(keys) == len(set(keys))
    assert len(effects(house)) == states(house)["done"]
    assert house.rows("SELECT max(fence) FROM jobs_job") == [(1,)]


def test_a_worker_told_to_stop_finishes_the_short_and_puts_back_the_long(
    house: Installation,
) -> None:
    enqueue(house, "(home / 'stalled-inside-3').touch()\ntasks.count_up.enqueue(total=10)")
    worker = work(house)
    house.wait(lambda: stalled(house, "between-6"))
    worker.terminate()
    (house.home / "resume-between-6").touch()
    assert worker.wait(10) == 0
    assert states(house) == {"ready": 1}
    assert effects(house) == list(range(6))
