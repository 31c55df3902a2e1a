"""A version as customers will see it, a draft too; what is sent there is kept nowhere."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt

from promontory.errors import NotFound
from promontory.program.answering.queries.invitations import Asked
from promontory.program.answering.queries.papers import paper_of
from promontory.program.answering.queries.wording import sheet
from promontory.program.answering.rules.paper import language_for
from promontory.program.answering.rules.submission import whole
from promontory.program.answering.views.flow import Door, say, show, show_chosen, take
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.surveys.codes import CHANNELS
from promontory.program.surveys.models import SurveyVersion


@csrf_exempt  # its form is the respondents' own, and nothing it sends is kept
@login_required
@xframe_options_sameorigin
def preview(request: HttpRequest, version: int) -> HttpResponse:
    """Go through a version's pages in one of its languages; `?score=9` as from a mail."""
    viewer(request).must(Can.MANAGE_SURVEYS)
    found = SurveyVersion.objects.select_related("survey").filter(pk=version).first()
    if found is None:
        raise NotFound("There is no such version.")
    language = str(
        request.POST.get("language") or request.POST.get("lang") or request.GET.get("lang") or ""
    )
    door = render_door(found, language)
    score, question = whole(request.GET.get("score")), door.asked.paper.score
    if "done" in request.GET:
        return say(door, "page.thanks", "page.thanks_detail")
    if request.method == "POST":
        return take(request, door, at=now())
    if not door.asked.paper.asks:
        raise NotFound("This version asks nothing yet.", remedy="Add a question first.")
    if score is not None and question is not None and question.takes(score):
        return show_chosen(door, score)
    return show(door)


def render_door(version: SurveyVersion, language: str = "") -> Door:
    """Return a door that shows a version and keeps nothing."""
    paper = paper_of(version)
    address = reverse("answering:preview", args=[version.pk])
    asked = Asked(paper, shut="", is_test=True, language="", channel=CHANNELS["web"])
    return Door(
        asked=asked,
        address=address,
        sheet=sheet(paper, language_for(paper.languages, language)),
        thanks=f"{address}?done=1",
        ancestors="'self'",
        keeps=lambda acts: None,
    )
