"""The router that the customers' operations share."""

from ninja import Router

router = Router()
