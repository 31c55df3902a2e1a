"""The router of responses: reading and writing share addresses, which one router must hold."""

from ninja import Router

router = Router(tags=["responses"])
