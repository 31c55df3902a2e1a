"""A column of instants says what its cells say one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promontory.tables.values import InstantRule, instant, instants
from promontory.tables.values.isotimes import iso_instants

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = [None, "UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "+02:00"]
NAIVE = st.datetimes(datetime(1960, 1, 1), datetime(2105, 1, 1))


@st.composite
def cells(draw: st.DrawFn) -> str:
    at = draw(NAIVE).replace(microsecond=0)
    ends = ["", "Z", "+00:00", "+05:45", "-08:00", "+23:59", "+24:00", " ", ".5"]
    end = draw(st.sampled_from(ends))
    text = at.isoformat(sep=draw(st.sampled_from("T "))) + end
    return draw(
        st.sampled_from([text, text, text, text.replace("-", "/", 2), "2026-02-30T10:00:00"])
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(cells(), max_size=6), st.sampled_from(ZONES))
def test_a_column_is_read_as_its_cells_are(column: list[str], zone: str | None) -> None:
    rule = InstantRule(zone=zone)
    whole = instants(pa.array(column, pa.string()), rule)
    for place, cell in enumerate(column):
        alone = instant(cell, rule)
        assert whole.verdict[place] == alone.verdict.code, cell
        if alone.ok:
            assert alone.at is not None
            assert whole.at[place] == (alone.at - EPOCH) // timedelta(microseconds=1)
            assert whole.day[place] == alone.day


@pytest.mark.parametrize("hour", ["2026-03-29 02:30:00", "2026-10-25 02:30:00"])
def test_an_hour_that_never_was_or_was_twice_is_left_to_the_rule(hour: str) -> None:
    assert iso_instants(pa.array([hour]), "Europe/Paris") is None


def test_a_common_column_is_read_at_once() -> None:
    at = datetime(2026, 3, 31, 23, 30, tzinfo=timezone(timedelta(hours=2)))
    read = iso_instants(pa.array([at.isoformat(), None, "31/03/2026"]), "Asia/Kathmandu")
    assert read is not None
    assert read[2].tolist() == [True, False, False]
    assert read[0][0] == int(at.timestamp()) * 1_000_000
    assert read[1][0] == (at.astimezone(UTC) + timedelta(hours=5, minutes=45)).toordinal() - 719163
