"""Surveys: what may be asked, drafts, publication, journeys, ready programmes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import BadInput, Conflict
from promontory.program.organization.access import SYSTEM
from promontory.program.surveys import actions, queries
from promontory.program.surveys.actions import REASON, RECOMMENDATION, NewQuestion
from promontory.program.surveys.models import Question, Survey, Touchpoint
from promontory.program.surveys.rules.programmes import PROGRAMMES
from promontory.program.surveys.rules.questions import answers_of, check_questions

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PRICE = NewQuestion(
    key="why",
    kind="choice",
    text="What was it?",
    options=({"value": 1, "key": "price", "text": "Price"}, {"value": 2, "key": "x", "text": "X"}),
    show_if={"question": "recommend", "values": [0, 1, 2]},
)


@pytest.fixture
def survey(db: None) -> Survey:
    from promontory.program.organization.actions import found_organization

    found_organization(name="Test", zone="UTC", by=SYSTEM, at=AT)
    return actions.create_survey(name="Relationship", by=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (replace(RECOMMENDATION, metric=""), "0–10"),
        (replace(RECOMMENDATION, metric="nine"), "no metric"),
        (replace(REASON, kind="essay"), "no kind"),
        (replace(REASON, metric="nps"), "feeds no metric"),
        (replace(REASON, text=" "), "no text"),
        (replace(REASON, key="two words"), "A key has"),
        (replace(PRICE, options=PRICE.options[:1], show_if={}), "2 to 50 options"),
        (replace(PRICE, show_if={"question": "later", "values": [1]}), "not asked before it"),
        (replace(PRICE, show_if={"question": "recommend", "values": [11]}), "does not have"),
        (replace(PRICE, show_if={"question": "recommend", "values": []}), "does not have"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(question: NewQuestion, words: str) -> None:
    before = [] if question.key == "recommend" else [RECOMMENDATION]
    with pytest.raises(BadInput, match=words):
        check_questions([*before, question])


def test_a_key_is_used_once() -> None:
    with pytest.raises(BadInput, match="Two questions"):
        check_questions([RECOMMENDATION, RECOMMENDATION])


def test_a_branch_cannot_hang_on_a_text() -> None:
    with pytest.raises(BadInput, match="cannot depend on the text"):
        check_questions([REASON, replace(PRICE, show_if={"question": "reason", "values": [1]})])


@given(st.sampled_from(sorted(PROGRAMMES)))
def test_every_ready_programme_can_be_asked(key: str) -> None:
    check_questions(PROGRAMMES[key].questions)


@given(st.integers(-2, 12))
def test_a_question_follows_exactly_the_answers_it_hangs_on(score: int) -> None:
    question = Question(show_if={"question": "recommend", "values": [0, 1, 2]})
    assert question.follows({"recommend": score}) == (score in {0, 1, 2})
    assert not question.follows({"recommend": None})
    assert Question().follows({})


def test_the_answers_of_each_kind() -> None:
    assert answers_of(RECOMMENDATION) == list(range(11))
    assert answers_of(NewQuestion(key="s", text="?", metric="csat")) == [1, 2, 3, 4, 5]
    assert answers_of(NewQuestion(key="y", text="?", kind="yes_no")) == [0, 1]
    assert answers_of(PRICE) == [1, 2]
    assert answers_of(REASON) is None


def test_a_draft_changes_until_it_is_published_and_never_after(survey: Survey) -> None:
    actions.save_draft(survey, questions=[RECOMMENDATION], by=SYSTEM, at=AT)
    draft = actions.save_draft(survey, questions=[RECOMMENDATION, PRICE], by=SYSTEM, at=AT)
    assert survey.versions.count() == 2
    assert queries.current_version(survey).number == 1
    published = actions.publish_draft(survey, by=SYSTEM, at=AT)
    assert published.pk == draft.pk
    assert queries.current_version(survey).number == 2
    assert [q.key for q in published.questions.all()] == ["recommend", "why"]
    with pytest.raises(Conflict, match="no draft"):
        actions.publish_draft(survey, by=SYSTEM, at=AT)
    actions.save_draft(survey, questions=[REASON], by=SYSTEM, at=AT)
    assert [q.key for q in queries.current_version(survey).questions.all()] == ["recommend", "why"]


def test_a_discarded_draft_leaves_what_is_published(survey: Survey) -> None:
    actions.save_draft(survey, questions=[RECOMMENDATION], by=SYSTEM, at=AT)
    actions.discard_draft(survey, by=SYSTEM, at=AT)
    assert [version.number for version in survey.versions.all()] == [1]


def test_a_published_question_says_the_recommendation_in_its_standard_wording(
    survey: Survey,
) -> None:
    odd = replace(RECOMMENDATION, text="Would you recommend us?")
    actions.save_draft(survey, questions=[odd], by=SYSTEM, at=AT)
    [question] = actions.publish_draft(survey, by=SYSTEM, at=AT).questions.all()
    assert question.text_in("en").startswith("How likely is it that you would recommend")


def test_touchpoints_keep_an_order_without_gaps_in_meaning(db: None, survey: Survey) -> None:
    journey = actions.create_journey(name="Support", by=SYSTEM, at=AT)
    for name in ("Opened", "Answered", "Solved"):
        actions.add_touchpoint(journey, name=name, by=SYSTEM, at=AT)
    solved = Touchpoint.objects.get(key="solved")
    actions.move_touchpoint(solved, earlier=True, by=SYSTEM, at=AT)
    solved.refresh_from_db()
    actions.move_touchpoint(solved, earlier=True, by=SYSTEM, at=AT)
    solved.refresh_from_db()
    actions.move_touchpoint(solved, earlier=True, by=SYSTEM, at=AT)
    assert [t.key for t in journey.touchpoints.all()] == ["solved", "opened", "answered"]
    with pytest.raises(Conflict, match="already"):
        actions.add_touchpoint(journey, name="Solved", by=SYSTEM, at=AT)


def test_a_touchpoint_that_a_survey_covers_is_not_removed(survey: Survey) -> None:
    made = actions.start_programme("after-support", by=SYSTEM, at=AT)
    assert made.touchpoint is not None
    with pytest.raises(Conflict, match="in use"):
        actions.remove_touchpoint(made.touchpoint, by=SYSTEM, at=AT)
    free = Touchpoint.objects.get(key="request-opened")
    actions.remove_touchpoint(free, by=SYSTEM, at=AT)
    assert not Touchpoint.objects.filter(key="request-opened").exists()


def test_a_programme_started_twice_is_two_surveys_in_one_journey(survey: Survey) -> None:
    first = actions.start_programme("after-delivery", by=SYSTEM, at=AT)
    second = actions.start_programme("after-delivery", by=SYSTEM, at=AT)
    assert (first.name, second.name) == ("After delivery", "After delivery 2")
    assert first.touchpoint == second.touchpoint
    assert queries.published_version(first) is None
