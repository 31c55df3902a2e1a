"""What is sealed for one person opens for that person, at that place, with that key alone."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import Broken
from promontory.program.ledger import vault
from promontory.program.ledger.vault import Vault

MASTER = bytes(range(32))


@given(st.binary(), st.binary())
def test_what_was_sealed_opens(plaintext, aad):
    key = Vault(MASTER).new_key()
    assert vault.open_bytes(key, vault.seal_bytes(key, plaintext, aad), aad) == plaintext


def test_a_sealed_value_does_not_open_elsewhere_or_with_another_key():
    key = os.urandom(32)
    sealed = vault.seal_bytes(key, b"very late", b"responses_verbatim:7")
    for other_key, place in ((key, b"responses_verbatim:8"), (os.urandom(32), b"x")):
        with pytest.raises(Broken, match="does not open"):
            vault.open_bytes(other_key, sealed, place)


def test_a_wrapped_key_opens_for_its_person_and_installation_only():
    safe = Vault(MASTER)
    key = safe.new_key()
    wrapped = safe.wrap(7, key)
    assert safe.unwrap(7, wrapped) == key
    assert len(wrapped) == 60
    for other, person in ((safe, 8), (Vault(bytes(32)), 7)):
        with pytest.raises(Broken, match="master key"):
            other.unwrap(person, wrapped)


def test_equal_comments_of_two_people_have_unlike_commitments():
    one, other = os.urandom(32), os.urandom(32)
    assert vault.commitment(one, b"fine") == vault.commitment(one, b"fine")
    assert vault.commitment(one, b"fine") != vault.commitment(other, b"fine")


def test_a_master_key_of_the_wrong_length_is_said_to_be_broken():
    with pytest.raises(Broken, match="32 bytes"):
        Vault(b"short")
