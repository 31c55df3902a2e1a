"""Slices: by what answers can be grouped and filtered, and what each code is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from promontory.errors import BadInput, Place
from promontory.program.customers import queries as customers
from promontory.program.customers.models import LANGUAGE, DimensionValue
from promontory.program.organization.access import Viewer
from promontory.program.organization.models import OrgUnit
from promontory.program.scores.rules.gate import Sight
from promontory.program.surveys.codes import CHANNEL_LABELS, CHANNELS
from promontory.warehouse.manifest import Manifest

MISSING = "Not known"


@dataclass(frozen=True, slots=True)
class Slice:
    """One attribute of answers: `column` is its column in the warehouse, `id` its dimension's."""

    key: str
    label: str
    column: str
    declared: bool
    id: int | None = None


class Slices(Mapping[str, Slice]):
    """The slices one viewer may use; labels are fetched once, when first asked for."""

    def __init__(self, slices: Sequence[Slice], units: frozenset[int] | None) -> None:
        self._slices = {one.key: one for one in slices}
        self._units = units
        self._labels: dict[str, dict[int, str]] = {}

    def __getitem__(self, key: str) -> Slice:
        try:
            return self._slices[key]
        except KeyError:
            raise BadInput(
                f"There is no attribute “{key}” to slice by.",
                remedy=f"Known: {', '.join(self._slices) or 'none yet'}.",
                place=Place(field="by"),
            ) from None

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._slices)

    def __len__(self) -> int:
        return len(self._slices)

    def __contains__(self, key: object) -> bool:
        return key in self._slices

    def labels(self, key: str) -> dict[int, str]:
        """Return what each code of the slice is called; 0 is what is not known."""
        if key not in self._labels:
            self._labels[key] = {0: MISSING} | self._fetched(self[key])
        return self._labels[key]

    def label(self, key: str, code: int) -> str:
        """Return what one code is called."""
        return self.labels(key).get(code, f"{self[key].label} {code}")

    def load(self, keys: Sequence[str]) -> None:
        """Fetch the labels of several attributes with one query."""
        wanted = {
            self[key].id: key
            for key in keys
            if key not in self._labels and self[key].id is not None
        }
        found: dict[str, dict[int, str]] = {key: {0: MISSING} for key in wanted.values()}
        rows = DimensionValue.objects.filter(dimension__in=list(wanted)) if wanted else ()
        for row in rows:
            found[wanted[row.dimension_id]][row.code] = row.label
        self._labels |= found

    def _fetched(self, one: Slice) -> dict[int, str]:
        if one.column == "channel":
            return {CHANNELS[key]: label for key, label in CHANNEL_LABELS.items()}
        if one.column == "language":
            return customers.language_labels()
        if one.column == "unit":
            units = OrgUnit.objects.all()
            if self._units is not None:
                units = units.filter(pk__in=self._units)
            return dict(units.values_list("pk", "name"))
        values = DimensionValue.objects.filter(dimension=one.id)
        return dict(values.values_list("code", "label"))


BUILT_IN = (
    Slice("unit", "Unit", "unit", True),
    Slice("channel", "Channel", "channel", True),
    Slice("language", "Language", "language", True),
)


def slices(viewer: Viewer, sight: Sight, manifest: Manifest) -> Slices:
    """Return the attributes that any answer has and this viewer may slice by."""
    own = [
        Slice(one.key, one.label, one.column, one.is_declared, one.pk)
        for one in customers.dimensions()
        if one.key != LANGUAGE
    ]
    used = [one for one in (*own, *BUILT_IN) if manifest.bound(one.column) != (0, 0)]
    return Slices([one for one in used if one.declared or not sight.gated], viewer.units)


@dataclass(frozen=True, slots=True)
class Choice:
    """One attribute with its values, as a form offers them."""

    slice: Slice
    values: tuple[tuple[int, str], ...] = field(default=())
