"""Verbs on crews: save one with its people and shifts, add or remove a leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time

from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.queries import agency_members
from qlue.people.rights import may
from qlue.reports.actions import ActionRefused
from qlue.work.models import Crew, CrewMember, Leave, Shift

ShiftTimes = tuple[int, time, time]  # weekday from Monday = 0, from, to


@dataclass(frozen=True)
class CrewInput:
    """A crew as the form describes it; `skills` are category slugs, `people` ids of accounts, `lon`/`lat` degrees."""

    name: str
    skills: Sequence[str]
    lon: float
    lat: float
    capacity: int
    people: Sequence[int]
    shifts: Sequence[ShiftTimes]
    active: bool = True


def save_crew(
    *, city: CityFacts, actor: Membership, agency: int, crew_input: CrewInput, crew_id: int | None = None
) -> Crew:
    """Creates a crew, or changes the one with this id. Raises `ActionRefused`."""
    # The agency comes with the form, so it has to be checked here as well as in the view.
    if not may(actor, "lead_crews", agency):
        raise ActionRefused(_("You may not lead crews of this agency."))
    with transaction.atomic():
        crew = _crew_for_update(city, agency, crew_id)
        if Crew.objects.filter(city_id=city.id, agency_id=agency, name=crew_input.name).exclude(id=crew.id).exists():
            raise ActionRefused(_("The agency already has a crew of this name."), "name")
        _check_crew_people(city, crew, agency, crew_input.people)
        crew.name, crew.skills, crew.capacity = crew_input.name, list(crew_input.skills), crew_input.capacity
        crew.lon, crew.lat, crew.active = crew_input.lon, crew_input.lat, crew_input.active
        crew.save()
        _save_members(city, crew, crew_input.people)
        _save_shifts(city, crew, crew_input.shifts)
    return crew


def _crew_for_update(city: CityFacts, agency: int, crew_id: int | None) -> Crew:
    if crew_id is None:
        return Crew(city_id=city.id, agency_id=agency)
    crew = Crew.objects.select_for_update().filter(city_id=city.id, agency_id=agency, id=crew_id).first()
    if crew is None:
        raise ActionRefused(_("There is no such crew."))
    return crew


def _check_crew_people(city: CityFacts, crew: Crew, agency: int, people: Sequence[int]) -> None:
    if not set(people) <= {member.user_id for member in agency_members(city.id, agency)}:
        raise ActionRefused(_("Choose people who work for this agency."), "people")
    # Nobody is in two crews: dispatch would plan the same hands twice.
    if CrewMember.objects.filter(city_id=city.id, user_id__in=people).exclude(crew_id=crew.id or 0).exists():
        raise ActionRefused(_("Somebody of these is already in another crew."), "people")


def _save_members(city: CityFacts, crew: Crew, people: Sequence[int]) -> None:
    members = CrewMember.objects.filter(city_id=city.id, crew=crew)
    members.exclude(user_id__in=people).delete()
    present = set(members.values_list("user_id", flat=True))
    new_ids = [user_id for user_id in people if user_id not in present]
    CrewMember.objects.bulk_create(CrewMember(city_id=city.id, crew=crew, user_id=user_id) for user_id in new_ids)


def _save_shifts(city: CityFacts, crew: Crew, shifts: Iterable[ShiftTimes]) -> None:
    """Replaces the week: nothing refers to a shift by its id."""
    # The form shows the whole week at once, so what it leaves out is meant to go.
    Shift.objects.filter(city_id=city.id, crew=crew).delete()
    Shift.objects.bulk_create(
        Shift(city_id=city.id, crew=crew, weekday=day, starts=starts, ends=ends) for day, starts, ends in set(shifts)
    )


def add_leave(*, city: CityFacts, actor: Membership, user: int, first: date, last: date, kind: str) -> Leave:
    """Days on which a person is not on duty, both inclusive; the same twice is one. Raises `ActionRefused`."""
    membership = Membership.objects.filter(city_id=city.id, user_id=user, active=True).first()
    if membership is None or membership.agency_id is None or not may(actor, "lead_crews", membership.agency_id):
        raise ActionRefused(_("Choose somebody who works for this agency."), "person")
    if last < first:
        raise ActionRefused(_("The last day lies before the first."), "last")
    with transaction.atomic():
        # No constraint makes a leave unique, so the same form sent twice at once has to wait here.
        Membership.objects.select_for_update().get(pk=membership.pk)
        return Leave.objects.get_or_create(city_id=city.id, user_id=user, first=first, last=last, kind=kind)[0]


def remove_leave(*, city: CityFacts, actor: Membership, leave_id: int) -> None:
    """Takes a leave back. Raises `ActionRefused`."""
    leave = Leave.objects.filter(city_id=city.id, id=leave_id).first()
    membership = Membership.objects.filter(city_id=city.id, user_id=leave.user_id if leave else 0).first()
    if leave is None or membership is None or not may(actor, "lead_crews", membership.agency_id):
        raise ActionRefused(_("There is no such leave."))
    leave.delete()
