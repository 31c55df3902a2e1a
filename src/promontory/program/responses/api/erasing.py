"""Erasing a person for ever."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from promontory.errors import NotFound
from promontory.program.customers import queries as customers
from promontory.program.organization.access import Can
from promontory.program.organization.doors import Strict, answers, now, viewer
from promontory.program.responses import actions

router = Router(tags=["people"])


class ErasureIn(Strict):
    """Whom to erase, by an exact e-mail address, customer number or telephone."""

    identifier: Annotated[str, StringConstraints(min_length=1, max_length=320)] = Field(
        examples=["ada@example.org"]
    )


class ErasureOut(Schema):
    """That somebody was erased; it says no more than that."""

    erased: bool


@router.post("/erasures", response=answers(ErasureOut), summary="Erase a person for ever")
def erase_person(request: HttpRequest, payload: ErasureIn) -> ErasureOut:
    """Delete what is theirs; what their answers counted for stays. It cannot be undone."""
    asking = viewer(request)
    asking.must(Can.ERASE)
    contact = customers.search_contact(payload.identifier, viewer=asking)
    if contact is None:
        raise NotFound("Nobody here has exactly this e-mail, customer number or telephone.")
    actions.erase_contact(contact.pk, by=asking, at=now())
    return ErasureOut(erased=True)
