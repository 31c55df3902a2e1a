"""The words of a page: those its version was published with, else those the product ships."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from promontory.program.answering.rules.looks import Sheet
from promontory.program.answering.rules.paper import Paper


def sheet(paper: Paper, language: str) -> Sheet:
    """Return the words of a paper in one language; what that lacks is said in English."""
    own = paper.texts.get(language) or {}
    return _sheet(language, own)


def plain_sheet(language: str) -> Sheet:
    """Return the words for a page that belongs to no survey."""
    return _sheet(language, {})


def _sheet(language: str, own: Mapping[str, str]) -> Sheet:
    shipped = _shipped(language)
    texts = {**_shipped("en").get("texts", {}), **shipped.get("texts", {}), **own}
    return Sheet(
        language=language,
        direction=shipped.get("direction", "ltr"),
        own_name=shipped.get("own_name", language),
        texts=texts,
    )


@lru_cache(maxsize=100)
def _shipped(language: str) -> Mapping[str, Any]:
    folder = files("promontory.program.surveys") / "texts"
    for name in (language, language.split("-")[0]):
        found = folder / f"{name}.toml"
        if name.replace("-", "").isalnum() and found.is_file():
            return tomllib.loads(found.read_text(encoding="utf-8"))
    return {}
