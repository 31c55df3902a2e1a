"""A fake of the outside: an app's pages, and at another origin a server with the wire contract."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "src/promontory/program/answering/static/answering/promontory.js"

SNIPPET = """
window.promontory = window.promontory || function () {
  (promontory.q = promontory.q || []).push(arguments)
}
"""
TEXTS = {
    "next": "Next",
    "send": "Send",
    "dismiss": "Not now",
    "thanks": "Thank you.",
    "optional": "optional",
    "error": "Please choose an answer.",
    "privacy": "Privacy",
}
RECOMMEND = {
    "key": "recommend",
    "kind": "scale",
    "low": 0,
    "high": 10,
    "text": "How likely is it that you would recommend Northwind to a friend or colleague?",
    "low_label": "Not at all likely",
    "high_label": "Extremely likely",
    "required": True,
    "show_if": None,
    "options": [],
}
REASON = {
    "key": "reason",
    "kind": "text",
    "text": "What is the main reason for your score?",
    "required": False,
    "show_if": None,
    "options": [],
}


def ask(*questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what the server says to somebody who may be asked."""
    asked = {
        "token": "tok3n",
        "version": 3,
        "language": "en",
        "dir": "ltr",
        "expires": "2099-01-01T00:00:00Z",
        "promise": "Your answer is seen with your name by those who serve you.",
        "questions": list(questions or (RECOMMEND, REASON)),
        "texts": TEXTS,
    }
    return {"ask": asked | more}


class _Quiet(BaseHTTPRequestHandler):
    server: Any

    def log_message(self, *_: object) -> None:
        pass

    def give(self, status: int, kind: str, content: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)


class _Promontory(_Quiet):
    def do_GET(self) -> None:
        self.give(200, "text/javascript; charset=utf-8", BUILT.read_bytes())

    def do_OPTIONS(self) -> None:
        self.server.preflights += 1
        self.give(204, "text/plain", b"")

    def do_POST(self) -> None:
        words = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        step = self.path.removeprefix("/w/v1/")
        with self.server.lock:
            if words["site"] != self.server.site:
                return  # a page of an earlier test, saying good-bye
            self.server.tries.append(step)
            status = self.server.failures.pop(0) if self.server.failures else 200
            if status == 200:
                self.server.heard.append((step, words))
                self.server.cookies |= {self.headers["Cookie"]} - {None}
        reply = self.server.replies.get(step, {"kept": True} if step in KEPT else {})
        if "error" in reply:
            status = 422
        headers = {"Access_Control_Allow_Origin": self.headers["Origin"]}
        self.give(status, "application/json", json.dumps(reply).encode(), **headers)


KEPT = {"answer", "event"}


class _App(_Quiet):
    def do_GET(self) -> None:
        content, headers = self.server.pages.get(self.path.partition("?")[0], ("", {}))
        self.give(200, "text/html; charset=utf-8", content.encode(), **headers)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: type[_Quiet]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()


class Promontory(_Server):
    """Answers the script as a server does; `heard` has what it took, in order."""

    def __init__(self) -> None:
        super().__init__(_Promontory)
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew, as another site."""
        self.site = f"s{uuid4().hex[:8]}"
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.tries: list[str] = []
        self.failures: list[int] = []
        self.cookies: set[str] = set()
        self.preflights = 0
        self.replies: dict[str, dict[str, Any]] = {"ask": ask()}

    def steps(self) -> list[str]:
        return [step for step, _ in self.heard]

    def answers(self) -> list[tuple[dict[str, Any], bool]]:
        return [(w["answers"], w["complete"]) for step, w in self.heard if step == "answer"]


class App(_Server):
    """The pages of somebody's own application."""

    def __init__(self) -> None:
        super().__init__(_App)
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}

    def put(self, path: str, *, html: str, **headers: str) -> str:
        self.pages[path] = (html, headers)
        return self.url + path
