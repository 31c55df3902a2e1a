"""Which column is what: said with its reason, asked when it could be another."""

import pytest

from promontory import tables
from promontory.errors import BadInput
from promontory.tables.values import Scale


def recognised(text, **options):
    table = tables.open(text.encode())
    return tables.recognise(table.columns, table.sample(), **options)


def test_an_export_is_recognised_column_by_column():
    found = recognised(
        "response_id,customer_id,answered_at,nps_score,comment,locale,channel,company,region\n"
        + "".join(
            f"r{n},c{n},2026-03-{1 + n % 28:02}T10:00:00Z,{n % 11},fine,en,email,Acme {n % 7},N\n"
            for n in range(60)
        )
    )
    assert {role: taken.column for role, taken in found.roles.items()} == {
        "score": "nps_score", "at": "answered_at", "comment": "comment", "person": "customer_id",
        "account": "company", "language": "locale", "channel": "channel", "id": "response_id",
    }  # fmt: skip
    assert found.attributes == ("region",)
    assert found.questions == ()
    assert all(taken.why for taken in found.roles.values())


@pytest.mark.parametrize(
    "name",
    [
        "NPS", "Note", "Score", "How likely are you to recommend Acme to a friend?",
        "Quelle est la probabilité que vous recommandiez notre magasin ? Recommanderiez-vous ?",
        "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?", "Puntuación",
        "likelihoodToRecommend",
        "net_promoter_score", "推奨度",
    ],
)  # fmt: skip
def test_the_score_is_known_in_many_languages(name):
    found = recognised(f'when,"{name}",other\nx,9,y\nz,0,y\n')
    assert found.column("score") == name


def test_two_columns_like_a_score_raise_a_question():
    found = recognised("nps,rating\n9,8\n0,10\n")
    (question,) = found.questions
    assert question.slug == "which-score"
    assert question.choices == ("nps", "rating")


def test_no_score_among_several_is_taken_without_a_name():
    found = recognised("a,b,c\n" + "".join(f"{n % 11},{10 - n % 11},x\n" for n in range(60)))
    assert found.column("score") is None
    (question,) = found.questions
    assert question.needed
    assert question.choices == ("a", "b")


def test_a_declared_column_is_believed_and_an_unknown_one_refused():
    assert recognised("a,b\n1,9\n2,8\n", declared={"score": "b"}).column("score") == "b"
    with pytest.raises(BadInput, match="There is no column “z”"):
        recognised("a,b\n1,9\n", declared={"score": "z"})
    with pytest.raises(BadInput, match="“colour” is no role"):
        recognised("a,b\n1,9\n", declared={"colour": "a"})


def test_a_scale_without_zero_is_asked_about_until_declared():
    text = "score,x\n" + "".join(f"{1 + n % 10},y\n" for n in range(600))
    assert [q.slug for q in recognised(text).questions] == ["scale"]
    assert recognised(text, scale=Scale(0, 10)).questions == ()


def test_dates_and_zones_are_asked_about():
    found = recognised("date,score\n03/04/2026 10:00,9\n05/06/2026 11:00,0\n")
    assert [question.slug for question in found.questions] == ["order", "zone"]


def test_personal_details_never_become_attributes():
    found = recognised(
        "score,e-mail,phone,first name,region\n"
        + "9,a@example.org,+33 6 12 34 56 78,Ada,N\n" * 30
        + "0,b@example.org,+33 6 12 34 56 79,Bob,S\n"
    )
    assert found.personal == {"e-mail": "email", "phone": "phone", "first name": "name"}
    assert found.attributes == ("region",)
    assert found.column("person") == "e-mail"
    assert "personal details, not used to slice" in found.lines()[-1]
