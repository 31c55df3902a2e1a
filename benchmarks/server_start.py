"""What the server costs before anybody asks for anything: start-up CPU and resident memory.

    python benchmarks/server_start.py

Founds an installation, starts it a few times, waits each time until it answers,
lets it idle, and reads CPU and memory of every process from the operating system. Limits: 2 s of
CPU to the first answer, 200 MB resident idle in all processes, before the first chart; and
`import promontory` in 0.3 s.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += tree(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process, with its dead children's."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / TICK


def resident_mb(pid: int) -> tuple[float, float]:
    """Return resident and proportional memory of a process, in MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    rss, pss = (re.search(rf"^{name}:\s+(\d+)", text, re.M) for name in ("Rss", "Pss"))
    assert rss and pss
    return int(rss[1]) / 1024, int(pss[1]) / 1024


def start(home: str, port: int) -> tuple[float, float, float, float]:
    """Start, wait for the first answer, idle, stop; return CPU, wall, resident, proportional."""
    environment = {**os.environ, "PROMONTORY_HOME": home, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "promontory.cli", "start", "--port", str(port)]
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
                break
            except OSError:
                assert process.poll() is None, "the server did not start"
                time.sleep(0.02)
        wall = time.monotonic() - began
        cpu = sum(cpu_seconds(pid) for pid in tree(process.pid))
        urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=10).read()
        time.sleep(3)
        memory = [resident_mb(pid) for pid in tree(process.pid)]
        return cpu, wall, sum(m[0] for m in memory), sum(m[1] for m in memory)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


FOUND = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "promontory.server.settings"
import django; django.setup()
from django.core.management import call_command
from django.utils import timezone
for alias in ("default", "keys"):
    call_command("migrate", database=alias, verbosity=0)
from promontory.program.organization import actions
from promontory.program.organization.access import SYSTEM
actions.begin(organization="Bench", zone="UTC", name="B", email="b@bench.example",
              password="a long password 77", by=SYSTEM, at=timezone.now())
"""


def found(home: str) -> None:
    """Make the databases and the organisation, as the first start and the welcome do."""
    environment = {**os.environ, "PROMONTORY_HOME": home, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, "-c", FOUND], env=environment, check=True)


def importing() -> float:
    """Return the CPU seconds of `import promontory` beyond Python's own start."""

    def cpu(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return min(cpu("import promontory") for _ in range(5)) - min(cpu("pass") for _ in range(5))


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        found(home)
        cpu, wall, resident, proportional = min(start(home, 8772 + n) for n in range(3))
    print("| what | measured | limit |")
    print("|---|---|---|")
    print(f"| start to first answer, CPU | {cpu:.2f} s ({wall:.1f} s wall) | 2 s |")
    memory = f"{resident:.0f} MB ({proportional:.0f} MB with shared pages counted once)"
    print(f"| idle, resident, all processes | {memory} | 200 MB |")
    print(f"| `import promontory`, CPU | {importing():.3f} s | 0.3 s |")


if __name__ == "__main__":
    main()
