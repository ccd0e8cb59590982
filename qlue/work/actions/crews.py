"""Verbs on crews: keep one with its people and shifts, note a leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time

from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.reading import crew_of
from qlue.people.rights import may
from qlue.reports.actions import Refused
from qlue.work.models import Crew, CrewMember, Leave, Shift

ShiftTimes = tuple[int, time, time]  # weekday from Monday = 0, from, to


@dataclass(frozen=True)
class Wanted:
    """A crew as somebody wants it; `skills` are category slugs, `people` accounts."""

    name: str
    skills: Sequence[str]
    lon: float
    lat: float
    capacity: int
    people: Sequence[int]
    shifts: Sequence[ShiftTimes]
    active: bool = True


def save_crew(*, city: CityFacts, by: Membership, agency: int, wanted: Wanted, number: int | None = None) -> Crew:
    """Makes a crew, or changes the one with this number. Raises `Refused`."""
    if not may(by, "lead_crews", agency):
        raise Refused(_("You may not lead crews of this agency."))
    with transaction.atomic():
        crew = _crew(city, agency, number)
        if Crew.objects.filter(city_id=city.id, agency_id=agency, name=wanted.name).exclude(id=crew.id).exists():
            raise Refused(_("The agency already has a crew of this name."), "name")
        _check_people(city, crew, agency, wanted.people)
        crew.name, crew.skills, crew.capacity = wanted.name, list(wanted.skills), wanted.capacity
        crew.lon, crew.lat, crew.active = wanted.lon, wanted.lat, wanted.active
        crew.save()
        CrewMember.objects.filter(city_id=city.id, crew=crew).exclude(user_id__in=wanted.people).delete()
        known = set(CrewMember.objects.filter(city_id=city.id, crew=crew).values_list("user_id", flat=True))
        new = [user for user in wanted.people if user not in known]
        CrewMember.objects.bulk_create(CrewMember(city_id=city.id, crew=crew, user_id=user) for user in new)
        _save_shifts(city, crew, wanted.shifts)
    return crew


def _crew(city: CityFacts, agency: int, number: int | None) -> Crew:
    if number is None:
        return Crew(city_id=city.id, agency_id=agency)
    found = Crew.objects.select_for_update().filter(city_id=city.id, agency_id=agency, id=number).first()
    if found is None:
        raise Refused(_("There is no such crew."))
    return found


def _check_people(city: CityFacts, crew: Crew, agency: int, people: Sequence[int]) -> None:
    if not set(people) <= {one.user_id for one in crew_of(city.id, agency)}:
        raise Refused(_("Choose people who work for this agency."), "people")
    taken = CrewMember.objects.filter(city_id=city.id, user_id__in=people).exclude(crew_id=crew.id or 0)
    if taken.exists():
        raise Refused(_("Somebody of these is already in another crew."), "people")


def _save_shifts(city: CityFacts, crew: Crew, shifts: Iterable[ShiftTimes]) -> None:
    """Nothing points to a shift, so the old ones go."""
    Shift.objects.filter(city_id=city.id, crew=crew).delete()
    Shift.objects.bulk_create(
        Shift(city_id=city.id, crew=crew, weekday=day, starts=starts, ends=ends) for day, starts, ends in set(shifts)
    )


def note_leave(*, city: CityFacts, by: Membership, user: int, first: date, last: date, kind: str) -> Leave:
    """Days on which a person is not on duty; the same twice is one. Raises `Refused`."""
    who = Membership.objects.filter(city_id=city.id, user_id=user, active=True).first()
    if who is None or who.agency_id is None or not may(by, "lead_crews", who.agency_id):
        raise Refused(_("Choose somebody who works for this agency."), "person")
    if last < first:
        raise Refused(_("The last day lies before the first."), "last")
    with transaction.atomic():
        Membership.objects.select_for_update().get(pk=who.pk)
        return Leave.objects.get_or_create(city_id=city.id, user_id=user, first=first, last=last, kind=kind)[0]


def drop_leave(*, city: CityFacts, by: Membership, number: int) -> None:
    """Takes a leave back. Raises `Refused`."""
    found = Leave.objects.filter(city_id=city.id, id=number).first()
    who = Membership.objects.filter(city_id=city.id, user_id=found.user_id if found else 0).first()
    if found is None or who is None or not may(by, "lead_crews", who.agency_id):
        raise Refused(_("There is no such leave."))
    found.delete()
