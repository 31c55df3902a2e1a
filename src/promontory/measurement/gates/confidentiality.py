"""The confidentiality gate: too few people are hidden, and nothing shown gives them away.

Primary: a cell, margin or change since the position before that rests on fewer people than the
minimum is withheld. Complementary: further cells are withheld until what is withheld can neither
be found nor summed up to fewer people than the minimum by subtracting what is shown.

What it does not stop: somebody who knows who answered, or who combines tables over dimensions
that were not protected together. Count people here, not their answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from promontory.errors import BadInput

Promise = Literal["identified", "confidential", "anonymous"]

# How many people a figure must rest on, for those who may not read the answers themselves.
MINIMUM_BASE: dict[str, int] = {"identified": 1, "confidential": 5, "anonymous": 10}

_TOO_LARGE = 2_000


def minimum_base(promise: Promise, *, may_read_answers: bool) -> int:
    """Return how many people a figure must rest on for this viewer.

    Who may read the answers themselves is not gated: 1.
    """
    if promise not in MINIMUM_BASE:
        raise BadInput(f"There is no respondent promise “{promise}”.")
    return 1 if may_read_answers else MINIMUM_BASE[promise]


def may_show(people: int, total: int, minimum: int, *, before: int | None = None) -> bool:
    """Decide on one slice: its people, everybody else, and who came since the position before.

    `total` is the whole the viewer also sees; `before` the people of the slice at the last
    position shown. Nobody at all (0) gives nobody away.
    """
    if people > total:
        raise BadInput("A slice cannot hold more people than the whole.")
    parts = [people, total - people]
    if before is not None:
        parts.append(abs(people - before))
    return all(part == 0 or part >= minimum for part in parts)


@dataclass(frozen=True, eq=False, slots=True)
class Protection:
    """What may be shown of a table of one to three dimensions.

    `shown` has one more place than the table along each dimension: the last is the margin, so
    shown[-1] of a one-dimensional table is the total. `primary` marks the cells withheld because
    of their own size, the others withheld protect them.
    """

    shown: NDArray[np.bool_]
    primary: NDArray[np.bool_]

    @property
    def cells(self) -> NDArray[np.bool_]:
        """What may be shown of the inner cells, shaped as the table was given."""
        return self.shown[tuple(slice(-1) for _ in range(self.shown.ndim))]


def protect(table: ArrayLike, minimum: int, *, before: ArrayLike | None = None) -> Protection:
    """Return which cells and margins of a table of people may be shown.

    `table` counts people (whole numbers) over one to three protected dimensions; `before` is the
    same table at the last position shown.
    """
    inner = np.asarray(table)
    if not 1 <= inner.ndim <= 3:
        raise BadInput("A protected table has one to three dimensions.")
    if inner.size > _TOO_LARGE:
        raise BadInput(
            f"A protected table of {inner.size:,} cells is too large to be made safe.",
            remedy=f"Slice by fewer or coarser attributes (at most {_TOO_LARGE:,} cells).",
        )
    full = _with_margins(inner)
    primary = (full > 0) & (full < minimum)
    if before is not None:
        earlier = np.asarray(before)
        if earlier.shape != inner.shape:
            raise BadInput("The table before must have the same shape.")
        newcomers = np.abs(full - _with_margins(earlier))
        primary |= (newcomers > 0) & (newcomers < minimum)
    withheld = primary.copy()
    lines = _lines(full.shape)
    if minimum > 1:
        while _grow_lines(full, withheld, lines, minimum) or _grow_solved(
            full, withheld, lines, minimum
        ):
            pass
    return Protection(~withheld, primary)


def _with_margins(inner: NDArray[np.generic]) -> NDArray[np.int64]:
    full = inner.astype(np.int64)
    for axis in range(inner.ndim):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    return full


def _lines(shape: tuple[int, ...]) -> list[NDArray[np.int64]]:
    """Return every line of the table as flat indices: parts first, their margin last."""
    numbers = np.arange(int(np.prod(shape))).reshape(shape)
    return [line for axis in range(len(shape)) for line in _along(numbers, axis)]


def _along(numbers: NDArray[np.int64], axis: int) -> list[NDArray[np.int64]]:
    return list(np.moveaxis(numbers, axis, -1).reshape(-1, numbers.shape[axis]))


def _grow_lines(
    full: NDArray[np.int64],
    withheld: NDArray[np.bool_],
    lines: list[NDArray[np.int64]],
    minimum: int,
) -> bool:
    """Withhold more until no line gives away a lone cell or a sum of too few people."""
    people, hidden = full.ravel(), withheld.reshape(-1)
    grew = False
    for line in lines:
        while True:
            mine = line[hidden[line]]
            # A withheld margin is already free: nothing can be subtracted from it.
            if mine.size == 0 or (mine.size > 1 and _unknown(people, mine, line, minimum)):
                break
            spare = line[~hidden[line] & (people[line] > 0)]
            if spare.size == 0:
                break
            hidden[_cheapest(people, spare, _opened(hidden, spare, lines))] = True
            grew = True
    return grew


def _opened(
    hidden: NDArray[np.bool_], spare: NDArray[np.int64], lines: list[NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Count for each spare cell the lines that withholding it would leave with a lone cell."""
    opened = np.zeros(hidden.size, dtype=np.int64)
    for line in lines:
        if not hidden[line].any():
            opened[line] += 1
    return opened[spare]


