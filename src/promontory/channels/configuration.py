"""What a provider wants to know, as a frozen dataclass from which a settings page is drawn.

@dataclass(frozen=True, slots=True)
class PigeonSettings:
    loft: str = setting("Loft", help="Where the birds live.")
    whistle: str = setting("Whistle", secret=True)
    flock: int = setting("Birds at once", default=10)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar, get_type_hints

from promontory.errors import BadInput, Place

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class NoSettings:
    """Nothing has to be set."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One thing to fill in; a secret is stored encrypted and never shown again."""

    name: str
    label: str
    kind: str
    """text, number, yes_no or choice."""
    help: str = ""
    secret: bool = False
    required: bool = False
    default: Any = ""
    choices: tuple[str, ...] = ()


def setting(
    label: str,
    *,
    help: str = "",
    secret: bool = False,
    default: Any = MISSING,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare one field of a settings dataclass; without a default it has to be filled in."""
    metadata = {"label": label, "help": help, "secret": secret, "choices": choices}
    # A secret is left out of the repr, and so of logs and tracebacks.
    if default is MISSING:
        return field(metadata=metadata, repr=not secret)
    return field(default=default, metadata=metadata, repr=not secret)


def form_fields(settings_class: type[Any]) -> tuple[FormField, ...]:
    """Return what a settings page has to ask for, in order."""
    kinds = {str: "text", int: "number", bool: "yes_no"}
    hints = get_type_hints(settings_class)
    return tuple(
        FormField(
            name=each.name,
            label=each.metadata["label"],
            kind="choice" if each.metadata["choices"] else kinds[hints[each.name]],
            help=each.metadata["help"],
            secret=each.metadata["secret"],
            required=each.default is MISSING,
            default="" if each.default is MISSING else each.default,
            choices=each.metadata["choices"],
        )
        for each in fields(settings_class)
    )


def settings_from(settings_class: type[S], values: Mapping[str, Any]) -> S:
    """Return the settings these typed-in values make, or say which one is wrong."""
    known = form_fields(settings_class)
    unknown = set(values) - {each.name for each in known}
    if unknown:
        raise BadInput(f"There is no setting “{min(unknown)}”.")
    given = {each.name: _read(each, values[each.name]) for each in known if each.name in values}
    for each in known:
        if each.required and given.get(each.name, "") == "":
            raise BadInput(
                f"{each.label} is missing.", remedy=each.help, place=Place(field=each.name)
            )
    return settings_class(**given)


def _read(each: FormField, value: Any) -> Any:
    if each.kind == "yes_no":
        return value if isinstance(value, bool) else str(value).lower() in {"1", "true", "on"}
    if each.kind == "number":
        return _number(each, value)
    text = str(value).strip()
    if "\n" in text or "\r" in text:
        raise BadInput(f"{each.label} has more than one line.", place=Place(field=each.name))
    if each.choices and text not in each.choices:
        raise BadInput(
            f"{each.label} cannot be “{text}”.",
            remedy=f"Choose one of {', '.join(each.choices)}.",
            place=Place(field=each.name),
        )
    return text


def _number(each: FormField, value: Any) -> int:
    try:
        return int(str(value).strip())
    except ValueError:
        raise BadInput(
            f"{each.label} has to be a whole number, not “{value}”.", place=Place(field=each.name)
        ) from None
