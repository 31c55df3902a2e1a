"""How every test starts: a home of its own, both databases allowed, absent programs said aloud.

    PROMONTORY_TEST_DATABASE=postgres   run the whole suite on PostgreSQL instead of SQLite
    PROMONTORY_REQUIRE_ALL=1            a test whose program is absent fails instead of skipping
    DJANGO_SETTINGS_MODULE=             (set, but empty) the pure floors alone, without Django

`@pytest.mark.django_db` means both of the house's databases, "default" and "keys".
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.installation import Installation, Installations

SETTINGS = "promontory.server.settings"
BOTH = ["default", "keys"]
REQUIRE_ALL = os.environ.get("PROMONTORY_REQUIRE_ALL") == "1"
ON_POSTGRES = os.environ.get("PROMONTORY_TEST_DATABASE", "sqlite") == "postgres"


def chromium() -> str | None:
    """Return the path of a Chromium on this machine, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def _point_the_environment_at_a_home_of_our_own() -> None:
    home = tempfile.mkdtemp(prefix="promontory-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["PROMONTORY_HOME"] = home
    for variable in ("PROMONTORY_DATABASE", "PROMONTORY_KEYS_DATABASE"):
        os.environ.pop(variable, None)
    if ON_POSTGRES and postgres.binaries():
        cluster = postgres.server()
        os.environ["PROMONTORY_DATABASE"] = cluster.database_url("promontory")
        os.environ["PROMONTORY_KEYS_DATABASE"] = cluster.database_url("promontory_keys")


def _load_settings_from_that_home() -> None:
    if os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS) == "":
        return
    from django.conf import settings

    # A password's hash takes a fifth of a second by design, and most tests sign somebody in.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Read on PostgreSQL too: pytest-django sets up Django only where settings have been loaded.
    databases = settings.DATABASES
    if not ON_POSTGRES:
        # A file, as in production: in memory, SQLite locks by other rules and has no WAL.
        for alias in BOTH:
            name = str(Path(os.environ["PROMONTORY_HOME"]) / f"test-{alias}.sqlite3")
            databases[alias]["TEST"] = {"NAME": name}


_point_the_environment_at_a_home_of_our_own()
_load_settings_from_that_home()


def pytest_configure() -> None:
    if ON_POSTGRES and postgres.binaries() is None:
        pytest.exit(f"Nothing was run. {postgres.ABSENT}", returncode=int(REQUIRE_ALL))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if ON_POSTGRES:  # these bring both databases with them, and the run on SQLite has them
        chosen = [i for i in items if "installation" in getattr(i, "fixturenames", ())]
        config.hook.pytest_deselected(items=chosen)
        items[:] = [item for item in items if item not in chosen]
    for item in items:
        marker = item.get_closest_marker("django_db")
        needs = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
        if (marker or needs) and not (marker and "databases" in marker.kwargs):
            given = marker.kwargs if marker else {}
            both = pytest.mark.django_db(**given, databases=BOTH)
            item.add_marker(both, append=False)


def pytest_runtest_setup(item: pytest.Item) -> None:
    absent = ""
    if item.get_closest_marker("postgres") and postgres.binaries() is None:
        absent = postgres.ABSENT
    if item.get_closest_marker("browser") and chromium() is None:
        absent = "Chromium is not installed: apt-get install chromium"
    if absent and REQUIRE_ALL:
        pytest.fail(absent, pytrace=False)
    if absent:
        pytest.skip(absent)


@pytest.fixture(scope="session")
def postgres_server() -> postgres.Postgres:
    """The run's PostgreSQL cluster; mark the test `postgres` as well."""
    return postgres.server()


@pytest.fixture
def shared_data() -> Path:
    """The folder of real files, where there is one."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("PROMONTORY_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip("The real files are absent: set PROMONTORY_SHARED_DATA to their folder.")
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh, empty home for what reads PROMONTORY_HOME at the moment it is called."""
    monkeypatch.setenv("PROMONTORY_HOME", str(tmp_path))
    yield tmp_path


@pytest.fixture(scope="session")
def installations(tmp_path_factory: pytest.TempPathFactory) -> Installations:
    return Installations(tmp_path_factory.mktemp("installations"))


@pytest.fixture
def installation_settings() -> str:
    """The settings of `installation`; a folder of tests may override it."""
    return SETTINGS


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def installation(
    request: pytest.FixtureRequest, installations: Installations, installation_settings: str
) -> Iterator[Installation]:
    """A migrated, empty installation on each database, for tests that kill its processes."""
    made = installations.make(request.param, installation_settings)
    yield made
    made.end()
