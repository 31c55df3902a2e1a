"""The application as a WSGI server sees it; embedded, its process works the jobs too."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promontory.server.settings")

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

_pages = get_wsgi_application()
# By its name: what stands before the pages can be imported only now that Django is set up.
application = import_string("promontory.server.answers.before")(_pages)

if os.environ.get("PROMONTORY_EMBEDDED") == "1":
    from promontory.server import embedded

    embedded.start()
