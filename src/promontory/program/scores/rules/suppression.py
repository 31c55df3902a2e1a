"""Suppression: which cells of one table to withhold when its margins are already decided.

The margins of a table are cells of coarser tables and are shown there whatever happens here, so
only inner cells can be withheld to protect one another. (`measurement.gates.protect` may withhold
margins as well: right for a table that stands alone, wrong for one of many that hang together.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


def suppressed(
    people: Counts,
    small: Mask,
    margins: Sequence[Mask],
    newcomers: Sequence[Counts],
    minimum: int,
) -> Mask:
    """Return the cells to withhold.

    people: by cell, of one to three dimensions · small: the cells that must be withheld ·
    margins: for each axis, which of its lines have a shown margin (shaped without that axis) ·
    newcomers: by cell, since each position somebody may remember.

    A cell is withheld with its margin. A line with a shown margin then hides nobody, or people
    enough, and newcomers enough, in two cells or more, as long as it has cells left to hide; and
    no small cell or pair of cells follows from all lines together. A table that cannot be made
    safe is withheld whole.
    """
    if not people.size:
        return small
    hidden = small.copy()
    for axis, shown in enumerate(margins):
        hidden |= ~np.expand_dims(shown, axis)
    numbers = np.arange(people.size).reshape(people.shape)
    lines = [
        line
        for axis, shown in enumerate(margins)
        for line, is_shown in zip(
            np.moveaxis(numbers, axis, -1).reshape(-1, people.shape[axis]),
            shown.ravel(),
            strict=True,
        )
        if is_shown
    ]
    table = _Table(people.ravel(), hidden.ravel(), lines, [n.ravel() for n in newcomers], minimum)
    table.protect()
    return table.hidden.reshape(people.shape)


class _Table:
    """The flat table while cells are being withheld."""

    def __init__(
        self,
        people: Counts,
        hidden: Mask,
        lines: list[Counts],
        newcomers: list[Counts],
        minimum: int,
    ) -> None:
        self.people, self.hidden, self.lines = people, hidden, lines
        self.newcomers, self.minimum = newcomers, minimum

    def protect(self) -> None:
        while True:
            while sum(self._grown(line) for line in self.lines):
                pass  # one line's cells are in others
            found = self._given_away()
            if found is None:
                return
            near = [line for line in self.lines if found in line]
            if not any(self._hide_one(line) for line in near) and not self._hide_one(
                np.arange(self.people.size)
            ):
                self.hidden[:] = True
                return

    def _grown(self, line: Counts) -> bool:
        """Withhold more of one line until its sum gives nobody away; say whether anything was."""
        grew = False
        while True:
            mine = line[self.hidden[line] & (self.people[line] > 0)]
            if mine.size == 0:
                return grew
            lone = mine.size == 1 or int(self.people[mine].sum()) < self.minimum
            fresh = [came for came in self.newcomers if 0 < came[mine].sum() < self.minimum]
            if not lone and not fresh:
                return grew
            if not (fresh and self._hide_one(line[fresh[0][line] > 0])) and not self._hide_one(
                line
            ):
                return grew
            grew = True

    def _hide_one(self, cells: Counts) -> bool:
        """Withhold the smallest shown cell of these."""
        spare = cells[~self.hidden[cells] & (self.people[cells] > 0)]
        if not spare.size:
            return False
        self.hidden[spare[np.argmin(self.people[spare])]] = True
        return True

    def _given_away(self) -> int | None:
        """Return a withheld cell that follows, alone or in a pair too small, from all lines."""
        unknown = np.flatnonzero(self.hidden & (self.people > 0))
        if not unknown.size:
            return None
        rows = [np.isin(unknown, line).astype(float) for line in self.lines]
        matrix = np.array([row for row in rows if row.any()]).reshape(-1, unknown.size)
        _, sizes, directions = np.linalg.svd(matrix)
        # What stays free is the null space; a sum is known just when it has no part in it.
        free = directions[int((sizes > 1e-9).sum()) :]
        alone = (free**2).sum(axis=0)
        count = self.people[unknown]
        single = np.flatnonzero((alone < 1e-9) & (count < self.minimum))
        if single.size:
            return int(unknown[single[np.argmin(count[single])]])
        together = alone[:, None] + alone[None, :] + 2 * free.T @ free
        few = count[:, None] + count[None, :] < self.minimum
        pairs = np.argwhere((together < 1e-9) & few & ~np.eye(unknown.size, dtype=bool))
        return int(unknown[pairs[0][0]]) if len(pairs) else None
