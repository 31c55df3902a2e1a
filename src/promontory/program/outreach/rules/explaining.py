"""Saying why somebody was asked or not, and when next, in a sentence."""

from __future__ import annotations

from promontory.program.outreach.codes import HELD, LABELS, Disposition

REASONS = {
    "opted_out": "they have opted out of every way this survey asks by",
    "no_basis": "there is no lawful basis on record for asking them",
    "unreachable": "there is no address that works",
    "hold": "there is a hold on them",
    "priority": "a survey of higher priority is about to ask them",
    "rest_answered": "they have answered too recently",
    "rest_dismissed": "they have dismissed a question too recently",
    "rest_invited": "they were invited too recently",
    "rest_shown": "they were shown a question too recently",
    "cadence": "this survey comes round to them later",
    "cap_person": "they were asked as often as one may be",
    "cap_household": "their household was asked as often as it may be",
    "cap_account": "their account was asked as often as it may be",
    "not_drawn": "they were not drawn",
    "closed": "the survey is closed",
}
"""The rules of the policy in words."""


def now_sentence(because: str, *, may: bool, until: str | None) -> str:
    """Say whether somebody may be asked now, and if not, when next; `until` is a day in words."""
    if may:
        return "May be asked now."
    next_time = f"Next possible on {until}" if until else "Not possible as things stand"
    return f"Not asked now, because {REASONS.get(because, because)}. {next_time}."


def last_sentence(disposition: int, wave: str, probability: float | None) -> str:
    """Say what the last wave that had somebody in its frame made of them."""
    said = Disposition(disposition)
    chance = "" if probability is None else f" (the chance to be drawn was {probability:.1%})"
    if said == Disposition.NOT_DRAWN:
        return f"In the frame of “{wave}”, and not drawn{chance}."
    if said in HELD or said == Disposition.UNREACHABLE:
        label = LABELS[said].removeprefix("Held back: ").lower()
        return f"In the frame of “{wave}”, and not asked: {label}."
    return f"Invited in “{wave}”{chance}: {LABELS[said].lower()}."
