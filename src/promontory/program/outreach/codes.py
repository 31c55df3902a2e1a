"""What can become of an invitation, and of each attempt to deliver it."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Disposition(IntEnum):
    """What became of one eligible person of a wave; the numbers are never used again.

    Beside each, the nearest final disposition of AAPOR, Standard Definitions (10th edition, 2023).
    """

    # Never invited
    NOT_DRAWN = 1  # outside the sample
    HELD_REST = 10  # held back: asked, shown, answered or dismissed too recently
    HELD_CAP = 11  # held back: the person's cap
    HELD_ACCOUNT = 12  # held back: the account's cap
    HELD_HOUSEHOLD = 13  # held back: the household's cap
    HELD_HOLD = 14  # held back: a hold
    HELD_OPTED_OUT = 15  # held back: opted out before
    HELD_NO_BASIS = 16  # held back: no lawful basis on record
    HELD_PRIORITY = 17  # held back: a survey of higher priority asks first
    UNREACHABLE = 18  # no address for any channel of the plan (4.x unknown eligibility)
    # Invited, under way
    PLANNED = 30
    SENT = 31
    DELIVERED = 32
    DELIVERY_UNKNOWN = 33
    SHOWN = 34
    CLICKED = 35  # a score clicked in the mail, not confirmed
    # Invited, ended
    ANSWERED = 50  # 1.1 complete
    PARTIAL = 51  # 1.2 partial
    QUARANTINED = 52  # several different scores within seconds
    REFUSED = 60  # 2.11 refusal: dismissed
    OPTED_OUT = 61  # 2.11 refusal, for good
    UNDELIVERABLE = 70  # 3.3x / 4.x no such address
    NO_ANSWER = 80  # 2.2 non-contact at the close
    CANCELLED = 90  # the wave was cancelled before the sending


HELD = frozenset(
    {
        Disposition.HELD_REST,
        Disposition.HELD_CAP,
        Disposition.HELD_ACCOUNT,
        Disposition.HELD_HOUSEHOLD,
        Disposition.HELD_HOLD,
        Disposition.HELD_OPTED_OUT,
        Disposition.HELD_NO_BASIS,
        Disposition.HELD_PRIORITY,
    }
)
OPEN = frozenset(
    {
        Disposition.PLANNED,
        Disposition.SENT,
        Disposition.DELIVERED,
        Disposition.DELIVERY_UNKNOWN,
        Disposition.SHOWN,
        Disposition.CLICKED,
        Disposition.PARTIAL,
    }
)
"""Those to which an answer may still come."""


class WaveState(StrEnum):
    """How far a wave has come."""

    DRAFT = "draft"
    DRAWING = "drawing"
    DRAWN = "drawn"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class WaveKind(StrEnum):
    """How those asked came to be asked."""

    DRAWN = "drawn"  # a sample drawn under a plan
    EVENT = "event"  # the touchpoint events of one day


class DeliveryState(StrEnum):
    """How far an attempt to deliver has come; `sending` is committed before the provider has it."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


WEIGHT_ONE = 1_000_000
"""Base weights are kept in millionths."""
