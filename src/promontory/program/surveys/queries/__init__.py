"""What can be asked about surveys."""

from __future__ import annotations

from django.db.models import QuerySet

from promontory.errors import NotFound
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.models import User
from promontory.program.surveys.models import Journey, Survey, SurveyVersion, Touchpoint


def surveys(*, viewer: Viewer) -> QuerySet[Survey]:
    """Return all surveys, oldest first."""
    viewer.must(Can.SEE_SCORES)
    return Survey.objects.select_related("touchpoint__journey")


def survey(key: str, *, viewer: Viewer, hold: bool = False) -> Survey:
    """Return the survey of that key; held, nobody changes it in the present transaction."""
    wanted = surveys(viewer=viewer).filter(key=key)
    found = (wanted.select_for_update(of=("self",)) if hold else wanted).first()
    if found is None:
        raise NotFound(f"There is no survey “{key}”.", remedy=_known(viewer))
    return found


def _known(viewer: Viewer) -> str:
    keys = list(surveys(viewer=viewer).values_list("key", flat=True)[:20])
    return f"Known: {', '.join(keys)}." if keys else "Make one first, under Settings."


def published_version(survey: Survey) -> SurveyVersion | None:
    """Return the version that is asked now, with its questions; None before there is one."""
    published = survey.versions.filter(published_at__isnull=False)
    return published.prefetch_related("questions").order_by("-number").first()


def current_version(survey: Survey) -> SurveyVersion:
    """Return the version that is asked now, with its questions, or refuse where there is none."""
    version = published_version(survey)
    if version is None:
        raise NotFound(f"“{survey}” has no published version.", remedy="Publish one first.")
    return version


def draft_version(survey: Survey) -> SurveyVersion | None:
    """Return the survey's draft, with its questions; None when nothing is being changed."""
    return survey.versions.filter(published_at=None).prefetch_related("questions").first()


def journeys(*, viewer: Viewer) -> QuerySet[Journey]:
    """Return all journeys with their touchpoints in order, and the surveys that cover them."""
    viewer.must(Can.SEE_SCORES)
    return Journey.objects.order_by("id").prefetch_related("touchpoints__survey_set")


def journey(number: int, *, viewer: Viewer) -> Journey:
    """Return the journey of that number."""
    found = journeys(viewer=viewer).filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such journey.")
    return found


def touchpoint(number: int, *, viewer: Viewer) -> Touchpoint:
    """Return the touchpoint of that number."""
    viewer.must(Can.SEE_SCORES)
    found = Touchpoint.objects.select_related("journey").filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such touchpoint.")
    return found


def user(number: int | None) -> User | None:
    """Return a person of the organisation who may own a survey."""
    return None if number is None else User.objects.filter(pk=number, is_active=True).first()
