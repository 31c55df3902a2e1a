"""Encodings: proved where they can be, told where they are taken, mixed ones mended by line."""

import pytest

from promontory import tables
from promontory.errors import BadInput

TEXT = "score,comment\n9,très bien\n3,la qualité déjà baissée\n"


def comments(data, **options):
    table = tables.open(data, **options)
    found = [c for batch in table.batches() for c in batch.column("comment").to_pylist()]
    return found, table


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252",
                 "latin-1", "cp850"],
)  # fmt: skip
def test_every_encoding_gives_the_same_text(encoding):
    found, _ = comments(TEXT.encode(encoding))
    assert found == ["très bien", "la qualité déjà baissée"]


def test_what_was_taken_is_said():
    _, table = comments(TEXT.encode("cp1252"))
    assert table.encoding == "cp1252"
    assert table.notes == [
        "Read as cp1252 (not UTF-8; accents are where western Windows puts them)."
    ]


def test_dos_accents_among_windows_ones_are_both_read():
    lines = [b"score,comment\n"] + [
        "9,très bien, général\n".replace(", g", " g").encode("cp1252")
    ] * 20
    lines += ["3,déjà échangé\n".encode("cp850")]
    found, table = comments(b"".join(lines))
    assert found[0] == "très bien général"
    assert found[-1] == "déjà échangé"
    assert "1 lines hold accents in DOS encoding (cp850) among Windows ones" in table.notes[-1]


def test_a_typographic_apostrophe_is_not_taken_for_dos():
    found, _ = comments("score,comment\n9,l’été à l’œuvre – « oui »\n".encode("cp1252"))
    assert found == ["l’été à l’œuvre – « oui »"]


def test_one_foreign_line_in_a_utf8_file_is_mended_and_counted():
    good = "9,très bien\n".encode() * 60_000
    found, table = comments(b"score,comment\n" + good + "3,déçu\n".encode("cp1252") + good)
    assert found[60_000] == "déçu"
    assert found[0] == found[-1] == "très bien"
    assert table.encoding in ("utf-8", "cp1252")


def test_cyrillic_is_not_read_as_western():
    text = "score,comment\n9,Очень хороший магазин и приятные сотрудники\n" * 20
    found, table = comments(text.encode("cp1251"))
    assert found[0] == "Очень хороший магазин и приятные сотрудники"
    assert table.encoding == "cp1251"


def test_a_declared_encoding_is_believed_and_an_unknown_one_refused():
    found, _ = comments("score,comment\n9,é\n".encode("cp850"), encoding="cp850")
    assert found == ["é"]
    with pytest.raises(BadInput, match="“klingon” is not an encoding"):
        tables.open(b"a,b\n", encoding="klingon")
