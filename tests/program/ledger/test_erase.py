"""Erase, then verify, then as-of: the numbers stand, and nothing leads back to the person."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections, transaction

from promontory.errors import Broken, Conflict, NotFound
from promontory.program.ledger import actions as ledger
from promontory.program.ledger import hooks, queries, vault
from promontory.program.ledger.models import Entry, Person, PersonKey
from promontory.program.ledger.verify import verify
from tests.program.ledger.helpers import AT, about, answer, fill, put

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + timedelta(days=3)


@pytest.fixture
def log() -> Iterator[Path]:
    path = Path(settings.HOME.root) / "erasures.jsonl"
    path.unlink(missing_ok=True)
    yield path
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)


def test_an_erasure_leaves_the_numbers_and_nothing_that_leads_to_the_person(log):
    filled = fill()
    person = filled.people[0]
    before = [(row.position, row.kept) for row in queries.entries_between(0, 12)]
    anchor = ledger.sign_head(at=AT)
    ledger.erase(person.id, by="user:9", at=LATER)
    ledger.seal()

    assert [(row.position, row.kept) for row in queries.entries_between(0, 12)] == before
    assert verify(anchor).is_sound
    assert not Entry.objects.filter(person=person.id).exists()
    assert ledger.keys_of([person.id, filled.people[1].id]).keys() == {filled.people[1].id}
    [written] = queries.entries_between(12, 99)
    assert (written.kind, written.by, written.at) == (ledger.Kind.ERASURE, "user:9", LATER)
    assert written.values() == {"p": person.cluster, "entries": 4}
    assert [json.loads(line) for line in log.read_text().splitlines()] == [
        {"person": person.id, "cluster": person.cluster, "at": LATER.isoformat()}
    ]


def test_erased_again_nothing_changes_and_an_unknown_person_is_refused(log):
    filled = fill()
    for at in (LATER, LATER + timedelta(days=1)):
        ledger.erase(filled.people[0].id, by="user:9", at=at)
    ledger.seal()
    assert queries.head().position == 13
    assert Person.objects.get(pk=filled.people[0].id).erased_at == LATER
    assert len(log.read_text().splitlines()) == 1
    with pytest.raises(NotFound, match="no person 987654"):
        ledger.erase(987_654, by="user:9", at=LATER)


def test_erasers_of_other_contexts_run_in_the_same_transaction(log):
    filled = fill()
    person = filled.people[0].id
    asked = []

    def remember(person_id, *, by, at):
        asked.append((person_id, by, at))

    def fail(person_id, *, by, at):
        raise Broken("This table cannot be written.")

    hooks.erasers.add("first", remember)
    hooks.erasers.add("second", fail)
    with pytest.raises(Broken):
        ledger.erase(person, by="user:9", at=LATER)
    assert asked == [(person, "user:9", LATER)]
    assert Person.objects.get(pk=person).erased_at is None
    assert Entry.objects.filter(person=person).count() == 4
    assert ledger.keys_of([person])
    assert not log.exists()


def test_an_erasure_within_a_transaction_that_fails_does_not_happen(log):
    filled = fill()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ledger.erase(filled.people[0].id, by="user:9", at=LATER)
        raise ZeroDivisionError
    assert ledger.keys_of([filled.people[0].id])
    assert not log.exists()


def test_what_a_full_disk_left_undone_is_completed_by_the_replay(log):
    filled = fill()
    person = filled.people[0].id
    log.mkdir()  # the line cannot be written: the tables are committed, file and key are not done
    with pytest.raises(OSError, match="directory"):
        ledger.erase(person, by="user:9", at=LATER)
    assert ledger.keys_of([person])
    log.rmdir()

    assert ledger.replay_erasures(at=LATER) == ledger.Replay(lines_added=1, keys_deleted=1)
    assert not ledger.keys_of([person])
    assert not ledger.replay_erasures(at=LATER)


def test_keys_from_an_old_backup_are_lost_again_at_the_replay(log):
    filled = fill()
    person = filled.people[0]
    backup = list(PersonKey.objects.all())
    sealed = vault.seal_bytes(person.key, b"call me on 0151 1234567", b"verbatim:1")
    ledger.erase(person.id, by="user:9", at=LATER)
    PersonKey.objects.bulk_create(backup, ignore_conflicts=True)
    assert vault.open_bytes(ledger.keys_of([person.id])[person.id], sealed, b"verbatim:1")

    assert ledger.replay_erasures(at=LATER) == ledger.Replay(keys_deleted=1)
    assert ledger.keys_of(p.id for p in filled.people).keys() == {p.id for p in filled.people[1:]}


def test_half_a_line_in_the_log_is_no_obstacle(log):
    filled = fill()
    log.write_text('{"cluster":12,"per')
    ledger.erase(filled.people[0].id, by="user:9", at=LATER)
    assert not ledger.replay_erasures(at=LATER)
    ledger.erase(filled.people[1].id, by="user:9", at=LATER)
    assert not ledger.replay_erasures(at=LATER)
    assert len(log.read_text().splitlines()) == 3


def test_a_number_given_to_somebody_else_after_a_restore_does_not_erase_them(log):
    filled = fill()
    line = {"person": filled.people[0].id, "cluster": 4711, "at": LATER.isoformat()}
    log.write_text(json.dumps(line) + "\n")
    assert not ledger.replay_erasures(at=LATER)
    assert len(ledger.keys_of(p.id for p in filled.people)) == 3


def test_commitments_of_the_erased_are_not_asked_for_and_those_of_others_still_hold(log):
    filled = fill()
    comments = dict(filled.comments)
    hooks.personal_values.add("test", lambda rows: {row.id: comments[row.id] for row in rows})
    ledger.erase(filled.people[0].id, by="user:9", at=LATER)
    assert verify().is_sound
    PersonKey.objects.filter(person_id=filled.people[1].id).delete()
    assert {problem.table for problem in verify().problems} == {"ledger_personkey"}


@pytest.mark.skipif("connections['keys'].vendor != 'sqlite'", reason="reads SQLite's own files")
def test_a_deleted_key_is_in_no_file_any_more(log):
    filled = fill()
    wrapped = bytes(PersonKey.objects.get(pk=filled.people[0].id).wrapped)
    name = Path(connections["keys"].settings_dict["NAME"])
    files = [name, name.with_name(name.name + "-wal")]

    def is_there() -> bool:
        return any(wrapped in file.read_bytes() for file in files if file.exists())

    assert is_there()
    ledger.erase(filled.people[0].id, by="user:9", at=LATER)
    assert not is_there()


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
        one.backup(other)


def test_a_backup_of_everything_is_restored_without_the_erased(tmp_path, installations):
    home = installations.make("sqlite", "tests.program.ledger.settings")
    home.python(
        "from tests.program.ledger.helpers import fill\nfrom promontory.program.ledger import "
        "actions as l\nfrom tests.program.ledger.helpers import AT\nfill()"
    )
    names = ("db.sqlite3", "keys.sqlite3")
    for name in names:
        _copy(home.home / name, tmp_path / name)
    erase = (
        "from tests.program.ledger.helpers import AT\n"
        "from promontory.program.ledger import actions as ledger\n"
    )
    home.python(f"{erase}ledger.erase(2, by='user:1', at=AT)")
    for name in names:
        for part in home.home.glob(f"{name}*"):
            part.unlink()
        _copy(tmp_path / name, home.home / name)
    said = home.python(
        f"{erase}print(ledger.replay_erasures(at=AT))\n"
        "from promontory.program.ledger.verify import verify\n"
        "print(sorted(ledger.keys_of([1, 2, 3])), verify().sentence())"
    )
    assert said == (
        "Replay(erased_again=1, lines_added=0, keys_deleted=0, entries_unlinked=0)\n"
        "[1, 3] The ledger is internally consistent up to position 13.\n"
    )


def test_entries_linked_to_the_erased_are_unlinked_by_the_replay(log):
    filled = fill()
    ledger.erase(filled.people[0].id, by="user:9", at=LATER)
    Entry.objects.filter(pk=filled.entries[0]).update(person=filled.people[0].id)
    assert [problem.id for problem in verify().problems] == [filled.entries[0]]
    assert ledger.replay_erasures(at=LATER) == ledger.Replay(entries_unlinked=1)
    assert verify().is_sound


def test_an_answer_that_races_with_the_erasure_of_its_person_waits_and_is_refused(log):
    filled = fill()
    person = filled.people[0]
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            ledger.erase(person.id, by="user:9", at=LATER)
            racing = pool.submit(_in_a_thread, about(person, 9, b"again"))
            time.sleep(0.3)
            assert not racing.done()
        with pytest.raises(Conflict, match="has been erased"):
            racing.result(timeout=30)
    assert verify().is_sound


def _in_a_thread(entry: ledger.NewEntry) -> None:
    try:
        put(entry)
    finally:
        connections.close_all()


def test_new_answers_of_others_are_not_held_up_by_an_erasure(log):
    filled = fill()
    ledger.erase(filled.people[0].id, by="user:9", at=LATER)
    put(answer(9, person=filled.people[1].id), at=LATER)
    assert queries.head().position == 14
    assert verify().is_sound
