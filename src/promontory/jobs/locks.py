"""The lock of the one process that may write to an installation's SQLite files.

It is a lock of the operating system on `writer.lock`: it ends with its process, however that ends.
Who holds it is written into the file, so that a second process can say where to go instead.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from promontory.errors import Conflict


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that writes, and the address it serves, if it serves one."""

    pid: int
    address: str = ""

    def __str__(self) -> str:
        serving = f", serving {self.address}" if self.address else ""
        return f"process {self.pid}{serving}"


class WriterLock:
    """`with WriterLock(home.lock):` or `try_acquire()`, then `release()`."""

    def __init__(self, path: Path, *, address: str = "") -> None:
        self._path = path
        self._address = address
        self._descriptor: int | None = None

    def try_acquire(self) -> bool:
        """Take the lock if nobody holds it; return whether it is ours."""
        if self._descriptor is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        _ours.append(self)
        self._write()
        return True

    def announce(self, address: str) -> None:
        """Say under which address the holder can be reached, once it is known."""
        self._address = address
        self._write()

    def release(self) -> None:
        """Give the lock back; a lock that is not held is left as it is."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            self.forget()

    def forget(self) -> None:
        """Close the file without giving up the lock of a parent process."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            _ours.remove(self)

    def holder(self) -> Holder | None:
        """Return who holds the lock now, or None when nobody does."""
        if self._descriptor is not None:
            return Holder(os.getpid(), self._address)
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _parse(os.pread(descriptor, 4096, 0))
        finally:
            os.close(descriptor)
        return None

    def __enter__(self) -> Self:
        if not self.try_acquire():
            raise Conflict(
                f"Another process is writing to this installation: {self.holder()}.",
                remedy="Stop it first, or let it do the work.",
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def _write(self) -> None:
        assert self._descriptor is not None, "only the holder writes"
        words = json.dumps({"pid": os.getpid(), "address": self._address}).encode()
        os.pwrite(self._descriptor, words, 0)
        os.ftruncate(self._descriptor, len(words))


def _parse(words: bytes) -> Holder:
    try:
        said = json.loads(words)
        return Holder(int(said["pid"]), str(said["address"]))
    except (ValueError, KeyError, TypeError):
        return Holder(0)  # between taking the lock and writing the name


_ours: list[WriterLock] = []


def _close_in_child() -> None:
    # A forked child shares the open file and would keep the lock when its parent is dead.
    while _ours:
        _ours[0].forget()


os.register_at_fork(after_in_child=_close_in_child)
