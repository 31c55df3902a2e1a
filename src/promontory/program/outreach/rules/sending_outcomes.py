"""What follows when a message did not go out: try again, give the address up, or stop the wave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from promontory.channels.contract import Fault, NotSent

MOST_TRIES = 6
"""So often one address is tried before it is given up."""
MOST_IN_A_ROW = 5
"""So many messages in a row may fail for the service's sake before the wave pauses itself."""
_DELAYS = tuple(timedelta(seconds=each) for each in (60, 300, 1800, 7200, 21600))
_LONGEST = timedelta(days=1)
_ADDRESS = re.compile(r"[^\s<>\"'“”(),;:]+@[^\s<>\"'“”(),;:]+|\+\d{7,15}\b|\b\d{9,15}\b")


@dataclass(frozen=True, slots=True)
class Again:
    """Try this message once more, that long from now."""

    after: timedelta
    why: str
    is_service: bool


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Never try this message again; `is_address` says that the address itself is at fault."""

    why: str
    is_address: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether the message went out; it is not repeated by itself."""

    why: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Every other message would fare the same: this one waits, and the wave pauses."""

    why: str


Outcome = Again | GivenUp | Unknown | Stop


def after_failure(failure: NotSent, *, tries: int) -> Outcome:
    """Decide what follows the `tries`-th failure of one message."""
    why = without_addresses(failure.detail) or "The provider gave no reason."
    if failure.ambiguous:
        return Unknown(why)
    is_service = failure.fault is Fault.SERVICE
    if failure.permanent:
        return Stop(why) if is_service else GivenUp(why, failure.fault is Fault.RECIPIENT)
    if is_service:
        # The service's own trouble is not held against the address, however long it lasts.
        return Again(_delay(failure, min(tries, 3)), why, is_service=True)
    if tries >= MOST_TRIES:
        return GivenUp(f"Tried {tries} times. {why}", is_address=False)
    return Again(_delay(failure, tries), why, is_service=False)


def without_addresses(said: str) -> str:
    """Return a provider's words without the addresses in them.

    They are kept in the clear, shown to who may not see people, and stay when a person is erased.
    """
    return _ADDRESS.sub("(address)", said)


def _delay(failure: NotSent, tries: int) -> timedelta:
    usual = _DELAYS[min(tries, len(_DELAYS)) - 1]
    asked = timedelta(seconds=min(failure.retry_after or 0, _LONGEST.total_seconds()))
    return max(usual, asked)
