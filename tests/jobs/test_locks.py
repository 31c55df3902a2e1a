"""One process writes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from promontory.errors import Conflict
from promontory.jobs.locks import Holder, WriterLock

ROOT = Path(__file__).parents[2]

HOLD = """
import sys, time
from pathlib import Path
from promontory.jobs.locks import WriterLock
lock = WriterLock(Path(sys.argv[1]))
assert lock.try_acquire()
lock.announce("http://127.0.0.1:8000")
{more}
print("held", flush=True)
time.sleep(60)
"""


def hold(path: Path, more: str = "") -> subprocess.Popen[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", HOLD.format(more=more), str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_holds_it_and_gets_it_when_the_first_is_killed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "home" / "writer.lock"
    process = hold(path)
    second = WriterLock(path)
    assert not second.try_acquire()
    assert second.holder() == Holder(process.pid, "http://127.0.0.1:8000")
    with pytest.raises(Conflict, match=f"process {process.pid}, serving http://127.0.0.1:8000"):
        second.__enter__()

    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert second.holder() is None
    with second:
        assert second.holder() == Holder(os.getpid())
    assert second.holder() is None


def test_a_forked_child_does_not_keep_its_parents_lock(tmp_path: Path) -> None:
    path = tmp_path / "writer.lock"
    fork = "import os\nchild = os.fork()\nif not child:\n    time.sleep(60)\n"
    fork += "open(sys.argv[1] + '.child', 'w').write(str(child))"
    process = hold(path, fork)
    child = int((tmp_path / "writer.lock.child").read_text())
    try:
        assert not WriterLock(path).try_acquire()
        process.kill()
        process.wait()
        time.sleep(0.05)
        with WriterLock(path) as lock:
            assert lock.holder() == Holder(os.getpid())
    finally:
        os.kill(child, signal.SIGKILL)
        process.communicate()


def test_nobody_holds_a_lock_that_was_never_taken(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "writer.lock")
    lock.release()
    assert lock.holder() is None
