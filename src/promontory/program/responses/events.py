"""What can have happened to responses, for those who follow up on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResponseRecorded:
    """A response has a score that it did not have before, or has become complete.

    A partial response is told of when it has a score (`is_partial`), and once more when it is
    complete: whoever reacts may hear of one response several times. Imports tell nobody.
    """

    response: int
    survey: int
    metric: str
    score: int | None
    is_test: bool
    is_partial: bool
