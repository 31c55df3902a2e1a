"""A cell as an instant: no zone, order or hour is ever guessed."""

from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest

from promontory.errors import BadInput
from promontory.tables.values import InstantRule, Verdict, instant, instants, read_instants

PARIS = InstantRule("Europe/Paris")
DAY = (date(2026, 3, 31) - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-31T14:05:00+02:00", "2026-03-31T12:05:00Z", "2026-03-31 14:05", "2026/03/31 14:05",
        "31/03/2026 14:05", "3/31/2026 2:05 PM", "31.03.2026 14:05:00", "31-03-26 14:05",
        "31 mars 2026 14:05", "March 31, 2026 14:05", "Tue, 31 March 2026 14:05:00 +0200",
        "20260331T140500", datetime(2026, 3, 31, 14, 5),
        datetime(2026, 3, 31, 12, 5, tzinfo=UTC),
    ],
)  # fmt: skip
def test_the_same_instant_however_written(cell):
    found = instant(cell, PARIS)
    assert found.at == datetime(2026, 3, 31, 12, 5, tzinfo=UTC)
    assert found.day == DAY


def test_day_and_month_are_declared_or_shown_never_guessed():
    assert instant("03/04/2026", PARIS).verdict is Verdict.DAY_OR_MONTH
    assert instant("05/05/2026", PARIS).ok
    day_first = instant("03/04/2026", InstantRule("UTC", "dmy")).at
    month_first = instant("03/04/2026", InstantRule("UTC", "mdy")).at
    assert (day_first, month_first) == (
        datetime(2026, 4, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)
    )  # fmt: skip
    assert instant("31/03/2026", InstantRule("UTC", "mdy")).verdict is Verdict.NOT_AN_INSTANT


def test_a_time_without_zone_is_not_placed():
    assert instant("2026-03-31 14:05").verdict is Verdict.NO_ZONE
    assert instant("2026-03-31T14:05+02:00").ok


def test_a_bare_day_is_that_day_on_every_clock():
    for rule in (InstantRule(), PARIS, InstantRule("Africa/Cairo")):
        assert [instant(c, rule).day for c in ("2026-03-31", "31/03/2026", date(2026, 3, 31))] == [
            DAY, DAY, DAY
        ]  # fmt: skip
    # In Cairo the clocks go forward at midnight: the day begins at one, and it is still that day.
    assert instant("2026-04-24", InstantRule("Africa/Cairo")).ok
    assert read_instants(["2026-03-31"]).questions == ()


def test_hours_that_never_were_or_were_twice_are_told_apart():
    assert instant("2026-03-29 02:30", PARIS).verdict is Verdict.SKIPPED_HOUR
    assert instant("2026-10-25 02:30", PARIS).verdict is Verdict.REPEATED_HOUR
    earlier = instant("2026-10-25 02:30", InstantRule("Europe/Paris", fold="earlier")).at
    later = instant("2026-10-25 02:30", InstantRule("Europe/Paris", fold="later")).at
    assert later - earlier == timedelta(hours=1)


def test_the_local_day_is_that_of_the_zone():
    late = "2026-03-31T23:30:00Z"
    assert instant(late, InstantRule("UTC")).day == DAY
    assert instant(late, PARIS).day == DAY + 1


def test_numbers_count_what_was_declared_or_their_size_proves():
    at = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
    seconds = int(at.timestamp())
    assert instant(seconds, InstantRule("UTC")).verdict is Verdict.NOT_AN_INSTANT
    assert instant(seconds, InstantRule("UTC", numbers="epoch-s")).at == at
    assert instant(str(seconds * 1000), InstantRule("UTC", numbers="epoch-ms")).at == at
    assert instant(46112.5, InstantRule("UTC", numbers="excel")).at == at
    assert read_instants([seconds]).rule.numbers == "epoch-s"
    assert read_instants([seconds * 1000]).rule.numbers == "epoch-ms"
    assert read_instants([46112]).questions == ("numbers", "zone")


@pytest.mark.parametrize(
    ("cell", "verdict"),
    [
        ("", Verdict.SKIPPED), ("N/A", Verdict.SKIPPED), (None, Verdict.SKIPPED),
        ("yesterday", Verdict.NOT_AN_INSTANT), ("31/02/2026", Verdict.NOT_AN_INSTANT),
        ("2026-13-01", Verdict.NOT_AN_INSTANT), (True, Verdict.NOT_AN_INSTANT),
        ("1026-03-31", Verdict.OUT_OF_TIME), ("2926-03-31", Verdict.OUT_OF_TIME),
        ("99/99/9999", Verdict.NOT_AN_INSTANT),
    ],
)  # fmt: skip
def test_what_is_no_instant_gets_its_verdict(cell, verdict):
    assert instant(cell, InstantRule("Europe/Paris", "dmy")).verdict is verdict


def test_a_column_is_judged_as_its_cells_are():
    cells = ["2026-03-31T12:05:00Z", "31/03/2026", None, "x", "03/04/2026"]
    column = instants(cells, PARIS)
    alone = [instant(cell, PARIS) for cell in cells]
    assert [Verdict.of(int(c)) for c in column.verdict] == [one.verdict for one in alone]
    assert column.day.tolist() == [one.day or 0 for one in alone]
    assert column.at[0] == int(datetime(2026, 3, 31, 12, 5, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_typed_columns_are_judged(unit):
    column = pa.array([datetime(2026, 3, 31, 12, 5), None], pa.timestamp(unit, "UTC"))
    judged = instants(column, PARIS)
    assert judged.ok.tolist() == [True, False]
    assert judged.day.tolist() == [DAY, 0]


def test_evidence_in_the_sample_settles_the_order():
    reading = read_instants(["03/04/2026", "31/03/2026"])
    assert (reading.rule.order, reading.why) == ("dmy", "day first, as “31/03/2026” shows")
    assert read_instants(["03/04/2026", "3/31/2026"]).rule.order == "mdy"
    assert "order" in read_instants(["03/04/2026", "05/06/2026"]).questions
    mixed = read_instants(["31/03/2026", "3/31/2026"])
    assert mixed.questions[0] == "order"
    assert "two orders are mixed" in mixed.why


def test_an_unknown_zone_is_refused():
    with pytest.raises(BadInput, match="“Mars/Olympus” is not a time zone"):
        InstantRule("Mars/Olympus")
    assert instant("2026-03-31 14:05", InstantRule("+02:00")).at == datetime(
        2026, 3, 31, 14, 5, tzinfo=timezone(timedelta(hours=2))
    )
