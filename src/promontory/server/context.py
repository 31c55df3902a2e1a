"""What every page's frame shows: where one can go, and in which appearance."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from promontory.program.organization.access import Can, Viewer


@dataclass(frozen=True, slots=True)
class Destination:
    """A place in the main navigation; `key` is typed after `g` to go there.

    `is_whole` belongs to the whole organisation: who serves single units does not go there.
    """

    name: str
    address: str
    key: str
    needs: Can | None = None
    current: bool = False
    is_whole: bool = False


PLACES = (
    Destination("Overview", "/", "o", Can.SEE_SCORES),
    Destination("Explore", "/explore", "e", Can.SEE_SCORES),
    Destination("Cases", "/cases", "m", Can.FOLLOW_UP),
    Destination("Ask", "/outreach", "a", Can.SEE_SCORES),
    Destination("Responses", "/responses", "r", Can.SEE_ANSWERS),
    Destination("Customers", "/customers", "c", Can.SEE_PEOPLE, is_whole=True),
    Destination("Import", "/imports", "i", Can.IMPORT),
    Destination("Settings", "/settings/", "s"),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """Return the frame's variables; templates ask for nothing else that is not handed to them."""
    asking: Viewer | None = getattr(request, "viewer", None)
    chosen = request.COOKIES.get("theme", "")
    theme = chosen if chosen in {"light", "dark"} else ""
    if asking is None or asking.user_id is None:
        return {"navigation": [], "theme": theme}
    path = request.path
    places = [
        Destination(
            place.name,
            place.address,
            place.key,
            current=path == place.address
            or (place.address != "/" and path.startswith(place.address)),
        )
        for place in PLACES
        if (place.needs is None or asking.may(place.needs))
        and not (place.is_whole and asking.units is not None)
    ]
    return {"navigation": places, "theme": theme}
