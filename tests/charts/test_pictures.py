"""What each kind of chart draws, beyond what all promise."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from promontory import charts
from promontory.charts import Chart, Column, Figure, Note, Period, Segment, course, look, render
from tests.charts import samples


def rows_with(chart: Chart, *names: str) -> list[dict[str, Any]]:
    return [
        row
        for layer in chart.spec["layer"]
        for row in layer["data"]["values"]
        if all(name in row for name in names)
    ]


def layers_of(chart: Chart, mark: str) -> list[dict[str, Any]]:
    return [each for each in chart.spec["layer"] if each["mark"]["type"] == mark]


def test_trend_draws_nothing_across_a_withheld_period() -> None:
    [area] = layers_of(samples.trend(), "area")
    assert [row["value"] for row in area["data"]["values"]] == [22, 24, None, None, 30, None]


def test_trend_draws_withheld_periods_as_one_gap_with_the_word() -> None:
    chart = samples.trend()
    [gap] = layers_of(chart, "rect")
    assert [(row["x"], row["to"]) for row in gap["data"]["values"]] == [(1.56, 3.44)]
    words = [layer["mark"].get("text") for layer in layers_of(chart, "text")]
    assert "withheld" in words
    assert "so far" in words


def test_trend_draws_imprecise_lighter_and_incomplete_hollow() -> None:
    dots = rows_with(samples.trend(), "value", "open", "fill")
    assert {row["x"]: (row["faint"], row["fill"]) for row in dots} == {
        0: (look.FAINT, look.INK),
        1: (1, look.INK),
        4: (1, look.INK),
        5: (1, look.SURFACE),
    }


def test_trend_places_markers_inside_their_period_and_explains_them() -> None:
    chart = samples.trend()
    assert [note.key for note in chart.notes] == ["A", "B"]
    assert chart.notes[1] == Note("B", "Import (2 May 2025)")
    places = {row["key"]: row["x"] for row in rows_with(chart, "key")}
    assert places["A"] == pytest.approx(0.5 + 13.5 / 28)
    assert places["B"] == pytest.approx(3.5 + 1.5 / 31)


def test_a_marker_outside_the_periods_is_not_drawn() -> None:
    period = Period(date(2025, 1, 1), date(2025, 2, 1), "January", samples.points(3.0))
    chart = charts.trend([period], markers=[charts.Marker(date(2025, 2, 1), "Later")])
    assert chart.notes == ()


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        (
            [date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)],
            [["Dec", "2024"], ["Jan", "2025"]],
        ),
        ([date(2025, 6, 2), date(2025, 6, 9), date(2025, 6, 16)], [["2 Jun", "2025"], ["9 Jun"]]),
        ([date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1)], [["Q1", "2025"], ["Q2"]]),
        ([date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)], [["2024"], ["2025"]]),
    ],
)
def test_ticks_name_the_period_and_the_year_once(
    edges: list[date], expected: list[list[str]]
) -> None:
    figure = samples.points(3.0)
    periods = [Period(a, b, "", figure) for a, b in pairwise(edges)]
    assert course.ticks(periods) == expected


def test_segments_stand_by_tier_then_score_and_withheld_last() -> None:
    labels = [row[0] for row in samples.intervals().rows]
    assert labels == [samples.NASTY, "West", "West", "Overseas", "Islands", "All together"]


def test_a_withheld_segment_shows_neither_score_nor_base() -> None:
    row = next(row for row in samples.intervals().rows if row[0] == "Islands")
    assert row[1:5] == (None, None, None, None)
    assert row[6] == "Withheld: Fewer than 5 people answered."


def test_tiers_have_a_heading_each() -> None:
    [axis] = {
        layer["encoding"]["y"]["axis"]["labelExpr"]
        for layer in layers_of(samples.tiers(), "circle")
    }
    assert axis.startswith('["Tier 1", ')
    assert '"Tier 2", "West", "West", "Not placed"' in axis


def test_nothing_to_show_is_said_in_words() -> None:
    chart = charts.intervals([Segment("Islands", samples.HIDDEN)])
    assert chart.empty
    assert chart.description == "No segment has a score that may be shown."


def test_the_waterfall_closes_on_the_score_after() -> None:
    chart = samples.mix_shift()
    rows = {row["row"]: row for row in rows_with(chart, "from", "to")}
    assert rows[1]["from"] == rows[0]["value"] == 38.0
    assert rows[2]["to"] == pytest.approx(rows[3]["value"])


def test_a_waterfall_without_both_ends_says_why() -> None:
    chart = charts.mix_shift(samples.HIDDEN, [], samples.points(3.0))
    assert chart.empty
    assert "Fewer than 5 people answered." in chart.description
    assert render.inline(chart).startswith("<svg")


def test_the_difference_stands_under_the_second_score() -> None:
    chart = samples.comparison()
    places = {row["row"]: row["value"] for row in rows_with(chart, "value", "fill")}
    assert places[2] == pytest.approx(places[1])


def test_the_distribution_colours_answers_by_their_group() -> None:
    bars = rows_with(samples.distribution(), "answer", "share", "colour")
    colours = {row["answer"]: row["colour"] for row in bars}
    assert [colours[i] for i in (0, 6, 7, 8, 9, 10)] == [
        look.LIGHT[key]
        for key in ("detractor", "detractor", "passive", "passive", "promoter", "promoter")
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝"])
def test_no_csv_cell_can_act_as_a_formula(start: str) -> None:
    chart = charts.intervals([Segment(f"{start}cmd|'/c calc'!A0", samples.points(-3.0))])
    [cell, score] = charts.render.csv(chart).split("\r\n", 1)[1].split(",")[:2]
    assert cell.lstrip('"').startswith("'")
    assert score == "-3.0"


def test_cells_read_as_people_write_them() -> None:
    texts = [
        Column("", "count").text(4_812),
        Column("", "share").text(12.34),
        Column("", "score").text(-3.21),
        Column("", "score").text(None),
        Column("").text(""),
    ]
    assert texts == ["4,812", "12.3\u00a0%", "−3.2", "—", ""]


def test_an_imprecise_whole_stays_in_the_scale() -> None:
    chart = charts.intervals([Segment("Few", Figure(90.0, 40.0, 100.0, 6, "imprecise"))])
    domains = {
        tuple(layer["encoding"]["x"]["scale"]["domain"]) for layer in layers_of(chart, "circle")
    }
    [(low, high)] = domains
    assert -100 <= low < 40
    assert high == 100


def test_a_scale_without_signs_has_none_in_its_table() -> None:
    effort = charts.Scale("Effort", 1, 7, 2, False)
    chart = charts.intervals(
        [Segment("West", Figure(5.678, 5.5, 5.8, 90, scale=effort))], scale=effort
    )
    assert [cell.text for cell in chart.table[0].cells[1:4]] == ["5.68", "5.50", "5.80"]
