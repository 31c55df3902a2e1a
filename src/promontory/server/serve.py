"""Serves the pages and the API: `python -m promontory.server.serve --port 8000`.

This process only supervises and must stay small: it never imports Django. The one process that
it starts holds the web threads and, unless `--no-jobs`, the job worker; on SQLite it is the one
writer.
"""

from __future__ import annotations

import argparse
import os
import socket
from pathlib import Path

STATIC = Path(__file__).parent / "static"
WAITING = 32
"""So many answers may wait for their commit at a time, beside the pages that are made."""


def free_port(address: str, wanted: int, tries: int = 50) -> int:
    """Return the wanted port, or the first free one after it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for port in range(wanted, wanted + tries):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise SystemExit(f"promontory: ports {wanted} to {wanted + tries - 1} are all taken.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="promontory serve")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--threads",
        type=int,
        default=min(8, 2 * (os.cpu_count() or 1)),
        help="so many pages are made at a time, in each worker",
    )
    parser.add_argument("--workers", type=int, default=1, help="more than one needs PostgreSQL")
    parser.add_argument("--no-jobs", action="store_true", help="a separate worker does the jobs")
    options = parser.parse_args()
    if options.workers > 1 and not os.environ.get("PROMONTORY_DATABASE"):
        parser.error("SQLite has one writer process: with --workers set PROMONTORY_DATABASE too.")
    os.environ["PROMONTORY_EMBEDDED"] = "0" if options.no_jobs else "1"
    os.environ["PROMONTORY_PAGES_AT_ONCE"] = str(options.threads)
    threads = options.threads + WAITING // options.workers

    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "promontory.server.wsgi:application",
        address=options.address,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=threads,
        backpressure=threads * 16,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
        static_path_route=["/static"],
        static_path_mount=[STATIC],
        static_path_expires=86_400,
    ).serve()


if __name__ == "__main__":
    main()
