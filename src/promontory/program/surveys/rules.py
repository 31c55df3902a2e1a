"""What a survey may be: its kinds, its promises, its questions, and how its parts are coded."""

from __future__ import annotations

KINDS = ("relationship", "transactional")

PROMISES = {
    "identified": "Your answer is seen with your name by those who serve you.",
    "confidential": "Your answer is read by a few people; others see it only within a group.",
    "anonymous": "Nobody can see who answered; results are shown for groups only.",
}

QUESTION_KINDS = ("scale", "yes_no", "choice", "text")

METRIC_CODES = {"nps": 1, "csat": 2, "ces": 3, "yes_no": 4}
"""How a metric is coded in the warehouse; codes are never used again for another metric."""

CHANNELS = {
    "unknown": 0,
    "email": 1,
    "sms": 2,
    "web": 3,
    "in_app": 4,
    "kiosk": 5,
    "ivr": 6,
    "in_person": 7,
    "letter": 8,
}
"""How a channel is coded in the warehouse."""

CHANNEL_LABELS = {
    "unknown": "Unknown",
    "email": "Email",
    "sms": "SMS",
    "web": "Web link",
    "in_app": "In-app",
    "kiosk": "Kiosk",
    "ivr": "Phone (IVR)",
    "in_person": "In person",
    "letter": "Letter",
}


def everyone_is_known(promise: str) -> bool:
    """Say whether answers under this promise may be shown with the person who gave them."""
    return promise == "identified"
