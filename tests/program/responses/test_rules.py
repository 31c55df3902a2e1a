"""The pure rules: one canonical text, covered personal data, a mapping that is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.charts.cells import harmless
from promontory.errors import BadInput
from promontory.program.ledger.rules import canonical
from promontory.program.ledger.vault import Sealer, commitment, open_bytes
from promontory.program.responses.rules.kept import kept, kept_text
from promontory.program.responses.rules.mapping import Mapping
from promontory.program.responses.rules.privacy import masked

NUMBERS = st.integers(0, 2**62)


@given(
    st.lists(NUMBERS, min_size=9, max_size=9),
    st.lists(st.tuples(st.integers(0, 9), st.integers(-1, 10)), max_size=3),
)
def test_the_fast_text_is_the_canonical_one(n: list[int], answers: list[tuple[int, int]]) -> None:
    fast = kept_text(n[0], n[1], n[2], answers, n[3], n[4], n[5], n[6], n[7], n[8], 4, '{"12":3}')
    slow = kept(
        response=n[0], survey=n[1], version=n[2], answers=answers, day=n[3], channel=n[4],
        language=n[5], unit=n[6], weight=n[7], person=n[8], account=4, stratum={"12": 3},
    )  # fmt: skip
    assert fast == canonical(slow)


@given(st.binary(max_size=300), st.binary(min_size=32, max_size=32))
def test_a_sealer_does_what_the_vault_does(plain: bytes, key: bytes) -> None:
    sealer = Sealer(key)
    assert sealer.commitment(plain) == commitment(key, plain)
    assert open_bytes(key, sealer.seal(plain, b"here", b"n" * 12), b"here") == plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write to a.b@example.org!", "write to [mail]!"),
        ("card 4111 1111 1111 1111 was charged", "card [card] was charged"),
        ("DE89 3704 0044 0532 0130 00", "[account]"),
        ("call +49 30 901820 please", "call [phone] please"),
        ("call 030-901 8205", "call [phone]"),
        ("order 123456789 of 2026-03-01", "order 123456789 of 2026-03-01"),
        ("I waited 45 minutes, 10/10", "I waited 45 minutes, 10/10"),
    ],
)
def test_personal_data_in_words_is_covered(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_becomes_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ([{"name": "x", "role": "answer", "metric": "nps"}], "no column “x”"),
        ([{"name": "s", "role": "comment"}], "No column is an answer"),
        ([{"name": "s", "role": "answer", "metric": "nps"}], "No column says when"),
        ([{"name": "s", "role": "score"}], "not something a column can be"),
        ([{"name": "s", "role": "answer", "metric": "nps", "scale": "1-10"}], "on 0–10, not on"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_in_words(
    columns: list[dict[str, str]], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        Mapping.from_json({"columns": columns}).check(["s", "t"])


def test_a_mapping_survives_its_json() -> None:
    said = {
        "columns": [
            {"name": "s", "role": "answer", "metric": "nps", "scale": "0-10", "question": "r"},
            {"name": "t", "role": "attribute", "dimension": "t", "label": "T", "declared": True},
        ],
        "zone": "Europe/Paris", "order": "dmy", "numbers": None, "fold": "ask",
        "fixed_day": "2026-03-01", "partial": "all", "sheet": "",
    }  # fmt: skip
    assert Mapping.from_json(said).to_json() == said
