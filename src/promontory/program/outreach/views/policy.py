"""The page of the contact policy: its versions, what it would allow today, its exceptions."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promontory.errors import NotFound, Refusal
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.outreach import actions
from promontory.program.outreach.forms.planning import ExceptionForm, PolicyForm
from promontory.program.outreach.models import ContactPolicy
from promontory.program.outreach.queries import policies
from promontory.program.outreach.queries.policies import DEFAULTS
from promontory.program.outreach.queries.preview import Preview, preview
from promontory.program.outreach.rules.policy import Policy
from promontory.program.surveys import queries as surveys

_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the policy, with what it changed."""

    policy: ContactPolicy
    changes: tuple[str, ...]
    by: str


@login_required
def policy(request: HttpRequest) -> HttpResponse:
    """Show the policy, try changes out, and make the next version."""
    asking = viewer(request)
    asking.must(Can.SEE_SCORES)
    present = policies.contact_policy()
    start = {name: getattr(present, name) for name in DEFAULTS}
    form = PolicyForm(request.POST or None, initial=start)
    tried: Preview | None = None
    if request.method == "POST" and form.is_valid():
        asking.must(Can.SEND)
        try:
            if request.POST.get("do") == "preview":
                tried = preview(Policy.of(form.cleaned_data), at=now())
            else:
                made = actions.set_policy(form.cleaned_data, by=asking, at=now())
                messages.success(request, f"Version {made.number} counts from now on.")
                return redirect("outreach:policy")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    context = {
        "form": form,
        "policy": present,
        "today": preview(Policy.of(start), at=now()),
        "tried": tried,
        "versions": _versions(policies.policies(viewer=asking)[: _VERSIONS + 1]),
        "exceptions": policies.exceptions(viewer=asking)[:50],
        "exception_form": ExceptionForm(surveys=surveys.surveys(viewer=asking)),
        "may_send": asking.may(Can.SEND),
        "today_is": now().date(),
    }
    return render(request, "outreach/policy.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def except_survey(request: HttpRequest) -> HttpResponse:
    """Let a survey ask in spite of a rule."""
    asking = viewer(request)
    asking.must(Can.SEND)
    form = ExceptionForm(request.POST, surveys=surveys.surveys(viewer=asking))
    if not form.is_valid():
        faults = " ".join(f"{field}: {said[0]}" for field, said in form.errors.items())
        messages.error(request, faults)
        return redirect("outreach:policy")
    given = form.cleaned_data
    actions.except_survey(
        given["survey"],
        rules={given["rule"]: given["value"]},
        reason=given["reason"],
        until=given["until"],
        by=asking,
        at=now(),
    )
    messages.success(request, f"“{given['survey']}” has its exception.")
    return redirect("outreach:policy")


@login_required
@require_POST
def end_exception(request: HttpRequest, pk: int) -> HttpResponse:
    """End an exception now."""
    asking = viewer(request)
    found = policies.exceptions(viewer=asking).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such exception.")
    actions.end_exception(found, by=asking, at=now())
    messages.success(request, "The exception has ended.")
    return redirect("outreach:policy")


def _versions(found: object) -> list[Version]:
    rows: list[ContactPolicy] = list(found)  # type: ignore[call-overload]
    names = organization.names({row.created_by for row in rows})
    said = []
    for row, before in zip(rows, [*rows[1:], None], strict=False):
        was = before or ContactPolicy(number=0, **DEFAULTS)
        changes = tuple(
            f"{PolicyForm.base_fields[name].label or name}: "
            f"{_word(getattr(was, name))} → {_word(getattr(row, name))}"
            for name in DEFAULTS
            if getattr(was, name) != getattr(row, name) and (before or row.number == 1)
        )
        said.append(Version(row, changes, names[row.created_by]))
    return said[:_VERSIONS]


def _word(value: object) -> str:
    if value is None:
        return "no rule"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:%H:%M}" if hasattr(value, "hour") else str(value)
