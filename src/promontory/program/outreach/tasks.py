"""Background work of asking: each takes ids, makes one call, and may run twice."""

from __future__ import annotations

from promontory.jobs import running, task
from promontory.program.outreach.actions import (
    drawing,
    sending,
    sending_clock,
    sending_run,
    touchpoints,
)


@task(atomic=False, retries=20)
def send_lane(wave: int, lane: int, lanes: int) -> int:
    """Send what one lane of a wave has due, until nothing is."""
    return sending_run.send_lane(wave, lane=lane, lanes=lanes, clock=running.now)


@task(atomic=False)
def begin_wave(wave: int) -> None:
    """Spread a started wave over its window, then begin to send."""
    sending.spread(wave, at=running.now())
    sending_clock.send_due(at=running.now())


@task(atomic=False)
def send_due() -> int:
    """Begin to send what is due, wherever nobody is at it."""
    return sending_clock.send_due(at=running.now())


@task(atomic=False)
def remind_due() -> int:
    """Queue the reminders that are due."""
    return sending_clock.remind_due(at=running.now())


@task(atomic=False)
def close_due() -> int:
    """Close the waves whose time is up."""
    return sending_clock.close_due(at=running.now())


@task(atomic=False)
def sweep_cancelled(wave: int) -> int:
    """Take back what a cancelled wave had planned."""
    return sending.sweep_cancelled(wave, at=running.now())


@task(atomic=False)
def try_wave(wave: int) -> None:
    """Work out what drawing a planned wave would give."""
    drawing.try_out(wave, at=running.now())


@task(atomic=False, retries=20)
def draw_wave(wave: int) -> None:
    """Draw a wave, or go on with it."""
    drawing.draw_wave(wave, at=running.now())


@task(atomic=False, retries=20)
def decide_due_events() -> int:
    """Decide whom to ask of those to whom something has happened."""
    return touchpoints.decide_due_events(at=running.now())
