"""Whatever is changed behind the ledger's back is found, and the row is named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from promontory.errors import BadInput, Conflict
from promontory.program.ledger import actions as ledger
from promontory.program.ledger import anchors, hooks, queries, rules
from promontory.program.ledger.checks import Problem
from promontory.program.ledger.models import DayEnd, Entry, Head, Installation, Person, Seal
from promontory.program.ledger.verify import Verdict, verify
from tests.program.ledger.helpers import AT, Filled, answer, fill, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled() -> Filled:
    return fill()


def named(verdict: Verdict) -> list[tuple[str, str, int | None]]:
    return [(problem.what, problem.table, problem.id) for problem in verdict.problems]


def test_an_untouched_ledger_is_called_internally_consistent_and_no_more(filled):
    seen = []
    verdict = verify(progress=lambda done, of: seen.append((done, of)))
    assert verdict.sentence() == "The ledger is internally consistent up to position 12."
    assert (verdict.entries, verdict.is_sound, seen) == (12, True, [(12, 12)])


def test_an_untouched_ledger_says_more_with_an_anchor(filled):
    anchor = ledger.sign_head(at=AT).document()
    put(answer(3))
    assert verify(anchor).sentence() == (
        "The ledger is unaltered up to position 12, as the anchor signed on "
        "2026-03-10T09:30:00.123456+00:00 says, and internally consistent up to position 13."
    )


def test_an_empty_ledger_is_consistent_and_has_no_head_to_sign():
    assert verify().sentence() == "The ledger is internally consistent up to position 0."
    with pytest.raises(Conflict, match="nothing to sign"):
        ledger.sign_head(at=AT)


def test_a_head_is_signed_whatever_the_zone_in_which_days_end():
    ledger.install(zone="Asia/Tokyo")
    put(answer(9))
    anchor = ledger.sign_head(at=AT)
    assert verify(anchor).is_sound


CHANGES = {
    "kind": 2,
    "subject": None,
    "batch": 99,
    "at": AT + timedelta(microseconds=1),
    "local_day": 5,
    "kept": '{"score":10}',
    "salt": bytes(16),
    "personal": bytes(32),
    "by": "user:2",
}


@pytest.mark.parametrize(("column", "value"), CHANGES.items(), ids=list(CHANGES))
def test_altering_any_column_names_that_row_and_no_other(filled, column, value):
    id = filled.entries[4]
    Entry.objects.filter(pk=id).update(**{column: value})
    assert named(verify()) == [("altered", "ledger_entry", id)]


def test_giving_an_answer_to_somebody_else_is_found(filled):
    one, two = filled.entries[3:5]
    Entry.objects.filter(pk=one).update(person=filled.people[1].id)
    Entry.objects.filter(pk=two).update(person=None)
    assert named(verify()) == [("altered", "ledger_entry", id) for id in (one, two)]


def test_every_altered_row_is_named_the_first_first(filled):
    for number in (9, 2, 3):
        Entry.objects.filter(pk=filled.entries[number]).update(kept="{}")
    verdict = verify()
    assert named(verdict) == [("altered", "ledger_entry", filled.entries[n]) for n in (2, 3, 9)]
    assert verdict.sentence() == (
        f"The ledger has been altered: 3 problems. First: ledger_entry {filled.entries[2]} at "
        "position 3 altered: the entry, or its seal, is not what was sealed."
    )


def test_a_deleted_entry_is_named(filled):
    Entry.objects.filter(pk=filled.entries[6]).delete()
    assert named(verify()) == [("missing", "ledger_entry", filled.entries[6])]


def test_an_inserted_entry_is_named(filled):
    row = Entry.objects.get(pk=filled.entries[6])
    row.pk = None
    row.save()
    assert named(verify()) == [("extra", "ledger_entry", row.pk)]


def test_two_entries_that_changed_places_are_both_named(filled):
    one, two = Entry.objects.get(pk=filled.entries[1]), Entry.objects.get(pk=filled.entries[8])
    one.pk, two.pk = two.pk, one.pk
    one.save()
    two.save()
    assert named(verify()) == [("altered", "ledger_entry", id) for id in sorted([one.pk, two.pk])]


def test_a_deleted_seal_is_named_with_the_entry_it_leaves_unsealed(filled):
    Seal.objects.filter(position=5).delete()
    verdict = verify()
    assert named(verdict) == [
        ("missing", "ledger_seal", None),
        ("extra", "ledger_entry", filled.entries[4]),
    ]
    assert verdict.problems[0].detail == "no seal for position 5"


def test_a_deleted_entry_and_seal_in_the_middle_are_named(filled):
    Seal.objects.filter(position__in=[5, 6]).delete()
    Entry.objects.filter(pk__in=filled.entries[4:6]).delete()
    [problem] = verify().problems
    assert problem == Problem("missing", "ledger_seal", None, 5, "no seal for positions 5 to 6")


def test_an_altered_hash_is_found_at_its_seal_and_the_next(filled):
    Seal.objects.filter(position=5).update(hash=bytes(32))
    assert [problem.position for problem in verify().problems] == [5, 6]


def test_another_beginning_is_found(filled):
    Installation.objects.update(zone="Asia/Tokyo")
    assert ("altered", "ledger_entry", filled.entries[0]) in named(verify())


def test_a_moved_day_end_is_found(filled):
    day = DayEnd.objects.get()
    DayEnd.objects.update(position=3)
    assert named(verify()) == [("altered", "ledger_dayend", day.pk)]


def cut_off(position: int) -> None:
    """Remove the end of the ledger without a trace in it."""
    gone = Seal.objects.filter(position__gt=position)
    Entry.objects.filter(pk__in=gone.values("entry_id")).delete()
    gone.delete()
    DayEnd.objects.update(position=position)


def rewrite(position: int) -> None:
    """Change an entry and compute the chain anew, as one with the database's password could."""
    entry = Entry.objects.get(seal__position=position)
    Entry.objects.filter(pk=entry.pk).update(kept='{"score":10}')
    installation = Installation.objects.get()
    previous = rules.genesis(installation.uuid, installation.zone)
    for row in queries.entries_between(0, queries.head().position):
        previous = rules.link(
            previous,
            rules.digest(
                row.id, row.kind, row.subject, row.batch, rules.microseconds(row.at),
                row.local_day, row.kept, bytes(row.salt), row.personal, row.by,
            ),
        )  # fmt: skip
        Seal.objects.filter(position=row.position).update(hash=previous)


