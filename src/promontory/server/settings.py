"""All settings of an installation; a wrong value stops the start with a sentence.

What a person may set is in the environment and nowhere else:

    PROMONTORY_HOME            the installation's folder (default: var)
    PROMONTORY_DATABASE        postgresql://user:password@host/name (default: SQLite in the home)
    PROMONTORY_KEYS_DATABASE   the same for the per-person keys (default: SQLite in the home)
    PROMONTORY_HOSTS           names the server answers to, comma-separated (default: this machine)
    PROMONTORY_URL             our address as customers see it in links (default: this machine)
    PROMONTORY_SECURE          1 behind HTTPS: secure cookies, HSTS
    PROMONTORY_SCANNER_SECONDS so close together, several scores of one invitation are a machine's
                               (default: 10; 0: never)
    PROMONTORY_API_RATE        API requests a minute for each key or person (default: 600; 0: any)
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from promontory import __version__
from promontory.errors import Broken
from promontory.server import home as _home

HOME = _home.current()
_secrets = HOME.secrets()
SECRET_KEY = _secrets.django
MASTER_KEY = _secrets.raw("master")
INDEX_KEY = _secrets.raw("index")
SIGNING_KEY = _secrets.raw("signing")
NOTES_KEY = hashlib.blake2b(MASTER_KEY, digest_size=32, person=b"followup notes").digest()
TOKEN_KEY = hashlib.blake2b(_secrets.raw("django"), digest_size=32, person=b"tokens").digest()

RELEASE = __version__
DEBUG = False
SECURE = os.environ.get("PROMONTORY_SECURE") == "1"
_rate = os.environ.get("PROMONTORY_API_RATE", "600")
if not _rate.isdecimal():
    raise Broken("PROMONTORY_API_RATE is a number of requests a minute, such as 600.")
API_REQUESTS_A_MINUTE: int = int(_rate)
_seconds = os.environ.get("PROMONTORY_SCANNER_SECONDS", "10")
if not _seconds.isdecimal():
    raise Broken("PROMONTORY_SCANNER_SECONDS is a number of seconds, such as 10.")
SCANNER_SECONDS: int = int(_seconds)
PUBLIC_URL: str = os.environ.get("PROMONTORY_URL", "http://localhost:8000").rstrip("/")
if not PUBLIC_URL.startswith(("http://", "https://")):
    raise Broken("PROMONTORY_URL is a whole address, such as https://ask.example.org.")
ALLOWED_HOSTS = [
    host.strip()
    for host in os.environ.get("PROMONTORY_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(
        ","
    )
]

_SQLITE_OPTIONS: dict[str, Any] = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        # Or what is erased would be left on free pages, in every copy made of a row.
        "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768;"
    ),
}


def _database(variable: str, path: Path) -> dict[str, Any]:
    url = os.environ.get(variable, "")
    if not url:
        path.parent.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(path),
            "OPTIONS": _SQLITE_OPTIONS,
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise Broken(f"{variable} must read postgresql://user:password@host:port/name.")
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.pop("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {
    "default": _database("PROMONTORY_DATABASE", HOME.database),
    "keys": _database("PROMONTORY_KEYS_DATABASE", HOME.keys),
}
DATABASE_ROUTERS = ["promontory.program.ledger.routing.KeysApart"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "promontory.jobs",
    "promontory.program.ledger",
    "promontory.program.organization",
    "promontory.program.customers",
    "promontory.program.surveys",
    "promontory.program.outreach",
    "promontory.program.responses",
    "promontory.program.scores",
    "promontory.program.answering",
    "promontory.program.followup",
    "promontory.server",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "promontory.server.security.ContentSecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "promontory.server.middleware.ViewerMiddleware",
    "promontory.server.middleware.RefusalMiddleware",
    "promontory.server.api_frame.ApiMiddleware",
    "promontory.server.idempotency.IdempotencyMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.contrib.humanize.templatetags.humanize",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "promontory.server.context.frame",
            ],
        },
    }
]

AUTH_USER_MODEL = "organization.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
    )
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
# Behind a proxy that ends TLS; without it every form would be taken for one of another origin.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REACTIONS = "promontory.server.reactions.TABLE"
TASKS = {"default": {"BACKEND": "promontory.jobs.backend.DatabaseBackend"}}

ROOT_URLCONF = "promontory.server.urls"
WSGI_APPLICATION = "promontory.server.wsgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
STATIC_URL = "static/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_TEMP_DIR = None
