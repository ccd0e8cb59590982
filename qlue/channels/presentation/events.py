"""Events of emergencies in sentences for staff; registered with the reports' history while Qlue starts."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qlue.cities.facts import CityFacts

Say = Callable[[CityFacts, Mapping[str, Any]], str]


def _plain(msgid: str) -> Say:
    return lambda _city, _data: _(msgid)


SENTENCES: dict[str, Say] = {
    "alert.raised": _plain(gettext_noop("Marked as an emergency: those on duty were called")),
    "alert.climbed": _plain(gettext_noop("Nobody had taken the emergency: the next step was called")),
    "alert.taken": _plain(gettext_noop("Somebody sees to the emergency")),
}
ICONS = {"alert.raised": "alert-triangle", "alert.climbed": "stairs-up", "alert.taken": "user-check"}
INSIDE = set(SENTENCES)
