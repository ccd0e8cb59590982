"""Crews, their week and their leaves, as pages write them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.work.models import Shift
from qlue.work.queries.crews import CrewStatus
from qlue.work.records import LeaveRecord
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


@dataclass(frozen=True)
class PersonLine:
    """A person of a crew; `leave` says why the person is away today, else it is empty."""

    name: str
    leave: object


@dataclass(frozen=True)
class DayLine:
    """A day of the week with its shifts."""

    day: object
    times: str


@dataclass(frozen=True)
class CrewCard:
    """A crew as its agency's page shows it: `until` is when its shift ends, `load` the orders that it has in hand."""

    url: str
    name: str
    people: list[PersonLine]
    on_duty: bool
    until: datetime | None
    load: int
    capacity: int
    skills: list[str]
    week: list[DayLine]


@dataclass(frozen=True)
class LeaveLine:
    """A leave with its reason in words."""

    leave: LeaveRecord
    word: object


def crew_card(city: CityFacts, status: CrewStatus) -> CrewCard:
    """A crew with its people, its load and its week."""
    # Days without a shift are left out: most crews have one.
    week = [DayLine(WEEKDAYS[day], shifts_text(status.shifts, day)) for day in range(7)]
    return CrewCard(
        url=reverse("crew", args=[city.slug, status.crew.id]),
        name=status.crew.name,
        people=[PersonLine(person.name, _leave_label(person.leave)) for person in status.people],
        on_duty=status.on_duty,
        until=status.until,
        load=status.load,
        capacity=status.crew.capacity,
        # A category that the city has given up is no skill any more.
        skills=[category.label for slug in status.crew.skills if (category := city.category(slug))],
        week=[line for line in week if line.times],
    )


def leave_line(leave: LeaveRecord) -> LeaveLine:
    return LeaveLine(leave, _leave_label(leave.kind))


def _leave_label(kind: str) -> object:
    return LEAVE_LABELS[LeaveKind(kind)] if kind else ""
