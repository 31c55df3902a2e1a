"""What a job goes through, one run at a time and with the time in our hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from promontory.errors import Conflict, NotFound
from promontory.jobs import actions, leases, queries
from promontory.jobs.compat import TaskResultDoesNotExist, TaskResultStatus, task_backends
from promontory.jobs.draining import drain
from promontory.jobs.errors import LeaseLost
from promontory.jobs.execution import Ending, execute
from promontory.jobs.models import Job, State
from promontory.jobs.rules import MOST_LOSSES
from promontory.jobs.tasks import forget_finished_jobs
from tests.jobs import sample_tasks as tasks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("effect_table")]

SECOND = timedelta(seconds=1)
LEASE = 20 * SECOND


def enqueue(task: object, at: datetime, **kwargs: object) -> Job:
    job = actions.enqueue(task, kwargs=kwargs, at=at)  # type: ignore[arg-type]
    assert job is not None
    return job


def claim(at: datetime, worker: str = "a") -> Job | None:
    return leases.claim(queues=None, worker=worker, at=at, lease=LEASE)


def test_a_job_runs_and_its_result_is_read_through_djangos_interface(at: datetime) -> None:
    result = tasks.mark.enqueue(4)
    assert result.status == TaskResultStatus.READY

    drain(at=result.enqueued_at or at)

    result.refresh()
    assert result.status == TaskResultStatus.SUCCESSFUL
    assert result.return_value == 8
    assert result.worker_ids == ["drain"]
    assert tasks.effects() == [4]


def test_a_plain_django_task_gets_its_context() -> None:
    result = tasks.plain_django_task.enqueue("hello")
    assert result.enqueued_at is not None
    drain(at=result.enqueued_at)
    result.refresh()
    assert result.return_value == "hello at attempt 1"


def test_a_coroutine_is_run_as_well(at: datetime) -> None:
    job = enqueue(tasks.in_a_coroutine, at, n=1)
    drain(at=at)
    assert queries.get(job.pk).result == 2


def test_an_unknown_result_is_said_to_be_unknown() -> None:
    for unknown in ("12345", "no-number"):
        with pytest.raises(TaskResultDoesNotExist):
            task_backends["default"].get_result(unknown)


def test_a_job_is_rolled_back_with_the_business_transaction(at: datetime) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(tasks.mark, at, n=1)
        _ = 1 / 0
    assert drain(at=at) == []


def test_nothing_runs_before_its_time(at: datetime) -> None:
    actions.enqueue(tasks.mark.using(run_after=at + SECOND), args=[1], at=at)
    assert drain(at=at) == []
    assert queries.next_due() == at + SECOND
    assert [run.ending for run in drain(at=at + SECOND)] == [Ending.DONE]


def test_the_urgent_goes_first_then_the_older(at: datetime) -> None:
    for n, priority, age in [(1, 0, 5), (2, 50, 0), (3, 0, 9), (4, -1, 99)]:
        actions.enqueue(tasks.mark.using(priority=priority), args=[n], at=at - age * SECOND)
    order = [Job.objects.get(pk=run.job).args[0] for run in drain(at=at)]
    assert order == [2, 3, 1, 4]


def test_a_worker_sees_only_its_queues(at: datetime) -> None:
    actions.enqueue(tasks.mark.using(queue_name="mail"), args=[1], at=at)
    actions.enqueue(tasks.mark.using(queue_name="imports"), args=[2], at=at)
    drain(at=at, queues=["mail", "sms"])
    assert tasks.effects() == [1]


def test_what_a_job_enqueues_is_drained_at_the_same_instant(at: datetime) -> None:
    enqueue(tasks.mark_then_enqueue, at, n=1)
    enqueue(tasks.tell_the_time, at)
    drain(at=at)
    assert tasks.effects() == [1, 2]
    assert Job.objects.get(task__endswith="tell_the_time").result == at.isoformat()


def test_a_permanent_failure_leaves_no_effect_and_becomes_a_dead_letter(at: datetime) -> None:
    job = enqueue(tasks.mark_then_fail, at, n=1)

    with pytest.raises(ValueError, match="never works"):
        drain(at=at)

    assert tasks.effects() == []
    (dead,) = queries.dead_letters()
    assert dead.pk == job.pk
    assert dead.errors[0]["class"] == "builtins.ValueError"
    assert "this never works" in dead.errors[0]["traceback"]
    result = task_backends["default"].get_result(str(job.pk))
    assert result.status == TaskResultStatus.FAILED
    assert result.errors[0].exception_class is ValueError


def test_a_passing_failure_is_tried_again_later_and_later_and_then_given_up(at: datetime) -> None:
    job = enqueue(tasks.mark_then_retry, at, n=1)
    delays = []
    for _ in range(2):
        assert [run.ending for run in drain(at=at)] == [Ending.AGAIN]
        due = queries.get(job.pk).run_after
        delays.append((due - at).total_seconds())
        at = due
    assert [run.ending for run in drain(at=at, raising=False)] == [Ending.DEAD]
    assert 10 <= delays[0] < 11
    assert 20 <= delays[1] < 22
    assert queries.get(job.pk).reason == "It was tried 3 times and failed each time."
    assert tasks.effects() == []


def test_a_task_may_say_when_to_try_again(at: datetime) -> None:
    job = enqueue(tasks.retry_in_a_minute, at)
    drain(at=at)
    assert queries.get(job.pk).run_after == at + 60 * SECOND


def test_a_dead_letter_can_be_retried_or_discarded(at: datetime) -> None:
    job = enqueue(tasks.mark_then_fail, at, n=1)
    drain(at=at, raising=False)

    actions.retry(job.pk, by="Alice", at=at)
    assert queries.get(job.pk).state == State.READY
    drain(at=at, raising=False)
    actions.discard(job.pk, by="Alice", at=at)

    assert list(queries.dead_letters()) == []
    assert queries.get(job.pk).decided_by == "Alice"
    assert len(queries.get(job.pk).errors) == 2
    with pytest.raises(Conflict, match="is discarded and cannot be retried"):
        actions.retry(job.pk, by="Alice", at=at)
    with pytest.raises(NotFound):
        actions.discard(job.pk + 1, by="Alice", at=at)


def test_a_task_that_this_version_does_not_know_is_kept_as_a_dead_letter(at: datetime) -> None:
    job = enqueue(tasks.mark, at, n=1)
    Job.objects.filter(pk=job.pk).update(task="tests.jobs.sample_tasks.gone")
    drain(at=at, raising=False)
    (dead,) = queries.dead_letters()
    assert "There is no task “tests.jobs.sample_tasks.gone”" in dead.errors[0]["traceback"]


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_progress(at: datetime) -> None:
    waiting = enqueue(tasks.mark, at, n=1)
    actions.cancel(waiting.pk, by="Bob", at=at)
    assert drain(at=at) == []

    enqueue(tasks.count_up, at, total=3)
    running = claim(at)
    assert running is not None
    actions.cancel(running.pk, by="Bob", at=at)
    run = execute(Job.objects.get(pk=running.pk), clock=lambda: at, lease=LEASE)

    assert run.ending is Ending.CANCELLED
    assert queries.counts()["cancelled"] == 2
    assert tasks.effects() == []
    with pytest.raises(Conflict, match="is cancelled and cannot be cancelled"):
        actions.cancel(running.pk, by="Bob", at=at)


def test_progress_is_kept_on_the_job(at: datetime) -> None:
    job = enqueue(tasks.count_up, at, total=3)
    drain(at=at)
    done = queries.get(job.pk)
    assert (done.progress_done, done.progress_total, done.progress_note) == (3, 3, "counting")


def test_a_stopping_worker_puts_a_long_job_back_where_it_was(at: datetime) -> None:
    enqueue(tasks.count_up, at, total=3)
    job = claim(at)
    assert job is not None
    run = execute(job, clock=lambda: at, lease=LEASE, stopping=lambda: True)
    assert run.ending is Ending.INTERRUPTED
    job.refresh_from_db()
    assert (job.state, job.worker_ids, job.failures, job.losses) == (State.READY, [], 0, 0)


def test_an_expired_lease_is_picked_up_and_its_old_holder_is_fenced_off(at: datetime) -> None:
    enqueue(tasks.mark, at, n=1)
    old = claim(at, "old")
    assert old is not None
    assert leases.return_expired(at=at + LEASE) == 0
    later = at + LEASE + SECOND
    assert leases.return_expired(at=later) == 1
    new = claim(later, "new")
    assert new is not None

    late = execute(old, clock=lambda: later, lease=LEASE)
    assert late.ending is Ending.LOST
    assert tasks.effects() == []
    assert leases.renew([(old.pk, old.fence)], until=later) == [old.pk]

    assert execute(new, clock=lambda: later, lease=LEASE).ending is Ending.DONE
    assert tasks.effects() == [1]
    with pytest.raises(LeaseLost):
        leases.settle(new.pk, new.fence, State.DONE)


def test_a_fenced_worker_cannot_commit_a_slice(at: datetime) -> None:
    enqueue(tasks.one_silent_slice, at)
    old = claim(at, "old")
    assert old is not None
    leases.return_orphans(at=at)
    claim(at, "new")
    assert execute(old, clock=lambda: at, lease=LEASE).ending is Ending.LOST
    assert tasks.effects() == []


def test_a_job_that_kills_its_workers_is_given_up(at: datetime) -> None:
    job = enqueue(tasks.mark, at, n=1)
    for _ in range(MOST_LOSSES + 1):
        assert claim(at) is not None
        leases.return_orphans(at=at)
    assert queries.get(job.pk).state == State.DEAD
    assert "worker vanished 21 times" in queries.get(job.pk).reason


def test_a_rate_spreads_what_comes_at_once(at: datetime) -> None:
    for n in range(5):
        enqueue(tasks.mark_slowly, at, n=n)
    seen = []
    for seconds in (0, 9, 10, 19, 20, 30):
        drain(at=at + seconds * SECOND)
        seen.append(len(tasks.effects()))
    assert seen == [2, 2, 3, 3, 4, 5]
    assert {len(job.worker_ids) for job in Job.objects.all()} == {1}


def test_each_rate_key_has_its_own_bucket_and_none_means_no_limit(at: datetime) -> None:
    for provider in ("one", "one", "three", "unlimited", "unlimited"):
        enqueue(tasks.send, at, provider=provider)
    drain(at=at)
    assert tasks.effects() == [3, 5, 9, 9]


def test_a_key_is_enqueued_once_for_ever(at: datetime) -> None:
    assert actions.enqueue(tasks.mark, args=[1], key="import 7", at=at) is not None
    assert actions.enqueue(tasks.mark, args=[1], key="import 7", at=at) is None
    drain(at=at)
    assert actions.enqueue(tasks.mark, args=[1], key="import 7", at=at) is None
    assert tasks.effects() == [1]


def test_finished_jobs_are_forgotten_and_dead_letters_are_not(at: datetime) -> None:
    enqueue(tasks.mark, at, n=1)
    enqueue(tasks.mark_then_fail, at, n=2)
    drain(at=at, raising=False)
    assert actions.forget_finished(before=at) == 0
    assert actions.forget_finished(before=at + SECOND) == 1
    assert queries.counts()["dead"] == 1


def test_forgetting_is_itself_a_task_with_its_time_from_the_clock_in_hand(at: datetime) -> None:
    old = enqueue(tasks.mark, at, n=1)
    drain(at=at)
    later = at + timedelta(days=30, seconds=1)
    enqueue(forget_finished_jobs, later, days=30)
    drain(at=later)
    with pytest.raises(NotFound):
        queries.get(old.pk)
    assert Job.objects.get().result == 1


def test_called_directly_a_task_needs_no_job() -> None:
    tasks.count_up.call(2)
    assert tasks.effects() == [0, 1]
