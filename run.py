#!/usr/bin/env python3
"""Set Promontory up and run it. Needs Python 3.11 or newer, and nothing else.

    python3 run.py demo     start the product with the demo company loaded
    python3 run.py start    start an empty installation and its guided first month
    python3 run.py test     pass the tests
    python3 run.py cli …    run any `promontory` command: python3 run.py cli score answers.csv

The environment is made in .venv, from a lock with hashes; what an installation keeps is in var/.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def refuse(sentence):
    sys.exit(f"promontory: {sentence}")


def check_machine():
    if sys.version_info < (3, 11):
        refuse(
            f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. "
            "Try python3.11 run.py, or install it (Debian, Ubuntu: apt install python3.11)."
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        refuse(
            "this Python cannot make environments: the system package python3-venv is missing "
            f"(Debian, Ubuntu: apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv)."
        )
    try:
        import sqlite3
    except ImportError:
        refuse("this Python was built without SQLite (install libsqlite3 and a Python with it).")
    if sqlite3.sqlite_version_info < (3, 35):
        refuse(f"SQLite 3.35 or newer is needed; this Python has {sqlite3.sqlite_version}.")


def ensure_environment(lock):
    """Make .venv hold exactly what the lock says; does nothing when it does already."""
    wanted = hashlib.sha256((ROOT / lock).read_bytes() + sys.version.encode()).hexdigest()
    stamp = VENV / f".{lock}"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        print("promontory: making the environment in .venv …", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False)
        if made.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            refuse("the environment could not be made; the lines above say why.")
    print(f"promontory: installing from {lock} (once) …", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "--require-hashes", "--no-deps", "-r", str(ROOT / lock)], check=False
    )
    if done.returncode:
        refuse("the packages could not be installed; the lines above say why.")
    site = subprocess.run(
        [str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    (Path(site) / "promontory.pth").write_text(str(ROOT / "src") + "\n")
    command = PYTHON.with_name("promontory")
    command.write_text(
        f"#!{PYTHON}\nimport sys\nfrom promontory.cli import main\nsys.exit(main())\n"
    )
    command.chmod(0o755)
    stamp.write_text(wanted)


def promontory(*arguments, home=None):
    environment = dict(os.environ)
    if home:
        environment.setdefault("PROMONTORY_HOME", str(ROOT / "var" / home))
    os.execve(str(PYTHON), [str(PYTHON), "-m", "promontory.cli", *arguments], environment)


def test(arguments):
    """Run every check that guards the house, then the suite; on PostgreSQL too where it is."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "src"))
    for name in ("PROMONTORY_HOME", "PROMONTORY_DATABASE", "PROMONTORY_KEYS_DATABASE"):
        environment.pop(name, None)
    os.execve(
        str(PYTHON), [str(PYTHON), str(ROOT / "tests" / "run_all.py"), *arguments], environment
    )


def main():
    os.chdir(ROOT)
    verb, *rest = sys.argv[1:] or ["help"]
    if verb not in {"demo", "start", "test", "cli"}:
        print(__doc__.strip())
        sys.exit(0 if verb in {"help", "--help", "-h"} else 2)
    check_machine()
    if verb == "test":
        ensure_environment("requirements-test.lock")
        test(rest)
    if not (VENV / ".requirements-test.lock").exists():
        ensure_environment("requirements.lock")
    if verb == "demo":
        promontory("demo", *rest, home="demo")
    if verb == "start":
        promontory("start", *rest, home="main")
    promontory(*rest)


if __name__ == "__main__":
    main()
