"""Alarms in words."""

from django.utils.translation import gettext as _

from qlue.things.shapes import Field
from qlue.web.formats import number


def level_word(level: int, steps: int) -> str:
    """`Siaga 2` where a place has several levels, else just `Alarm`."""
    return _("Siaga %(level)d") % {"level": level} if steps > 1 else _("Alarm")


def measured_words(field: Field, value: float) -> str:
    """`Water level 252 cm`."""
    return f"{field.label} {amount(field, value)}"


def amount(field: Field, value: float) -> str:
    """`252 cm`."""
    return f"{number(value, field.decimals)} {field.unit}".strip()
