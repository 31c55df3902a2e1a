"""One answer's life: recorded once, corrected, excluded, erased; and what each viewer may see."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import connection

from promontory.errors import BadInput, Conflict, NotAllowed, NotFound
from promontory.jobs.draining import drain
from promontory.program.customers.actions import (
    NewDimension,
    ensure_dimensions,
    resolve_contact,
)
from promontory.program.customers.models import Contact
from promontory.program.ledger.actions import seal
from promontory.program.ledger.models import Entry, PersonKey
from promontory.program.ledger.verify import verify
from promontory.program.organization.access import ROLES, SYSTEM, Viewer
from promontory.program.responses import actions, queries
from promontory.program.responses.actions import NewResponse, committing
from promontory.program.responses.codes import Excluded
from promontory.program.responses.models import RawRow, Response, Verbatim
from promontory.warehouse import Facts
from tests.program.responses.conftest import NOW
from tests.program.responses.test_path import FILE, imported, previewed

pytestmark = pytest.mark.django_db(transaction=True)
ANALYST = Viewer(None, "Ann", ROLES["analyst"][1])
FRONTLINE = Viewer(None, "Fred", ROLES["frontline"][1])
EXECUTIVE = Viewer(None, "Eve", ROLES["executive"][1])


def recorded(survey: Any, given_id: str = "live-1", **more: Any) -> Response:
    new = NewResponse(
        survey=survey,
        answers={"nps": 3},
        answered_at=NOW - timedelta(days=1),
        given_id=given_id,
        **more,
    )
    return actions.record(new, by=SYSTEM, at=NOW)


def counted(home: Path, column: str = "answer") -> Counter[Any]:
    """What the warehouse counts now."""
    drain(at=NOW + timedelta(hours=1))
    facts = Facts(home / "warehouse")
    files = [str(facts.path(file)) for file in facts.manifest().files]
    rows = duckdb.sql(
        f"SELECT {column}, sum(sign)::INT FROM read_parquet({files}, union_by_name=true) "
        f"WHERE mask = 0 GROUP BY {column}"
    ).fetchall()
    return Counter({value: n for value, n in rows if n})


def test_recording_the_same_answer_again_changes_nothing(survey: Any, own_home: Path) -> None:
    first = recorded(survey, comment="Slow")
    assert recorded(survey, comment="Slow").pk == first.pk
    assert Entry.objects.filter(kind=1).count() == Response.objects.count() == 1
    assert counted(own_home) == {3: 1}
    assert verify().is_sound


def test_an_answer_off_the_scale_or_never_asked_is_refused(survey: Any) -> None:
    for answers in ({"nps": 11}, {"csat": 4}, {}):
        new = NewResponse(survey=survey, answers=answers, answered_at=NOW, given_id="x")
        with pytest.raises(BadInput):
            actions.record(new, by=SYSTEM, at=NOW)
    assert not Response.objects.exists()


def test_a_correction_takes_the_old_answer_back_and_keeps_its_history(
    survey: Any, own_home: Path
) -> None:
    response = recorded(survey, comment="Slow")
    assert counted(own_home) == {3: 1}
    actions.correct(
        response.pk, answers={"nps": 9}, comment="Fast", reason="misread", by=SYSTEM, at=NOW
    )
    assert counted(own_home) == {9: 1}
    shown = queries.one(response.pk, viewer=SYSTEM)
    assert shown.comment == "Fast"
    assert [(h.what, h.detail) for h in shown.history] == [("answered", ""), ("corrected", "3 → 9")]
    assert verify().is_sound


def test_an_excluded_answer_does_not_count_until_it_is_readmitted(
    survey: Any, own_home: Path
) -> None:
    response = recorded(survey)
    assert actions.exclude([response.pk], reason=Excluded.TEST, by=SYSTEM, at=NOW) == 1
    assert actions.exclude([response.pk], reason=Excluded.TEST, by=SYSTEM, at=NOW) == 0
    assert counted(own_home) == {}
    assert queries.one(response.pk, viewer=SYSTEM).exclusions == ("TEST",)
    actions.readmit([response.pk], reason=Excluded.TEST, by=SYSTEM, at=NOW)
    assert counted(own_home) == {3: 1}
    with pytest.raises(NotAllowed):
        actions.exclude([response.pk], reason=Excluded.TEST, by=ANALYST, at=NOW)


def test_what_was_altered_behind_the_ledger_is_named(survey: Any) -> None:
    response = recorded(survey, comment="Slow")
    seal()
    Response.objects.filter(pk=response.pk).update(mask=1)
    assert "mask is 1, in the ledger 0" in str(verify().problems[0])
    Response.objects.filter(pk=response.pk).update(mask=0)
    Verbatim.objects.update(text="Splendid")
    assert not verify().is_sound
    Verbatim.objects.update(text="Slow")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE responses_answer SET value = 10")
    assert not verify().is_sound


def test_erased_is_gone_and_still_counts(survey: Any, own_home: Path) -> None:
    wanted = {
        "region": NewDimension("Region", is_declared=True), "mood": NewDimension("Mood"),
    }  # fmt: skip
    dimensions = ensure_dimensions(wanted, at=NOW)
    contact = resolve_contact(email="anna@example.org", name="Anna", at=NOW)
    response = recorded(
        survey, contact=contact, comment="Call me", attributes={"region": "N", "mood": "sad"}
    )
    mood, region = f"a{dimensions['mood'].pk}", f"a{dimensions['region'].pk}"
    assert counted(own_home, mood) == counted(own_home, region) == {1: 1}
    actions.erase_contact(contact.pk, by=SYSTEM, at=NOW)
    assert counted(own_home, "answer") == {3: 1}
    assert (counted(own_home, mood), counted(own_home, region)) == ({0: 1}, {1: 1})
    actions.rebuild_warehouse()
    assert counted(own_home, region) == {1: 1}
    response.refresh_from_db()
    assert (response.contact, response.vendor_id, response.content_key) == (None, "", None)
    assert response.attributes == {str(dimensions["region"].pk): 1}
    assert not Verbatim.objects.exists() and not RawRow.objects.exists()
    assert not PersonKey.objects.filter(person_id=contact.person_id).exists()
    left = Contact.objects.get(pk=contact.pk)
    assert (left.details, left.email_index) == (None, None)
    assert verify().is_sound
    assert recorded(survey, comment="Call me").pk == response.pk  # and is not revived


def test_only_an_identified_survey_shows_people_and_only_to_who_may_see_them(survey: Any) -> None:
    contact = resolve_contact(email="anna@example.org", at=NOW)
    response = recorded(survey, contact=contact, comment="Mail me: anna@example.org")
    fred, ann = (queries.one(response.pk, viewer=viewer) for viewer in (FRONTLINE, ANALYST))
    assert fred.person == {"email": "anna@example.org"}
    assert (ann.person, ann.comment) == ({}, "Mail me: [mail]")
    survey.promise = "confidential"
    survey.save()
    with pytest.raises(NotFound):
        queries.one(response.pk, viewer=FRONTLINE)
    assert queries.one(response.pk, viewer=SYSTEM).person == {}
    with pytest.raises(NotAllowed):
        queries.search(viewer=EXECUTIVE)
    far = Viewer(None, "Far", ROLES["frontline"][1], units=frozenset({99}))
    with pytest.raises(NotFound):
        queries.one(response.pk, viewer=far)


def test_searching_finds_by_group_words_and_attribute_page_by_page(
    survey: Any, own_home: Path
) -> None:
    source = imported(FILE, survey, own_home, roles={"id": "id"})
    recorded(survey)
    find = queries.Filters
    assert [r.group for r in queries.search(viewer=SYSTEM).rows] == [
        "detractor", "detractor", "promoter", "promoter",
    ]  # fmt: skip
    promoters = queries.search(find(group="promoter"), viewer=SYSTEM).rows
    assert {row.vendor_id for row in promoters} == {"a1", "a2"}
    assert [r.comment for r in queries.search(find(words="too SLOW"), viewer=SYSTEM).rows] == [
        "Too slow"
    ]
    first = queries.search(find(source=source.pk), viewer=SYSTEM, size=2)
    second = queries.search(find(source=source.pk), viewer=SYSTEM, size=2, cursor=first.next)
    assert [len(first.rows), len(second.rows), second.next] == [2, 1, ""]
    assert not {r.id for r in first.rows} & {r.id for r in second.rows}


def test_nothing_of_an_import_is_seen_before_its_end_nor_after_its_cancelling(
    survey: Any, own_home: Path
) -> None:
    path = own_home / "answers.csv"
    path.write_text(FILE)
    source, other = (previewed(path, survey, roles={"id": "id"}) for _ in range(2))
    actions.start_commit(source, by=SYSTEM, at=NOW)
    source.refresh_from_db()
    committing._write_rest(source)  # every row is written; the import is not closed
    assert (Response.objects.count(), queries.visible().count()) == (3, 0)
    with pytest.raises(Conflict, match="still here"):
        actions.start_commit(other, by=SYSTEM, at=NOW)
    actions.cancel(source, by=SYSTEM, at=NOW)
    drain(at=NOW)
    assert Response.objects.count() == 0
    assert not Contact.objects.exclude(details=None, email_index=None).exists()
    assert verify().is_sound
    actions.start_commit(other, by=SYSTEM, at=NOW)
    drain(at=NOW)
    assert queries.visible().count() == 3
