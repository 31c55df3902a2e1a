"""Every link within the documentation leads somewhere, down to the heading."""

import re

import pytest

from tests.docs.pages import PAGES, name

LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page):
    """Return the fragments by which headings of a page are reached."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_resolves(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, fragment = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{name(page)} links to {target}"
        if fragment:
            assert fragment in anchors(found), f"{name(page)} links to {target}"


def test_every_page_can_be_reached_from_the_readme():
    readme = next(page for page in PAGES if page.name == "README.md" and "docs" not in page.parts)
    seen, waiting = set(), [readme]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        targets = (target.partition("#")[0] for target in LINK.findall(page.read_text()))
        waiting += [(page.parent / t).resolve() for t in targets if t and "://" not in t]
    assert sorted(name(page) for page in PAGES if page not in seen) == []
