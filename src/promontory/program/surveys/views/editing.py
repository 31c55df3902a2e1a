"""The survey editor: draft the questions, see them, publish them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from promontory.errors import Refusal
from promontory.program.organization.access import Can
from promontory.program.organization.doors import viewer
from promontory.program.surveys import actions, queries
from promontory.program.surveys.forms import editing
from promontory.program.surveys.forms.asking import AskingForm
from promontory.program.surveys.models import Survey
from promontory.program.surveys.queries import wording


@login_required
def edit(request: HttpRequest, key: str) -> HttpResponse:
    asking = viewer(request)
    asking.must(Can.MANAGE_SURVEYS)
    survey = queries.survey(key, viewer=asking)
    version = queries.draft_version(survey) or queries.published_version(survey)
    if request.method != "POST":
        questions = editing.shown(version.questions.all()) if version else []
        languages = list(version.languages) if version else ["en"]
        registers = dict(version.registers) if version else {}
        return _page(request, survey, questions, languages or ["en"], registers)
    languages = _languages(request)
    registers = {
        language: said
        for language in languages
        if (said := request.POST.get(f"register_{language}", "")) in {"formal", "informal"}
    }
    questions = editing.typed(request.POST, languages)
    what, _, which = request.POST.get("do", "save").partition(":")
    place = int(which) if which.isdecimal() else -1
    if what == "add" and which in editing.TYPES:
        questions.append(editing.fresh(which, [each.key for each in questions]))
    elif what in {"up", "down"}:
        questions = editing.moved(questions, place, -1 if what == "up" else 1)
    elif what == "remove":
        questions = [each for number, each in enumerate(questions) if number != place]
    elif what in {"save", "look"}:
        try:
            actions.save_draft(
                survey,
                questions=editing.new_questions(questions),
                languages=languages,
                registers=registers,
                by=asking,
                at=timezone.now(),
            )
        except Refusal as refusal:
            return _page(request, survey, questions, languages, registers, refusal=refusal)
        if what == "look":
            return redirect(f"/surveys/{survey.key}/preview")
        messages.success(request, "The draft is kept. Nobody is asked it until it is published.")
        return redirect("surveys:edit", key=survey.key)
    return _page(request, survey, questions, languages, registers, is_unsaved=True)


def _languages(request: HttpRequest) -> list[str]:
    known = {each.code for each in wording.languages()}
    first = request.POST.get("first_language", "en")
    also = [each for each in request.POST.getlist("languages") if each != first]
    return [each for each in dict.fromkeys([first, *also]) if each in known] or ["en"]


def _page(
    request: HttpRequest,
    survey: Survey,
    questions: list[editing.Typed],
    languages: list[str],
    registers: dict[str, str],
    *,
    refusal: Refusal | None = None,
    is_unsaved: bool = False,
) -> HttpResponse:
    known = wording.languages()
    names = {each.code: each for each in known}
    others = [names[code] for code in languages[1:] if code in names]
    context = {
        "survey": survey,
        "draft": queries.draft_version(survey),
        "published": queries.published_version(survey),
        "questions": editing.translated(questions, languages[0], others),
        "types": [(key, label) for key, (label, _, _) in editing.TYPES.items()],
        "first_language": languages[0],
        "languages": languages,
        "others": others,
        "known": known,
        "registers": [
            (names[code], registers.get(code, ""))
            for code in languages
            if code in names and names[code].has_registers
        ],
        "refusal": refusal,
        "is_unsaved": is_unsaved,
    }
    status = 422 if refusal else 200
    return render(request, "surveys/edit.html", context, status=status)


@login_required
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """Lead to the preview of the draft, or of what is published where there is none."""
    survey = queries.survey(key, viewer=viewer(request))
    version = queries.draft_version(survey) or queries.current_version(survey)
    return redirect(f"/preview/{version.pk}")


@login_required
@require_POST
def publish(request: HttpRequest, key: str) -> HttpResponse:
    asking = viewer(request)
    asking.must(Can.MANAGE_SURVEYS)
    survey = queries.survey(key, viewer=asking)
    try:
        version = actions.publish_draft(
            survey, reason=request.POST.get("reason", ""), by=asking, at=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("surveys:edit", key=survey.key)
    messages.success(request, f"Version {version.number} is published and never changes.")
    return redirect("surveys:one", key=survey.key)


@login_required
@require_POST
def discard(request: HttpRequest, key: str) -> HttpResponse:
    asking = viewer(request)
    survey = queries.survey(key, viewer=asking)
    actions.discard_draft(survey, by=asking, at=timezone.now())
    messages.success(request, "The draft is gone; what is published stays.")
    return redirect("surveys:one", key=survey.key)


@login_required
def asked_when(request: HttpRequest, key: str) -> HttpResponse:
    asking = viewer(request)
    asking.must(Can.MANAGE_SURVEYS)
    survey = queries.survey(key, viewer=asking)
    form = AskingForm(request.POST or None, initial=AskingForm.of(survey))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_survey(survey, **form.cleaned_data, by=asking, at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Changed.")
            return redirect("surveys:one", key=survey.key)
    return render(request, "surveys/when.html", {"survey": survey, "form": form})


@login_required
@require_POST
def open_or_close(request: HttpRequest, key: str) -> HttpResponse:
    asking = viewer(request)
    survey = queries.survey(key, viewer=asking)
    change = actions.close_survey if survey.closed_at is None else actions.reopen_survey
    change(survey, by=asking, at=timezone.now())
    return redirect("surveys:one", key=survey.key)


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    asking = viewer(request)
    made = actions.start_programme(
        request.POST.get("programme", ""),
        brand=request.POST.get("brand", ""),
        owner=queries.user(asking.user_id),
        by=asking,
        at=timezone.now(),
    )
    messages.success(request, f"“{made.name}” is drafted: look at it, then publish it.")
    return redirect("surveys:edit", key=made.key)
