"""Entries get gap-free positions, in the transaction of their business or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from promontory.errors import BadInput, Conflict
from promontory.program.ledger import actions as ledger
from promontory.program.ledger import queries
from promontory.program.ledger.models import Entry, Person, Seal
from promontory.program.ledger.verify import verify
from tests.program.ledger.helpers import AT, about, answer, fill, put

DAY = AT.date().toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
K = ledger.Kind


@pytest.mark.django_db
def test_entries_are_sealed_in_the_order_they_were_given():
    ids = put(*[answer(score) for score in range(11)])
    rows = list(queries.entries_between(0, 11))
    assert [row.id for row in rows] == ids
    assert [row.position for row in rows] == list(range(1, 12))
    assert [row.values()["score"] for row in rows] == list(range(11))
    assert rows[0].at == AT
    assert queries.pending_count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError, match=r"transaction.atomic"):
        ledger.append([answer(9)], at=AT)


@pytest.mark.django_db
def test_a_transaction_that_fails_leaves_no_gap():
    put(answer(1))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ledger.append([answer(2)], at=AT)
        raise ZeroDivisionError
    put(answer(3))
    assert list(Seal.objects.order_by("position").values_list("position", flat=True)) == [1, 2]
    assert verify().is_sound


@pytest.mark.django_db
def test_prepared_rows_are_written_and_verify():
    with transaction.atomic(), connection.cursor() as cursor:
        first = ledger.reserve_ids(Entry, 500)
        rows = ledger.prepare(
            [answer(n % 11) for n in range(500)], range(first, first + 500), at=AT
        )
        for low in range(0, 500, 120):
            ledger.write_prepared(rows[low : low + 120], cursor=cursor)
    ledger.seal()
    assert queries.head().position == 500
    assert verify().sentence() == "The ledger is internally consistent up to position 500."


@pytest.mark.django_db
def test_words_in_any_script_survive_and_verify():
    odd = {
        "text": "ärger “quoted” \\ \u0000 \u2028 😀 \ud800",
        "nested": {"b": [1, None], "a": True},
    }
    [id] = put(ledger.NewEntry(K.AUDIT, "user:ünï", odd))
    [row] = queries.entries_between(0, 1)
    assert (row.id, row.values(), row.by) == (id, odd, "user:ünï")
    assert verify().is_sound


@pytest.mark.django_db
def test_reserved_ids_are_never_given_again():
    taken: list[int] = []
    for count in (1, 10, 3):
        first = ledger.reserve_ids(Person, count)
        taken += range(first, first + count)
        taken += [Person.objects.create(cluster=len(taken)).pk]
        taken += ledger.draw_ids(Person, 2)
    assert len(set(taken)) == len(taken) == 23
    with pytest.raises(BadInput, match="At least one"):
        ledger.reserve_ids(Person, 0)


@pytest.mark.django_db
def test_a_day_ends_at_its_last_position_and_never_grows_again():
    put(answer(1), answer(2))
    put(answer(3), at=AT + timedelta(days=2))
    put(answer(4), at=AT)  # came late: it belongs to the day in which it came
    ends = {day: queries.position_at_day_end(DAY + day) for day in (-1, 0, 1, 2, 9)}
    assert ends == {-1: 0, 0: 2, 1: 2, 2: 4, 9: 4}
    assert verify().is_sound


@pytest.mark.django_db
def test_days_end_by_the_zone_of_the_installation():
    ledger.install(zone="Asia/Tokyo")
    put(answer(1), at=datetime(2026, 3, 10, 14, 59, tzinfo=UTC))
    put(answer(2), at=datetime(2026, 3, 10, 15, 0, tzinfo=UTC))
    assert queries.position_at_day_end(DAY) == 1
    assert queries.position_at_day_end(DAY + 1) == 2
    with pytest.raises(Conflict, match="Asia/Tokyo"):
        ledger.install(zone="UTC")
    with pytest.raises(BadInput, match="no time zone"):
        ledger.install(zone="Mars/Olympus")


@pytest.mark.django_db
def test_nothing_is_added_about_a_person_who_is_erased_or_unknown():
    filled = fill()
    Person.objects.filter(pk=filled.people[0].id).update(erased_at=AT)
    with pytest.raises(Conflict, match="has been erased"):
        put(about(filled.people[0], 3, b""))
    with pytest.raises(Conflict, match="never existed"):
        put(answer(3, person=987_654))


@pytest.mark.django_db
@pytest.mark.parametrize("end", [K.IMPORT_CLOSED, K.IMPORT_CANCELLED])
def test_nothing_is_added_to_an_import_that_has_ended(end):
    put(answer(3, batch=7), ledger.NewEntry(end, "import:7", {}, batch=7))
    for late in (answer(4, batch=7), ledger.NewEntry(K.IMPORT_CLOSED, "import:7", {}, batch=7)):
        with pytest.raises(Conflict, match="Import 7 has ended"):
            put(late)


@pytest.mark.django_db
def test_the_history_of_a_subject_is_read_oldest_first():
    first = put(answer(3, subject=5), answer(8, subject=6))
    second = put(ledger.NewEntry(K.CORRECTION, "user:2", {"score": 4}, subject=5))
    assert [row.id for row in queries.entries_of_subject(5)] == [first[0], *second]
    assert queries.position_of(second[0]) == 3
    assert queries.position_of(987_654) is None
