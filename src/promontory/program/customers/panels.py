"""What contexts above show on a contact's page: each adds its panel when its app is ready.

panels.add("outreach", invitations_of)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from promontory.program.customers.models import Contact
from promontory.program.organization.access import Viewer
from promontory.registry import Registry


@dataclass(frozen=True, slots=True)
class Filled:
    """A panel ready to be shown: its template, and what that is handed as `panel`."""

    template: str
    context: Mapping[str, Any]


Panel = Callable[[Contact, Viewer], Filled | None]
"""Returns what to show about a contact to a viewer, None for nothing."""

panels: Registry[Panel] = Registry("panel")
