"""Settings of an installation that has a ledger and nothing else."""

from promontory.server.settings import *  # noqa: F403

INSTALLED_APPS = ["promontory.program.ledger"]
ROOT_URLCONF = __name__
urlpatterns: list[object] = []
