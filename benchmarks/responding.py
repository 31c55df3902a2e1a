"""What an answer costs, from the request until it counts: python benchmarks/responding.py

    python benchmarks/responding.py [--database sqlite|postgres] [--rounds 3] [--answers 3000]
                                    [--low 0]

Our server as it is started in production, on a fresh home with a survey, a wave and its
invitations, takes answers on 32 kept-alive connections from a client in a process of its own: the
form of `/r/<token>` and the JSON of `/w/v1/answer`. Interleaved in the same run, at the same
durability, on the same server program (granian):

    single   raw ASGI and the database's driver, one transaction a request, one table
    group    the same with one writer thread that commits whatever has queued

CPU is that of the server's processes (PostgreSQL's own apart), until every answer is settled: a
response with its ledger entry, raw row, words and disposition. `--low` is the share of scores that
owe somebody a call, which opens a case and mails its owner.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from urllib.parse import parse_qs

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 32
SITES = 20

SET_UP = """
import json, sys
import django; django.setup()
from datetime import timedelta
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
for alias in ("default", "keys"):
    call_command("migrate", database=alias, verbosity=0)
from promontory.program.customers.models import Contact
from promontory.program.answering.queries.invitations import app_token
from promontory.program.ledger import actions as ledger
from promontory.program.organization import actions
from promontory.program.organization.access import SYSTEM
from promontory.program.outreach import tokens
from promontory.program.outreach.models import Invitation, Site, Wave
from promontory.program.surveys.actions import create_survey
at = timezone.now()
actions.begin(organization="Bench", zone="UTC", name="B", email="b@bench.example",
              password="a long password 77", by=SYSTEM, at=at)
survey = create_survey(name="Relationship", promise="identified", by=SYSTEM, at=at)
wave = Wave.objects.create(survey=survey, version=survey.versions.get(), kind="drawn", name="May",
    state="sent", created_at=at, created_by="system", starts_at=at,
    closes_at=at + timedelta(days=9))
count, sites = int(sys.argv[1]), int(sys.argv[2])
people = ledger.create_people(count)
contacts = Contact.objects.bulk_create(
    [Contact(person_id=each.id, email_index=each.key[:16], language="en", created_at=at)
     for each in people], batch_size=1000)
made = Invitation.objects.bulk_create(
    [Invitation(wave=wave, contact=contact, channel=1, weight=2_500_000, disposition=31, due_at=at,
                invited_at=at, changed_at=at) for contact in contacts], batch_size=1000)
Site.objects.bulk_create([Site(key=f"site-{n}", name=f"Site {n}", secret=b"", created_at=at)
                          for n in range(sites)])
