"""Levels and values as people read them, on pages and in the text of a case."""

from django.utils.translation import gettext as _

from qlue.things.profiles.definitions import Field
from qlue.web.formats import number_text


def level_label(level: int, count: int) -> str:
    """`Siaga 2` where the rule has several thresholds (`count`), else just `Alarm`."""
    return _("Siaga %(level)d") % {"level": level} if count > 1 else _("Alarm")


def measurement_label(field: Field, value: float) -> str:
    """`Water level 252 cm`."""
    return f"{field.label} {value_label(field, value)}"


def value_label(field: Field, value: float) -> str:
    """`252 cm`."""
    return f"{number_text(value, field.decimals)} {field.unit}".strip()
