"""`/<city>/kerja/perintah/saran/`: who should go, with reasons; one click makes it an order."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.ids import report_id
from qlue.people.models import Membership
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required
from qlue.reports.actions import Refused
from qlue.reports.cards import card
from qlue.work.actions import make_order, open_orders
from qlue.work.crew_rows import CrewNow, crews_now, job_of, teams_of, waiting_jobs
from qlue.work.dispatch import METRES_A_MINUTE, Suggestion, suggest
from qlue.work.views.common import posts_only
from qlue.work.views.crews import agency_of, choices

MOST_PAIRS = 200
NOBODY = {
    "no_crew": gettext_lazy("No crew is on duty now."),
    "no_skill": gettext_lazy("No crew on duty does this kind of work."),
    "no_time": gettext_lazy("No shift lasts long enough for it."),
    "full": gettext_lazy("All crews that could go have enough to do."),
}


@never_cache
@require_safe
@member_required("lead_crews")
def dispatch(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Suggestions for what no crew has yet, of an agency, in one district or all of them."""
    here, member = city_and_member(request)
    agency, moment = agency_of(request, here, member), now()
    district = here.area(request.GET.get("kecamatan", ""))
    areas = [one.id for one in here.kelurahan if district and one.parent_id == district.id]
    crews = crews_now(here, moment, agency)
    jobs = waiting_jobs(here, agency, areas if district else None)
    found = suggest([job_of(here, row) for row in jobs], teams_of(crews), moment)
    by_id = {one.crew.id: one for one in crews}
    shown = [_shown(here, row, one, by_id, moment) for row, one in zip(jobs, found, strict=True)]
    context = {
        "agencies": choices(here, member, agency),
        "agency": here.agencies[agency],
        "districts": [{"code": one.code, "name": one.name, "current": one == district} for one in here.kecamatan],
        "district": district.code if district else "",
        "suggestions": [one for one in shown if one["crew"]],
        "nobody": [one for one in shown if not one["crew"]],
        "on_duty": sum(one.on_duty for one in crews),
        "all_pairs": ",".join(one["pair"] for one in shown if one["crew"]),
    }
    return render(request, "work/dispatch.html", context)


def _shown(
    city: CityFacts, row: dict[str, Any], one: Suggestion, crews: dict[int, CrewNow], moment: datetime
) -> dict[str, Any]:
    found = card(city, row) | {"case_url": reverse("case", args=[city.slug, row["code"]]), "crew": "", "why": ""}
    if one.team is None:
        return found | {"why": NOBODY[one.why]}
    crew = crews[one.team.id]
    return found | {
        "crew": crew.crew.name,
        "pair": f"{row['code']}:{crew.crew.id}",
        "reasons": _reasons(city, one, crew),
    }


def _reasons(city: CityFacts, one: Suggestion, crew: CrewNow) -> list[dict[str, str]]:
    assert one.team
    minutes = max(1, round(one.metres / METRES_A_MINUTE))
    way = _("%(km)s km, about %(n)d minutes") % {"km": f"{one.metres / 1000:.1f}".replace(".", ","), "n": minutes}
    category = city.category(one.job.category)
    skill = category.label if category and one.team.skills else _("does everything")
    load = ngettext("%(n)d order in hand", "%(n)d orders in hand", crew.load) % {"n": crew.load}
    shift = _("on duty until %(time)s") % {"time": f"{one.team.until.astimezone(city.tz):%H:%M}"}
    words = (("route", way), ("tool", skill), ("clipboard-list", load), ("clock", shift))
    return [{"icon": icon, "words": text} for icon, text in words]


@never_cache
@posts_only
@member_required("lead_crews")
def dispatch_accept(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Makes orders of the chosen pairs `code:crew`, with commas between them."""
    here, member = city_and_member(request)
    pairs = [pair for pair in request.POST.get("pairs", "")[:10_000].split(",") if pair][:MOST_PAIRS]
    made, refused = 0, []
    for pair in pairs:
        code, _colon, crew = pair.rpartition(":")
        try:
            _order(here, member, code, crew)
            made += 1
        except Refused as no:
            refused.append((code[:20], str(no.message)))
    if made:
        words = ngettext("%(n)d work order has been given.", "%(n)d work orders have been given.", made)
        messages.success(request, words % {"n": made})
    for code, why in refused[:5]:
        messages.warning(request, f"{code}: {why}")
    kept = {name: request.POST.get(name, "")[:40] for name in ("dinas", "kecamatan")}
    return redirect(f"{reverse('dispatch', args=[here.slug])}?{urlencode(kept)}")


def _order(city: CityFacts, member: Membership, code: str, crew: str) -> None:
    number = report_id(code)
    if number is None or not crew.isdecimal() or len(crew) > 18:
        raise Refused(_("Choose a crew of this agency."))
    if open_orders(city, number):
        raise Refused(_("Somebody has already given an order for it."))
    make_order(city=city, report_id=number, by=member, crew=int(crew))
