"""Choosing how to be asked, and leaving: by a person, a mail program, and not by a scanner."""

from __future__ import annotations

from django.test import Client

from tests.program.answering.conftest import Invited


def closed(invited: Invited) -> int:
    invited.contact.refresh_from_db()
    return int(invited.contact.closed)


def test_looking_at_the_link_unsubscribes_nobody(client: Client, invited: Invited) -> None:
    page = client.get(f"/u/{invited.token}")
    assert b"No more surveys from Northwind?" in page.content
    assert closed(invited) == 0


def test_the_mail_programs_one_click_ends_all_asking(client: Client, invited: Invited) -> None:
    said = client.post(
        f"/u/{invited.token}",
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert said.status_code == 200
    assert b"You will receive no more surveys from us." in said.content
    assert closed(invited) == 15
    assert invited.disposition.name == "OPTED_OUT"
    consent = invited.contact.consents.get()
    assert (consent.source, consent.is_given, consent.by) == ("one_click", False, "respondent")


def test_it_may_be_undone_and_said_twice(client: Client, invited: Invited) -> None:
    for _ in range(2):
        client.post(f"/u/{invited.token}")
    assert invited.contact.consents.count() == 1
    said = client.post(f"/u/{invited.token}", {"undo": "15"})
    assert b"Undone. We may ask you again." in said.content
    assert closed(invited) == 0


def test_ways_are_chosen_one_by_one(client: Client, invited: Invited) -> None:
    page = client.get(f"/p/{invited.token}")
    assert page.content.count(b"checked") == 4
    said = client.post(f"/p/{invited.token}", {"email": "on", "phone": "on"})
    assert b"Your choice has been saved." in said.content
    assert said.content.count(b"checked") == 2
    assert closed(invited) == 2 | 8
    client.post(f"/p/{invited.token}", {"email": "on", "none": "1"})
    assert closed(invited) == 15


def test_a_forged_link_chooses_nothing(client: Client, invited: Invited) -> None:
    assert client.post("/u/AAAAAAAAAAAAAAAA").status_code == 404
    assert client.post("/p/AAAAAAAAAAAAAAAA", {"none": "1"}).status_code == 404
    assert closed(invited) == 0


def test_the_language_chosen_is_kept_and_spoken(client: Client, invited: Invited) -> None:
    from promontory.program.answering.queries import papers

    invited.invitation.wave.survey.versions.update(languages=["en", "de"], wording={})
    papers.forget()
    said = client.post(f"/p/{invited.token}", {"email": "on", "in": "de"})
    assert b'lang="de"' in said.content
    invited.contact.refresh_from_db()
    assert invited.contact.language == "de"
    client.post(f"/p/{invited.token}", {"email": "on", "in": "xx"})
    invited.contact.refresh_from_db()
    assert invited.contact.language == "de"
