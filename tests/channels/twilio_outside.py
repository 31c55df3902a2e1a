"""Twilio as its published REST API answers, on this machine; the official client calls it too."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

ACCOUNT = "AC" + "a" * 32
TOKEN = "b" * 32
NUMBER = "+15005550006"

# Twilio's own test numbers and what they answer, as its documentation lists them.
REFUSED = {
    "+15005550001": (400, 21211, "The 'To' number +15005550001 is not a valid phone number."),
    "+15005550009": (400, 21614, "'To' number is not a valid mobile number"),
    "+15005550004": (400, 21610, "Attempt to send to unsubscribed recipient"),
    "+15005550002": (400, 21612, "The 'To' phone number is not currently reachable"),
    "+15005550003": (400, 21408, "Permission to send an SMS has not been enabled"),
    "+15005550429": (429, 20429, "Too Many Requests"),
    "+15005550500": (500, 20500, "Internal Server Error"),
    "+15005550503": (503, 20503, "Service Unavailable"),
}


@dataclass
class Outside:
    port: int = 0
    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    silent_s: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def twilio() -> Iterator[Outside]:
    """A server that takes messages and calls and refuses as Twilio does."""
    outside = Outside()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            given = self.headers.get("Authorization", "").removeprefix("Basic ")
            if base64.b64decode(given).decode() != f"{ACCOUNT}:{TOKEN}":
                return self._error(401, 20003, "Authenticate")
            resource = self.path.split("?")[0].rpartition("/")[2]
            if not self.path.startswith(f"/2010-04-01/Accounts/{ACCOUNT}/"):
                return self._error(404, 20404, "The requested resource was not found")
            if form.get("To", "") in REFUSED:
                return self._error(*REFUSED[form["To"]])
            outside.sent.append((resource, form))
            if outside.silent_s:
                time.sleep(outside.silent_s)
                self.close_connection = True
                return None
            prefix = "SM" if resource == "Messages.json" else "CA"
            return self._json(
                201,
                {
                    "sid": f"{prefix}{len(outside.sent):032x}",
                    "account_sid": ACCOUNT,
                    "to": form["To"],
                    "from": form.get("From"),
                    "body": form.get("Body"),
                    "status": "queued",
                    "direction": "outbound-api",
                    "num_segments": "1",
                    "date_created": "Mon, 02 Nov 2026 12:00:00 +0000",
                },
            )

        def _error(self, status: int, code: int, message: str) -> None:
            info = f"https://www.twilio.com/docs/errors/{code}"
            error = {"code": code, "message": message, "more_info": info, "status": status}
            self._json(status, error, **({"Retry-After": "2"} if status == 429 else {}))

        def _json(self, status: int, said: dict[str, Any], **headers: str) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    outside.port = int(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield outside
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