expires = at + timedelta(days=1)
print(json.dumps([
    f"{tokens.make(each.pk, settings.TOKEN_KEY)} {app_token(each.pk, expires=expires)}"
    for each in made
]))
"""

WORDS = "The delivery came a day late, but the driver was friendly and everything was complete."


# The peers: run as `python benchmarks/responding.py peer <kind> <port>`, database in DATABASE.


def peer(kind: str, port: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ["PEER"] = kind
    os.environ["PYTHONPATH"] = str(ROOT)
    Granian(
        "benchmarks.responding:application",
        port=port,
        interface=Interfaces.ASGINL,
        workers=1,
        log_level=LogLevels.warning,
    ).serve()


INSERT = "INSERT INTO answer (token, score, words, at) VALUES (?, ?, ?, ?)"


def sqlite_connection():
    import sqlite3

    connection = sqlite3.connect(
        os.environ["DATABASE"], isolation_level=None, check_same_thread=False
    )
    for line in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {line}")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS answer"
        " (id INTEGER PRIMARY KEY, token TEXT, score INTEGER, words TEXT, at TEXT)"
    )
    return connection


class Peer:
    """An ASGI application that keeps answers and does nothing else."""

    def __init__(self, kind: str) -> None:
        self.database, self.how = kind.split("-")
        self.started = False

    async def __call__(self, scope, receive, send) -> None:
        if not self.started:
            self.started = True
            await self.start()
        body = b""
        while scope["method"] == "POST":
            message = await receive()
            body += message["body"]
            if not message.get("more_body"):
                break
        if body:
            form = parse_qs(body.decode())
            row = (
                scope["path"],
                int(form["q-recommend"][0]),
                form["q-reason"][0],
                str(time.time()),
            )
            await self.keep(row)
        headers = [(b"location", b"/thanks"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def start(self) -> None:
        import asyncio

        self.loop = asyncio.get_running_loop()
        if self.how == "group":
            import queue

            self.queue = queue.SimpleQueue()
            threading.Thread(target=self.write, daemon=True).start()
        elif self.database == "sqlite":
            self.connection = sqlite_connection()
        else:
            import psycopg

            self.free = asyncio.Queue()
            for _ in range(16):
                connect = psycopg.AsyncConnection.connect
                self.free.put_nowait(await connect(os.environ["DATABASE"], autocommit=True))

    async def keep(self, row) -> None:
        if self.how == "group":
            done = self.loop.create_future()
            self.queue.put((row, done))
            await done
        elif self.database == "sqlite":
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.execute(INSERT, row)
            self.connection.execute("COMMIT")
        else:
            connection = await self.free.get()
            await connection.execute(INSERT.replace("?", "%s"), row)
            self.free.put_nowait(connection)

    def write(self) -> None:
        """Commit whatever has queued, then wake those who wait for it."""
        if self.database == "sqlite":
            connection = sqlite_connection()
        else:
            import psycopg

            connection = psycopg.connect(os.environ["DATABASE"])
        while True:
            batch = [self.queue.get()]
            while not self.queue.empty():
                batch.append(self.queue.get())
            rows = [row for row, _ in batch]
            if self.database == "sqlite":
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(INSERT, rows)
                connection.execute("COMMIT")
            else:
                with connection.cursor() as cursor:
                    cursor.executemany(INSERT.replace("?", "%s"), rows)
                connection.commit()
            self.loop.call_soon_threadsafe(self.wake, [done for _, done in batch])

    @staticmethod
    def wake(waiting) -> None:
        for done in waiting:
            done.set_result(None)


application = Peer(os.environ["PEER"]) if os.environ.get("PEER") else None


# The client: run as `python benchmarks/responding.py client <port> <network>`, requests on stdin.


def client(port: int, network: int) -> None:
    """Send every request of standard input once, as fast as 32 connections are answered."""
    requests = [line.encode("latin-1") for line in json.loads(sys.stdin.read())]
    waiting = iter(requests)
    poll, sockets, sent_at, latencies, refused = select.epoll(), {}, {}, [], []

    def ask(one: socket.socket) -> bool:
        request = next(waiting, None)
        if request is None:
            poll.unregister(one.fileno())
            one.close()
            return False
        sent_at[one.fileno()] = time.perf_counter()
        one.sendall(request)
        return True

    for n in range(CONNECTIONS):
        one = socket.socket()
        one.bind((f"127.{network}.1.{n + 1}", 0))
        one.connect(("127.0.0.1", port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll.register(one.fileno(), select.EPOLLIN)
        sockets[one.fileno()] = one
    began = time.perf_counter()
    open_now = sum(ask(one) for one in list(sockets.values()))
    while open_now:
        for number, _ in poll.poll():
            answer = sockets[number].recv(65536)
            latencies.append(time.perf_counter() - sent_at[number])
            if not answer.startswith((b"HTTP/1.1 303", b"HTTP/1.1 200")):
                refused.append(answer[:300].decode("latin-1"))
                if not answer:
                    raise SystemExit("the server hung up")
            if not ask(sockets[number]):
                open_now -= 1
    took = time.perf_counter() - began
    print(json.dumps({"took": took, "latencies": latencies, "refused": refused}))


def form_of(tokens: str, score: int) -> str:
    token = tokens.split()[0]
    body = f"page=1&session={token}{token}&q-recommend={score}&q-reason={WORDS.replace(' ', '+')}"
    return (
        f"POST /r/{token} HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        f"{body}"
    )


def json_of(tokens: str, score: int) -> str:
    token = tokens.split()[-1]
    body = json.dumps(
        {
            "site": f"site-{hash(token) % SITES}",
            "token": f"{token}~{token}",
            "answers": {"recommend": score, "reason": WORDS},
            "complete": True,
            "id": token,
        }
    )
    return (
        "POST /w/v1/answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )


class Server:
    """A server process with all below it."""

    def __init__(self, command: list[str], port: int, environment: dict[str, str]) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **environment},
            cwd=ROOT,
        )
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server did not start")

    def cpu(self) -> float:
        return sum(cpu_seconds(pid) for pid in tree(self.process.pid))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def tree(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += tree(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:13]) / TICK


def load(server: Server, requests: list[str], network: int, settled) -> dict[str, float]:
    """Put the load on a server and return what came of it."""
    before = server.cpu()
    done = subprocess.run(
        [sys.executable, __file__, "client", str(server.port), str(network)],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout)
    assert not said["refused"], (len(said["refused"]), said["refused"][0])
    waited = settled()
    latencies = sorted(said["latencies"])
    return {
        "rate": len(latencies) / said["took"],
        "p50": median(latencies) * 1e3,
        "p99": latencies[int(len(latencies) * 0.99)] * 1e3,
        "cpu": (server.cpu() - before) / len(latencies) * 1e3,
        "settled": waited,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def counter(database: str, home: Path, url: str):
    """Return a function that asks our database one number."""
    if database == "postgres":
        import psycopg

        connection = psycopg.connect(url, autocommit=True)
        return lambda statement: connection.execute(statement).fetchone()[0]
    import sqlite3

    connection = sqlite3.connect(f"file:{home / 'db.sqlite3'}?mode=ro", uri=True, timeout=20)
    return lambda statement: connection.execute(statement).fetchone()[0]


def measure(database: str, rounds: int, answers: int, low: float, stack: ExitStack) -> None:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="responding-")))
    home = folder / "home"
    home.mkdir()
    ours = {"PROMONTORY_HOME": str(home), "DJANGO_SETTINGS_MODULE": "promontory.server.settings"}
    peers = str(folder / "peer.sqlite3")
    url = ""
    if database == "postgres":
        from tests import postgres

        postgres._SETTINGS.update(
            fsync="on", full_page_writes="on", synchronous_commit="on", max_connections="200"
        )
        cluster = postgres.server()
        url = cluster.create_database("ours")
        ours |= {
            "PROMONTORY_DATABASE": url,
            "PROMONTORY_KEYS_DATABASE": cluster.create_database("ours_keys"),
        }
        peers = cluster.create_database("peers")
        import psycopg

        with psycopg.connect(peers) as connection:
            connection.execute(
                "CREATE TABLE answer (id bigserial PRIMARY KEY, token text, score int, words text,"
                " at text)"
            )
    count = 2 * (rounds * answers + 500)
    made = subprocess.run(
        [sys.executable, "-c", SET_UP, str(count), str(SITES)],
        env={**os.environ, **ours, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    tokens = iter(json.loads(made.stdout.splitlines()[-1]))

    servers = {}
    for name in ("single", "group"):
        port = free_port()
        command = ["-m", "benchmarks.responding", "peer", f"{database}-{name}", str(port)]
        servers[name] = Server(command, port, {"DATABASE": peers.replace("peer.", f"{name}.")})
        stack.callback(servers[name].stop)
    port = free_port()
    server = Server(["-m", "promontory.server.serve", "--port", str(port)], port, ours)
    stack.callback(server.stop)
    servers |= {"form": server, "json": server}

    ask = counter(database, home, url)
    acknowledged = 0
    rng = random.Random(1)
    shape = {"json": json_of}
    results: dict[str, list[dict[str, float]]] = {name: [] for name in servers}

    def settled() -> float:
        began = time.perf_counter()
        waiting = "SELECT count(*) FROM answering_intake"
        stored = "SELECT count(*) FROM responses_response"
        while ask(waiting) or ask(stored) < acknowledged:
            assert time.perf_counter() - began < 60, (ask(waiting), ask(stored), acknowledged)
            time.sleep(0.02)
        assert ask(stored) == acknowledged
        return time.perf_counter() - began

    for turn in range(rounds + 1):  # the first warms up and is not counted
        size = answers if turn else 500
        for place, (name, one) in enumerate(servers.items()):
            chosen = [next(tokens) if one is server else f"token{n:06d}" for n in range(size)]
            scores = [
                rng.randint(0, 6) if rng.random() < low else rng.randint(7, 10) for _ in chosen
            ]
            make = shape.get(name, form_of)
            requests = [make(token, score) for token, score in zip(chosen, scores, strict=True)]
            acknowledged += size if one is server else 0
            wait = settled if one is server else lambda: 0.0
            got = load(one, requests, 1 + turn * len(servers) + place, wait)
            if turn:
                results[name].append(got)
    report(database, results)
    entries, pending = ask("SELECT count(*) FROM ledger_entry WHERE kind = 1"), "answered"
    assert entries == acknowledged, (entries, pending)
    changed = ask("SELECT count(*) FROM outreach_invitation WHERE disposition = 50")
    assert changed == acknowledged, changed


def report(database: str, results: dict[str, list[dict[str, float]]]) -> None:
    def middle(name: str, what: str) -> float:
        return median(each[what] for each in results[name])

    def ratio(name: str, other: str, what: str) -> float:
        pairs = zip(results[name], results[other], strict=True)
        return median(mine[what] / theirs[what] for mine, theirs in pairs)

    print(f"\n{database}")
    print("| | answers/s | p50 ms | p99 ms | CPU ms | × single | × group | p99 × group |")
    print("|---|---|---|---|---|---|---|---|")
    for name in results:
        print(
            f"| {name} | {middle(name, 'rate'):.0f} | {middle(name, 'p50'):.1f} "
            f"| {middle(name, 'p99'):.1f} | {middle(name, 'cpu'):.2f} "
            f"| {ratio(name, 'single', 'rate'):.2f} | {ratio(name, 'group', 'rate'):.2f} "
            f"| {ratio(name, 'group', 'p99'):.2f} |"
        )
    late = max(each["settled"] for name in ("form", "json") for each in results[name])
    print(f"every answer counted at most {late:.2f} s after the last was acknowledged", flush=True)


def main() -> None:
    if sys.argv[1:2] == ["peer"]:
        peer(sys.argv[2], int(sys.argv[3]))
        return
    if sys.argv[1:2] == ["client"]:
        client(int(sys.argv[2]), int(sys.argv[3]))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--answers", type=int, default=3000)
    parser.add_argument("--low", type=float, default=0.0)
    options = parser.parse_args()
    for database in [options.database] if options.database else ["sqlite", "postgres"]:
        with ExitStack() as stack:
            measure(database, options.rounds, options.answers, options.low, stack)


if __name__ == "__main__":
    main()
