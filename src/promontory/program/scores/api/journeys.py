"""The journey map: which touchpoints are asked after, and the score and the volume at each."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from promontory.program.organization.doors import answers, now, viewer
from promontory.program.scores.api.shapes import FigureOut
from promontory.program.scores.queries.journeys import journey_map

router = Router(tags=["scores"])


class AskedOut(Schema):
    """A survey at a touchpoint, with its latest figure; null before anybody has answered."""

    survey: str
    figure: FigureOut | None
    sentence: str


class StopOut(Schema):
    """A touchpoint; nobody asks there where `asked` is empty."""

    key: str
    name: str
    asked: list[AskedOut]


class JourneyOut(Schema):
    """A journey with its touchpoints in order."""

    number: int
    name: str
    sentence: str
    touchpoints: list[StopOut]


class JourneyMap(Schema):
    """All journeys; there are never so many that they need pages."""

    items: list[JourneyOut]


@router.get("/journey-map", response=answers(JourneyMap), summary="The journey map")
def get_journeys(request: HttpRequest) -> JourneyMap:
    return JourneyMap(
        items=[
            JourneyOut(
                number=way.journey.pk,
                name=way.journey.name,
                sentence=way.sentence,
                touchpoints=[
                    StopOut(
                        key=stop.touchpoint.key,
                        name=stop.touchpoint.name,
                        asked=[
                            AskedOut(
                                survey=asked.survey.key,
                                figure=FigureOut.model_validate(asked.figure.to_dict())
                                if asked.figure
                                else None,
                                sentence=asked.sentence,
                            )
                            for asked in stop.asked
                        ],
                    )
                    for stop in way.stops
                ],
            )
            for way in journey_map(viewer(request), at=now())
        ]
    )
