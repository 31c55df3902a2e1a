"""The application as a WSGI server sees it; embedded, its process works the jobs too."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promontory.server.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

if os.environ.get("PROMONTORY_EMBEDDED") == "1":
    from promontory.server import embedded

    embedded.start()
