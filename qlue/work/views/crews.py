"""`/<city>/kerja/regu/`: who is on duty now, crews with their week, and leaves."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required, no_right
from qlue.reports.actions import Refused
from qlue.work.actions import drop_leave, note_leave, save_crew
from qlue.work.crew_forms import DAYS, LEAVE_WORDS, CrewForm, LeaveForm, written
from qlue.work.crew_rows import CrewNow, crews_now, leaves_ahead
from qlue.work.models import Crew, Leave
from qlue.work.views.common import posts_only


@never_cache
@require_safe
@member_required("lead_crews")
def crews(request: HttpRequest, city_slug: str) -> HttpResponse:
    """All crews of the member's agency (of the chosen one for those who see all)."""
    return _page(request)


def agency_of(request: HttpRequest, city: CityFacts, member: Membership) -> int:
    """Whose crews: the member's own agency, else the one in the address, else the first."""
    if member.agency_id:
        return member.agency_id
    chosen = city.agency(request.GET.get("dinas", "") or request.POST.get("dinas", ""))
    if chosen is None and not city.open_agencies:
        raise Http404
    return chosen.id if chosen else city.open_agencies[0].id


def choices(city: CityFacts, member: Membership, agency: int) -> list[dict[str, Any]]:
    """The agencies to choose from; none for those who have one."""
    if member.agency_id:
        return []
    return [{"slug": one.slug, "name": one.short_name, "current": one.id == agency} for one in city.open_agencies]


def _page(request: HttpRequest, leave: LeaveForm | None = None, status: int = 200) -> HttpResponse:
    here, member = city_and_member(request)
    agency, moment = agency_of(request, here, member), now()
    found = crews_now(here, moment, agency)
    context = {
        "agencies": choices(here, member, agency),
        "agency": here.agencies[agency],
        "crews": [_shown(here, one) for one in found],
        "on_duty": sum(one.on_duty for one in found),
        "leaves": [
            one | {"word": LEAVE_WORDS[Leave.Kind(one["kind"])]}
            for one in leaves_ahead(here, moment.astimezone(here.tz).date(), agency)
        ],
        "leave_form": leave or LeaveForm(here, agency),
    }
    return render(request, "work/crews.html", context, status=status)


def _shown(city: CityFacts, one: CrewNow) -> dict[str, Any]:
    skills = [found.label for slug in one.crew.skills if (found := city.category(slug))]
    week = [(DAYS[day], written(one.shifts, day)) for day in range(7)]
    return {
        "url": reverse("crew", args=[city.slug, one.crew.id]),
        "name": one.crew.name,
        "people": [{"name": who.name, "leave": who.leave and LEAVE_WORDS[Leave.Kind(who.leave)]} for who in one.people],
        "on_duty": one.on_duty,
        "until": one.until,
        "load": one.load,
        "capacity": one.crew.capacity,
        "skills": skills,
        "week": [{"day": day, "times": times} for day, times in week if times],
    }


@never_cache
@member_required("lead_crews")
def crew(request: HttpRequest, city_slug: str, number: int | None = None) -> HttpResponse:
    """A crew's form; without a number a new one."""
    here, member = city_and_member(request)
    known = Crew.objects.filter(city_id=here.id, id=number).first() if number else None
    if number and known is None:
        raise Http404
    agency = known.agency_id if known else agency_of(request, here, member)
    if not may(member, "lead_crews", agency):
        return no_right(request)
    form = CrewForm(here, agency, request.POST if request.method == "POST" else None, crew=known)
    if request.method == "POST" and form.is_valid():
        try:
            save_crew(city=here, by=member, agency=agency, wanted=form.wanted(), number=number)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
        else:
            return redirect(f"{reverse('crews', args=[here.slug])}?dinas={here.agencies[agency].slug}")
    context = {"form": form, "crew": known, "agency": here.agencies[agency]}
    return render(request, "work/crew.html", context, status=422 if form.errors else 200)


@never_cache
@posts_only
@member_required("lead_crews")
def leave_new(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Notes a leave."""
    here, member = city_and_member(request)
    agency = agency_of(request, here, member)
    form = LeaveForm(here, agency, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    try:
        note_leave(
            city=here, by=member, user=given["person"], first=given["first"], last=given["last"], kind=given["kind"]
        )
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
        return _page(request, form, status=422)
    return redirect(f"{reverse('crews', args=[here.slug])}?dinas={here.agencies[agency].slug}")


@never_cache
@require_POST
@member_required("lead_crews")
def leave_drop(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """Takes a leave back."""
    here, member = city_and_member(request)
    try:
        drop_leave(city=here, by=member, number=number)
    except Refused as refused:
        messages.warning(request, str(refused.message))
    return redirect("crews", here.slug)
