"""What the components put on a page: escaped, tied together, with words beside every colour."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

CITY = SimpleNamespace(slug="makassar", name="Makassar", tz=ZoneInfo("Asia/Makassar"))
NASTY = "<script>alert(1)</script>\"'"
AT = datetime(2026, 1, 14, 1, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def render(source: str, **values: Any) -> str:
    request = RequestFactory().get("/makassar/laporan/?status=red&halaman=2")
    return Template("{% load ui %}" + source).render(Context({"city": CITY, "request": request} | values))


class Form(forms.Form):
    words = forms.CharField(label="Words", help_text="What happened?", widget=forms.Textarea)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "Waste/bins"), ("b", "Road")], widget=forms.RadioSelect)
    email = forms.EmailField(label="E-mail", required=False)


@pytest.mark.parametrize(
    "source",
    [
        '{% status_badge "red" nasty %}',
        "{% icon nasty label=nasty %}",
        '{% empty "inbox" nasty nasty "/" nasty %}',
        "{% tile nasty nasty note=nasty %}",
        '{% crumbs nasty "/" nasty %}',
        "{% bars rows label=nasty %}",
        "{% series_chart days lines label=nasty %}",
        '{% photo "/a.jpg" alt=nasty %}',
        '{% include "web/components/moment.html" with moment=moment %}',
        '{% include "web/components/case_card.html" with case=case %}',
        "{% field form.words label=nasty help=nasty %}",
        "{% turn previous=nasty words=nasty %}",
    ],
)
def test_words_of_people_never_become_html(source):
    values = {
        "rows": [{"label": NASTY, "value": 3, "note": NASTY}],
        "days": [date(2026, 1, 14)],
        "lines": [{"name": NASTY, "colour": "red", "values": [1]}],
        "form": Form(),
        "moment": {"words": NASTY, "at": AT, "who": NASTY, "text": NASTY},
        "case": {"url": "/", "title": NASTY, "words": NASTY, "area_name": NASTY, "created_at": AT},
    }
    html = render(source, nasty=NASTY, **values)
    assert "<script" not in html
    assert "alert(1)" in html


def test_a_state_is_word_icon_and_colour():
    html = render('{% status_badge "yellow" "In progress" %}')
    assert "status-yellow" in html
    assert "#progress" in html
    assert "In progress" in html


def test_no_component_writes_inline_style_or_script():
    rows = [{"label": "a", "value": 2, "parts": [{"colour": "red", "value": 2, "word": "Waiting"}]}]
    lines = [{"name": "New", "colour": "blue", "values": [1, None]}]
    html = render(
        '{% bars rows %}{% series_chart days lines columns=True %}{% spark values %}{% tile "a" 1 %}',
        rows=rows,
        days=[date(2026, 1, 1), date(2026, 1, 2)],
        lines=lines,
        values=[1, 2, 3],
    )
    assert "style=" not in html
    assert "onclick" not in html


def test_a_wrong_field_says_so_beside_itself_and_to_screen_readers():
    form = Form({"words": "", "kind": "a", "email": "nobody"})
    form.is_valid()
    html = render("{% field form.words %}{% field form.email %}", form=form)
    assert 'aria-describedby="id_words_help id_words_error"' in html
    assert html.count('aria-invalid="true"') == 2
    assert 'id="id_email_error"' in html
    assert 'value="nobody"' in html


def test_the_summary_links_to_each_wrong_field():
    form = Form({"email": "nobody"})
    form.is_valid()
    html = render("{% errors form %}", form=form)
    assert 'href="#id_words"' in html
    assert 'href="#id_kind_0"' in html
    assert 'role="alert"' in html
    assert render("{% errors form %}", form=Form()).strip() == ""


def test_optional_fields_say_so_and_required_ones_do_not():
    assert "(optional)" in render("{% field form.email %}", form=Form())
    assert "(optional)" not in render("{% field form.words %}", form=Form())
    assert "(optional)" not in render("{% field form.email optional=False %}", form=Form())


def test_cards_keep_the_choice_and_break_long_words():
    html = render("{% pick form.kind icons %}", form=Form({"kind": "b"}), icons={"a": "trash"})
    assert "Waste/<wbr>bins" in html
    assert 'value="b" id="id_kind_1" checked' in " ".join(html.split())
    assert "#trash" in html


def test_pages_keep_the_filters():
    html = render("{% pagination page %}", page=Paginator(range(100), 10).page(2))
    assert 'href="?status=red&amp;halaman=3"' in html
    assert 'aria-current="page">2<' in html
    assert render("{% pagination page %}", page=Paginator(range(3), 10).page(1)).strip() == ""


def test_moments_stand_in_the_citys_zone():
    assert "09:15 WITA" in render('{% when at "full" %}', at=AT)
    assert "–" in render("{% when at %}", at=None)
    with translation.override("id"):
        assert "Rab, 14 Jan 2026, 09.15 WITA" in render('{% when at "full" %}', at=AT)


@pytest.mark.parametrize(
    ("left", "kind", "words"),
    [
        (timedelta(days=3, minutes=1), "due-left", "3 days left"),
        (timedelta(hours=2, seconds=5), "due-soon", "2 hours left"),
        (-timedelta(hours=5, seconds=1), "due-late", "5 hours overdue"),
    ],
)
def test_the_promise_tells_what_is_left(left, kind, words):
    html = render("{% due at %}", at=timezone.now() + left)
    assert kind in html
    assert words in html


def test_a_kept_promise_is_green_and_a_broken_one_says_by_how_much():
    assert "due-kept" in render("{% due at done %}", at=AT, done=AT - timedelta(minutes=1))
    assert "2 hours late" in render("{% due at done %}", at=AT, done=AT + timedelta(hours=2))


def test_the_longest_bar_fills_the_track_and_nothing_divides_by_zero():
    html = render("{% bars rows %}", rows=[{"label": "a", "value": 40}, {"label": "b", "value": 10}])
    assert 'width="100.00%"' in html
    assert 'width="25.00%"' in html
    assert "NaN" not in render("{% bars rows %}", rows=[{"label": "a", "value": 0}])
    assert "Nothing to count" in render("{% bars rows %}", rows=[])


def test_a_chart_has_a_table_with_the_same_numbers():
    lines = [{"name": "New", "colour": "blue", "values": [1200, 7]}]
    html = render(
        '{% series_chart days lines label="New per day" %}', days=[date(2026, 1, 1), date(2026, 1, 2)], lines=lines
    )
    assert "<table" in html
    assert '<td class="num">1,200</td>' in html
    assert 'aria-label="New per day"' in html
