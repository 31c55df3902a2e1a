"""pm.score: one number from anything, never without base, interval and what was left out."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import promontory as pm
from promontory.errors import BadInput
from promontory.measurement import ClusterTally, Tally
from promontory.measurement import score as exact
from promontory.tables.values import Scale, Verdict

ANSWERS = [10, 9, 8, 3, 0, 7, 10]
EXPECTED = exact(Tally.of(ANSWERS))


@pytest.mark.parametrize(
    "source",
    [
        ANSWERS, iter(ANSWERS), np.array(ANSWERS), pa.array(ANSWERS), pd.Series(ANSWERS),
        pl.Series(ANSWERS), {"score": ANSWERS}, pd.DataFrame({"score": ANSWERS}),
        pl.DataFrame({"score": ANSWERS}), pa.table({"score": ANSWERS}), Tally.of(ANSWERS),
        {10: 2, 9: 1, 8: 1, 7: 1, 3: 1, 0: 1},
    ],
    ids=lambda source: type(source).__module__.split(".")[0] + "." + type(source).__name__,
)  # fmt: skip
def test_the_same_answers_score_the_same_wherever_they_are(source):
    result = pm.score(source)
    assert (result.value, result.low, result.high) == (EXPECTED.value, EXPECTED.low, EXPECTED.high)
    assert result.base == 7


def test_what_is_no_answer_is_counted_with_its_place():
    result = pm.score([10, None, "9.5", "10/10", "ten", 11, -1, "N/A", float("nan"), " 9 "])
    assert result.tally == Tally({9: 1, 10: 1})
    found = result.reading.verdicts
    assert found[Verdict.SKIPPED] == 3
    assert found.refused == 5
    assert "Refused 1 × ratio; first: row 4, column “answer”: “10/10” is written as a ratio." in (
        "\n".join(result.notes)
    )


def test_refusing_instead_of_counting_names_row_column_and_remedy():
    with pytest.raises(BadInput) as caught:
        pm.score({"score": ["9", "10/10"], "r": ["N", "S"]}, options=pm.Options(errors="refuse"))
    assert str(caught.value) == (
        "mapping, row 2, column “score”: “10/10” is written as a ratio; 1 rows could not be"
        " counted. Write the answer alone (10, not 10/10)."
    )


def test_nobody_answered_has_no_score():
    result = pm.score([None, "N/A"])
    assert result.value is None
    assert result.estimate.text() == "no answers"
    assert pm.score([]).value is None


def test_groups_add_up_to_the_whole_and_blanks_are_a_group():
    result = pm.score(
        {"score": ANSWERS, "region": ["N", "N", "S", "S", None, "", " N "]}, by="region"
    )
    assert [group.key for group in result.groups] == [("N",), ("S",), (None,)]
    assert sum((group.tally for group in result.groups), Tally()) == result.tally
    assert result["N"].base == 3
    assert result[None].base == 2


def test_arrays_beside_the_answers_serve_as_columns():
    weights = [1, 2, 1, 1, 3, 1, 1]
    result = pm.score(np.array(ANSWERS), by={"r": list("NNSSNSN")}, weights=weights)
    assert result.estimate.value == exact(Tally.of(ANSWERS, weights)).value
    assert [group.name for group in result.groups] == ["N", "S"]


def test_bad_and_zero_weights_do_not_count_and_are_said():
    result = pm.score({"score": [10, 9, 3, 0], "w": ["1", "", "0", "-2"]}, weights="w")
    assert result.base == 1
    assert result.reading.verdicts[Verdict.MISSING_WEIGHT] == 2
    assert "1 rows weigh 0 and do not count." in result.notes


def test_a_named_cluster_gives_the_clustered_interval_in_all_and_by_group():
    rng = np.random.default_rng(3)
    who = rng.integers(0, 60, 300)
    answers = np.clip(who % 11 + rng.integers(-1, 2, 300), 0, 10)
    region = np.where(rng.random(300) < 0.4, "N", "S")
    data = {"score": answers, "account": who, "region": region}
    result = pm.score(data, by="region", cluster="account")
    expected = exact(Tally.of(answers), clusters=ClusterTally.of(answers, who))
    assert (result.low, result.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    north = region == "N"
    domain = exact(
        Tally.of(answers[north]), clusters=ClusterTally.of(answers[north], who[north]),
        clusters_in_frame=len(np.unique(who)),
    )  # fmt: skip
    assert result["N"].low == pytest.approx(domain.low, abs=1e-9)


def test_repeating_people_are_clustered_by_without_being_asked():
    data = {"score": ANSWERS * 20, "customer_id": [n // 2 for n in range(140)]}
    result = pm.score(data)
    assert result.estimate.clusters == 70
    assert "“customer_id” repeats: 140 answers of 70" in "\n".join(result.notes)
    unique = pm.score({"score": ANSWERS * 20, "customer_id": list(range(140))})
    assert unique.estimate.clusters is None


def test_answers_of_nobody_known_are_clusters_of_their_own():
    data = {"score": [10, 10, 3, 3, 9], "account": ["a", "a", None, "", "b"]}
    assert pm.score(data, cluster="account").estimate.clusters == 4


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("cluster", [None, "account"])
def test_a_parquet_file_counted_in_place_equals_the_streamed_table(tmp_path, weighted, cluster):
    rng = np.random.default_rng(5)
    account = [None if n % 9 == 0 else int(n) for n in rng.integers(0, 50, 400)]
    data = pa.table(
        {
            "score": pa.array(
                [None if n > 10 else int(n) for n in rng.integers(0, 12, 400)], pa.int8()
            ),
            "region": rng.choice(["N", "S", ""], 400),
            "account": pa.array(account),
            "w": rng.choice([0.0, 0.5, 1.0, 2.0], 400),
        }
    )
    path = tmp_path / "answers.parquet"
    pq.write_table(data, path)
    chosen = {"by": "region", "cluster": cluster, "weights": "w" if weighted else None}
    in_place, streamed = pm.score(path, **chosen), pm.score(data, **chosen)
    assert in_place.tally == streamed.tally
    assert in_place.low == pytest.approx(streamed.low, abs=1e-9)
    assert [g.key for g in in_place.groups] == [g.key for g in streamed.groups]
    for one, other in zip(in_place.groups, streamed.groups, strict=True):
        assert one.tally == other.tally
        assert one.estimate.low == pytest.approx(other.estimate.low, abs=1e-9)


def test_places_are_named_in_parquet_too(tmp_path):
    path = tmp_path / "answers.parquet"
    pq.write_table(pa.table({"score": [9.0, 9.5, 11.0, 3.0]}), path)
    notes = "\n".join(pm.score(path).notes)
    assert "row 2, column “score”: “9.5” is not a whole number" in notes
    assert "row 3, column “score”: “11.0” lies outside the scale" in notes


def test_a_large_file_without_zero_asks_and_says_so_beside_the_number():
    result = pm.score([1 + n % 10 for n in range(600)])
    assert result.questions == (
        "None of the 600 answers is 0. Was the scale 1–10 rather than 0–10?",
    )
    assert "if the scale was 0–10" in str(result)
    declared = pm.score([1 + n % 10 for n in range(600)], options=pm.Options(scale=Scale(0, 10)))
    assert declared.questions == ()


def test_another_scale_is_never_rescaled():
    one_to_ten = pm.Options(scale=Scale(1, 10))
    with pytest.raises(BadInput, match="make no Net Promoter Score"):
        pm.score([1, 10], options=one_to_ten)
    assert pm.score([1, 10], metric="mean", options=one_to_ten).value == 5.5
    with pytest.raises(BadInput, match="The answers run from 1 to 5"):
        pm.score([1 + n % 5 for n in range(200)])
    assert pm.score([1, 5, 4, 4], metric="csat").value == 75.0


def test_answers_heaped_on_the_lowest_end_ask_which_end_is_best():
    result = pm.score([1] * 60 + [2] * 20 + [5] * 10, metric="csat")
    assert result.questions[0].startswith("67% of the answers are 1. Is that the best answer")


def test_filters_and_periods_say_what_they_left_out():
    data = {
        "score": [10, 9, 3, 0],
        "answered_at": ["2026-01-31T23:30:00Z", "2026-02-01", "2026-03-01", "soon"],
        "region": ["N", "N", "N", "S"],
    }
    from promontory.library.periods import parse
    from promontory.library.request import parse_where

    where = pm.score(data, options=pm.Options(where=parse_where(["region=N"])))
    assert where.base == 3
    assert "1 rows are left out by the filters." in where.notes
    february = pm.Options(period=parse("2026-02"), zone="Europe/Paris")
    result = pm.score(data, options=february)
    assert result.base == 2
    assert result.reading.verdicts[Verdict.NOT_AN_INSTANT] == 1
    assert "1 answers lie outside 2026-02." in result.notes
    by_month = pm.score(data, by="month", options=pm.Options(zone="UTC"))
    assert [g.key[0] for g in by_month.groups] == ["2026-01", "2026-02", "2026-03"]


def test_columns_are_found_by_a_like_name_and_refused_with_the_names_there_are():
    data = {"score": [9, 3], "Sales Region": ["N", "S"]}
    assert pm.score(data, by="sales_region").by == ("Sales Region",)
    with pytest.raises(BadInput, match="There is no column “colour”"):
        pm.score(data, by="colour")


def test_a_tally_has_no_columns():
    with pytest.raises(BadInput, match="A tally has no columns"):
        pm.score(Tally({9: 1}), by="region")
