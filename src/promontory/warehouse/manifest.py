"""The manifest: which files are the warehouse now, and up to which position.

One JSON file, replaced atomically; who has read it sees exactly its files. Files are never changed
and a name is never given twice, so an old manifest stays true for as long as its files exist.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from promontory.errors import Broken
from promontory.warehouse.schema import COLUMNS

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class FactFile:
    """One immutable Parquet file of one month; bounds: least and greatest value by column."""

    name: str
    month: int
    rows: int
    sha256: str
    bounds: Mapping[str, tuple[int, int]]

    def has(self, column: str) -> bool:
        return column in self.bounds

    def bound(self, column: str) -> tuple[int, int]:
        """Return the least and greatest value; a column added later than the file reads as 0."""
        return self.bounds.get(column, (0, 0))


@dataclass(frozen=True, slots=True)
class Month:
    """What is known of a month's rows: how many, and their row-set hash once it is computed."""

    rows: int
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the warehouse holds at one moment.

    position: the last ledger position contained · generation: counts the replacements ·
    day_ends: the last position of each local day that has ended · retired: files no longer used,
    with the Unix time since when, kept a while for readers in mid-query · cube: the day cube's
    files and what it was made of · clusters: by cluster column, the files of its numbers and the
    facts' files they number.
    """

    generation: int = 0
    position: int = 0
    files: tuple[FactFile, ...] = ()
    months: Mapping[int, Month] = field(default_factory=dict)
    day_ends: Mapping[int, int] = field(default_factory=dict)
    retired: Mapping[str, float] = field(default_factory=dict)
    cube: Mapping[str, Any] | None = None
    clusters: Mapping[str, Mapping[str, Any]] | None = None

    @property
    def derived(self) -> set[str]:
        """The names of the files that are made of the facts' files."""
        entries = [*(self.clusters or {}).values(), *([self.cube] if self.cube else [])]
        return {name for entry in entries for name in entry["files"]}

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attribute columns that any file has, in the order of their dimensions."""
        names = {name for file in self.files for name in file.bounds if name not in COLUMNS}
        return tuple(sorted(names, key=lambda name: int(name[1:])))

    def bound(self, column: str) -> tuple[int, int]:
        """Return the least and greatest value of a column over all files; (0, 0) when empty."""
        bounds = [file.bound(column) for file in self.files]
        return (
            (min(low for low, _ in bounds), max(high for _, high in bounds)) if bounds else (0, 0)
        )

    def position_at_end_of(self, day: int) -> int | None:
        """Return the last position at the end of a local day, None when the day has not ended.

        A day without an entry of its own ends where the last one before it did.
        """
        if not self.day_ends or day > max(self.day_ends):
            return None
        return max((at for ended, at in self.day_ends.items() if ended <= day), default=0)


def read(root: Path) -> Manifest:
    """Return the manifest of the warehouse in `root`; an empty one when there is none yet."""
    try:
        return loads((root / NAME).read_text())
    except FileNotFoundError:
        return Manifest()


def dumps(manifest: Manifest) -> str:
    """Return a manifest as text."""
    return json.dumps({"format": FORMAT, **asdict(manifest)}, separators=(",", ":"))


def loads(text: str) -> Manifest:
    """Return the manifest that a text holds."""
    try:
        stored = json.loads(text)
    except ValueError as error:
        raise Broken(f"{NAME} cannot be read; run `promontory warehouse rebuild`.") from error
    if stored.pop("format", None) != FORMAT:
        raise Broken(f"{NAME} has another format; run `promontory warehouse rebuild`.")
    return Manifest(
        **{
            **stored,
            "files": tuple(_file(entry) for entry in stored["files"]),
            "months": {int(key): Month(**value) for key, value in stored["months"].items()},
            "day_ends": {int(key): value for key, value in stored["day_ends"].items()},
        }
    )


def write(root: Path, manifest: Manifest) -> None:
    """Put the manifest in the place of the one before, atomically and durably."""
    temporary = root / f"{NAME}.new"
    with temporary.open("w") as file:
        file.write(dumps(manifest))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(root / NAME)
    sync_folder(root)


def sync_folder(folder: Path) -> None:
    """Make the renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def count_months(
    files: Iterable[FactFile], before: Manifest, touched: set[int]
) -> dict[int, Month]:
    """Return the months of `files`; those not touched keep the hash they had."""
    rows: dict[int, int] = {}
    for file in files:
        rows[file.month] = rows.get(file.month, 0) + file.rows
    return {
        month: Month(count, None if month in touched else _hash_of(before, month))
        for month, count in sorted(rows.items())
    }


def _hash_of(manifest: Manifest, month: int) -> str | None:
    known = manifest.months.get(month)
    return known.sha256 if known else None


def _file(entry: dict[str, Any]) -> FactFile:
    bounds = {name: (low, high) for name, (low, high) in entry["bounds"].items()}
    return FactFile(**{**entry, "bounds": bounds})
