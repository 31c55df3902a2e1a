"""Heavy work in a child process that never writes: it computes, the parent reads and writes.

The child has no database. It gets its request through a pipe, sends results as it goes, and asks
the parent for whatever has to be looked up. Messages are taken in order, so everything sent before
a question has been dealt with when the answer arrives. A child whose parent was killed notices at
its next message and ends.
"""

from __future__ import annotations

import gc
import importlib
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from promontory.errors import Broken, Refusal

_ROOT = str(Path(__file__).resolve().parents[2])


class Channel:
    """The child's end of the pipe."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection

    def send(self, kind: str, value: Any = None) -> None:
        """Send a result to the parent."""
        self._connection.send((kind, value))

    def ask(self, question: str, *given: Any) -> Any:
        """Ask the parent and wait for the answer."""
        self._connection.send(("ask", (question, given)))
        return self._connection.recv()


class Child:
    """The parent's view of a running child."""

    def __init__(self, connection: Connection[Any, Any], process: subprocess.Popen[bytes]) -> None:
        self._connection = connection
        self.process = process

    def messages(
        self, answers: dict[str, Callable[..., Any]], *, before_answer: Callable[[], None]
    ) -> Iterator[tuple[str, Any]]:
        """Yield the child's results; questions are answered here, after `before_answer`."""
        while True:
            try:
                kind, value = self._connection.recv()
            except (EOFError, ConnectionResetError):
                code = self.process.wait()
                raise Broken(f"The working process ended unexpectedly (exit {code}).") from None
            if kind == "ask":
                before_answer()
                question, given = value
                self._connection.send(answers[question](*given))
            elif kind == "refused":
                raise value
            elif kind == "broken":
                raise Broken(f"The working process failed:\n{value}")
            elif kind == "done":
                return
            else:
                yield kind, value


@contextmanager
def child(function: Callable[[Any, Channel], None], request: Any) -> Iterator[Child]:
    """Run `function(request, channel)` in a process of its own; it is ended on leaving."""
    ours, theirs = socket.socketpair()
    name = f"{function.__module__}:{function.__qualname__}"
    path = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
    connection: Connection[Any, Any] = Connection(ours.detach())
    try:
        connection.send((name, request))
        yield Child(connection, process)
    finally:
        connection.close()
        process.kill()
        process.wait()


def main(arguments: Sequence[str]) -> int:
    """Be the child: take the request, do the work, say how it ended."""
    connection: Connection[Any, Any] = Connection(int(arguments[0]))
    channel = Channel(connection)
    # A short life of tuples and arrays, none of them part of a cycle: looking for some is a tenth.
    gc.disable()
    try:
        name, request = connection.recv()
        module, function = name.split(":")
        getattr(importlib.import_module(module), function)(request, channel)
        channel.send("done")
    except (BrokenPipeError, ConnectionResetError, EOFError):
        return 1  # nobody listens any more
    except Refusal as refusal:
        channel.send("refused", refusal)
    except Exception:
        channel.send("broken", traceback.format_exc())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
