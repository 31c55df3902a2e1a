"""The guided first month: found the installation, then step after step until a score stands.

A step is done when what it leads to exists; nothing is ticked off by hand.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from promontory.errors import NotAllowed, Refusal
from promontory.program.ledger import queries as ledger
from promontory.program.organization import actions as organization
from promontory.program.organization.access import SYSTEM, Can
from promontory.program.organization.doors import viewer
from promontory.program.organization.forms import WelcomeForm
from promontory.program.organization.models import User
from promontory.program.responses import queries as responses
from promontory.program.scores import actions as scores
from promontory.program.surveys import queries as surveys


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, why, where, and whether it is done."""

    title: str
    why: str
    address: str
    action: str
    is_done: bool


def welcome(request: HttpRequest) -> HttpResponse:
    """Found the organisation; only who holds the token printed at the start may, and only once."""
    if User.objects.exists():
        return redirect("organization:sign-in")
    token = request.POST.get("token") or request.GET.get("token", "")
    if not hmac.compare_digest(token.encode(), organization.welcome_token().encode()):
        raise NotAllowed(
            "This installation is new, and only who started it may set it up.",
            remedy="Open the address that was printed when it started.",
        )
    form = WelcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told, at = form.cleaned_data, timezone.now()
        try:
            with transaction.atomic():
                person = organization.begin(**told, by=SYSTEM, at=at)
                scores.ensure_default_method(by=SYSTEM, at=at)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
            return redirect("first-steps")
    return render(request, "first_steps/welcome.html", {"form": form, "token": token})


@login_required
def first_steps(request: HttpRequest) -> HttpResponse:
    """Show the steps of the first month, and lead to the next one."""
    asking = viewer(request)
    asking.must(Can.SEE_SCORES)
    has_survey = surveys.surveys(viewer=asking).exists()
    has_answers = responses.visible().exists()
    steps = [
        Step(
            "Say what you ask",
            "A survey has a name, its questions, and a promise to those who answer.",
            reverse("surveys:list"),
            "Make a survey",
            has_survey,
        ),
        Step(
            "Bring in the answers you have",
            "A CSV, Excel, Parquet or JSONL file; every row is judged before anything is kept.",
            reverse("responses:imports"),
            "Import a file",
            has_answers,
        ),
        Step(
            "Read the score with its uncertainty",
            "The overview says where it stands, whether it moved, and where.",
            "/",
            "See the overview",
            has_answers,
        ),
        Step(
            "Anchor the ledger outside this machine",
            "A signed line kept elsewhere proves later that nobody has altered an answer. "
            "Run: promontory ledger anchor",
            reverse("organization:audit"),
            "See what was done",
            ledger.latest_anchor() is not None,
        ),
        Step(
            "Let your colleagues in",
            "Each sees what their role and unit allow.",
            reverse("organization:people"),
            "Add people",
            User.objects.count() > 1,
        ),
    ]
    following = next((step for step in steps if not step.is_done), None)
    context = {"steps": steps, "following": following}
    return render(request, "first_steps/first_steps.html", context)
