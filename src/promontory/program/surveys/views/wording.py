"""The pages of wording: every language side by side, one language beside English, one text."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from promontory.errors import Refusal
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can
from promontory.program.organization.doors import viewer
from promontory.program.surveys.actions import wording as actions
from promontory.program.surveys.forms.wording import TextForm
from promontory.program.surveys.queries import wording
from promontory.program.surveys.queries.standings import Standing, standings
from promontory.program.surveys.queries.wording import Text
from promontory.program.surveys.rules.texts import INFORMAL, Language, all_keys, filled

GROUPS = {
    "recommend": "Recommendation",
    "reason": "Reason",
    "csat": "Satisfaction",
    "ces": "Effort",
    "yes_no": "Yes and no",
    "optional": "Optional",
    "page": "Survey page",
    "promise": "Respondent promise",
    "kiosk": "Kiosk",
    "preferences": "Preferences",
    "mail": "Email",
    "sms": "SMS",
    "voice": "Phone",
    "brand": "Forms of the brand",
}
SHOWN = (
    ("", "All languages"),
    ("asked", "Asked in"),
    ("draft", "Not reviewed"),
    ("reviewed", "Reviewed"),
)
EXAMPLE = {
    "name": "Alex",
    "score": "9",
    "low": "0",
    "high": "10",
    "contact": "+1 555 0100",
    "address": "1 Main Street",
}


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Every language side by side, with what each says for one key."""
    asking = viewer(request)
    key = request.GET.get("text", "")
    key = key if key in all_keys() else "recommend.question"
    shown = request.GET.get("show", "")
    every = standings(key=key, viewer=asking)
    context = {
        "title": "Wording",
        "sentence": _sentence(every),
        "standings": [each for each in every if _is_shown(each, shown)],
        "key": key,
        "keys": [(each, label(each)) for each in all_keys()],
        "show": shown,
        "choices": SHOWN,
    }
    return _page(request, "surveys/wording.html", context)


@login_required
def language(request: HttpRequest, code: str) -> HttpResponse:
    """One language beside English: what it says, what is found, what is reviewed."""
    asking = viewer(request)
    asking.must(Can.SEE_SCORES)
    chosen = wording.language(code)
    register = _register(request, chosen)
    found = wording.texts_of(chosen, register)
    drafts = sum(not text.is_reviewed for text in found.values())
    findings = wording.findings_of(chosen, found)
    context = {
        "title": f"Wording: {chosen.name}",
        "sentence": _sentence_of(chosen, len(found), drafts, len(findings)),
        "language": chosen,
        "register": register,
        "groups": _groups(found),
        "findings": [(each, label(each.key)) for each in findings],
        "drafts": drafts,
        "may_manage": asking.may(Can.MANAGE_SURVEYS),
    }
    return _page(request, "surveys/wording_language.html", context)


