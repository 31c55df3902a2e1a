"""The worker inside a process that has other things to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from promontory.jobs import queries
from promontory.jobs.models import Job, State
from promontory.jobs.worker import Worker
from tests.jobs import sample_tasks as tasks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("effect_table")]


@pytest.fixture
def start() -> Iterator[Callable[..., Worker]]:
    started: list[Worker] = []

    def start(**options: object) -> Worker:
        started.append(Worker(**options).start())  # type: ignore[arg-type]
        return started[-1]

    yield start
    for worker in started:
        assert worker.stop(timeout=10)


def wait(condition: Callable[[], object]) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 10
        time.sleep(0.005)
    return time.monotonic() - began


def all_done() -> bool:
    return not Job.objects.exclude(state=State.DONE).exists()


def test_it_wakes_at_once_when_something_is_committed(start: Callable[..., Worker]) -> None:
    start(poll=8.0)
    time.sleep(0.3)  # let it fall asleep
    with transaction.atomic():
        tasks.mark.enqueue(1)
    assert wait(all_done) < 4
    assert tasks.effects() == [1]


def test_it_wakes_when_a_job_comes_due_and_not_at_the_next_look_only(
    start: Callable[..., Worker],
) -> None:
    soon = queries.get(int(tasks.mark.enqueue(1).id)).run_after + timedelta(seconds=0.5)
    Job.objects.update(run_after=soon)
    start(poll=8.0)
    assert wait(all_done) < 4


def test_a_long_job_keeps_its_lease_by_the_heartbeat(start: Callable[..., Worker]) -> None:
    start(lease=timedelta(seconds=0.6), poll=0.05)
    job = int(tasks.sleep.enqueue(2.0).id)
    wait(lambda: queries.get(job).state == State.DONE)
    assert (queries.get(job).losses, queries.get(job).fence) == (0, 1)


def test_it_outlives_a_failing_job(start: Callable[..., Worker]) -> None:
    start()
    tasks.mark_then_fail.enqueue(1)
    tasks.mark.enqueue(2)
    wait(lambda: queries.counts()["done"] == 1 and queries.counts()["dead"] == 1)
    assert tasks.effects() == [2]


def test_idling_costs_next_to_nothing(start: Callable[..., Worker]) -> None:
    start()
    time.sleep(0.5)
    before = time.process_time()
    time.sleep(3)
    assert (time.process_time() - before) / 3 < 0.02
