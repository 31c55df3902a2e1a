"""What scoring a file costs: python benchmarks/score_file.py [rows] (default 10000000).

CPU is user + system of the whole child process, start-up included: what somebody waits for who
types the command. Every figure is the median of three runs beside its limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
CLUSTERS_PER_ROW = 10
RUNS = 3


def write_parquet(path: Path, rows: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(1)
    shares = np.array([2, 1, 1, 2, 2, 5, 6, 12, 20, 22, 27]) / 100
    regions = pa.array([f"Region {n}" for n in range(12)])
    codes = pa.array(rng.integers(0, 12, rows).astype("int8"))
    table = pa.table(
        {
            "response_id": np.arange(rows),
            "account": rng.integers(0, max(rows // CLUSTERS_PER_ROW, 1), rows),
            "score": rng.choice(11, rows, p=shares).astype("int8"),
            "region": pa.DictionaryArray.from_arrays(codes, regions).cast(pa.string()),
        }
    )
    pq.write_table(table, path)


def write_csv(path: Path, rows: int) -> None:
    with path.open("w") as out:
        out.write("response_id,account,answered_at,score,region,comment\n")
        for n in range(rows):
            out.write(
                f"{n},{n % (rows // 10 + 1)},2026-0{1 + n % 9}-1{n % 10}T10:00:00Z,{n * 7 % 11},"
                f'Region {n % 12},"quick, friendly {n}"\n'
            )


def cost(*command: str) -> tuple[float, float]:
    """The CPU seconds and the largest resident set (MB) of a child process."""
    probe = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    seconds, megabytes = [], []
    for _ in range(RUNS):
        out = subprocess.run(
            [sys.executable, "-c", probe, *command],
            env=environment, capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
        if out[0] != "0":
            raise SystemExit(f"{' '.join(command)} ended with {out[0]}")
        seconds.append(float(out[1]))
        megabytes.append(float(out[2]))
    return median(seconds), max(megabytes)


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    scale = rows / 10_000_000
    python, command = sys.executable, [sys.executable, "-m", "promontory.cli", "score"]
    with tempfile.TemporaryDirectory() as folder:
        parquet, text = Path(folder) / "answers.parquet", Path(folder) / "answers.csv"
        write_parquet(parquet, rows)
        write_csv(text, rows // 10)
        bare, _ = cost(python, "-c", "pass")
        measured = [
            ("import promontory", cost(python, "-c", "import promontory"), bare + 0.3),
            (f"score, {rows:,} rows Parquet", cost(*command, str(parquet)), 3.0),
            (
                f"score --by region, {rows:,} rows Parquet",
                cost(*command, str(parquet), "--by", "region"), 3.0,
            ),
            (
                f"score --cluster account, {rows:,} rows Parquet",
                cost(*command, str(parquet), "--cluster", "account"), 9.0,
            ),
            (
                f"score --by region --cluster account, {rows:,} rows Parquet",
                cost(*command, str(parquet), "--by", "region", "--cluster", "account"), 9.0,
            ),
            (
                f"score --by region, {rows // 10:,} rows CSV, {text.stat().st_size >> 20} MB",
                cost(*command, str(text), "--by", "region"), None,
            ),
        ]  # fmt: skip
    failed = False
    print(f"{'':64} {'CPU s':>7} {'limit':>7} {'MB':>6}")
    for name, (seconds, megabytes), limit in measured:
        over = limit is not None and scale >= 1 and seconds > limit
        failed |= over
        shown = "" if limit is None else f"{limit:.2f}"
        print(f"{name:64} {seconds:7.2f} {shown:>7} {megabytes:6.0f}{'  OVER' if over else ''}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