@login_required
def text(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """One text beside English: write it, say that it is right, or go back to ours."""
    asking = viewer(request)
    asking.must(Can.MANAGE_SURVEYS)
    chosen = wording.language(code)
    register = _register(request, chosen)
    found = wording.texts_of(chosen, register)
    now = found[wording.known_key(chosen, key)]
    form = TextForm(request.POST or None, language=chosen, text=now)
    if request.method == "POST" and (form.is_valid() or "restore" in request.POST):
        try:
            return _done(request, chosen, register, now, list(found), form)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    context = {
        "title": f"{chosen.name}: {label(key)}",
        "sentence": now.english,
        "language": chosen,
        "register": register,
        "text": now,
        "example": _example(found, now),
        "form": form,
        "findings": wording.findings_in(found, chosen, key, now.text),
        "next": _after(list(found), key),
        "back": _address(chosen, register),
    }
    return _page(request, "surveys/wording_text.html", context)


@login_required
@require_POST
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Say that one text, or every draft of a language, is right."""
    chosen = wording.language(code)
    register = _register(request, chosen)
    key = request.POST.get("key", "")
    try:
        number = actions.review_texts(
            chosen,
            keys=[key] if key else None,
            register=register,
            was=request.POST.get("was") if key else None,
            by=viewer(request),
            at=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Reviewed: {number} of {chosen.name}.")
    anchor = f"#{key}" if key else ""
    return redirect(_address(chosen, register) + anchor)


def label(key: str) -> str:
    """Return what a key is called in the pages: “Survey page: thanks detail”."""
    group, _, name = key.partition(".")
    plain = name.replace("_", " ").replace(".", ", ")
    return f"{GROUPS[group]}: {plain}" if plain else GROUPS[group]


def _done(
    request: HttpRequest,
    language: Language,
    register: str,
    now: Text,
    keys: list[str],
    form: TextForm,
) -> HttpResponse:
    """Do what the button says, and go on to the next text."""
    by, at = viewer(request), timezone.now()
    if "restore" in request.POST:
        actions.restore_text(language, key=now.key, register=register, by=by, at=at)
        messages.success(request, "It is our text again.")
        return redirect(_address(language, register, now.key))
    told = form.cleaned_data
    kept = actions.put_text(
        language,
        key=now.key,
        text=told["text"],
        register=register,
        note=told["note"],
        was=told["was"] or None,
        by=by,
        at=at,
    )
    if "review" in request.POST:
        actions.review_texts(
            language, keys=[now.key], register=register, was=kept.text, by=by, at=at
        )
        messages.success(request, f"Reviewed: {label(now.key)}.")
    elif kept != now:
        messages.success(request, f"Kept as a draft: {label(now.key)}.")
    return redirect(_address(language, register, _after(keys, now.key) or ""))


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    asking = viewer(request)
    frame = {
        "tab": "wording",
        "can_manage_people": asking.may(Can.MANAGE_PEOPLE),
        "can_see_audit": asking.may(Can.SEE_AUDIT),
    }
    return render(request, template, {**frame, **context})


def _register(request: HttpRequest, language: Language) -> str:
    wished = request.POST.get("register") or request.GET.get("register", "")
    return language.register(wished)


def _address(language: Language, register: str, key: str = "") -> str:
    name, arguments = (
        ("surveys:wording-text", [language.code, key])
        if key
        else (
            "surveys:wording-language",
            [language.code],
        )
    )
    query = f"?{urlencode({'register': register})}" if register == INFORMAL else ""
    return reverse(name, args=arguments) + query


def _after(keys: list[str], key: str) -> str | None:
    place = keys.index(key) + 1
    return keys[place] if place < len(keys) else None


def _example(found: dict[str, Text], text: Text) -> str:
    """Return a text as one person may read it, from the organisation itself."""
    ours = organization.organization()
    values = {**EXAMPLE, "brand": ours.name if ours else "Acme"}
    if text.key == "mail.scale":  # there they are the words at the ends, not the numbers
        values |= {"low": found["recommend.low"].text, "high": found["recommend.high"].text}
    said = wording.written(found).get(text.key, text.text)
    return filled(said, values)


def _groups(found: dict[str, Text]) -> list[tuple[str, list[tuple[str, Text]]]]:
    groups: dict[str, list[tuple[str, Text]]] = {}
    for key, each in found.items():
        groups.setdefault(GROUPS[key.partition(".")[0]], []).append((label(key), each))
    return list(groups.items())


def _is_shown(standing: Standing, shown: str) -> bool:
    if shown == "asked":
        return standing.is_asked
    if shown in {"draft", "reviewed"}:
        return standing.is_reviewed == (shown == "reviewed")
    return True


def _sentence(standings: list[Standing]) -> str:
    reviewed = sum(each.is_reviewed for each in standings)
    asked = sum(each.is_asked and not each.is_reviewed for each in standings)
    said = f"{len(standings)} languages have texts; {reviewed} reviewed in full."
    if asked:
        return said + f" {asked} of those you ask in {'is' if asked == 1 else 'are'} not."
    return said + " A draft goes live only if somebody says why."


def _sentence_of(language: Language, total: int, drafts: int, findings: int) -> str:
    wrong = f" {findings} of them look wrong." if findings else ""
    if not drafts:
        return f"All {total} texts are reviewed.{wrong}"
    return f"{drafts} of {total} texts are drafts that nobody has reviewed.{wrong}"
