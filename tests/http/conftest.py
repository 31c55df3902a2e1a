"""A server outside, for real: on this machine, in a thread, doing whatever a test needs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

Reply = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    outside: Outside

    def reply(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_one(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.outside.seen.append((self.command, self.path, self.rfile.read(length)))
        replies = self.outside.replies
        (replies.pop(0) if len(replies) > 1 else replies[0])(self)

    do_GET = do_POST = do_PUT = handle_one

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@dataclass
class Outside:
    server: ThreadingHTTPServer
    replies: list[Reply] = field(default_factory=lambda: [lambda h: h.reply(200)])
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def says(self, *replies: Reply) -> None:
        """Answer with these in turn, and with the last one for ever."""
        self.replies = list(replies)


@pytest.fixture
def outside() -> Iterator[Outside]:
    class Mine(Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mine)
    server.daemon_threads = True
    Mine.outside = Outside(server)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield Mine.outside
    server.shutdown()
    server.server_close()
    thread.join()


def slowly(seconds: float) -> Reply:
    """Return a reply that keeps silent before it comes."""

    def reply(handler: Handler) -> None:
        time.sleep(seconds)
        handler.reply(200)

    return reply


def hang_up(handler: Handler) -> None:
    """Break off without a word."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
