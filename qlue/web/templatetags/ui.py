"""`{% load ui %}`: the components of every page. Shown with examples in docs/design.md."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from qlue.kit.parts import install_command, installed
from qlue.web import formats
from qlue.web.presentation import charts, fields
from qlue.web.presentation.assets import asset_url, island_urls
from qlue.web.presentation.script_messages import script_messages
from qlue.web.presentation.theme import theme_url

register = template.Library()
register.simple_tag(asset_url, name="asset")
register.inclusion_tag("web/components/bars.html", name="bars")(charts.bars)
register.inclusion_tag("web/components/series.html", name="series_chart")(charts.daily_series)
register.inclusion_tag("web/components/spark.html", name="spark")(charts.spark)
register.simple_tag(theme_url)
register.simple_tag(formats.percent_text, name="percent")
register.filter("number", formats.number_text)
register.filter("span", formats.span)

STATUS_ICONS = {"red": "clock", "yellow": "progress", "green": "circle-check", "grey": "circle-minus"}


@register.simple_tag
def icon(name: str, label: str = "", size: str = "", extra: str = "") -> SafeString:
    """An icon of the sprite; `label` only where no word stands beside it. Sizes: sm, lg, xl."""
    classes = " ".join(filter(None, ("icon", f"icon-{size}" if size else "", extra)))
    url = f"{asset_url('sprite.svg')}#{name}"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, url)
    return format_html('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"/></svg>', classes, url)


@register.inclusion_tag("web/components/missing_part.html")
def missing_part(part: str, words: str) -> dict[str, str]:
    """A note that a part (`kit.parts`) is not installed, and how to add it; else nothing. `words`: what lacks."""
    return {} if installed(part) else {"words": words, "command": install_command(part)}


@register.simple_tag
def island(name: str) -> SafeString:
    """`modulepreload` links for an island that this page certainly needs; put it in `{% block head %}`."""
    links = ((url,) for url in island_urls(name))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)


@register.simple_tag
def script_words_json() -> SafeString:
    """The words that scripts say, as inert JSON."""
    return script_messages()


@register.simple_tag
def status_badge(colour: str, word: str, sign: str = "", size: str = "") -> SafeString:
    """Word, icon and colour of a state. Colours: red, yellow, green, grey, blue."""
    # Never colour alone: one man in twelve cannot tell red from green.
    picture = icon(sign or STATUS_ICONS.get(colour, "info-circle"))
    classes = f"status status-{colour}" + (f" status-{size}" if size else "")
    return format_html('<span class="{}">{}<span>{}</span></span>', classes, picture, word)


@register.simple_tag(takes_context=True)
def when(context: Context, at: date | datetime | None, style: str = "ago") -> SafeString:
    """A moment in the city's zone. Styles: ago, full, day, time, short (day and month)."""
    if at is None:
        return SafeString("–")
    # The whole moment stands in the title: "2 hours ago" alone is useless on a printed page.
    zone = zone_of(context)
    whole = formats.full(at, zone) if isinstance(at, datetime) else formats.day(at, zone)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), whole, _moment_text(at, zone, style))


def _moment_text(at: date | datetime, zone: tzinfo, style: str) -> str:
    if style == "short":
        return formats.short_day(at, zone)
    if style == "day" or not isinstance(at, datetime):
        return formats.day(at, zone)
    return {"full": formats.full, "time": formats.clock_time}.get(style, formats.ago)(at, zone)


@register.simple_tag(takes_context=True)
def due(context: Context, at: datetime | None, done_at: datetime | None = None) -> SafeString:
    """The promise: how long is left, how late it is, or whether it was kept (when `done_at` is given)."""
    if at is None:
        return SafeString("")
    now = done_at or timezone.now()
    kind, sign, words = _deadline_words(at, now, bool(done_at))
    title = formats.full(at, zone_of(context))
    return format_html('<span class="due due-{}" title="{}">{}<span>{}</span></span>', kind, title, icon(sign), words)


def _deadline_words(at: datetime, now: datetime, is_done: bool) -> tuple[str, str, str]:
    left = (at - now).total_seconds()
    words = {"span": formats.span(abs(left))}
    if is_done:
        return ("kept", "circle-check", _("in time")) if left >= 0 else ("late", "alarm", _("%(span)s late") % words)
    if left < 0:
        return "late", "alarm", _("%(span)s overdue") % words
    return ("soon" if left < formats.DAY else "left"), "clock", _("%(span)s left") % words


