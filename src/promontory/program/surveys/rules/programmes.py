"""Programmes ready to start with: what to ask, when, and how seldom."""

from __future__ import annotations

from dataclasses import dataclass

from promontory.program.surveys.rules.questions import REASON, RECOMMENDATION, NewQuestion

_LOW = {"question": "recommend", "values": list(range(7))}


@dataclass(frozen=True, slots=True)
class Programme:
    """A survey with its place in a journey and the moment it is asked, to be changed at will.

    `touchpoints` are the journey in order, (key, name); the survey is asked after `touchpoint`,
    `delay_minutes` later, or without one every `cadence_days`.
    """

    key: str
    name: str
    summary: str
    kind: str
    promise: str
    questions: tuple[NewQuestion, ...]
    journey: str
    touchpoints: tuple[tuple[str, str], ...]
    touchpoint: str = ""
    cadence_days: int | None = None
    delay_minutes: int = 0


PROGRAMMES = {
    programme.key: programme
    for programme in (
        Programme(
            key="relationship",
            name="Relationship",
            summary=(
                "For companies that serve companies: the stakeholders of every account, "
                "once in 180 days."
            ),
            kind="relationship",
            promise="identified",
            questions=(
                RECOMMENDATION,
                REASON,
                NewQuestion(
                    key="call-me",
                    kind="yes_no",
                    text="May we call you about it?",
                    show_if=_LOW,
                ),
            ),
            journey="Customer",
            touchpoints=(
                ("onboarding", "Onboarding"),
                ("use", "Use"),
                ("support", "Support"),
                ("renewal", "Renewal"),
            ),
            cadence_days=180,
        ),
        Programme(
            key="after-support",
            name="After support",
            summary="For service teams: four hours after a request is solved.",
            kind="transactional",
            promise="identified",
            questions=(
                RECOMMENDATION,
                REASON,
                NewQuestion(
                    key="effort",
                    metric="ces",
                    text="They made it easy for me to handle my issue.",
                ),
                NewQuestion(
                    key="solved",
                    kind="yes_no",
                    metric="yes_no",
                    text="Is your request solved?",
                ),
            ),
            journey="Support",
            touchpoints=(
                ("request-opened", "Request opened"),
                ("request-solved", "Request solved"),
            ),
            touchpoint="request-solved",
            delay_minutes=240,
        ),
        Programme(
            key="after-delivery",
            name="After delivery",
            summary="For shops: two days after the parcel arrived.",
            kind="transactional",
            promise="identified",
            questions=(
                RECOMMENDATION,
                REASON,
                NewQuestion(
                    key="satisfaction",
                    metric="csat",
                    text="How satisfied are you with the delivery?",
                ),
            ),
            journey="Order",
            touchpoints=(
                ("ordered", "Ordered"),
                ("delivered", "Delivered"),
                ("returned", "Returned"),
            ),
            touchpoint="delivered",
            delay_minutes=2_880,
        ),
    )
}
