"""Addresses, and our references inside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.channels.email import references
from promontory.channels.email.addresses import needs_utf8, validate_address
from promontory.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("amal@example.org", "amal@example.org"),
        ("  Amal@Example.ORG ", "Amal@example.org"),
        ("o'brien+news@example.co.uk", "o'brien+news@example.co.uk"),
        ("amal@müller.example", "amal@xn--mller-kva.example"),
        ("amal@例え.テスト", "amal@xn--r8jz45g.xn--zckzah"),
        ("\u200bamal@example.org\u202c", "amal@example.org"),
        ("müller@example.org", "müller@example.org"),
        ("amal@example.org.", "amal@example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
        ("!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"),
    ],
)
def test_what_is_an_address(typed: str, stored: str) -> None:
    assert validate_address(typed) == stored


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "is empty"),
        ("amal", "has no @"),
        ("@example.org", "nothing before the @"),
        ("amal@", "nothing after the @"),
        ("a@b@example.org", "more than one @"),
        ("a b@example.org", "a space or a character before the @"),
        ("a<b@example.org", "a space or a character before the @"),
        (".a@example.org", "a dot too many"),
        ("a..b@example.org", "a dot too many"),
        ("a" * 65 + "@example.org", "more than 64 characters"),
        ("a@" + "b." * 130 + "org", "longer than 254"),
        ("a@localhost", "a domain without a dot"),
        ("a@example..org", "two dots in a row"),
        ("a@-example.org", "cannot stand there"),
        ("a@exa_mple.org", "cannot stand there"),
        ("a@127.0.0.1", "by its number"),
        ("a@[127.0.0.1]", "by its number"),
        ("a@example.123", "ends in a number"),
        ("a@exa mple.org", "cannot stand there"),
        ("a@example.org\nBcc: b@example.org", "more than one @"),
        ("a@\u2488com.example", "cannot exist"),
    ],
)
def test_what_is_none_and_why(typed: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        validate_address(typed)


def test_letters_outside_ascii_before_the_at_are_known() -> None:
    assert needs_utf8("müller@example.org")
    assert not needs_utf8(validate_address("amal@müller.example"))


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=34))
def test_a_reference_survives_a_mailer_that_changes_its_case(reference: str) -> None:
    address = references.bounce_address(reference, "acme.example")
    assert validate_address(address) == address
    for changed in (address, address.upper(), f"<{address}>", f"x, Acme <{address}>"):
        assert references.find(changed, references.BOUNCE) == reference
    assert references.find(address, references.UNSUBSCRIBE) == ""


@pytest.mark.parametrize("text", ["", "bounce+@x", "bounce+zzzz@x", "bounce+0@x", "amal@x"])
def test_what_holds_no_reference_gives_none(text: str) -> None:
    assert references.find(text, references.BOUNCE) == ""


@pytest.mark.parametrize("reference", ["", "x" * 35])
def test_a_reference_has_a_length(reference: str) -> None:
    with pytest.raises(ValueError, match="1 to 34"):
        references.encode(reference)
