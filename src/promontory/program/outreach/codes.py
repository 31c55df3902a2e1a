"""What can become of an invitation, and of each attempt to deliver it."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from promontory.program.surveys.codes import CHANNELS


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
    HELD_LATE = 19  # held back: the moment to ask has passed
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
        Disposition.HELD_LATE,
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
REMINDABLE = (
    Disposition.SENT,
    Disposition.DELIVERED,
    Disposition.SHOWN,
    Disposition.CLICKED,
)
"""Those whom a reminder may go to: they have our message, as far as we know, and no answer."""

VOID = HELD | {Disposition.UNREACHABLE, Disposition.CANCELLED}
"""Those of an invitation that never went out: it does not count as having been asked."""

PUSHED = (CHANNELS["email"], CHANNELS["sms"], CHANNELS["ivr"])
"""The channels by which we come to the customer; by the others the customer comes to us."""

LABELS = {
    Disposition.NOT_DRAWN: "Not drawn",
    Disposition.HELD_REST: "Held back: rest period",
    Disposition.HELD_CAP: "Held back: asked often enough",
    Disposition.HELD_ACCOUNT: "Held back: account asked often enough",
    Disposition.HELD_HOUSEHOLD: "Held back: household asked often enough",
    Disposition.HELD_HOLD: "Held back: hold",
    Disposition.HELD_OPTED_OUT: "Held back: opted out",
    Disposition.HELD_NO_BASIS: "Held back: no lawful basis",
    Disposition.HELD_PRIORITY: "Held back: another survey comes first",
    Disposition.HELD_LATE: "Held back: the moment has passed",
    Disposition.UNREACHABLE: "Not reachable",
    Disposition.PLANNED: "Planned",
    Disposition.SENT: "Sent",
    Disposition.DELIVERED: "Delivered",
    Disposition.DELIVERY_UNKNOWN: "Delivery unknown",
    Disposition.SHOWN: "Shown",
    Disposition.CLICKED: "Clicked, not confirmed",
    Disposition.ANSWERED: "Answered",
    Disposition.PARTIAL: "Partly answered",
    Disposition.QUARANTINED: "Quarantined",
    Disposition.REFUSED: "Dismissed",
    Disposition.OPTED_OUT: "Opted out",
    Disposition.UNDELIVERABLE: "Undeliverable",
    Disposition.NO_ANSWER: "No answer",
    Disposition.CANCELLED: "Cancelled",
}
"""What the pages call each disposition."""


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


AUTO = "auto"
"""Among the channels of a plan: as decided for the customer's segment, else the others named."""

WEIGHT_ONE = 1_000_000
"""Base weights are kept in millionths."""
