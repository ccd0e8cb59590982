"""Numbers of scorecards in words."""

from django import template

from qlue.web import formats

register = template.Library()


@register.filter
def hours(value: float | None) -> str:
    """Hours as `2 hari 3 jam`."""
    return "–" if value is None else formats.span(3600 * value)


@register.filter
def percents(value: float | None) -> str:
    """A share from 0 to 1 as `60%`."""
    return "–" if value is None else formats.percent_text(round(1000 * value), 1000)
