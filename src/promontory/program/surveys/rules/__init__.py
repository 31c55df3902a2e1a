"""What a survey may be: its kinds, its promises, its questions."""

from __future__ import annotations

KINDS = ("relationship", "transactional")

PROMISES = {
    "identified": "Your answer is seen with your name by those who serve you.",
    "confidential": "Your answer is read by a few people; others see it only within a group.",
    "anonymous": "Nobody can see who answered; results are shown for groups only.",
}

QUESTION_KINDS = ("scale", "yes_no", "choice", "text")
