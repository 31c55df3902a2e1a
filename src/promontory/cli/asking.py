"""The commands of asking: bring customers in, plan and send waves, hold somebody back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_JSON = "print plain values as JSON"
_WAVE_VERBS = {
    "show": "what became of everybody in a wave",
    "dry-run": "what drawing a planned wave would give; nobody is asked by that",
    "draw": "draw a planned wave; nothing is sent by that",
    "start": "let a drawn wave go out",
    "pause": "send nothing more for now",
    "resume": "go on sending",
    "cancel": "send nothing more for good",
}


def register(subparsers: Any) -> None:
    """Add these commands to the command line."""
    _register_contacts(subparsers.add_parser("contacts", help="bring customers in from a file"))
    _register_waves(subparsers.add_parser("waves", help="plan, draw and send waves"))
    _register_holds(subparsers.add_parser("hold", help="hold customers back from being asked"))


def _register_contacts(contacts: argparse.ArgumentParser) -> None:
    verbs = contacts.add_subparsers(dest="verb", required=True)
    bring = verbs.add_parser("import", help="import a file of customers, or of holds")
    bring.add_argument("file", metavar="FILE", type=Path, help="the file")
    bring.add_argument(
        "--kind", choices=["contacts", "holds"], default="contacts", help="what the file holds"
    )
    bring.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="ROLE=NAME",
        help="say what a column is: email=Mail, declared=Region, ignore=Fax …",
    )
    bring.add_argument("--zone", help="the time zone of instants without one")
    bring.add_argument("--dates", choices=["dmy", "mdy", "ymd"], help="the order in dates")
    bring.add_argument("--country", default="", help="whose rules telephone numbers follow: DE …")
    bring.add_argument("--basis", default="", help="the lawful basis where the file says none")
    bring.add_argument("--preview", action="store_true", help="judge every row, import none")
    bring.add_argument("--rejected", type=Path, help="where to write the rows set apart")
    bring.add_argument("--json", action="store_true", help=_JSON)
    bring.set_defaults(run=run_contacts)


def _register_waves(waves: argparse.ArgumentParser) -> None:
    verbs = waves.add_subparsers(dest="verb", required=True)
    every = verbs.add_parser("list", help="the waves, newest first")
    every.add_argument("--json", action="store_true", help=_JSON)
    plan = verbs.add_parser("plan", help="plan a wave of a survey, and try it out")
    plan.add_argument("survey", metavar="SURVEY", help="the key of the survey")
    plan.add_argument("--name", default="", help="what the wave is called")
    plan.add_argument("--size", type=int, help="how many to invite (everybody who may be asked)")
    plan.add_argument("--channel", action="append", metavar="CHANNEL", help="email, sms … in order")
    plan.add_argument(
        "--strata",
        action="append",
        default=[],
        metavar="ATTRIBUTE",
        help="draw from each of its values on its own; may be repeated",
    )
    plan.add_argument("--rate", type=float, help="what share is expected to answer: 0.2")
    plan.add_argument("--open-days", type=int, default=30, help="how long answers are taken (30)")
    plan.add_argument("--json", action="store_true", help=_JSON)
    for verb, words in _WAVE_VERBS.items():
        one = verbs.add_parser(verb, help=words)
        one.add_argument("wave", metavar="NUMBER", type=int, help="the wave, as `waves list` says")
        one.add_argument("--json", action="store_true", help=_JSON)
        if verb == "start":
            one.add_argument("--hours", type=float, help="spread the sending over so many hours")
    waves.set_defaults(run=run_waves)


def _register_holds(hold: argparse.ArgumentParser) -> None:
    verbs = hold.add_subparsers(dest="verb", required=True)
    place = verbs.add_parser("place", help="let somebody not be asked for a while")
    place.add_argument("identifier", help="exact e-mail, customer number or telephone")
    place.add_argument("--account", action="store_true", help="all in the account of this key")
    place.add_argument("--reason", required=True, help="complaint, negotiation, open_case …")
    place.add_argument("--until", metavar="DAY", help="2026-12-31; without one, until it is lifted")
    place.add_argument("--note", default="", help="why, for colleagues")
    lift = verbs.add_parser("lift", help="let them be asked again")
    lift.add_argument("number", type=int, help="the hold, as it was printed when placed")
    hold.set_defaults(run=run_hold)


def run_contacts(options: argparse.Namespace) -> int:
    _ready(migrate=True)
    from promontory.server import contact_files

    return contact_files.run(options)


def run_waves(options: argparse.Namespace) -> int:
    _ready()
    from promontory.server import wave_commands

    return wave_commands.run(options)


def run_hold(options: argparse.Namespace) -> int:
    _ready()
    from promontory.server import hold_commands

    return hold_commands.run(options)


def _ready(*, migrate: bool = False) -> None:
    from promontory.cli.server import ready

    ready(migrate=migrate)
