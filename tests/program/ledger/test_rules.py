"""The chain commits to every surviving value of every entry, and to their order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import BadInput
from promontory.program.ledger import rules
from promontory.program.ledger.rules import Kind, NewEntry, prepare

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
BIG = st.integers(-(2**63), 2**63 - 1)
FIELDS = st.fixed_dictionaries(
    {
        "id": BIG,
        "kind": st.integers(0, 300),
        "subject": st.none() | BIG,
        "batch": st.none() | BIG,
        "at_us": BIG,
        "local_day": st.none() | BIG,
        "kept": st.text(),
        "salt": st.binary(min_size=16, max_size=16),
        "personal": st.none() | st.binary(min_size=32, max_size=32),
        "by": st.text(),
    }
)


@given(FIELDS, FIELDS)
def test_entries_that_differ_in_anything_have_different_digests(one, other):
    assert (rules.digest(**one) == rules.digest(**other)) == (one == other)


@given(FIELDS, st.sampled_from(["subject", "batch", "local_day", "personal"]))
def test_nothing_and_zero_are_told_apart(fields, name):
    zero = bytes(32) if name == "personal" else 0
    assert rules.digest(**fields | {name: None}) != rules.digest(**fields | {name: zero})


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1), st.data())
def test_a_hash_depends_on_every_digest_before_it_and_on_none_after(digests, data):
    start = rules.genesis(UUID(int=7), "UTC")
    hashes = rules.chain(start, digests)
    number = data.draw(st.integers(0, len(digests) - 1))
    altered = [*digests]
    altered[number] = bytes(byte ^ 1 for byte in altered[number])
    others = rules.chain(start, altered)
    assert others[:number] == hashes[:number]
    assert all(one != other for one, other in zip(others[number:], hashes[number:], strict=True))


@given(st.lists(st.binary(min_size=32, max_size=32)), st.integers(0, 20))
def test_the_chain_is_the_same_in_whatever_slices_it_is_written(digests, cut):
    start = rules.genesis(UUID(int=7), "UTC")
    head = rules.chain(start, digests[:cut])
    tail = rules.chain(head[-1] if head else start, digests[cut:])
    assert head + tail == rules.chain(start, digests)


def test_chains_of_two_installations_or_two_zones_start_apart():
    starts = {rules.genesis(UUID(int=id), zone) for id in (1, 2) for zone in ("UTC", "Asia/Tokyo")}
    assert len(starts) == 4


@given(st.dictionaries(st.text(), st.none() | st.booleans() | BIG | st.text()))
def test_what_is_kept_has_one_text_whatever_the_order_of_its_keys(values):
    text = rules.canonical(values)
    assert text == rules.canonical(dict(reversed(values.items())))
    assert text.isascii()


def test_the_same_instant_in_another_zone_is_the_same_entry():
    entry = NewEntry(Kind.ANSWER, "user:1", {"score": 9})
    there = AT.astimezone(timezone(timedelta(hours=9)))
    [here_row], [there_row] = prepare([entry], [1], at=AT), prepare([entry], [1], at=there)
    assert here_row.at == there_row.at
    assert here_row[:8] == there_row[:8]


def test_two_equal_entries_do_not_share_a_digest():
    entry = NewEntry(Kind.ANSWER, "user:1", {"score": 9})
    one, other = prepare([entry, entry], [1, 2], at=AT)
    assert one.salt != other.salt
    assert one.digest != other.digest


@pytest.mark.parametrize("wrong", [{"by": ""}, {"personal": b"short"}])
def test_an_entry_that_could_not_be_verified_is_refused(wrong):
    entry = NewEntry(Kind.ANSWER, "user:1", {})._replace(**wrong)
    with pytest.raises(BadInput, match="actor"):
        prepare([entry], [1], at=AT)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(BadInput, match="time zone"):
        prepare([], [], at=datetime(2026, 3, 10))


@pytest.mark.parametrize(
    ("kept", "cluster"),
    [
        ({"a": [[1, 9]], "p": 77, "st": {"p": 5}}, 77),
        ({"p": 77}, 77),
        ({"entries": 4, "p": 77}, 77),
        ({"detail": {"p": 5}, "verb": "x"}, 0),
        ({"score": 9}, 0),
        ({"p": 0}, 0),
        ({"p": "77"}, 0),
    ],
)
def test_the_cluster_of_an_entry_is_read_from_its_own_words_only(kept, cluster):
    assert rules.cluster_of(rules.canonical(kept)) == cluster
