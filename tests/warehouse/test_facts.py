"""Facts go in once, whole, in their months; what does not fit is refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from promontory.errors import BadInput, Broken, Conflict
from promontory.warehouse import Facts, Question, ask, open_engine
from promontory.warehouse import monthfiles as month_files
from promontory.warehouse.rowset import row_set_hash, seal_months
from promontory.warehouse.schema import facts_schema, first_day
from promontory.warehouse.upkeep import compact, rewrite_months
from tests.warehouse.sample import NPS, Row, batch, company, day, entry, found, recount


def rows_of(facts: Facts) -> list[Row]:
    """Return every row of the manifest's files, in the order of the ledger."""
    rows: list[Row] = []
    for file in facts.manifest().files:
        rows += pq.read_table(facts.path(file)).to_pylist()
    return sorted(rows, key=lambda row: (row["position"], row["sign"], row["mask"]))


def test_an_empty_warehouse_answers_with_nothing(tmp_path: Path) -> None:
    facts = Facts(tmp_path)

    [cells] = ask(open_engine("duckdb://", facts), [Question(NPS, by=("month",))])

    assert cells.position == 0
    assert found(cells.table) == {}


def test_each_month_has_a_file_of_the_declared_schema(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    rows = [entry(1, day=day("2024-02-29")), entry(2, day=day("2024-03-01"), a4=7)]

    manifest = facts.append([batch(rows)], 2, {day("2024-03-01"): 2})

    assert [file.month for file in manifest.files] == [649, 650]
    assert [first_day(month) for month in manifest.months] == [day("2024-02-01"), day("2024-03-01")]
    for file in manifest.files:
        assert pq.read_schema(facts.path(file)) == facts_schema(["a4"])
        assert file.rows == 1
    assert manifest.files[1].bounds["a4"] == (7, 7)


def test_the_same_append_twice_adds_nothing(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    first = facts.append([batch([entry(1), entry(2)])], 2)

    again = facts.append([batch([entry(1), entry(2)])], 2)

    assert again == first


def test_an_overlapping_append_adds_only_what_is_new(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    facts.append([batch([entry(1), entry(2)])], 2)

    facts.append([batch([entry(2), entry(3)])], 3)

    assert [row["position"] for row in rows_of(facts)] == [1, 2, 3]


def test_a_position_without_rows_is_reached_all_the_same(tmp_path: Path) -> None:
    assert Facts(tmp_path).append([], 12).position == 12


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (entry(5), "position 5, beyond the last one, 2"),
        (entry(1, sign=2), r"sign is \+1 or −1"),
        (entry(0), "1 or more"),
        (entry(1, day=-1), "day before 1970"),
    ],
)
def test_refuses_a_row_that_makes_no_sense(tmp_path: Path, row: Row, words: str) -> None:
    facts = Facts(tmp_path)

    with pytest.raises(BadInput, match=words):
        facts.append([batch([entry(1)]), batch([row])], 2)

    assert facts.manifest().rows == 0


def test_refuses_columns_that_do_not_fit(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    whole = batch([entry(1)])

    with pytest.raises(BadInput, match="lack the column answer"):
        facts.append([whole.drop_columns(["answer"])], 1)
    with pytest.raises(BadInput, match="no column “comment”"):
        facts.append([whole.append_column("comment", pa.array(["x"]))], 1)
    with pytest.raises(BadInput, match="survey does not fit"):
        wide = pa.array([2**40])
        facts.append([whole.set_column(whole.schema.get_field_index("survey"), "survey", wide)], 1)
    with pytest.raises(BadInput, match="empty cells"):
        facts.append([whole.append_column("a1", pa.array([None], pa.int32()))], 1)


def test_only_one_refreshes_at_a_time(tmp_path: Path) -> None:
    facts = Facts(tmp_path)

    with facts.refreshing(), pytest.raises(Conflict, match="Another process"):
        Facts(tmp_path).append([batch([entry(1)])], 1)


def test_a_day_ends_where_its_last_entry_did(tmp_path: Path) -> None:
    manifest = Facts(tmp_path).append([batch([entry(1)])], 9, {100: 4, 103: 9})

    ends = [manifest.position_at_end_of(at) for at in (99, 100, 101, 103, 104)]
    assert ends == [0, 4, 4, 9, None]


def test_rebuilding_takes_the_place_of_everything_at_once(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    facts.append([batch(company(100, seed=1))], 200, {3: 5})

    manifest = facts.replace_all([batch([entry(1), entry(2)])], 2, {4: 2})

    assert [row["position"] for row in rows_of(facts)] == [1, 2]
    assert (manifest.position, manifest.day_ends) == (2, {4: 2})


def test_replaced_files_stay_for_late_readers_then_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = Facts(tmp_path)
    [old] = facts.append([batch([entry(1)])], 1).files
    facts.replace_all([batch([entry(1)])], 2)
    assert facts.path(old).exists()

    monkeypatch.setattr("promontory.warehouse.facts.time.time", lambda: 4e9)
    facts.append([batch([entry(3)])], 3)

    assert not facts.path(old).exists()


def test_many_rows_are_written_in_flat_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(month_files, "BUFFERED", 50)
    monkeypatch.setattr(month_files, "ROW_GROUP", 20)
    facts, rows = Facts(tmp_path), company(900)

    facts.append((batch(rows[i : i + 90]) for i in range(0, len(rows), 90)), 10**6)

    assert len(rows_of(facts)) == len(rows)
    [cells] = ask(open_engine("duckdb://", facts), [Question(NPS, by=("week", "a1"))])
    assert found(cells.table) == recount(rows, Question(NPS, by=("week", "a1")))


def test_a_damaged_manifest_says_what_to_do(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    facts.append([batch([entry(1)])], 1)
    (tmp_path / "manifest.json").write_text('{"format": 99}')

    with pytest.raises(Broken, match="promontory warehouse rebuild"):
        facts.manifest()


def test_compaction_keeps_every_row_and_the_hash(tmp_path: Path) -> None:
    facts, rows = Facts(tmp_path), company(300)
    for start in range(0, len(rows), 60):
        part = rows[start : start + 60]
        facts.append([batch(part)], part[-1]["position"])
    before, root = rows_of(facts), seal_months(facts)

    manifest = compact(facts)

    assert rows_of(facts) == before
    assert len(manifest.files) == len(manifest.months)
    assert [month.sha256 for month in manifest.months.values()].count(None) == 0
    assert seal_months(facts) == root == row_set_hash(facts)


def test_erasure_clears_attributes_and_leaves_score_and_hash(tmp_path: Path) -> None:
    facts, rows = Facts(tmp_path), company(200, attributes=("a5",))
    facts.append([batch(rows)], rows[-1]["position"])
    root, old = seal_months(facts), facts.manifest().files
    theirs = {row["response"] for row in rows[10:30]}

    manifest = rewrite_months(facts, theirs, ["a5"])

    for row in rows_of(facts):
        original = next(r for r in rows if r["response"] == row["response"])
        assert row["a5"] == (0 if row["response"] in theirs else original["a5"])
        assert row["a1"] == original["a1"]
    kept = {file.name for file in manifest.files}
    assert all(facts.path(file).exists() == (file.name in kept) for file in old)
    assert seal_months(facts) == root
    with pytest.raises(BadInput, match="Only attribute columns"):
        rewrite_months(facts, theirs, ["answer"])


def test_the_row_set_hash_follows_the_rows_alone(tmp_path: Path) -> None:
    rows = company(120)
    last = rows[-1]["position"]
    together, apart, other = (Facts(tmp_path / name) for name in ("together", "apart", "other"))
    together.append([batch(rows)], last)
    half = rows[60]["position"]
    apart.append([batch(row for row in reversed(rows) if row["position"] <= half)], half)
    apart.append([batch(rows)], last)
    changed = {**rows[3], "answer": (rows[3]["answer"] + 1) % 11}
    other.append([batch([*rows[:3], changed, *rows[4:]])], last)

    assert row_set_hash(together) == row_set_hash(apart) == seal_months(apart)
    assert row_set_hash(other) != row_set_hash(together)


def test_the_row_set_hash_as_of_a_position_is_the_one_it_had(tmp_path: Path) -> None:
    facts, rows = Facts(tmp_path), company(120)
    half = rows[60]["position"]
    facts.append([batch(row for row in rows if row["position"] <= half)], half)
    then = seal_months(facts)

    facts.append([batch(rows)], rows[-1]["position"])

    assert row_set_hash(facts, as_of=half) == then
    assert seal_months(facts) != then


def test_months_that_have_not_changed_are_not_hashed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = Facts(tmp_path)
    facts.append([batch([entry(1, day=day("2025-01-05")), entry(2, day=day("2025-02-05"))])], 2)
    seal_months(facts)
    facts.append([batch([entry(3, day=day("2025-02-06"))])], 3)
    hashed: list[int] = []
    from promontory.warehouse import rowset

    monkeypatch.setattr(
        rowset,
        "_hash",
        lambda facts, manifest, month, as_of=None, real=rowset._hash: (
            hashed.append(month) or real(facts, manifest, month, as_of)
        ),
    )
    seal_months(facts)

    assert hashed == [(2025 - 1970) * 12 + 1]
