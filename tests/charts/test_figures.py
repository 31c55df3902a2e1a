"""A figure never goes bare: it has its interval and base, or a reason why it is not shown."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from promontory.charts import DIFFERENCE, PERCENT, Figure, Scale, strip, words
from promontory.errors import BadInput


def test_a_value_without_its_interval_is_refused() -> None:
    with pytest.raises(BadInput, match="without its interval"):
        Figure(31.6, None, None, 412)


def test_a_withheld_figure_may_not_smuggle_its_value() -> None:
    with pytest.raises(BadInput, match="must not carry"):
        Figure(31.6, 28.0, 35.0, 4, "withheld", "too few")


def test_a_withheld_figure_must_say_why() -> None:
    with pytest.raises(BadInput, match="must say why"):
        Figure.withheld("")


def test_an_empty_base_has_no_score() -> None:
    empty = Figure(None, None, None, 0)
    assert (empty.standing, empty.text, empty.interval_text) == ("empty", "No answers", "")


def test_a_withheld_figure_tells_nothing_of_its_base() -> None:
    hidden = Figure.withheld("Fewer than 5 people answered.")
    assert hidden.base_text == ""
    assert hidden.sentence == "Withheld: Fewer than 5 people answered."


def test_the_interval_always_holds_the_value_drawn() -> None:
    corner = Figure(100.0, 71.2, 99.1, 12)
    assert (corner.low, corner.high) == (71.2, 100.0)


def test_a_figure_is_made_of_any_estimate() -> None:
    estimate = SimpleNamespace(value=31.58, low=28.94, high=34.21, base=4812)
    figure = Figure.of(estimate)
    assert figure.sentence == "+31.6, between +28.9 and +34.2 (95\u00a0%), 4,812 respondents"


@pytest.mark.parametrize(
    ("scale", "value", "text"),
    [
        (Scale(), -0.04, "0.0"),
        (Scale(), 0.04, "0.0"),
        (Scale(), -12.5, "−12.5"),
        (DIFFERENCE, 3.0, "+3.0"),
        (PERCENT, 23.44, "23.4\u00a0%"),
        (Scale("Effort", 1, 7, 2, False), 5.678, "5.68"),
    ],
)
def test_numbers_are_written_with_true_signs(scale: Scale, value: float, text: str) -> None:
    assert scale.text(value) == text


def test_counts_have_thousands() -> None:
    assert (words.people(1), words.people(1_204)) == ("1 respondent", "1,204 respondents")


def test_the_strip_places_value_and_interval_on_the_scale() -> None:
    drawn = strip(Figure(0.0, -50.0, 50.0, 40))
    assert '<rect x="61.0" y="5" width="118.0"' in drawn
    assert "M120.0 1V19" in drawn
    assert 'role="img"' in drawn


def test_the_strip_of_a_withheld_figure_shows_no_value() -> None:
    drawn = strip(Figure.withheld('Fewer than 5 & "few"'))
    assert "<rect" not in drawn
    assert "Fewer than 5 &amp; &quot;few&quot;" in drawn
