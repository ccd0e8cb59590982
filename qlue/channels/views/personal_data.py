"""`/<city>/data-saya/`: ask for the own data without a link; `/<city>/kerja/data-pribadi/`: where it is answered."""

from dataclasses import dataclass
from hashlib import blake2b

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qlue.channels.actions.follow_links import queue_follow_links, reports_left_by
from qlue.channels.actions.watchers import erase_watcher
from qlue.channels.forms.personal_data import DataRequestForm
from qlue.channels.queries.watchers import watched_reports
from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.http import problem
from qlue.kit.rate import Limit, spend_each
from qlue.people.actions import answer_data_request, create_data_request, record_access
from qlue.people.models import DataRequest, Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required
from qlue.reports.actions import erase_reporter

PER_ADDRESS = Limit(5, 3600)  # requests from one IP address
PER_MAILBOX = Limit(3, 86_400)  # mails that strangers can have sent to one mailbox
PAGE_SIZE = 100


@dataclass(frozen=True)
class DataRequestCard:
    """A request, and once it is opened what belongs to its address: (number, code, link), (code, page, stop link)."""

    request: DataRequest
    is_opened: bool
    reports: list[tuple[int, str, str]]
    watches: list[tuple[str, str, str]]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def data_ask(request: CityRequest, city_slug: str) -> HttpResponse:
    """A resident asks without a link. The answer is the same for known and unknown addresses: it gives nobody away."""
    city = request.city
    form = DataRequestForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "channels/data_ask.html", {"form": form}, status=422 if form.is_bound else 200)
    values = form.cleaned_data
    # Hashed: the table of limits holds nobody's address.
    address_hash = blake2b(values["reach"].lower().encode(), digest_size=12).hexdigest()
    uses = {f"data:{request.address}": PER_ADDRESS, f"data:{city.id}:{address_hash}": PER_MAILBOX}
    if wait := spend_each(uses):
        return _too_many_page(request, form, wait)
    data_request = create_data_request(city, values["reach"], values["wish"], values["words"])
    if queue_follow_links(city, values["reach"], data_request.pk):
        answer_data_request(city, data_request.pk, None, _("The links went to the address itself."))
    return HttpResponseRedirect(f"{request.path}?terkirim=1", status=303)


def _too_many_page(request: HttpRequest, form: DataRequestForm, wait: int) -> HttpResponse:
    form.add_error(None, _("Too many requests came from here. Please try again later."))
    answer = render(request, "channels/data_ask.html", {"form": form}, status=429)
    answer.headers["Retry-After"] = str(wait)
    return answer


@never_cache
@require_safe
@member_required("handle_personal_data")
def data_requests(request: CityRequest, city_slug: str) -> HttpResponse:
    """Open requests by deadline. What belongs to one's address is shown on asking, and that access is logged."""
    city, member = city_and_member(request)
    requests = DataRequest.objects.filter(city_id=city.id)
    opened_id = request.GET.get("buka", "")
    open_cards = [
        _data_request_card(city, member, data_request, opened_id == str(data_request.pk))
        for data_request in requests.filter(answered_at=None).order_by("due_at")
    ]
    answered_requests = requests.exclude(answered_at=None).order_by("-answered_at")[:PAGE_SIZE]
    return render(request, "channels/data_requests.html", {"waiting": open_cards, "done": answered_requests})


def _data_request_card(
    city: CityFacts, member: Membership, data_request: DataRequest, is_opened: bool
) -> DataRequestCard:
    reports = reports_left_by(city, data_request.reach) if is_opened else []
    for reported_id, _code, _link in reports:
        record_access(member, reported_id, "personal")
    watches = watched_reports(city, data_request.reach) if is_opened else []
    return DataRequestCard(data_request, is_opened, reports, watches)


@never_cache
@require_POST
@member_required("handle_personal_data")
def data_request_end(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """Closes a request with a note of what was done; `erase` first erases all of the address."""
    city, member = city_and_member(request)
    answer = request.POST.get("answer", "").strip()[:500]
    if not answer:
        return problem(422, "invalid", _("Say in a few words what was done."))
    data_request = DataRequest.objects.filter(city_id=city.id, pk=number, answered_at=None).first()
    if data_request and request.POST.get("erase") and data_request.wish == DataRequest.Wish.ERASE:
        for reported_id, _code, _link in reports_left_by(city, data_request.reach):
            erase_reporter(city, reported_id, member)
        erase_watcher(city, data_request.reach)
    if data_request and answer_data_request(city, number, member, answer):
        messages.success(request, _("The request is answered."))
    return redirect("data-requests", city_slug=city.slug)
