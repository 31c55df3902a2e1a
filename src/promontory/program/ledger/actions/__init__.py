"""What can be done to the ledger; nothing in it is ever changed, only added."""

from promontory.program.ledger.actions.append import append, write_prepared
from promontory.program.ledger.actions.erase import Replay, erase, replay_erasures
from promontory.program.ledger.actions.heads import sign_head
from promontory.program.ledger.actions.install import install
from promontory.program.ledger.actions.people import NewPerson, create_people, keys_of
from promontory.program.ledger.actions.seal import seal
from promontory.program.ledger.ids import draw_ids, reserve_ids
from promontory.program.ledger.rules import Kind, NewEntry, Prepared, canonical, prepare

__all__ = [
    "Kind",
    "NewEntry",
    "NewPerson",
    "Prepared",
    "Replay",
    "append",
    "canonical",
    "create_people",
    "draw_ids",
    "erase",
    "install",
    "keys_of",
    "prepare",
    "replay_erasures",
    "reserve_ids",
    "seal",
    "sign_head",
    "write_prepared",
]
