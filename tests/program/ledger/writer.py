"""What the processes do that the kill tests kill: write, remember what was acknowledged, seal."""

from __future__ import annotations

import os
import random
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, transaction

from promontory.program.ledger import actions as ledger
from promontory.program.ledger.models import Entry

WRITERS = 8
EACH = 3


def _acknowledged() -> Path:
    return Path(os.environ["PROMONTORY_HOME"]) / "acknowledged"


def acknowledged(path: Path | None = None) -> list[int]:
    """Return the last number each writer was told is committed; 0 for none."""
    path = path or _acknowledged()
    if not path.exists():
        return [0] * WRITERS
    return list(struct.unpack(f"{WRITERS}q", path.read_bytes().ljust(8 * WRITERS, b"\0")))


def write(writer: int) -> None:
    """Append for ever, three entries a transaction, each naming what was acknowledged before."""
    descriptor = os.open(_acknowledged(), os.O_RDWR | os.O_CREAT)
    number = acknowledged()[writer]
    chance = random.Random(os.getpid())
    while True:
        number += 1
        # Every other writer reserves ids early and writes them late, as an import does.
        first = ledger.reserve_ids(Entry, EACH) if writer % 2 else 0
        # A number that was committed, but whose writer died before it knew, is not written again.
        seen = acknowledged()
        with transaction.atomic():
            if Entry.objects.filter(subject=number, batch=None, local_day=writer).exists():
                continue
            new = [
                ledger.NewEntry(
                    ledger.Kind.ANSWER,
                    f"writer:{writer}",
                    {"part": part, "seen": seen},
                    subject=number,
                    local_day=writer,
                )
                for part in range(EACH)
            ]
            at = datetime.now(UTC)
            if first:
                rows = ledger.prepare(new, range(first, first + EACH), at=at)
                with connection.cursor() as cursor:
                    ledger.write_prepared(rows, cursor=cursor)
            else:
                ledger.append(new, at=at)
            time.sleep(chance.random() * 0.004)
        os.pwrite(descriptor, struct.pack("q", number), 8 * writer)


def seal() -> None:
    """Seal for ever."""
    while True:
        ledger.seal()
        time.sleep(0.005)
