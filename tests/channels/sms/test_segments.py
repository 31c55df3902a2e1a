"""Segments, against what Twilio publishes: its documentation and its own calculator's cases."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promontory.channels.sms.segments import (
    BASIC,
    EXTENSION,
    REPLACEMENTS,
    Culprit,
    Encoding,
    cheaper,
    segments,
)


@pytest.mark.parametrize(
    ("text", "count", "encoding", "units"),
    [
        ("", 0, Encoding.GSM, 0),
        ("a" * 160, 1, Encoding.GSM, 160),
        ("a" * 161, 2, Encoding.GSM, 161),
        ("a" * 306, 2, Encoding.GSM, 306),
        ("a" * 307, 3, Encoding.GSM, 307),
        ("{" + "2" * 158, 1, Encoding.GSM, 160),
        ("{" + "2" * 159, 2, Encoding.GSM, 161),
        ("ж" * 70, 1, Encoding.UCS2, 70),
        ("ж" * 71, 2, Encoding.UCS2, 71),
        ("ж" * 134, 2, Encoding.UCS2, 134),
        ("ж" * 135, 3, Encoding.UCS2, 135),
        ("😜" + "2" * 68, 1, Encoding.UCS2, 70),
        ("😜" + "2" * 69, 2, Encoding.UCS2, 71),
        ("Ã" + "a" * 69, 1, Encoding.UCS2, 70),
        ("€" * 80, 1, Encoding.GSM, 160),
        ("€" * 81, 2, Encoding.GSM, 162),
    ],
)
def test_segments_are_counted_as_they_are_billed(
    text: str, count: int, encoding: Encoding, units: int
) -> None:
    found = segments(text)
    assert (found.count, found.encoding, found.units) == (count, encoding, units)


def test_no_character_is_cut_in_two() -> None:
    assert segments("a" * 152 + "€" + "a" * 152).count == 3
    assert segments("a" * 66 + "😜" + "a" * 66).count == 3


def test_the_culprits_are_named_with_what_could_stand_for_them() -> None:
    found = segments("It’s “fine”… 👍👍")
    assert found.culprits == (
        Culprit("’", 1, "'"),
        Culprit("“", 1, '"'),
        Culprit("”", 1, '"'),
        Culprit("…", 1, "..."),
        Culprit("👍", 2, None),
    )


def test_replacing_is_done_only_where_it_pays() -> None:
    assert cheaper("It’s “fine”…") == 'It\'s "fine"...'
    assert cheaper("It’s fine 👍") == "It’s fine 👍"
    assert cheaper("plain") == "plain"


def test_the_alphabet_is_that_of_the_standard() -> None:
    assert (len(BASIC), len(EXTENSION)) == (127, 10)
    assert all(c in BASIC | EXTENSION for text in REPLACEMENTS.values() for c in text)
    assert not BASIC & REPLACEMENTS.keys()


@settings(deadline=None)
@given(st.text(max_size=400))
def test_every_text_fits_the_segments_counted_for_it(text: str) -> None:
    found = segments(text)
    assert (found.count == 0) == (text == "")
    assert found.count * found.per_segment >= found.units
    assert 0 <= found.left <= found.per_segment
