"""What can be asked about surveys."""

from __future__ import annotations

from django.db.models import QuerySet

from promontory.errors import NotFound
from promontory.program.organization.access import Can, Viewer
from promontory.program.surveys.models import Survey, SurveyVersion


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
