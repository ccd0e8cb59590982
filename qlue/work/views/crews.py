"""`/<city>/kerja/regu/`: who is on duty now, crews with their week, and leaves."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required, no_right
from qlue.reports.actions import ActionRefused
from qlue.work.actions import add_leave, remove_leave, save_crew
from qlue.work.forms.crews import CrewForm, LeaveForm
from qlue.work.models import Crew
from qlue.work.presentation.crews import crew_card, leave_line
from qlue.work.queries.crews import crew_statuses, upcoming_leaves
from qlue.work.views.http import posts_only


@never_cache
@require_safe
@member_required("lead_crews")
def crews_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """All crews of the member's agency (of the chosen one for those who see all)."""
    return _render_crews(request)


def chosen_agency(request: HttpRequest, city: CityFacts, member: Membership) -> int:
    """Whose crews: the member's own agency, else the one in the address, else the first."""
    if member.agency_id:
        return member.agency_id
    agency = city.agency(request.GET.get("dinas", "") or request.POST.get("dinas", ""))
    if agency is None and not city.open_agencies:
        raise Http404
    return agency.id if agency else city.open_agencies[0].id


@dataclass(frozen=True)
class AgencyTab:
    """An agency to choose."""

    slug: str
    name: str
    current: bool


def agency_tabs(city: CityFacts, member: Membership, current: int) -> list[AgencyTab]:
    """The agencies to choose from; none for those who have one."""
    if member.agency_id:
        return []
    return [AgencyTab(agency.slug, agency.short_name, agency.id == current) for agency in city.open_agencies]


def _render_crews(request: HttpRequest, leave_form: LeaveForm | None = None, status: int = 200) -> HttpResponse:
    city, member = city_and_member(request)
    agency, moment = chosen_agency(request, city, member), now()
    crews = crew_statuses(city, moment, agency)
    today = moment.astimezone(city.tz).date()
    context = {
        "agencies": agency_tabs(city, member, agency),
        "agency": city.agencies[agency],
        "crews": [crew_card(city, crew) for crew in crews],
        "on_duty": sum(crew.on_duty for crew in crews),
        "leaves": [leave_line(leave) for leave in upcoming_leaves(city, today, agency)],
        "leave_form": leave_form or LeaveForm(city, agency),
    }
    return render(request, "work/crews.html", context, status=status)


@never_cache
@member_required("lead_crews")
def crew_page(request: CityRequest, city_slug: str, number: int | None = None) -> HttpResponse:
    """A crew's form; without a number a new one."""
    city, member = city_and_member(request)
    crew = Crew.objects.filter(city_id=city.id, id=number).first() if number else None
    if number and crew is None:
        raise Http404
    agency = crew.agency_id if crew else chosen_agency(request, city, member)
    if not may(member, "lead_crews", agency):
        return no_right(request)
    form = CrewForm(city, agency, request.POST if request.method == "POST" else None, crew=crew)
    if request.method == "POST" and form.is_valid():
        try:
            save_crew(city=city, actor=member, agency=agency, crew_input=form.crew_input(), crew_id=number)
        except ActionRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
        else:
            return redirect(f"{reverse('crews', args=[city.slug])}?dinas={city.agencies[agency].slug}")
    context = {"form": form, "crew": crew, "agency": city.agencies[agency]}
    return render(request, "work/crew.html", context, status=422 if form.errors else 200)


@never_cache
@posts_only
@member_required("lead_crews")
def leave_new(request: CityRequest, city_slug: str) -> HttpResponse:
    """Notes a leave."""
    city, member = city_and_member(request)
    agency = chosen_agency(request, city, member)
    form = LeaveForm(city, agency, request.POST)
    if not form.is_valid():
        return _render_crews(request, form, status=422)
    data = form.cleaned_data
    try:
        add_leave(
            city=city, actor=member, user=data["person"], first=data["first"], last=data["last"], kind=data["kind"]
        )
    except ActionRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
        return _render_crews(request, form, status=422)
    return redirect(f"{reverse('crews', args=[city.slug])}?dinas={city.agencies[agency].slug}")


@never_cache
@require_POST
@member_required("lead_crews")
def leave_drop(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """Takes a leave back."""
    city, member = city_and_member(request)
    try:
        remove_leave(city=city, actor=member, leave_id=number)
    except ActionRefused as refusal:
        messages.warning(request, str(refusal.message))
    return redirect("crews", city.slug)
