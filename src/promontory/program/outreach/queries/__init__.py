"""What can be asked about asking."""

from promontory.program.outreach.queries.policies import contact_policy, policy_for
from promontory.program.outreach.queries.reconciling import Reconciled, reconcile
from promontory.program.outreach.queries.sending import still_allowed
from promontory.program.outreach.queries.suppression import Suppression, suppression
from promontory.program.outreach.queries.waves import Standing, standing
from promontory.program.outreach.queries.why import Why, why

__all__ = [
    "Reconciled",
    "Standing",
    "Suppression",
    "Why",
    "contact_policy",
    "policy_for",
    "reconcile",
    "standing",
    "still_allowed",
    "suppression",
    "why",
]
