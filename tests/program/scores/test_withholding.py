"""Whatever is shown, over all periods and attributes together, hides the few."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from promontory.program.scores.rules.withholding import EVERYTHING, People, Span, Withholding

MONTHS = [55 * 12 + month for month in (0, 1, 2, 5, 11, 12)]
MINIMUM = 5
Atom = tuple[int, int, int]


def people(counts: dict[Atom, int], axes: tuple[int, ...]) -> People:
    """Count people by period and the attributes on these axes of an atom."""
    found: list[dict[tuple[int, ...], int]] = []
    for step in (12, 3, 1):
        table: dict[tuple[int, ...], int] = {}
        for atom, count in counts.items():
            key = (atom[0] // step * step, *(atom[axis] for axis in axes))
            if count:
                table[key] = table.get(key, 0) + count
        found.append(table)
    return People(*found)


def withholding(now: dict[Atom, int], *before: dict[Atom, int]) -> dict[tuple, Withholding]:
    made: dict[tuple[int, ...], Withholding] = {}
    for axes in ((), (1,), (2,), (1, 2)):
        coarser = tuple(made[tuple(a for a in axes if a != left_out)] for left_out in axes)
        past = [people(one, axes) for one in before]
        made[axes] = Withholding(people(now, axes), past, MINIMUM, coarser)
    return made


def spans() -> list[Span]:
    found: list[Span] = [EVERYTHING]
    for kind, step in (("year", 12), ("quarter", 3), ("month", 1)):
        found += [(kind, first) for first in sorted({m // step * step for m in MONTHS})]  # type: ignore[list-item]
    return found


def row(atoms: list[Atom], span: Span, cell: dict[int, int]) -> np.ndarray:
    length = {"all": 10**9, "year": 12, "quarter": 3, "month": 1}[span[0]]
    return np.array(
        [
            span[1] <= atom[0] < span[1] + length
            and all(atom[axis] == code for axis, code in cell.items())
            for atom in atoms
        ],
        dtype=float,
    )


def cells(first: int, second: int) -> list[dict[int, int]]:
    ones, twos = range(1, first + 1), range(1, second + 1)
    single = [*({1: a} for a in ones), *({2: b} for b in twos)]
    return [{}, *single, *({1: a, 2: b} for a, b in itertools.product(ones, twos))]


def follows(system: np.ndarray, target: np.ndarray) -> bool:
    solution, *_ = np.linalg.lstsq(system.T, target, rcond=None)
    return bool(np.allclose(system.T @ solution, target, atol=1e-7))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("first", "second", "mean"), [(3, 2, 3), (8, 3, 1.5), (5, 4, 6)])
def test_no_small_group_follows_from_all_that_is_shown(
    seed: int, first: int, second: int, mean: float
) -> None:
    random = np.random.default_rng([seed, first])
    atoms: list[Atom] = list(itertools.product(MONTHS, range(1, first + 1), range(1, second + 1)))
    counts = {atom: int(random.poisson(mean)) for atom in atoms}
    size = np.array([counts[atom] for atom in atoms], dtype=float)
    decided = withholding(counts)[1, 2]
    every = [
        (row(atoms, span, cell), decided.shows(span, (cell.get(1), cell.get(2))))
        for span in spans()
        for cell in cells(first, second)
    ]
    # Who is told that nobody is there knows that too.
    system = np.array([equation for equation, shown in every if shown])

    for target, shown in every:
        if 0 < target @ size < MINIMUM:
            assert not shown
            assert not follows(system, target)


@pytest.mark.parametrize("seed", range(6))
def test_no_few_newcomers_follow_from_what_is_shown_now_and_was_before(seed: int) -> None:
    random = np.random.default_rng(seed)
    atoms: list[Atom] = list(itertools.product(MONTHS, range(1, 5), range(1, 3)))
    before = {atom: int(random.poisson(9)) for atom in atoms}
    came = {atom: int(random.choice([0, 0, 0, 1, 6])) for atom in atoms}
    now = {atom: before[atom] + came[atom] for atom in atoms}
    fresh = np.array([came[atom] for atom in atoms], dtype=float)
    then, decided = withholding(before)[1, 2], withholding(now, before)[1, 2]
    both = []
    for span in spans():
        for cell in cells(4, 2):
            where = (cell.get(1), cell.get(2))
            target = row(atoms, span, cell)
            if decided.shows(span, where) and then.shows(span, where):
                assert not 0 < target @ fresh < MINIMUM
                both.append(target)
    assert both


def test_enough_is_shown_where_everybody_is_many() -> None:
    atoms: list[Atom] = list(itertools.product(MONTHS, (1, 2), (1, 2)))
    decided = withholding(dict.fromkeys(atoms, 50))[1, 2]

    assert all(
        decided.shows(span, (cell.get(1), cell.get(2))) for span in spans() for cell in cells(2, 2)
    )
