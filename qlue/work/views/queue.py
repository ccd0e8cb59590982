"""The queue: cases in tabs by deadline, and accepting several at once."""

from datetime import UTC, datetime, timedelta
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

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.ids import report_id, uuid7
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required
from qlue.reports.queries.address import ParsedQuery, read_query
from qlue.work.actions import BulkAcceptance, accept_cases
from qlue.work.presentation.queue import UNROUTED, filter_choices, queue_card, tab_link
from qlue.work.queries.queue import PAGE, TABS, Desk, PageCursor, Tab, count_tabs, cursor_after, desk_of, list_cases
from qlue.work.records import QueueRecord
from qlue.work.views.http import is_fragment, posts_only

FILTER_NAMES = ("category", "area", "agency", "overdue", "q")
MOST_AT_ONCE = PAGE
MOST_REFUSALS_SHOWN = 5
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@never_cache
@require_safe
@member_required("see_queue")
def queue_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """One tab of the member's queue; as a fragment only what changes."""
    city, member = city_and_member(request)
    # Somebody who has a code on paper types it into the search; the case opens at once.
    if code := _code_in(city, request.GET.get("q", "")):
        return redirect("case", city_slug=city.slug, code=code)
    tab = TABS.get(request.GET.get("tab", ""), TABS["menunggu"])
    desk, query = _read_queue_filter(city, desk_of(member), request)
    after, may_accept = request.GET.get("after", ""), may(member, "accept")
    context = _tab_context(city, desk, tab, query, after=after, may_accept=may_accept)
    if is_fragment(request):
        return render(request, "work/_pile.html", context)
    context |= {"filters": filter_choices(city, desk_of(member)), "uuid": uuid7()}
    return render(request, "work/queue.html", context)


def _read_queue_filter(city: CityFacts, desk: Desk, request: HttpRequest) -> tuple[Desk, ParsedQuery]:
    """The filter of the address; an agency only for those who see all."""
    params = {name: request.GET.get(name, "") for name in FILTER_NAMES}
    agency = params.pop("agency")
    if desk.agency is None and agency == UNROUTED:
        # No agency is called so: the reader of addresses would warn of it.
        return Desk(None, desk.person, unrouted=True), _with_agency(read_query(city, params), agency)
    return desk, read_query(city, params | ({"agency": agency} if desk.agency is None else {}))


def _with_agency(query: ParsedQuery, agency: str) -> ParsedQuery:
    return ParsedQuery(query.filter, query.values | {"agency": agency}, query.warnings)


def _tab_context(
    city: CityFacts, desk: Desk, tab: Tab, query: ParsedQuery, *, after: str, may_accept: bool
) -> dict[str, object]:
    """Context of `work/_pile.html`; `after` is the cursor in the address."""
    records = list_cases(city, desk, tab, query.filter, _parse_cursor(after))
    counts = count_tabs(city, desk, query.filter)
    address = reverse("queue", kwargs={"city_slug": city.slug})
    cards = [queue_card(city, record) for record in records[:PAGE]]
    values = query.values | {"tab": tab.slug}
    next_values = values | {"after": _cursor_text(tab, records[PAGE - 1])} if len(records) > PAGE else {}
    return {
        "tab": tab,
        "query": query,
        "desk": desk,
        "tabs": [
            tab_link(address, desk_tab, query.values, counts.by_tab[desk_tab.slug], desk_tab == tab)
            for desk_tab in desk.tabs()
        ],
        "cards": cards,
        "accepting": may_accept,
        "acceptable": may_accept and any(card.waits for card in cards),
        "overdue": counts.overdue,
        "overdue_url": f"{address}?{urlencode(values | {'overdue': '1'})}",
        "refresh_url": f"{address}?{urlencode(values | ({'after': after} if after else {}))}",
        "first_url": f"{address}?{urlencode(values)}" if after else "",
        "next_url": f"{address}?{urlencode(next_values)}" if next_values else "",
    }


def _code_in(city: CityFacts, text: str) -> str:
    """A report's code where somebody typed one into the search, else ''."""
    text = text.strip().upper()
    return text if text.startswith(f"{city.code_prefix.upper()}-") and report_id(text) is not None else ""


def _cursor_text(tab: Tab, case: QueueRecord) -> str:
    """`<microseconds>.<id>`: whole microseconds, as PostgreSQL keeps them; a float would lose some."""
    at, number = cursor_after(tab, case)
    return f"{(at - EPOCH) // timedelta(microseconds=1) if at else ''}.{number}"


def _parse_cursor(text: str) -> PageCursor | None:
    """The cursor of an address; a broken one means the first page."""
    micros, _dot, number = text.partition(".")
    if not number.isdecimal() or len(number) > 15 or len(micros) > 16 or (micros and not micros.isdecimal()):
        return None
    return (EPOCH + timedelta(microseconds=int(micros)) if micros else None), int(number)


@never_cache
@posts_only
@member_required("accept")
def accept_many(request: CityRequest, city_slug: str) -> HttpResponse:
    """Accepts the chosen cases, then shows the tab again with what became of them."""
    city, member = city_and_member(request)
    codes = request.POST.getlist("code")[:MOST_AT_ONCE]
    _report_outcome(request, accept_cases(city, member, codes, _submission_id(request)))
    back = request.POST.get("back", "")
    # Only back into these pages: the field is the browser's, and must not lead to another site.
    is_safe = url_has_allowed_host_and_scheme(back, None) and back.startswith(f"/{city.slug}/kerja/")
    return HttpResponseRedirect(back if is_safe else reverse("queue", kwargs={"city_slug": city.slug}))


def _submission_id(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("uuid", ""))
    except ValueError:
        return None


def _report_outcome(request: HttpRequest, outcome: BulkAcceptance) -> None:
    if n := len(outcome.codes):
        messages.success(request, ngettext("%(n)d report accepted.", "%(n)d reports accepted.", n) % {"n": n})
    for code, why in outcome.refusals[:MOST_REFUSALS_SHOWN]:
        messages.warning(request, f"{code}: {why}")
    if (n := len(outcome.refusals) - MOST_REFUSALS_SHOWN) > 0:
        more = ngettext("%(n)d more could not be accepted.", "%(n)d more could not be accepted.", n) % {"n": n}
        messages.warning(request, more)
    if not outcome.codes and not outcome.refusals:
        messages.warning(request, _("Choose at least one report first."))
