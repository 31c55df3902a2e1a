"""What every kind of chart promises, checked on each."""

from __future__ import annotations

import csv
import io
import re
import struct
import xml.etree.ElementTree as ET

import pytest

from promontory.charts import Chart, kinds, look, render
from tests.charts import samples

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module", params=list(kinds))
def chart(request: pytest.FixtureRequest) -> Chart:
    return samples.EACH[request.param]()


def drawings(chart: Chart) -> list[ET.Element]:
    both = (render.inline(chart), render.inline(chart, narrow=True))
    return [ET.fromstring(drawing) for drawing in both]


def marks(spec: dict[str, object]) -> list[dict[str, object]]:
    layers = spec["layer"]
    assert isinstance(layers, list)
    return [row for layer in layers for row in layer["data"]["values"]]


def test_is_drawn_with_whiskers(chart: Chart) -> None:
    for spec in (chart.spec, chart.narrow):
        assert any("low" in row and "high" in row for row in marks(spec))


def test_has_words_and_rows_for_who_does_not_see_it(chart: Chart) -> None:
    assert chart.title
    assert chart.description
    assert chart.rows
    assert all(len(row) == len(chart.columns) for row in chart.rows)
    assert len(chart.standings) == len(chart.rows)


def test_is_one_named_image(chart: Chart) -> None:
    for root in drawings(chart):
        assert root.get("role") == "img"
        names = (root.get("aria-labelledby") or "").split()
        ids = {each.get("id"): each.text for each in root.iter() if each.get("id")}
        assert [ids[name] for name in names] == [chart.title, chart.description]


def test_two_sizes_on_one_page_share_no_id(chart: Chart) -> None:
    ids = [each.get("id") for root in drawings(chart) for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids)) == 4


def test_passes_a_strict_content_policy(chart: Chart) -> None:
    for root in drawings(chart):
        for each in root.iter():
            assert each.tag.removeprefix(SVG) in {
                "svg",
                "g",
                "path",
                "line",
                "text",
                "tspan",
                "rect",
                "title",
                "desc",
            }
            assert not {"style", "href", "onload", "onclick"} & set(each.attrib)


def test_every_colour_follows_the_page(chart: Chart) -> None:
    for root in drawings(chart):
        colours = {
            value
            for each in root.iter()
            for name, value in each.attrib.items()
            if name in {"fill", "stroke"} and value not in {"none", "transparent"}
        }
        assert colours
        assert all(re.fullmatch(r"var\(--[a-z0-9-]+, #[0-9a-f]{6}\)", each) for each in colours)


def test_fits_its_place(chart: Chart) -> None:
    wide, narrow = drawings(chart)
    assert float(wide.get("width") or 0) == pytest.approx(look.WIDE, abs=8)
    assert float(narrow.get("width") or 0) == pytest.approx(look.NARROW, abs=8)


def test_a_label_cannot_leave_its_text(chart: Chart) -> None:
    for drawing in (render.inline(chart), render.svg(chart)):
        assert "<script" not in drawing
        assert "var(--ink" not in "".join(ET.fromstring(drawing).itertext())


def test_dark_and_light_files_differ_only_in_colour(chart: Chart) -> None:
    light, dark = render.svg(chart), render.svg(chart, "dark")
    blank = re.compile(r"#[0-9a-f]{6}")
    assert light != dark
    assert blank.sub("", light) == blank.sub("", dark)


def test_png_is_twice_the_size_for_sharp_screens(chart: Chart) -> None:
    picture = render.png(chart)
    assert picture.startswith(b"\x89PNG")
    width, _ = struct.unpack(">II", picture[16:24])
    assert width == pytest.approx(2 * (look.WIDE + 40), abs=16)


def test_csv_is_the_rows_unrounded(chart: Chart) -> None:
    head, *body = csv.reader(io.StringIO(render.csv(chart)))
    assert head == [column.label for column in chart.columns]
    assert len(body) == len(chart.rows)
    for cells, row in zip(body, chart.rows, strict=True):
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, float):
                assert float(cell) == value


def test_the_same_content_has_the_same_name(chart: Chart) -> None:
    assert samples.EACH[chart.kind]().ident == chart.ident
