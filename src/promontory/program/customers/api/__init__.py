"""The REST API of customers."""

from promontory.program.customers.api import (
    attributes,
    consents,
    contacts,
    holds,
    importing,
)
from promontory.program.customers.api.routing import router

__all__ = ["attributes", "consents", "contacts", "holds", "importing", "router"]
