"""The application as a WSGI server sees it; embedded, its process works the jobs too."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promontory.server.settings")

from django.core.wsgi import get_wsgi_application

_pages = get_wsgi_application()


def _with_counter():  # type: ignore[no-untyped-def]
    # What stands behind it may be imported only now that Django is set up.
    from promontory.server import answers

    return answers.before(_pages)


application = _with_counter()

if os.environ.get("PROMONTORY_EMBEDDED") == "1":
    from promontory.server import embedded

    embedded.start()
