"""`/<city>/kerja/perintah/saran/`: who should go, with reasons; one click makes it an order."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.clock import now
from qlue.kit.ids import report_id
from qlue.people.models import Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required
from qlue.reports.actions import ActionRefused
from qlue.work.actions import count_open_orders, create_order
from qlue.work.dispatch.assignment import suggest_teams
from qlue.work.presentation.dispatch import suggestion_card
from qlue.work.queries.crews import cases_without_crew, crew_statuses, dispatch_job, dispatch_teams
from qlue.work.views.crews import agency_tabs, chosen_agency
from qlue.work.views.http import posts_only

# As many as one plan has.
MOST_PAIRS = 200
MOST_REFUSALS_SHOWN = 5


@never_cache
@require_safe
@member_required("lead_crews")
def dispatch_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """Suggestions for what no crew has yet, of an agency, in one district or all of them."""
    city, member = city_and_member(request)
    agency, moment = chosen_agency(request, city, member), now()
    district = city.area(request.GET.get("kecamatan", ""))
    areas = [area.id for area in city.kelurahan if district and area.parent_id == district.id]
    crews = crew_statuses(city, moment, agency)
    cases = cases_without_crew(city, agency, areas if district else None)
    suggestions = suggest_teams([dispatch_job(city, report) for report in cases], dispatch_teams(crews), moment)
    crews_by_id = {status.crew.id: status for status in crews}
    cards = [
        suggestion_card(city, report, suggestion, crews_by_id)
        for report, suggestion in zip(cases, suggestions, strict=True)
    ]
    context: dict[str, object] = {
        "agencies": agency_tabs(city, member, agency),
        "agency": city.agencies[agency],
        "districts": city.kecamatan,
        "district": district.code if district else "",
        "suggestions": [card for card in cards if card.crew],
        "nobody": [card for card in cards if not card.crew],
        "on_duty": sum(status.on_duty for status in crews),
        "all_pairs": ",".join(card.pair for card in cards if card.crew),
    }
    return render(request, "work/dispatch.html", context)


@never_cache
@posts_only
@member_required("lead_crews")
def accept_suggestions(request: CityRequest, city_slug: str) -> HttpResponse:
    """Makes orders of the chosen pairs `code:crew`, with commas between them."""
    city, member = city_and_member(request)
    # Cut before it is split: nobody sends more than the page offers.
    pairs = [pair for pair in request.POST.get("pairs", "")[:10_000].split(",") if pair][:MOST_PAIRS]
    count, refusals = 0, []
    for pair in pairs:
        code, _colon, crew = pair.rpartition(":")
        try:
            _order_crew(city, member, code, crew)
            count += 1
        except ActionRefused as refusal:
            refusals.append((code[:20], str(refusal.message)))
    if count:
        message = ngettext("%(n)d work order has been given.", "%(n)d work orders have been given.", count)
        messages.success(request, message % {"n": count})
    for code, why in refusals[:MOST_REFUSALS_SHOWN]:
        messages.warning(request, f"{code}: {why}")
    query = {name: request.POST.get(name, "")[:40] for name in ("dinas", "kecamatan")}
    return redirect(f"{reverse('dispatch', args=[city.slug])}?{urlencode(query)}")


def _order_crew(city: CityFacts, member: Membership, code: str, crew: str) -> None:
    number = report_id(code)
    if number is None or not crew.isdecimal() or len(crew) > 18:
        raise ActionRefused(_("Choose a crew of this agency."))
    # The page was made a while ago, and the button may have been pressed twice.
    if count_open_orders(city, number):
        raise ActionRefused(_("Somebody has already given an order for it."))
    create_order(city=city, report_id=number, actor=member, crew=int(crew))
