"""Settings of an installation that has jobs and nothing else."""

from promontory.server.settings import *  # noqa: F403

INSTALLED_APPS = ["promontory.jobs"]
DATABASE_ROUTERS: list[str] = []
ROOT_URLCONF = __name__
urlpatterns: list[object] = []
