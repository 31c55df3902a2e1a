"""Facts: the folder of Parquet months, and the one who may change it.

    facts/
    ├── manifest.json        which files count, and up to which position
    ├── refresher.lock       held by the one process that writes
    └── files/               immutable; what the manifest does not name is debris

Readers need nothing but the manifest. A write makes new files, then replaces the manifest: before
that moment nothing of it is seen, after it all of it is, whenever the process may be killed.
"""

from __future__ import annotations

import fcntl
import shutil
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from promontory.errors import BadInput, Conflict
from promontory.warehouse import manifest as manifests
from promontory.warehouse.manifest import FactFile, Manifest
from promontory.warehouse.monthfiles import MonthFiles
from promontory.warehouse.schema import conform

GRACE_SECONDS = 60.0
"""How long a replaced file stays for readers that are in mid-query."""


class Facts:
    """The signed rows in one folder; `append` and the other writes take the refresher's lock."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.folder = self.root / "files"
        self.lock = threading.Lock()
        self.derived: dict[str, Any] = {}  # the day cube in memory, by its file's name
        self.clusters: dict[str, Any] = {}  # the dense numbers of people and accounts

    def manifest(self) -> Manifest:
        """Return what the warehouse holds at this moment."""
        return manifests.read(self.root)

    def path(self, file: FactFile) -> Path:
        return self.folder / file.name

    @contextmanager
    def refreshing(self) -> Iterator[Manifest]:
        """Hold the refresher's lock; refuses when another process holds it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.root / "refresher.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(
                    "Another process is refreshing the warehouse.", remedy="Try again in a moment."
                ) from None
            yield self.manifest()

    def append(
        self,
        batches: Iterable[pa.RecordBatch],
        position: int,
        day_ends: Mapping[int, int] | None = None,
    ) -> Manifest:
        """Add the rows up to a ledger position, whole or not at all, and return the new manifest.

        Rows already contained (at or below the manifest's position) are passed over, so the same
        call may be made again after a crash. A row beyond `position` is refused.
        """
        with self.refreshing() as before:
            if position <= before.position:
                return before
            added = self._write(batches, before.position, position)
            ends = {**before.day_ends, **(day_ends or {})}
            return self.publish(before, (*before.files, *added), position=position, day_ends=ends)

    def replace_all(
        self,
        batches: Iterable[pa.RecordBatch],
        position: int,
        day_ends: Mapping[int, int] | None = None,
    ) -> Manifest:
        """Build the warehouse from nothing beside the old one, then take its place at once."""
        with self.refreshing() as before:
            made = self._write(batches, 0, position)
            return self.publish(
                before,
                tuple(made),
                position=position,
                day_ends=dict(day_ends or {}),
                cube=None,
                clusters=None,
            )

    def publish(
        self,
        before: Manifest,
        files: tuple[FactFile, ...],
        *,
        changed: Collection[int] | None = None,
        grace: float = GRACE_SECONDS,
        **changes: Any,
    ) -> Manifest:
        """Make `files` the warehouse in place of those before; the caller holds the lock.

        changed: the months whose rows are not the same set as before, when they are fewer than
        those whose files changed · grace: for how many seconds a file no longer used is kept.
        """
        names, old = {file.name for file in files}, {file.name for file in before.files}
        rewritten = {file.month for file in (*before.files, *files) if file.name in names ^ old}
        touched = rewritten if changed is None else set(changed)
        dropped = old - names
        now = time.time()
        retired = {**before.retired, **dict.fromkeys(dropped, now)}
        after = replace(
            before,
            generation=before.generation + 1,
            files=files,
            months=manifests.count_months(files, before, touched),
            retired={name: since for name, since in retired.items() if since + grace > now},
            **changes,
        )
        manifests.write(self.root, after)
        self._sweep(after)
        return after

    def _sweep(self, manifest: Manifest) -> None:
        """Delete what neither the manifest nor a late reader needs: debris of killed writes too."""
        needed = {file.name for file in manifest.files} | manifest.retired.keys()
        needed |= manifest.derived
        for path in self.folder.iterdir():
            if path.is_dir():  # what a sort has spilled; it is over, or was killed
                shutil.rmtree(path)
            elif path.name not in needed:
                path.unlink()

    def _write(self, batches: Iterable[pa.RecordBatch], above: int, upto: int) -> list[FactFile]:
        with MonthFiles(self.folder) as months:
            for batch in batches:
                table = conform(batch)
                if not table.num_rows:
                    continue
                last = pc.max(table["position"]).as_py()
                if last > upto:
                    raise BadInput(f"A fact has position {last}, beyond the last one, {upto}.")
                if pc.min(table["position"]).as_py() <= above:
                    table = table.filter(pc.greater(table["position"], above))
                months.add(table)
            return months.close()
