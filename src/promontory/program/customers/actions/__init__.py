"""What can be done about customers: bring them in, write down consent, hold them back."""

from promontory.program.customers.actions.committing import commit, start_commit
from promontory.program.customers.actions.consents import mark_failing, mend_way, say
from promontory.program.customers.actions.contacts import (
    MOST_AT_ONCE,
    ContactFields,
    add_contact,
    end_stake,
    open_contact,
    update_contact,
    upsert_contacts,
)
from promontory.program.customers.actions.dimensions import (
    NewDimension,
    declare_dimension,
    ensure_codes,
    ensure_dimensions,
)
from promontory.program.customers.actions.erasing import forget_files, forget_person
from promontory.program.customers.actions.holds import lift_hold, place_hold
from promontory.program.customers.actions.importing import (
    cancel,
    preview,
    retry,
    set_mapping,
    take_file,
    upload,
)
from promontory.program.customers.actions.resolving import (
    ensure_accounts,
    name_accounts,
    resolve_contact,
)

__all__ = [
    "MOST_AT_ONCE",
    "ContactFields",
    "NewDimension",
    "add_contact",
    "cancel",
    "commit",
    "declare_dimension",
    "end_stake",
    "ensure_accounts",
    "ensure_codes",
    "ensure_dimensions",
    "forget_files",
    "forget_person",
    "lift_hold",
    "mark_failing",
    "mend_way",
    "name_accounts",
    "open_contact",
    "place_hold",
    "preview",
    "resolve_contact",
    "retry",
    "say",
    "set_mapping",
    "start_commit",
    "take_file",
    "update_contact",
    "upload",
    "upsert_contacts",
]
