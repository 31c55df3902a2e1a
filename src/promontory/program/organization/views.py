"""The organisation's pages: sign-in, the first steps, settings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from promontory.errors import NotFound, Refusal
from promontory.program.organization import actions, forms, queries, words
from promontory.program.organization.access import Can
from promontory.program.organization.doors import client_of, now, viewer
from promontory.program.organization.models import OrgUnit, User

SETTINGS_TABS = {
    "settings": ("Settings", "What holds for the whole organisation."),
    "people": ("People", "Who may sign in, and what each may see and do."),
    "password": ("Password", "Your own password."),
    "keys": ("API keys", "What lets your programs in."),
    "audit": ("Audit", "What was done, by whom and when."),
}


def _page(request: HttpRequest, tab: str, context: dict[str, Any]) -> HttpResponse:
    title, sentence = SETTINGS_TABS[tab]
    asking = viewer(request)
    frame = {
        "tab": tab,
        "title": title,
        "sentence": sentence,
        "can_manage_people": asking.may(Can.MANAGE_PEOPLE),
        "can_see_audit": asking.may(Can.SEE_AUDIT),
    }
    return render(request, f"organization/{tab}.html", frame | context)


class SignIn(LoginView):
    """Signs a person in; an installation without anybody leads to its welcome."""

    template_name = "registration/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["organization"] = queries.organization()
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actions.try_to_sign_in(**self._who(), at=now())
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        actions.signed_in(**self._who(), at=now())
        return super().form_valid(form)

    def _who(self) -> dict[str, str]:
        address = self.request.POST.get("username", "")
        return {"address": address, "client": client_of(self.request)}


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("organization:sign-in")


@login_required
def settings_page(request: HttpRequest) -> HttpResponse:
    asking = viewer(request)
    organization = queries.organization()
    if organization is None:
        raise NotFound("This installation has not been set up yet.")
    initial = {
        "name": organization.name,
        "currency": organization.currency,
        "minimum_group": organization.minimum_group,
    }
    may = asking.may(Can.MANAGE_INSTALLATION)
    form = forms.SettingsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.change_settings(**form.cleaned_data, by=asking, at=timezone.now())
        messages.success(request, "The settings are changed.")
        return redirect("organization:settings")
    context = {"form": form, "organization": organization, "may": may}
    return _page(request, "settings", context)


@login_required
def people(request: HttpRequest) -> HttpResponse:
    asking = viewer(request)
    everybody = queries.people(viewer=asking)
    form = forms.PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person, password = actions.add_person(**form.cleaned_data, by=asking, at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                f"{person.name} may sign in as {person.email} with the password {password} "
                "(shown this once).",
            )
            return redirect("organization:people")
    context = {"people": everybody, "form": form, "units": OrgUnit.objects.exists()}
    return _page(request, "people", context)


@login_required
@require_POST
def take_role(request: HttpRequest, pk: int) -> HttpResponse:
    asking = viewer(request)
    membership = queries.membership(pk, viewer=asking)
    actions.take_role(membership, by=asking, at=timezone.now())
    messages.success(request, f"{membership.user.name} has one role less.")
    return redirect("organization:people")


@login_required
def password(request: HttpRequest) -> HttpResponse:
    person = request.user
    form = forms.PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and isinstance(person, User):
        try:
            actions.change_password(
                person,
                password=form.cleaned_data["password"],
                by=viewer(request),
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error("password", str(refusal))
        else:
            update_session_auth_hash(request, person)
            messages.success(request, "Your password is changed.")
            return redirect("organization:password")
    return _page(request, "password", {"form": form})


@login_required
def keys(request: HttpRequest) -> HttpResponse:
    asking = viewer(request)
    form: Form = forms.KeyForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        scopes = [Can(scope) for scope in form.cleaned_data["scopes"]]
        try:
            _, secret = actions.make_key(
                name=form.cleaned_data["name"], scopes=scopes, by=asking, at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            form = forms.KeyForm()
    context = {"keys": queries.keys(viewer=asking), "form": form, "secret": secret}
    return _page(request, "keys", context)


@login_required
@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    asking = viewer(request)
    key = queries.keys(viewer=asking).filter(pk=pk).first()
    if key is None:
        raise NotFound("There is no such key.")
    actions.revoke_key(key, by=asking, at=timezone.now())
    messages.success(request, f"The key “{key.name}” is revoked.")
    return redirect("organization:keys")


@login_required
def audit(request: HttpRequest) -> HttpResponse:
    entries = queries.audit_entries(viewer=viewer(request))
    before = request.GET.get("before", "")
    if before.isdecimal():
        entries = entries.filter(pk__lt=int(before))
    found = list(entries[:101])
    shown = found[:100]
    people = queries.names({entry.by for entry in shown})
    context = {
        "lines": words.lines(shown, people),
        "more": found[99].pk if len(found) > 100 else None,
    }
    return _page(request, "audit", context)