def zone_of(context: Context) -> tzinfo:
    """The zone of `city` in the context, else Django's current one."""
    city = context.get("city")
    return getattr(city, "tz", None) or timezone.get_current_timezone()


@register.simple_tag
def number_of(value: formats.Number | None, places: int = 0, unit: str = "") -> SafeString:
    """A number with its unit in small."""
    if not unit:
        return format_html("{}", formats.number_text(value, places))
    return format_html('{}<small class="unit"> {}</small>', formats.number_text(value, places), unit)


@register.simple_tag
def field(bound: BoundField, label: str = "", help: str = "", optional: bool = True) -> SafeString:
    """Label, help, control and error of one form field, tied together for screen readers."""
    return fields.render_field(bound, label=label, help_text=help, marks_optional=optional)


@register.simple_tag
def pick(bound: BoundField, icons: Mapping[str, str] | None = None) -> SafeString:
    """Radio buttons as cards with icons: `icons` maps a choice's value (as text) to an icon name."""
    return fields.render_cards(bound, icons or {}, icon)


@register.inclusion_tag("web/components/errors.html")
def errors(form: BaseForm) -> dict[str, object]:
    """Summary of what is wrong in a form, with links to the fields; nothing when all is well."""
    return {"problems": fields.form_problems(form)}


@register.inclusion_tag("web/components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any], name: str = "halaman") -> dict[str, object]:
    """Numbered pages; keeps the other parameters of the address."""
    query = context["request"].GET.copy()
    query.pop(name, None)  # a second click must not add a second page number
    query_string = query.urlencode()
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page": page, "numbers": list(numbers), "base": f"?{query_string}&{name}=" if query_string else f"?{name}="}


@register.inclusion_tag("web/components/turn.html", name="turn")
def newer_and_older(previous: str = "", next: str = "", words: str = "") -> dict[str, object]:
    """Newer/older links for long lists that are not counted; `words` between them."""
    return {"previous": previous, "next": next, "words": words}


@register.inclusion_tag("web/components/crumbs.html")
def crumbs(*pairs: str) -> dict[str, object]:
    """`{% crumbs word url word url word %}`: the way back; the last one is this page."""
    steps = [{"word": pairs[i], "url": pairs[i + 1] if i + 1 < len(pairs) else ""} for i in range(0, len(pairs), 2)]
    return {"steps": steps}


@register.inclusion_tag("web/components/empty.html")
def empty(sign: str, title: str, text: str = "", url: str = "", word: str = "") -> dict[str, object]:
    """What to show instead of an empty list: why it is empty and what one can do."""
    return {"sign": sign, "title": title, "text": text, "url": url, "word": word}


@register.inclusion_tag("web/components/photo.html")
def photo(
    url: str, large: str = "", alt: str = "", width: int = 0, height: int = 0, sign: str = ""
) -> dict[str, object]:
    """A photograph; with `large` it links to the big one. Without `url`: a quiet placeholder with the icon `sign`."""
    return {"sign": sign, "url": url, "large": large, "alt": alt, "width": width, "height": height}


@register.inclusion_tag("web/components/tile.html")
def tile(label: str, value: Any, url: str = "", colour: str = "", sign: str = "", note: str = "") -> dict[str, object]:
    """One number of the dashboard; `value` a number (formatted here) or finished text."""
    # None is a number that is not known: an en dash, not an empty tile.
    text = formats.number_text(value) if isinstance(value, int) or value is None else value
    return {"label": label, "value": text, "url": url, "colour": colour, "sign": sign, "note": note}


@register.simple_tag(takes_context=True)
def language_url(context: Context, code: str) -> str:
    """Address that switches the language and comes back to this page."""
    request: HttpRequest | None = context.get("request")
    # QueryDict quotes the address to come back to, which has a query of its own.
    query = QueryDict(mutable=True)
    query["language"], query["next"] = code, request.get_full_path() if request else "/"
    return f"{reverse('set_language')}?{query.urlencode()}"


@register.simple_tag
def language_name(code: str) -> str:
    return {"id": "Bahasa Indonesia", "en": "English"}.get(code, code)


@register.simple_tag
def wait_words(seconds: int) -> str:
    return _("Please wait %(span)s, then try again.") % {"span": formats.span(max(seconds, formats.MINUTE))}