def _unknown(
    people: NDArray[np.int64], mine: NDArray[np.int64], line: NDArray[np.int64], minimum: int
) -> bool:
    """Say whether what the line gives away of its withheld cells is harmless."""
    parts = mine[mine != line[-1]]
    if parts.size < mine.size:
        # The margin is withheld as well: only margin − parts is known, which is shown anyway.
        return bool(parts.size)
    return int(people[parts].sum()) >= minimum


def _cheapest(
    people: NDArray[np.int64], spare: NDArray[np.int64], opened: NDArray[np.int64]
) -> int:
    """Prefer what protects itself in its other lines, then what withholds the fewest people."""
    return int(spare[np.lexsort((people[spare], opened))[0]])


def _grow_solved(
    full: NDArray[np.int64],
    withheld: NDArray[np.bool_],
    lines: list[NDArray[np.int64]],
    minimum: int,
) -> bool:
    """Withhold one more cell if the lines together still give a withheld cell or pair away."""
    people, hidden = full.ravel(), withheld.reshape(-1)
    unknown = np.flatnonzero(hidden)
    if unknown.size == 0:
        return False
    given_away = _solved(people, unknown, lines, minimum)
    if given_away is None:
        given_away = _cornered(people, hidden, unknown, lines)
    if given_away is None:
        return False
    near = np.unique(np.concatenate([line for line in lines if given_away in line]))
    for candidates in (near, np.arange(people.size)):
        spare = candidates[~hidden[candidates] & (people[candidates] > 0)]
        if spare.size:
            hidden[_cheapest(people, spare, _opened(hidden, spare, lines))] = True
            return True
    return False


def _solved(
    people: NDArray[np.int64],
    unknown: NDArray[np.int64],
    lines: list[NDArray[np.int64]],
    minimum: int,
) -> int | None:
    """Return a withheld cell that linear subtraction finds, alone or in a sum of too few."""
    place = {int(cell): i for i, cell in enumerate(unknown)}
    rows = []
    for line in lines:
        row = np.zeros(unknown.size)
        for cell in line:
            if int(cell) in place:
                row[place[int(cell)]] = -1.0 if cell == line[-1] else 1.0
        if row.any():
            rows.append(row)
    matrix = np.array(rows)
    # What stays free is the null space; a sum is known just when it has no part in it.
    _, sizes, directions = np.linalg.svd(matrix)
    rank = int((sizes > 1e-9).sum())
    free = directions[rank:].T @ directions[rank:]
    alone = np.diag(free)
    sizes_of = people[unknown]
    found = np.flatnonzero((alone < 1e-9) & (sizes_of > 0))
    if found.size:
        return int(unknown[found[np.argmin(sizes_of[found])]])
    together = alone[:, None] + alone[None, :] + 2 * free
    few = (sizes_of[:, None] + sizes_of[None, :]) < minimum
    pairs = np.argwhere((together < 1e-9) & few & ~np.eye(unknown.size, dtype=bool))
    return int(unknown[pairs[0][0]]) if len(pairs) else None


def _cornered(
    people: NDArray[np.int64],
    hidden: NDArray[np.bool_],
    unknown: NDArray[np.int64],
    lines: list[NDArray[np.int64]],
) -> int | None:
    """Return a withheld cell whose size follows because nobody can be fewer than none."""
    low = np.where(hidden, 0, people).astype(np.float64)
    high = np.where(hidden, np.inf, people)
    mine = [line for line in lines if hidden[line].any()]
    for _ in range(len(mine) + 2):
        tight = low.copy(), high.copy()
        for line in mine:
            parts, margin = line[:-1], line[-1]
            low[margin] = max(low[margin], low[parts].sum())
            high[margin] = min(high[margin], high[parts].sum())
            for cell in parts[hidden[parts]]:
                others = parts[parts != cell]
                low[cell] = max(low[cell], low[margin] - high[others].sum())
                high[cell] = min(high[cell], high[margin] - low[others].sum())
        if np.array_equal(tight[0], low) and np.array_equal(tight[1], high):
            break
    found = unknown[(low[unknown] == high[unknown]) & (people[unknown] > 0)]
    return int(found[np.argmin(people[found])]) if found.size else None
