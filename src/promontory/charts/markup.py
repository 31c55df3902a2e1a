"""Text that is markup already: template engines that honour `__html__` print it as it is."""

from __future__ import annotations


class Markup(str):
    """SVG made by this package, in which all text has been escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        return str.__str__(self)
