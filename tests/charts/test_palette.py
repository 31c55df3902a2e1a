"""One palette: the page's stylesheet and the charts agree, and everything can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import promontory.server
from promontory.charts import look

CSS = Path(promontory.server.__file__).parent / "static" / "promontory" / "promontory.css"
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", CSS.read_text(encoding="utf-8")
    )
}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", [name for name in look.LIGHT if name != "surface"])
def test_charts_use_the_pages_colours(name: str) -> None:
    assert TOKENS[name] == (look.LIGHT[name], look.DARK[name])


def test_every_chart_colour_can_be_told_from_the_others() -> None:
    assert len(set(look.LIGHT.values())) == len(look.LIGHT)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("ground", ["paper", "surface"])
@pytest.mark.parametrize(
    "text",
    ["ink", "ink-2", "ink-3", "accent", "warn", "promoter-text", "passive-text", "detractor-text"],
)
def test_text_has_the_contrast_of_aa(text: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("mark", ["line-strong", "promoter", "passive", "detractor", "accent"])
def test_marks_have_the_contrast_of_graphics(mark: str, theme: int) -> None:
    assert contrast(TOKENS[mark][theme], TOKENS["surface"][theme]) >= 3
