"""The editor: questions typed, moved, branched, kept as a draft and published."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from promontory.program.organization.access import SYSTEM
from promontory.program.surveys import actions, queries
from promontory.program.surveys.forms.editing import moved, ranges, typed, values_of
from promontory.program.surveys.models import Survey

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
WORDS = "long enough to sign in"


@pytest.fixture
def owner(db: None) -> Any:
    from promontory.program.organization.actions import begin

    return begin(
        organization="Test",
        zone="UTC",
        name="Olga",
        email="o@example.org",
        password=WORDS,
        by=SYSTEM,
        at=AT,
    )


@pytest.fixture
def signed_in(owner: Any) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def survey(owner: Any) -> Survey:
    return actions.create_survey(name="Relationship", is_published=False, by=SYSTEM, at=AT)


def sent(**more: str) -> dict[str, str]:
    return {
        "first_language": "en",
        "type_0": "recommendation",
        "key_0": "recommend",
        "text_0": "",
        "type_1": "choice",
        "key_1": "",
        "text_1": "What was it?",
        "options_1": "Price\r\nService",
        "on_1": "recommend",
        "values_1": "0–6",
        **more,
    }


@given(st.sets(st.integers(0, 40)))
def test_answers_survive_being_written_as_ranges(values: set[int]) -> None:
    assert values_of(ranges(values)) == sorted(values)


@given(st.text(max_size=20))
def test_any_text_names_some_answers_or_none(text: str) -> None:
    assert all(value >= 0 for value in values_of(text))


@given(st.integers(-2, 5), st.sampled_from([-1, 1]))
def test_moving_keeps_every_question(place: int, by: int) -> None:
    from django.utils.datastructures import MultiValueDict

    data = MultiValueDict(
        {f"type_{n}": ["text"] for n in range(4)} | {f"key_{n}": [f"q{n}"] for n in range(4)}
    )
    questions = typed(data, ["en"])
    assert sorted(q.key for q in moved(questions, place, by)) == ["q0", "q1", "q2", "q3"]


def test_what_was_typed_is_kept_as_a_draft(signed_in: Client, survey: Survey) -> None:
    answer = signed_in.post(f"/surveys/{survey.key}/edit", sent(do="save"))
    assert answer.status_code == 302
    draft = queries.draft_version(survey)
    assert draft is not None
    first, second = draft.questions.all()
    assert (first.metric, second.kind) == ("nps", "choice")
    assert second.key == "what-was-it"
    assert [option["text"] for option in second.options] == ["Price", "Service"]
    assert second.show_if == {"question": "recommend", "values": list(range(7))}


def test_adding_a_question_keeps_what_is_typed_and_stores_nothing(
    signed_in: Client, survey: Survey
) -> None:
    before = queries.draft_version(survey)
    page = signed_in.post(f"/surveys/{survey.key}/edit", sent(do="add:text"))
    assert page.status_code == 200
    assert "Price\nService" in page.content.decode()
    assert "Not kept yet" in page.content.decode()
    assert before is not None
    assert [q.key for q in before.questions.all()] == ["recommend", "reason"]


def test_a_refused_draft_shows_what_is_wrong_and_what_was_typed(
    signed_in: Client, survey: Survey
) -> None:
    page = signed_in.post(f"/surveys/{survey.key}/edit", sent(do="save", options_1="Price"))
    assert page.status_code == 422
    assert "2 to 50 options" in page.content.decode()
    assert "What was it?" in page.content.decode()


def test_published_from_the_page_it_is_asked(signed_in: Client, survey: Survey) -> None:
    signed_in.post(f"/surveys/{survey.key}/edit", sent(do="save"))
    signed_in.post(f"/surveys/{survey.key}/publish", {"reason": ""})
    assert queries.current_version(survey).number == 1
    page = signed_in.get(f"/surveys/{survey.key}")
    assert "after certain answers to “recommend”" in page.content.decode()


def test_html_in_a_question_stays_text(signed_in: Client, survey: Survey) -> None:
    signed_in.post(f"/surveys/{survey.key}/edit", sent(do="save", text_1="<script>x</script>"))
    page = signed_in.get(f"/surveys/{survey.key}/edit").content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_a_ready_programme_is_drafted_from_the_list(signed_in: Client, owner: Any) -> None:
    answer = signed_in.post("/surveys/start", {"programme": "after-support"})
    assert answer.headers["Location"] == "/surveys/after-support/edit"
    made = Survey.objects.get(key="after-support")
    assert made.owner == owner
    assert signed_in.get("/surveys/after-support/edit").status_code == 200


def test_who_may_not_manage_surveys_is_refused(owner: Any, survey: Survey) -> None:
    from promontory.program.organization.actions import add_person

    reader, _ = add_person(
        name="Rita", email="r@example.org", role="executive", password=WORDS, by=SYSTEM, at=AT
    )
    client = Client()
    client.force_login(reader)
    assert client.get(f"/surveys/{survey.key}/edit").status_code == 403
    assert client.post("/surveys/start", {"programme": "after-support"}).status_code == 403
    assert client.post(f"/surveys/{survey.key}/publish").status_code == 403


def test_a_leading_question_is_said_to_lead_while_it_is_typed(
    signed_in: Client, survey: Survey
) -> None:
    page = signed_in.post(
        f"/surveys/{survey.key}/edit", sent(do="add:text", text_1="How great was our service?")
    )
    assert "great" in page.content.decode().split('class="notice"')[2]


def test_the_recommendation_asked_as_yes_or_no_is_not_published(
    signed_in: Client, survey: Survey
) -> None:
    text = "Would you recommend us to a friend?"
    signed_in.post(f"/surveys/{survey.key}/edit", sent(do="save", type_1="yes_no", text_1=text))
    signed_in.post(f"/surveys/{survey.key}/publish", {"reason": ""})
    assert queries.published_version(survey) is None


def test_the_preview_of_a_survey_leads_to_its_draft(signed_in: Client, survey: Survey) -> None:
    draft = queries.draft_version(survey)
    assert draft is not None
    answer = signed_in.get(f"/surveys/{survey.key}/preview")
    assert answer.headers["Location"] == f"/preview/{draft.pk}"
    assert signed_in.get(f"/preview/{draft.pk}").status_code == 200
