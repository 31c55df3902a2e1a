"""The style page: who sees it, and that nothing on it needs what the content policy forbids."""

from __future__ import annotations

import re

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from promontory.charts import Figure
from promontory.program.organization import actions
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(client: Client) -> User:
    """Anna, an administrator, signed in."""
    person = actions.begin(
        organization="Northwind",
        zone="Europe/Berlin",
        name="Anna",
        email="anna@example.org",
        password="a long enough sentence",
        by=SYSTEM,
        at=timezone.now(),
    )
    client.force_login(person)
    return person


def draw(source: str, **context: object) -> str:
    from django_cotton.compiler_regex import CottonCompiler

    return Template(CottonCompiler().process(source)).render(Context(context))


def test_an_administrator_sees_every_part(client: Client, anna: User) -> None:
    page = client.get("/style")
    assert page.status_code == 200
    text = page.content.decode()
    assert text.count('<figure class="card chart"') == 10
    assert text.count('role="img"') == 5 + 9 * 2  # strips of shown figures, charts in two sizes


def test_who_is_not_signed_in_is_led_to_the_door(client: Client) -> None:
    assert client.get("/style")["Location"] == "/sign-in?next=/style"


def test_others_are_told_that_they_may_not(client: Client, anna: User) -> None:
    anna.memberships.all().delete()
    page = client.get("/style")
    assert page.status_code == 403
    assert "Your role does not include" in page.content.decode()


def test_pages_carry_a_strict_content_policy(client: Client, anna: User) -> None:
    policy = client.get("/style")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_nothing_on_the_page_is_inline_or_from_elsewhere(client: Client, anna: User) -> None:
    text = client.get("/style").content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    addresses = re.findall(r'\b(?:src|href)="([^"]+)"', text)
    assert addresses
    assert all(address.startswith(("/", "#", "?")) for address in addresses)


def test_ids_on_the_page_are_unique(client: Client, anna: User) -> None:
    ids = re.findall(r'\sid="([^"]+)"', client.get("/style").content.decode())
    assert sorted(ids) == sorted(set(ids))


def test_the_panel_comes_alone(client: Client, anna: User) -> None:
    text = client.get("/style/panel").content.decode()
    assert "<html" not in text
    assert text.count("<h2>") == 1


def test_a_card_of_a_withheld_figure_says_why_and_nothing_else() -> None:
    figure = Figure.withheld("Fewer than 5 people answered.")
    card = draw('<c-score-card label="Islands" :figure="figure" />', figure=figure)
    assert "Fewer than 5 people answered." in card
    assert "<svg" not in card
    assert "respondent" not in card


def test_a_card_always_has_interval_and_base() -> None:
    card = draw('<c-score-card label="All" :figure="f" />', f=Figure(31.6, 28.9, 34.2, 4812))
    assert "between +28.9 and +34.2" in card
    assert "4,812 respondents" in card
    assert "<svg" in card


def test_words_from_people_are_escaped_in_every_component() -> None:
    nasty = '"><script>alert(1)</script>'
    source = """
    <c-page-head title="{{ w }}" sentence="{{ w }}" period="{{ w }}" />
    <c-score-card label="{{ w }}" :figure="f" change="{{ w }}" />
    <c-data-table caption="{{ w }}" /><c-empty-state title="{{ w }}" href="/" action="{{ w }}" />
    <c-progress label="{{ w }}" text="{{ w }}" value="3" /><c-pager range="{{ w }}" />
    <c-badge kind="ok">{{ w }}</c-badge><c-notice remedy="{{ w }}">{{ w }}</c-notice>
    <c-select name="a" label="{{ w }}" :options="options" /><c-side-panel title="{{ w }}" />
    <c-facts :facts="options" />
    """
    drawn = draw(source, w=nasty, f=Figure(1.0, 0.0, 2.0, 9), options=[(nasty, nasty)])
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "&amp;lt;" not in drawn
