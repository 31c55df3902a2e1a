"""The surveys' pages: all of them, one of them, a new one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from promontory.errors import Refusal
from promontory.program.organization.access import Can
from promontory.program.organization.doors import viewer
from promontory.program.surveys import actions, forms, queries, rules
from promontory.program.surveys.rules.programmes import PROGRAMMES


@login_required
def surveys(request: HttpRequest) -> HttpResponse:
    asking = viewer(request)
    context = {
        "surveys": queries.surveys(viewer=asking),
        "may_manage": asking.may(Can.MANAGE_SURVEYS),
        "programmes": PROGRAMMES.values(),
    }
    return render(request, "surveys/surveys.html", context)


@login_required
def survey(request: HttpRequest, key: str) -> HttpResponse:
    asking = viewer(request)
    found = queries.survey(key, viewer=asking)
    context = {
        "survey": found,
        "version": queries.published_version(found),
        "draft": queries.draft_version(found),
        "promise": rules.PROMISES[found.promise],
        "may_manage": asking.may(Can.MANAGE_SURVEYS),
    }
    return render(request, "surveys/survey.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    asking = viewer(request)
    asking.must(Can.MANAGE_SURVEYS)
    form = forms.SurveyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = actions.create_survey(
                name=told["name"],
                kind=told["kind"],
                promise=told["promise"],
                questions=form.questions(),
                by=asking,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"“{made.name}” is there; answers can come in.")
            return redirect("surveys:one", key=made.key)
    return render(request, "surveys/new.html", {"form": form})
