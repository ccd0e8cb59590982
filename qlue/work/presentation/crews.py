"""Crews, their week and their leaves, as pages write them."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.work.models import Shift
from qlue.work.queries.crews import CrewStatus
from qlue.work.states import LeaveKind

# From 0 = Monday, as `Shift.weekday` counts.
WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
LEAVE_LABELS = {
    LeaveKind.LEAVE: gettext_lazy("Leave"),
    LeaveKind.SICK: gettext_lazy("Sick"),
    LeaveKind.TRAINING: gettext_lazy("Training"),
}


def shifts_text(shifts: Iterable[Shift], day: int) -> str:
    """The shifts of one weekday as people write them: `08:00-12:00, 13:00-16:00`; the form reads the same."""
    return ", ".join(f"{shift.starts:%H:%M}-{shift.ends:%H:%M}" for shift in shifts if shift.weekday == day)


def crew_card(city: CityFacts, status: CrewStatus) -> dict[str, Any]:
    """A crew with its people, its load and its week."""
    # A category that the city has given up is no skill any more.
    skills = [category.label for slug in status.crew.skills if (category := city.category(slug))]
    # Days without a shift are left out: most crews have one.
    week = [(WEEKDAYS[day], shifts_text(status.shifts, day)) for day in range(7)]
    people = [
        {"name": person.name, "leave": person.leave and LEAVE_LABELS[LeaveKind(person.leave)]}
        for person in status.people
    ]
    return {
        "url": reverse("crew", args=[city.slug, status.crew.id]),
        "name": status.crew.name,
        "people": people,
        "on_duty": status.on_duty,
        "until": status.until,
        "load": status.load,
        "capacity": status.crew.capacity,
        "skills": skills,
        "week": [{"day": day, "times": times} for day, times in week if times],
    }
