"""Texts of one's own, reviews and what goes live: the flows, the pages and the API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from promontory.errors import BadInput, Conflict, NotAllowed, NotFound
from promontory.program.organization.access import SYSTEM, Viewer
from promontory.program.organization.actions import add_person, found_organization
from promontory.program.organization.models import AuditEntry, User
from promontory.program.organization.queries import viewer_of
from promontory.program.surveys import actions as surveys
from promontory.program.surveys.actions.wording import put_text, restore_text, review_texts
from promontory.program.surveys.models import Wording
from promontory.program.surveys.queries import wording
from promontory.program.surveys.queries.standings import standings

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
QUESTION = "recommend.question"


@pytest.fixture(autouse=True)
def organization(db: None) -> None:
    found_organization(name="Acme", zone="UTC", by=SYSTEM, at=AT)


def person(role: str = "owner") -> User:
    number = User.objects.count()
    made, _ = add_person(
        email=f"{role}-{number}@example.org", name=f"Some {role}", role=role, by=SYSTEM, at=AT
    )
    return made


@pytest.fixture
def owner() -> Viewer:
    return viewer_of(person())


def german() -> Any:
    return wording.language("de")


def statuses(code: str) -> set[str]:
    return {text.status for text in wording.texts_of(wording.language(code)).values()}


def test_english_comes_reviewed_and_every_other_language_as_a_draft() -> None:
    assert statuses("en") == {"reviewed"}
    assert statuses("sw") == {"draft"}


def test_a_text_of_ones_own_is_a_draft_that_stands_before_ours(owner: Viewer) -> None:
    kept = put_text(
        german(), key="page.next", text="  Los\n geht’s ", note="shorter", by=owner, at=AT
    )
    assert (kept.text, kept.status, kept.is_own, kept.note) == (
        "Los geht’s", "draft", True, "shorter",
    )  # fmt: skip
    assert wording.resolve("de", "", "page.next") == wording.Resolved("Los geht’s", "de", "own")
    assert wording.resolve("de-AT", "", "page.next").source == "base"
    assert wording.resolve("de", "", "page.send").source == "shipped"


def test_a_review_says_who_and_when_and_an_edit_takes_it_back(owner: Viewer) -> None:
    assert review_texts(german(), keys=["page.next"], by=owner, at=AT) == 1
    reviewed = wording.text_of(german(), "", "page.next")
    assert (reviewed.status, reviewed.reviewed_by, reviewed.reviewed_at, reviewed.is_own) == (
        "reviewed", "Some owner", AT, False,
    )  # fmt: skip
    assert review_texts(german(), keys=["page.next"], by=owner, at=AT) == 0
    put_text(german(), key="page.next", text="Los", by=owner, at=AT)
    edited = wording.text_of(german(), "", "page.next")
    assert (edited.status, edited.reviewed_by, edited.reviewed_at) == ("draft", "", None)


def test_an_edited_english_text_is_a_draft_until_it_goes_back(owner: Viewer) -> None:
    english = wording.language("en")
    put_text(english, key="page.next", text="Onward", by=owner, at=AT)
    assert wording.text_of(english, "", "page.next").status == "draft"
    back = restore_text(english, key="page.next", by=owner, at=AT)
    assert (back.text, back.status) == ("Next", "reviewed")
    assert Wording.objects.count() == 0


def test_a_whole_language_is_reviewed_at_once(owner: Viewer) -> None:
    total = len(wording.texts_of(german()))
    assert review_texts(german(), by=owner, at=AT) == total
    assert statuses("de") == {"reviewed"}
    informal = wording.texts_of(german(), "informal")
    assert {text.status for key, text in informal.items() if text.register == "informal"} == {
        "draft"
    }
    assert informal["yes_no.yes"].is_reviewed  # it serves both registers


def test_an_informal_text_leaves_the_formal_as_it_is(owner: Viewer) -> None:
    put_text(german(), key="page.send", text="Schick ab", register="informal", by=owner, at=AT)
    assert wording.text_of(german(), "informal", "page.send").text == "Schick ab"
    assert wording.text_of(german(), "formal", "page.send").text == "Absenden"
    put_text(german(), key="page.send", text="Senden", by=owner, at=AT)
    assert wording.text_of(german(), "informal", "page.send").text == "Schick ab"
    assert wording.text_of(german(), "", "page.send").text == "Senden"


def test_what_changed_meanwhile_is_not_written_over(owner: Viewer) -> None:
    put_text(german(), key="page.next", text="Los", by=owner, at=AT)
    with pytest.raises(Conflict):
        put_text(german(), key="page.next", text="Vor", was="Weiter", by=owner, at=AT)
    with pytest.raises(Conflict):
        review_texts(german(), keys=["page.next"], was="Weiter", by=owner, at=AT)
    assert wording.text_of(german(), "", "page.next").text == "Los"


def test_a_trap_is_neither_kept_nor_reviewed(owner: Viewer) -> None:
    with pytest.raises(BadInput, match="stands for “extremely”"):
        put_text(german(), key="recommend.high", text="Sehr wahrscheinlich", by=owner, at=AT)
    Wording.objects.create(
        language="de", key="recommend.high", text="Sehr wahrscheinlich", changed_at=AT,
        changed_by="import",
    )  # fmt: skip
    with pytest.raises(BadInput, match="stands for “extremely”"):
        review_texts(german(), by=owner, at=AT)
    assert statuses("de") == {"draft"}


def test_only_those_who_manage_surveys_write_and_only_people_review(owner: Viewer) -> None:
    with pytest.raises(NotAllowed):
        put_text(german(), key="page.next", text="Los", by=viewer_of(person("analyst")), at=AT)
    with pytest.raises(BadInput, match="needs a person"):
        review_texts(german(), by=SYSTEM, at=AT)
    with pytest.raises(NotFound, match=r"no text “page\.nowhere”"):
        put_text(german(), key="page.nowhere", text="Los", by=owner, at=AT)
    with pytest.raises(NotFound, match="no texts in “cy”"):
        wording.language("cy")
    with pytest.raises(BadInput, match="no register"):
        put_text(
            wording.language("sv"), key="page.next", text="Nu", register="informal", by=owner, at=AT
        )


def test_the_audit_keeps_every_text_there_was(owner: Viewer) -> None:
    put_text(german(), key="page.next", text="Los", note="shorter", by=owner, at=AT)
    restore_text(german(), key="page.next", by=owner, at=AT)
    written, restored = AuditEntry.objects.filter(object_type="surveys.wording").order_by("pk")
    place = {"language": "de", "register": "", "key": "page.next"}
    assert written.detail == {**place, "before": "Weiter", "after": "Los", "note": "shorter"}
    assert restored.detail == {**place, "before": "Los"}


def test_a_snapshot_has_every_text_the_forms_written_out_and_the_drafts_named() -> None:
    taken = wording.snapshot(["en", "pl", "de-AT", "cy"], {"de-AT": "informal"})
    assert taken.texts["pl"][QUESTION].count("firmę {brand} znajomym") == 1
    assert ":" not in "".join(
        text[text.index("{") :] for text in taken.texts["pl"].values() if "{brand:" in text
    )
    assert "weiterempfiehlst" in taken.texts["de-AT"][QUESTION]
    assert taken.texts["cy"] == taken.texts["en"]
    assert {draft.language for draft in taken.drafts} == {"pl", "de-AT"}
    assert taken.fallbacks == (wording.Fallback("de-AT", "de"), wording.Fallback("cy", "en"))
    assert set(taken.texts["pl"]) == set(taken.texts["en"])


def test_a_form_of_the_brand_is_the_organisations_own(owner: Viewer) -> None:
    polish = wording.language("pl")
    put_text(polish, key="brand.accusative", text="Żabkę", by=owner, at=AT)
    assert "poleci Pan/Pani Żabkę znajomym" in wording.resolve("pl", "", QUESTION).text


def test_what_stands_in_for_a_language_is_said() -> None:
    assert wording.words("cy").note == "Shown in English: there are no texts in “cy”."
    assert wording.words("de-CH").note == "Shown in German: there are no texts in “de-CH”."
    assert wording.words("ar").note == ""
    assert (wording.words("ar").direction, wording.words("cy").language) == ("rtl", "en")


def test_what_we_ship_is_said_without_asking_the_database(
    owner: Viewer, django_assert_num_queries: Any
) -> None:
    put_text(german(), key="page.next", text="Los", by=owner, at=AT)
    with django_assert_num_queries(0):
        shipped = wording.shipped_words("de-AT")
    assert (shipped.texts["page.next"], shipped.source) == ("Weiter", "base")


def test_a_draft_goes_live_only_for_a_reason_that_is_kept(owner: Viewer) -> None:
    survey = surveys.create_survey(name="Loyalty", is_published=False, by=owner, at=AT)
    questions = (surveys.RECOMMENDATION, surveys.REASON)
    surveys.save_draft(survey, questions=questions, languages=["en", "de"], by=owner, at=AT)
    with pytest.raises(Conflict, match="Nobody has reviewed the wording in de"):
        surveys.publish_draft(survey, by=owner, at=AT)
    forced = surveys.publish_draft(survey, reason="Launch day", by=owner, at=AT)
    assert {(o["language"], o["reason"], o["by"]) for o in forced.overrides} == {
        ("de", "Launch day", owner.by)
    }
    review_texts(german(), by=owner, at=AT)
    surveys.save_draft(survey, questions=questions, languages=["en", "de"], by=owner, at=AT)
    assert surveys.publish_draft(survey, by=owner, at=AT).overrides == []


def test_a_published_version_keeps_its_words(owner: Viewer) -> None:
    survey = surveys.create_survey(name="Loyalty", by=owner, at=AT)
    put_text(wording.language("en"), key="page.next", text="Onward", by=owner, at=AT)
    assert survey.versions.get().wording["en"]["page.next"] == "Next"


def test_the_pages_ask_no_query_per_language(
    owner: Viewer, django_assert_max_num_queries: Any
) -> None:
    review_texts(german(), by=owner, at=AT)
    review_texts(wording.language("fr"), by=owner, at=AT)
    with django_assert_max_num_queries(3):
        assert len(standings(viewer=owner)) == len(wording.languages())
    with django_assert_max_num_queries(1):
        wording.snapshot([language.code for language in wording.languages()], {})


def signed_in(role: str = "owner") -> Client:
    client = Client()
    client.force_login(person(role))
    return client


def test_every_language_stands_side_by_side_in_its_own_direction() -> None:
    page = signed_in().get("/settings/wording", {"text": "page.next"}).content.decode()
    assert page.count('<td lang="') == len(wording.languages())
    assert '<td lang="ar" dir="rtl">التالي</td>' in page
    assert f"{len(wording.languages())} languages have texts; 1 reviewed in full." in page
    few = signed_in().get("/settings/wording", {"show": "reviewed"}).content.decode()
    assert few.count('<td lang="') == 1


def test_a_text_is_written_reviewed_and_restored_in_the_pages() -> None:
    client = signed_in()
    address = "/settings/wording/de/page.next"
    assert "Weiter" in client.get(address).content.decode()
    answer = client.post(address, {"text": "Los", "note": "shorter", "was": "Weiter", "review": ""})
    assert answer["Location"] == "/settings/wording/de/page.send"
    shown = client.get("/settings/wording/de").content.decode()
    assert "Los" in shown
    assert "Some owner" in shown
    client.post(address, {"restore": ""})
    assert wording.text_of(german(), "", "page.next").text == "Weiter"


def test_a_page_says_what_is_wrong_and_keeps_what_was_typed() -> None:
    client = signed_in()
    answer = client.post(
        "/settings/wording/de/recommend.high",
        {"text": "Sehr wahrscheinlich", "was": "Äußerst wahrscheinlich"},
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "stands for “extremely”" in page
    assert "Sehr wahrscheinlich</textarea>" in page


def test_a_language_is_reviewed_in_one_go_in_the_pages() -> None:
    client = signed_in()
    client.post("/settings/wording/ar/review")
    assert statuses("ar") == {"reviewed"}
    assert "texts are reviewed" in client.get("/settings/wording/ar").content.decode()


def test_the_pages_refuse_who_may_not_and_what_is_not() -> None:
    analyst = signed_in("analyst")
    assert analyst.get("/settings/wording").status_code == 200
    assert "It is right" not in analyst.get("/settings/wording/de").content.decode()
    assert analyst.get("/settings/wording/de/page.next").status_code == 403
    analyst.post("/settings/wording/de/review")
    assert statuses("de") == {"draft"}
    assert signed_in().get("/settings/wording/cy").status_code == 404
    assert signed_in().get("/settings/wording/de/page.nowhere").status_code == 404


def api(client: Client, method: str, path: str, body: object = None, **headers: str) -> Any:
    client.cookies["csrftoken"] = "a" * 32
    return client.generic(
        method, f"/api/v1{path}", json.dumps(body) if body is not None else "",
        content_type="application/json", headers={"X-CSRFToken": "a" * 32, **headers},
    )  # fmt: skip


def test_the_api_lists_reads_writes_reviews_and_restores() -> None:
    client = signed_in()
    listed = api(client, "GET", "/wording").json()["items"]
    assert (listed[0]["code"], listed[0]["reviewed"]) == ("en", listed[0]["total"])
    arabic = api(client, "GET", "/wording/ar").json()
    assert (arabic["direction"], arabic["findings"]) == ("rtl", [])
    one = api(client, "GET", "/wording/de/page.next")
    assert one.json()["text"] == "Weiter"
    same = api(client, "GET", "/wording/de/page.next", None, **{"If-None-Match": one["ETag"]})
    assert same.status_code == 304
    put = api(client, "PUT", "/wording/de/page.next", {"text": "Los"}, **{"If-Match": one["ETag"]})
    assert (put.json()["text"], put.json()["status"]) == ("Los", "draft")
    stale = api(
        client, "PUT", "/wording/de/page.next", {"text": "Vor"}, **{"If-Match": one["ETag"]}
    )
    assert stale.status_code == 412
    reviewed = api(client, "POST", "/wording/de/review", {"keys": ["page.next"]})
    assert reviewed.json() == {"reviewed": 1}
    back = api(client, "DELETE", "/wording/de/page.next").json()
    assert (back["text"], back["status"]) == ("Weiter", "draft")


def test_the_api_refuses_with_what_to_do() -> None:
    client = signed_in()
    trap = api(client, "PUT", "/wording/de/recommend.high", {"text": "Sehr wahrscheinlich"})
    assert trap.status_code == 422
    assert "not at all" in trap.json()["remedy"]
    assert api(client, "GET", "/wording/cy").status_code == 404
    assert api(signed_in("analyst"), "POST", "/wording/de/review", {}).status_code == 403
