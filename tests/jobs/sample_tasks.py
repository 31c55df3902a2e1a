"""Tasks whose effects can be counted: rows of a table of their own."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from promontory.jobs import Rate, Retry, task
from promontory.jobs.compat import django_task
from promontory.jobs.running import checkpoint, now, progress

CREATE = "CREATE TABLE effect (n integer NOT NULL)"


def record(n: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effect (n) VALUES (%s)", [n])


def effects() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT n FROM effect ORDER BY n")
        return [row[0] for row in cursor.fetchall()]


def stall_once(name: str) -> None:
    """Say that this line was reached and hang; pass at the next visit."""
    marker = Path(os.environ["PROMONTORY_HOME"]) / f"stalled-{name}"
    if not marker.exists():
        marker.touch()
        while not marker.with_name(f"resume-{name}").exists():
            time.sleep(0.02)


@task
def mark(n: int) -> int:
    record(n)
    return n * 2


@task
def mark_and_stall(n: int) -> None:
    record(n)
    stall_once(str(n))


@task(atomic=False)
def count_up(total: int) -> None:
    done = len(effects())
    while done < total:
        with checkpoint():
            record(done)
            progress(done + 1, total, "counting")
            stall_once(f"inside-{done}") if done == 3 else None
        done += 1
        if done == 6:
            stall_once(f"between-{done}")


@task(atomic=False)
def one_silent_slice() -> None:
    with checkpoint():
        record(0)


@task
def mark_then_fail(n: int) -> None:
    record(n)
    raise ValueError("this never works")


@task(retries=2, first_delay=timedelta(seconds=10))
def mark_then_retry(n: int) -> None:
    record(n)
    raise Retry("the other side is away")


@task(retries=2)
def retry_in_a_minute() -> None:
    raise Retry(after=timedelta(minutes=1))


@task
def mark_then_enqueue(n: int) -> None:
    record(n)
    mark.enqueue(n=n + 1)


@task(rate=Rate("sms", count=1, per=timedelta(seconds=10), burst=2))
def mark_slowly(n: int) -> None:
    record(n)


def _by_provider(provider: str) -> Rate | None:
    known = provider != "unlimited"
    return Rate(provider, count=1, per=timedelta(seconds=10)) if known else None


@task(rate=_by_provider)
def send(provider: str) -> None:
    record(len(provider))


@task
def tell_the_time() -> str:
    return now().isoformat()


@django_task(takes_context=True)
def plain_django_task(context: Any, word: str) -> str:
    return f"{word} at attempt {context.attempt}"


@task
async def in_a_coroutine(n: int) -> int:
    return n + 1


@task(atomic=False)
def sleep(seconds: float) -> None:
    time.sleep(seconds)