@pytest.mark.parametrize("change", [cut_off, rewrite])
def test_what_leaves_the_chain_whole_is_found_against_an_anchor_only(filled, change):
    anchor = ledger.sign_head(at=AT).document()
    Head.objects.all().delete()
    queries.heads_file().unlink()
    change(7)
    assert verify().is_sound
    what = {cut_off: "truncated", rewrite: "rewritten"}[change]
    assert named(verify(anchor)) == [(what, "anchor", None)]


@pytest.mark.parametrize("change", [cut_off, rewrite])
def test_heads_kept_here_find_it_too_as_long_as_they_are_left_alone(filled, change):
    ledger.sign_head(at=AT)
    change(7)
    assert [table for _, table, _ in named(verify())] == ["ledger_head", "heads.jsonl"]


def test_a_head_is_signed_once_for_a_position_and_written_to_the_file(filled):
    first = ledger.sign_head(at=AT)
    queries.heads_file().write_text("")  # a crash came between the row and its line
    again = ledger.sign_head(at=AT + timedelta(hours=1))
    put(answer(1))
    second = ledger.sign_head(at=AT + timedelta(hours=2))
    assert again == first == anchors.parse(first.document())
    assert [anchors.parse(line) for line in anchors.lines(queries.heads_file())] == [first, second]
    assert queries.latest_anchor() == second
    assert verify(second).is_sound


def test_a_forged_anchor_is_told_from_a_genuine_one(filled):
    genuine = ledger.sign_head(at=AT)
    document = genuine.document().replace(f'"position":{genuine.position}', '"position":11')
    assert named(verify(document)) == [("forged", "anchor", None)]
    installation = str(Installation.objects.get().uuid)
    other = anchors.sign(
        bytes(32), installation=installation, position=12, hash=queries.head().hash, at=AT
    )
    assert other.is_genuine()
    assert verify(other).problems[0].detail == (
        "it was signed with another key than this installation's"
    )
    elsewhere = anchors.sign(
        settings.SIGNING_KEY, installation="x", position=12, hash=queries.head().hash, at=AT
    )
    assert verify(elsewhere).problems[0].detail == "it is of another installation, x"


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"position": 1}', "not json"])
def test_what_is_no_anchor_is_refused(document):
    with pytest.raises(BadInput, match="not an anchor"):
        verify(document)


def test_personal_values_are_held_against_their_commitments(filled):
    comments = dict(filled.comments)
    hooks.personal_values.add(
        "test", lambda rows: {row.id: comments[row.id] for row in rows if row.id in comments}
    )
    assert verify().is_sound
    comments[filled.entries[5]] = b"I was delighted"
    assert named(verify()) == [("altered", "ledger_entry", filled.entries[5])]


def test_a_projection_that_says_something_else_is_reported_by_row_and_field(filled):
    stored = {row.subject: row.values()["score"] for row in queries.entries_between(0, 11)}
    stored[5] += 1
    stored[77] = 9

    def check(rows):
        for row in rows:
            score = row.values()["score"]
            if row.subject in stored and stored[row.subject] != score:
                yield hooks.Mismatch("answers", row.subject, "score", stored[row.subject], score)

    projection = hooks.Projection(
        check=check, unaccounted=lambda upto: [hooks.Mismatch("answers", 77, "score", 9, None)]
    )
    hooks.projections.add("test", projection)
    assert [str(problem) for problem in verify().problems] == [
        "answers 5 altered: score is 5, in the ledger 4",
        "answers 77 altered: score is 9, in the ledger None",
    ]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL keeps columns' types")
@pytest.mark.parametrize("column", ["kind", "subject", "at", "local_day", "kept", "by"])
def test_a_value_of_the_wrong_type_is_an_altered_row_and_no_crash(filled, column):
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE ledger_entry SET "{column}" = %s WHERE id = %s', [b"\xff", filled.entries[4]]
        )
    assert named(verify())[0] == ("altered", "ledger_entry", filled.entries[4])


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL refuses such text")
def test_text_that_cannot_be_decoded_is_an_altered_row_and_no_crash(filled):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_entry SET kept = CAST(x'ff' AS TEXT) WHERE id = %s", [filled.entries[4]]
        )
    assert named(verify()) == [("altered", "ledger_entry", filled.entries[4])]


def test_a_person_who_vanished_is_found(filled):
    Person.objects.filter(pk=filled.people[2].id).delete()
    found = [filled.entries[n] for n in range(2, 12, 3)]
    assert named(verify()) == [("altered", "ledger_entry", id) for id in found]
