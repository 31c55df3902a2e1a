"""The REST API of the organisation: who am I, people, keys, units, audit, ledger, jobs."""

from ninja import Router

from promontory.program.organization.api.house import router as house
from promontory.program.organization.api.jobs import router as jobs
from promontory.program.organization.api.keys import router as keys
from promontory.program.organization.api.ledger import router as ledger
from promontory.program.organization.api.people import router as people

router = Router()
for part in (house, people, keys, ledger, jobs):
    router.add_router("", part)
