"""A city's own colour: on its pages, and never one that cannot be read."""

import itertools
import re

import pytest
from django.test import Client

from qlue.kit.colour import READABLE, WHITE, contrast, shades
from qlue.web.presentation.theme import DEFAULT_COLOUR, NIGHT_BACKGROUND, theme_colour


def test_contrast_is_that_of_the_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#0b4f8a", "#0b4f8a") == 1


def test_all_shades_of_every_readable_colour_can_be_read():
    parts = ("00", "33", "66", "99", "cc", "ff")
    for colour in ("#" + "".join(three) for three in itertools.product(parts, repeat=3)):
        if contrast(colour, WHITE) < READABLE:
            continue
        made = shades(colour, NIGHT_BACKGROUND)
        assert contrast(made.strong, made.tint) >= READABLE, colour
        assert contrast(made.deep, WHITE) >= READABLE, colour
        assert contrast(made.light, NIGHT_BACKGROUND) >= READABLE, colour


@pytest.mark.parametrize("look", [None, {}, {"colour": "#ffff00"}, {"colour": "url(x)"}, {"colour": "#12"}])
def test_what_cannot_be_read_is_our_own_blue(look):
    assert theme_colour(look) == DEFAULT_COLOUR


def test_pages_of_a_city_link_its_colour_and_others_do_not(db):
    client = Client(HTTP_ACCEPT_LANGUAGE="id")
    page = client.get("/makassar/laporan/").content.decode()
    link = re.search(r'href="(/rupa/[0-9a-f]{6}\.css)"', page)
    assert link
    answer = client.get(link[1])
    assert answer["Content-Type"].startswith("text/css")
    assert "immutable" in answer["Cache-Control"]
    assert f"--city-brand:#{link[1][6:12]};" in answer.content.decode()
    assert "/rupa/" not in client.get("/").content.decode()


@pytest.mark.parametrize("wrong", ["ffff00", "12", "0B4F8A", "0b4f8g", "ffffff0"])
def test_an_unreadable_colour_has_no_stylesheet(db, wrong):
    assert Client().get(f"/rupa/{wrong}.css").status_code == 404
