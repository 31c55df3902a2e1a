"""Ten million deterministic facts for the warehouse's benchmarks.

Two years of answers to one question in the order of their ledger positions: 8 segments × 30
regions (attributes 1 and 2), a million persons in twenty thousand accounts, one answer in a
hundred excluded later, so that 2 % of the rows reverse or repeat another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from promontory.warehouse import Facts
from promontory.warehouse.upkeep import compact

FIRST_DAY, DAYS = 19723, 731  # 2024 and 2025
SEGMENTS, REGIONS, PERSONS, ACCOUNTS = 8, 30, 1_000_000, 20_000
CHUNK = 500_000
SHARES = np.array([2, 1, 2, 2, 3, 7, 6, 14, 21, 19, 23]) / 100


def batches(rows: int, seed: int = 20) -> Iterator[pa.RecordBatch]:
    """Yield `rows` facts, of which 2 % belong to exclusions, in the order of their positions."""
    rng = np.random.default_rng(seed)
    answers = rows - 2 * (rows // 100)
    done = position = 0
    while done < answers:
        count = min(CHUNK, answers - done)
        response = np.arange(done + 1, done + count + 1)
        day = FIRST_DAY + (response * DAYS // (answers + 1))
        person = rng.integers(1, PERSONS + 1, count)
        region = person % REGIONS
        fresh = {
            "position": position + 1 + np.arange(count),
            "sign": np.ones(count, np.int8),
            "day": day.astype(np.int32),
            "response": response,
            "survey": (response % 7 // 4 + 1).astype(np.int32),
            "metric": np.zeros(count, np.int16),
            "answer": rng.choice(11, count, p=SHARES).astype(np.int16),
            "channel": rng.choice(3, count, p=[0.7, 0.2, 0.1]).astype(np.int16),
            "language": (region % 5).astype(np.int16),
            "unit": (region % 6 + 1).astype(np.int32),
            "person": _random_ids(person),
            "account": _random_ids(PERSONS + 1 + person % ACCOUNTS),
            "mask": np.zeros(count, np.int32),
            "a1": rng.choice(SEGMENTS, count).astype(np.int32),
            "a2": region.astype(np.int32),
        }
        position += count
        yield pa.RecordBatch.from_pydict(fresh)
        gone = rng.choice(count, min(count, max(1, rows // 100 * count // answers)), replace=False)
        again = {name: np.repeat(values[gone], 2) for name, values in fresh.items()}
        size = 2 * len(gone)
        again["position"] = position + 1 + np.arange(size) // 2
        again["sign"] = np.tile(np.array([-1, 1], np.int8), len(gone))
        again["mask"] = np.tile(np.array([0, 4], np.int32), len(gone))
        position += len(gone)
        yield pa.RecordBatch.from_pydict(again)
        done += count


def _random_ids(codes: np.ndarray) -> np.ndarray:
    """Return what random cluster ids look like: 62 bits, the same for the same code."""
    mixed = codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return ((mixed >> np.uint64(2)) | np.uint64(1)).astype(np.int64)


def last_position(rows: int) -> int:
    """Return the position of the last of the facts."""
    return max(batch["position"][-1].as_py() for batch in batches(rows))


def build(root: Path, rows: int) -> Facts:
    """Make the warehouse in `root`: written in one stream, then compacted."""
    facts = Facts(root)
    facts.append(batches(rows), last_position(rows))
    compact(facts)
    return facts
