"""The desk: piles of cases by deadline, and accepting several at once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_id, uuid7
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required
from qlue.reports.cards import card
from qlue.reports.query import Asked, read_query
from qlue.reports.states import verbs_from
from qlue.work.actions import Accepted, accept_all
from qlue.work.reading import PAGE, TABS, Desk, Place, Row, Tab, counts, desk_of, place_of, queue_rows
from qlue.work.views.common import is_fragment, posts_only

UNROUTED = "belum"  # ?agency=belum: what no agency has yet
NARROWING = ("category", "area", "agency", "overdue", "q")
MOST_AT_ONCE = PAGE
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@never_cache
@require_safe
@member_required("see_queue")
def queue(request: HttpRequest, city_slug: str) -> HttpResponse:
    """One pile of the member's desk; as a fragment only what changes."""
    here, member = city_and_member(request)
    if found := _code_in(here, request.GET.get("q", "")):
        return redirect("case", city_slug=here.slug, code=found)
    tab = TABS.get(request.GET.get("tab", ""), TABS["menunggu"])
    desk, asked = _asked(here, desk_of(member), request)
    context = _pile(here, desk, tab, asked, request.GET.get("after", "")) | {"accepting": may(member, "accept")}
    context["acceptable"] = context["accepting"] and any(one["waits"] for one in context["cases"])
    if is_fragment(request):
        return render(request, "work/_pile.html", context)
    context |= {"filters": _filters(here, desk_of(member)), "uuid": uuid7()}
    return render(request, "work/queue.html", context)


def _asked(city: CityFacts, desk: Desk, request: HttpRequest) -> tuple[Desk, Asked]:
    """The filter of the address; an agency only for those who see all."""
    params = {name: request.GET.get(name, "") for name in NARROWING}
    chosen = params.pop("agency")
    if desk.agency is None and chosen == UNROUTED:
        return Desk(None, desk.person, unrouted=True), _with(read_query(city, params), chosen)
    return desk, read_query(city, params | ({"agency": chosen} if desk.agency is None else {}))


def _with(asked: Asked, agency: str) -> Asked:
    return Asked(asked.filter, asked.values | {"agency": agency}, asked.notices)


def _pile(city: CityFacts, desk: Desk, tab: Tab, asked: Asked, after: str) -> dict[str, Any]:
    found = queue_rows(city, desk, tab, asked.filter, _read_place(after))
    numbers = counts(city, desk, asked.filter)
    address = reverse("queue", kwargs={"city_slug": city.slug})
    shown = found[:PAGE]
    here = asked.values | {"tab": tab.slug}
    return {
        "tab": tab,
        "asked": asked,
        "desk": desk,
        "tabs": [_tab_link(address, one, asked.values, numbers[one.slug], one == tab) for one in desk.tabs()],
        "cases": [_case(city, row) for row in shown],
        "overdue": numbers["overdue"],
        "overdue_url": f"{address}?{urlencode(here | {'overdue': '1'})}",
        "refresh_url": f"{address}?{urlencode(here | ({'after': after} if after else {}))}",
        "first_url": f"{address}?{urlencode(here)}" if after else "",
        "next_url": f"{address}?{urlencode(here | {'after': _written(tab, shown[-1])})}" if len(found) > PAGE else "",
    }


def _tab_link(address: str, tab: Tab, values: dict[str, str], n: int, current: bool) -> dict[str, Any]:
    url = f"{address}?{urlencode(values | {'tab': tab.slug})}"
    return {"url": url, "word": tab.word, "icon": tab.icon, "n": n, "current": current}


def _case(city: CityFacts, row: Row) -> dict[str, Any]:
    url = reverse("case", kwargs={"city_slug": city.slug, "code": row["code"]})
    return card(city, row) | {"case_url": url, "waits": "accept" in verbs_from(row["status"])}


def _filters(city: CityFacts, desk: Desk) -> dict[str, Any]:
    """What there is to choose: (value, word), areas as (code, name, their kelurahan)."""
    inner = {one.id: [(k.code, k.name) for k in city.kelurahan if k.parent_id == one.id] for one in city.kecamatan}
    areas = [(one.code, one.name, inner[one.id]) for one in city.kecamatan]
    agencies = [] if desk.agency else [(UNROUTED, _("No agency yet")), *((a.slug, a.name) for a in city.open_agencies)]
    return {"categories": [(one.slug, one.label) for one in city.open_categories], "areas": areas, "agencies": agencies}


def _code_in(city: CityFacts, text: str) -> str:
    """A report's code where somebody typed one into the search, else ''."""
    text = text.strip().upper()
    return text if text.startswith(f"{city.code_prefix.upper()}-") and report_id(text) is not None else ""


def _written(tab: Tab, row: Row) -> str:
    at, number = place_of(tab, row)
    return f"{(at - EPOCH) // timedelta(microseconds=1) if at else ''}.{number}"


def _read_place(text: str) -> Place | None:
    """The keyset of an address; a broken one means the first page."""
    micros, _dot, number = text.partition(".")
    if not number.isdecimal() or len(number) > 15 or len(micros) > 16 or (micros and not micros.isdecimal()):
        return None
    return (EPOCH + timedelta(microseconds=int(micros)) if micros else None), int(number)


@never_cache
@posts_only
@member_required("accept")
def accept_many(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Accepts the chosen cases, then shows the pile again with what became of them."""
    here, member = city_and_member(request)
    codes = request.POST.getlist("code")[:MOST_AT_ONCE]
    _summarise(request, accept_all(here, member, codes, _uuid(request)))
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, None) and back.startswith(f"/{here.slug}/kerja/")
    return HttpResponseRedirect(back if safe else reverse("queue", kwargs={"city_slug": here.slug}))


def _uuid(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("uuid", ""))
    except ValueError:
        return None


def _summarise(request: HttpRequest, told: Accepted) -> None:
    if told.done:
        n = len(told.done)
        messages.success(request, ngettext("%(n)d report accepted.", "%(n)d reports accepted.", n) % {"n": n})
    for code, why in told.refused[:5]:
        messages.warning(request, f"{code}: {why}")
    if len(told.refused) > 5:
        n = len(told.refused) - 5
        more = ngettext("%(n)d more could not be accepted.", "%(n)d more could not be accepted.", n) % {"n": n}
        messages.warning(request, more)
    if not told.done and not told.refused:
        messages.warning(request, _("Choose at least one report first."))
