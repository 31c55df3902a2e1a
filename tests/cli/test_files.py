"""The file commands: what they print, what they refuse, how they end."""

import json
import subprocess
import sys

import pytest

from promontory.cli import main

GOOD = "score,region,account,date\n" + "".join(
    f"{n * 7 % 11},{'North' if n % 3 else 'South'},a{n % 40},2026-0{1 + n % 2}-15\n"
    for n in range(200)
)


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(GOOD)
    return str(path)


def run(capsys, *argv):
    code = main(argv)
    out = capsys.readouterr()
    return code, out.out, out.err


def test_a_score_is_printed_with_interval_base_and_what_was_taken(capsys, answers):
    code, out, _ = run(capsys, "score", answers, "--by", "region", "--cluster", "account")
    assert code == 0
    assert out.startswith("Net Promoter Score ")
    assert "n = 200" in out
    assert "Taken: score: “score” (by its name and cells); by: “region”; cluster: “account”" in out
    assert {"North", "South", "All"} <= {
        line.split()[0] for line in out.splitlines() if line.strip()
    }


def test_json_is_json(capsys, answers):
    code, out, _ = run(capsys, "score", answers, "--by", "region", "--json")
    assert code == 0
    assert json.loads(out)["score"]["base"] == 200


def test_compare_explain_and_plan(capsys, answers):
    periods = ("--before", "2026-01", "--after", "2026-02", "--zone", "UTC")
    code, out, _ = run(capsys, "compare", answers, *periods)
    assert (code, "2026-01 → 2026-02: " in out) == (0, True)
    code, out, _ = run(capsys, "compare", answers, "--by", "region", "--json")
    assert (code, len(json.loads(out)["pairs"])) == (0, 1)
    code, out, _ = run(capsys, "explain", answers, "--by", "region", *periods)
    assert (code, "within" in out) == (0, True)
    code, out, _ = run(capsys, "plan", "--half-width", "3")
    assert (code, "answers give an interval" in out) == (0, True)


def test_filters_columns_and_periods(capsys, answers):
    code, out, _ = run(
        capsys, "score", answers, "--where", "region=South", "--period", "2026-01",
        "--zone", "UTC", "--score-column", "score", "--column", "at=date", "--json",
    )  # fmt: skip
    assert code == 0
    assert json.loads(out)["score"]["base"] == 34


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("--by", "colour"), "There is no column “colour”."),
        (("--scale", "1-10"), "nothing is rescaled"),
        (("--scale", "ten"), "is not a scale"),
        (("--where", "region"), "is no filter"),
        (("--where", "colour=red"), "There is no column “colour”."),
        (("--period", "yesterday"), "is not a period"),
        (("--zone", "Mars", "--period", "2026"), "is not a time zone"),
        (("--metric", "happiness"), "There is no metric"),
        (("--column", "score"), "names no column"),
        (("--sheet", "A"), "Only workbooks have sheets"),
        (("--delimiter", "ab"), "is no delimiter"),
    ],
)
def test_refusals_are_one_sentence_on_the_error_stream_and_code_1(capsys, answers, argv, says):
    code, out, err = run(capsys, "score", answers, *argv)
    assert (code, out) == (1, "")
    assert err.startswith("promontory: ")
    assert says in err
    assert "Traceback" not in err


def test_a_bad_cell_is_named_by_row_column_and_remedy(capsys, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("score,region\n9,N\n10/10,S\n8,N\n")
    code, out, _ = run(capsys, "score", str(path))
    assert code == 0
    assert "first: row 3, column “score”: “10/10” is written as a ratio." in out
    code, _, err = run(capsys, "score", str(path), "--strict")
    assert code == 1
    assert "answers.csv, row 3, column “score”: “10/10” is written as a ratio" in err


def test_nothing_to_count_is_code_3(capsys, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("score,region\nN/A,N\n,S\n")
    code, out, _ = run(capsys, "score", str(path))
    assert code == 3
    assert "no answers" in out


def test_wrong_usage_is_code_2():
    with pytest.raises(SystemExit) as ended:
        main(["score"])
    assert ended.value.code == 2


def test_exit_codes_are_in_the_help(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    help_text = capsys.readouterr().out
    assert "3  there was nothing to count" in help_text


def test_scoring_a_file_never_loads_django(answers):
    program = (
        "import sys; from promontory.cli import main; code = main(['score', sys.argv[1]]);"
        " assert 'django' not in sys.modules; sys.exit(code)"
    )
    subprocess.run([sys.executable, "-c", program, answers], check=True, capture_output=True)
