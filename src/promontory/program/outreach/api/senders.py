"""The REST API of senders: what they are set to, never their secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from promontory.channels.configuration import form_fields
from promontory.channels.providers import providers
from promontory.program.organization.access import Can
from promontory.program.organization.doors import Key, Name, Slug, Strict, answers, now, viewer
from promontory.program.outreach.actions import senders as actions
from promontory.program.outreach.models import Sender
from promontory.program.outreach.queries import senders as queries

router = Router(tags=["senders"])

Setting = str | int | bool


class SenderOut(Schema):
    """A sender; of its secrets only whether they are set."""

    key: str
    name: str
    channel: str = Field(examples=["email"])
    provider: str = Field(examples=["smtp"])
    address: str = Field(examples=["Acme <ask@acme.example>"])
    per_second: float
    is_default: bool
    is_active: bool
    settings: dict[str, Setting]
    secrets_set: list[str]
    created_at: datetime


class SenderList(Schema):
    """All senders; there are never so many that they need pages."""

    items: list[SenderOut]


class SettingOut(Schema):
    """One thing that a provider wants to know."""

    name: str
    label: str
    kind: str = Field(description="text, number, yes_no or choice.")
    help: str
    is_secret: bool
    is_required: bool
    choices: list[str]


class ProviderOut(Schema):
    """A provider that a sender can be made of."""

    key: str
    title: str
    channel: str
    settings: list[SettingOut]


class ProviderList(Schema):
    """Every provider that sends something."""

    items: list[ProviderOut]


class SenderIn(Strict):
    """A sender to be."""

    name: Name
    provider: Slug = Field(examples=["smtp"])
    key: Slug = ""
    address: Annotated[str, StringConstraints(max_length=320)] = ""
    per_second: float = Field(10, gt=0, le=10_000)
    settings: dict[str, Setting] = {}


class SenderChange(Strict):
    """What is to change of a sender; what is left out stays, secrets included."""

    name: Name | None = None
    address: Annotated[str, StringConstraints(max_length=320)] | None = None
    per_second: float | None = Field(None, gt=0, le=10_000)
    settings: dict[str, Setting] | None = None
    is_active: bool | None = None
    is_default: bool | None = Field(
        None, description="true: the channel goes by it from now on; false: it is kept here."
    )


class TestIn(Strict):
    """To whom a test message goes."""

    to: Annotated[str, StringConstraints(min_length=1, max_length=320)]


class TestOut(Schema):
    """The provider took the test message over."""

    provider_id: str


def _out(sender: Sender, viewer_: Any) -> SenderOut:
    shown = queries.shown_settings(sender, viewer=viewer_)
    return SenderOut(
        key=sender.key,
        name=sender.name,
        channel=sender.channel,
        provider=sender.provider,
        address=sender.address,
        per_second=sender.per_second,
        is_default=sender.is_default,
        is_active=sender.is_active,
        settings={each.field.name: each.value for each in shown if not each.field.secret},
        secrets_set=[each.field.name for each in shown if each.field.secret and each.is_set],
        created_at=sender.created_at,
    )


@router.get("/senders", response=answers(SenderList), summary="All senders")
def list_senders(request: HttpRequest) -> SenderList:
    asking = viewer(request)
    return SenderList(items=[_out(each, asking) for each in queries.senders(viewer=asking)])


@router.get("/providers", response=answers(ProviderList), summary="What a sender can be made of")
def list_providers(request: HttpRequest) -> ProviderList:
    viewer(request).must(Can.SEND)
    found = []
    for key, kind in providers.items():
        if not kind.capabilities.pushes:
            continue
        fields = [
            SettingOut(
                name=each.name,
                label=each.label,
                kind=each.kind,
                help=each.help,
                is_secret=each.secret,
                is_required=each.required,
                choices=list(each.choices),
            )
            for each in form_fields(kind.settings_class)
        ]
        channel = kind.capabilities.channel
        found.append(ProviderOut(key=key, title=kind.title, channel=channel, settings=fields))
    return ProviderList(items=found)


@router.get("/senders/{key}", response=answers(SenderOut), summary="One sender")
def get_sender(request: HttpRequest, key: Key) -> SenderOut:
    asking = viewer(request)
    return _out(queries.sender(key, viewer=asking), asking)


@router.post("/senders", response=answers(SenderOut, 201), summary="Set up a sender")
def create_sender(request: HttpRequest, payload: SenderIn) -> Status[SenderOut]:
    asking = viewer(request)
    made = actions.add_sender(
        name=payload.name,
        provider=payload.provider,
        values=payload.settings,
        address=payload.address,
        per_second=payload.per_second,
        key=payload.key,
        by=asking,
        at=now(),
    )
    return Status(201, _out(made, asking))


@router.patch("/senders/{key}", response=answers(SenderOut), summary="Change a sender")
def change_sender(request: HttpRequest, key: Key, payload: SenderChange) -> SenderOut:
    asking = viewer(request)
    found = queries.sender(key, viewer=asking)
    changed = actions.change_sender(
        found,
        name=payload.name,
        values=payload.settings,
        address=payload.address,
        per_second=payload.per_second,
        is_active=payload.is_active,
        by=asking,
        at=now(),
    )
    if payload.is_default:
        actions.make_default(changed, by=asking, at=now())
    elif payload.is_default is False and changed.is_default:
        actions.keep_here(changed.channel, by=asking, at=now())
    return _out(queries.sender(key, viewer=asking), asking)


@router.post("/senders/{key}/test", response=answers(TestOut), summary="Send a test message")
def try_sender(request: HttpRequest, key: Key, payload: TestIn) -> TestOut:
    asking = viewer(request)
    found = queries.sender(key, viewer=asking)
    return TestOut(provider_id=actions.try_sender(found, to=payload.to, by=asking, at=now()))
