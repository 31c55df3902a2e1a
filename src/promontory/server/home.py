"""Where an installation keeps its things: one folder, named by PROMONTORY_HOME.

db.sqlite3      the application database, unless PROMONTORY_DATABASE names a PostgreSQL
keys.sqlite3    the per-person keys; apart, so that a restored backup revives nobody
secrets.json    the installation's own secrets, readable by its owner only
warehouse/      the Parquet projection; may be thrown away
uploads/        files as they came
anchors/        signed chain heads
writer.lock     held by the one process that writes to SQLite
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from promontory.errors import Broken


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only the installation knows; each value is url-safe base64 of 32 random bytes."""

    django: str
    master: str
    index: str
    signing: str

    def raw(self, name: str) -> bytes:
        return base64.urlsafe_b64decode(getattr(self, name))


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one installation."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "db.sqlite3"

    @property
    def keys(self) -> Path:
        return self.root / "keys.sqlite3"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def anchors(self) -> Path:
        return self.root / "anchors"

    @property
    def lock(self) -> Path:
        return self.root / "writer.lock"

    def secrets(self) -> Secrets:
        """Return the installation's secrets, making them at the first call."""
        path = self.root / "secrets.json"
        try:
            return Secrets(**json.loads(path.read_text()))
        except FileNotFoundError:
            return self._make_secrets(path)
        except (ValueError, TypeError) as error:
            raise Broken(f"{path} cannot be read ({error}); restore it from a backup.") from error

    def _make_secrets(self, path: Path) -> Secrets:
        self.root.mkdir(parents=True, exist_ok=True)
        signing = Ed25519PrivateKey.generate().private_bytes_raw()
        made = Secrets(_text(), _text(), _text(), base64.urlsafe_b64encode(signing).decode())
        temporary = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(made), file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # fails if another process was first: its secrets stand
        except FileExistsError:
            return Secrets(**json.loads(path.read_text()))
        finally:
            temporary.unlink()
        return made


def _text() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def current() -> Home:
    """Return the home of this process: PROMONTORY_HOME, or `var` below the working directory."""
    return Home(Path(os.environ.get("PROMONTORY_HOME", "var")).resolve())
