"""How results print: in words, tables and pictures, with everything from a file escaped."""

import json
import subprocess
import sys

import pandas as pd
import pytest

import promontory as pm

EVIL = "<script>alert(1)</script>"
DATA = {"score": [10, 9, 8, 3] * 10, "region": ["N", EVIL, "[bold]S[/bold]", "\x1b[31mred"] * 10}


@pytest.fixture
def result():
    return pm.score(DATA, by="region")


def test_a_notebook_escapes_what_came_from_a_file(result):
    html = result._repr_html_()
    assert EVIL not in html
    assert "&lt;script&gt;" in html
    assert html.count('class="strip"') == 5


def test_a_terminal_obeys_nothing_that_came_from_a_file(result):
    text = str(result)
    assert "\x1b" not in text
    assert "[bold]S[/bold]" in text
    assert "\\x1b[31mred" in text


def test_every_row_of_the_table_has_its_interval_and_base(result):
    lines = [line for line in str(result).splitlines() if "━" in line or "●" in line]
    assert len(lines) == 5
    assert all(" to " in line for line in lines)


def test_plain_values_go_through_json(result):
    read = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert read["score"]["value"] == 25.0
    assert EVIL in {group["region"] for group in read["groups"]}
    assert read["reading"]["counts"] == {"ok": 40}


def test_frames_hold_the_figures(result):
    frame = result.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert frame["base"].tolist() == [10, 10, 10, 10, 40]


@pytest.mark.parametrize(
    "made",
    [
        lambda: pm.score(DATA, by="region"),
        lambda: pm.score(DATA),
        lambda: pm.score(DATA, metric="mean", options=pm.Options(scale=_scale())),
        lambda: pm.compare({10: 40, 3: 60}, {10: 70, 3: 30}),
        lambda: pm.explain_change(DATA, DATA, by="region"),
    ],
    ids=["groups", "distribution", "mean", "comparison", "change"],
)
def test_every_result_has_a_picture_and_a_page(made):
    found = made()
    assert found.picture().startswith("<svg")
    assert found._repr_html_().startswith("<div")
    assert str(found)
    json.dumps(found.to_dict(), allow_nan=False)


def _scale():
    from promontory.tables.values import Scale

    return Scale(0, 10)


def test_importing_costs_nothing_and_scoring_needs_no_django():
    program = (
        "import resource, sys\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_utime\n"
        "import promontory as pm\n"
        "spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before\n"
        "assert 'numpy' not in sys.modules\n"
        "assert sorted(pm.__all__) == dir(pm)\n"
        "pm.score([9, 10, 3])\n"
        "assert 'django' not in sys.modules\n"
        "print(spent)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 0.3


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        pm.nonsense  # noqa: B018
