"""`/<city>/lapor/`: the report form. Whatever goes wrong, it comes back filled, photos too."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from qlue.cities.facts import CityFacts, city_facts
from qlue.kit.db import enter_city
from qlue.kit.ids import uuid7
from qlue.reports.actions import Submission, submit
from qlue.reports.actions.keeping import MOST_PHOTOS, Kept, keep_photos, note_of
from qlue.reports.aid_form import AidForm, aid_category
from qlue.reports.cards import follow_url, photo_url, view_box
from qlue.reports.forms import ReportForm, icons_of
from qlue.reports.limits import REPORTS
from qlue.reports.views.common import (
    city_in,
    device_of,
    is_forged,
    member_in,
    name_device,
    refused,
    wait_of,
)
from qlue.web.formats import span

FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


@csrf_exempt  # checked inside: a form from an old tab comes back filled instead of being lost
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The empty form, and what was sent with it."""
    if _is_aid(request) and aid_category(city_in(request)) is None:
        raise Http404("this city has no such form")
    if request.method != "POST":
        return _blank(request, city_in(request))
    if request.content_type not in FORM_TYPES:
        advice = _("Send the form of this page, or JSON to the address that ends in laporan.json.")
        return refused(request, 415, "media-type", _("This kind of content cannot be read here."), advice)
    try:
        sent = request.POST
    except TOO_MUCH:
        advice = _("Go back: what you typed is still there. Send fewer or smaller photos, or fewer words.")
        return refused(request, 413, "too-large", _("That was too much at once."), advice)
    return _posted(request, _city_asked(request, sent))


@require_safe
def categories(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The category cards that fit what was typed, the chosen one among them; without `cari`, the search box."""
    facts = city_in(request)
    if "cari" not in request.GET:
        return render(request, "reports/category_search.html")
    chosen = request.GET.get("category", "")
    form = ReportForm(facts, initial={"category": chosen})
    found = form.narrow(request.GET["cari"][:100], chosen)
    return render(request, "reports/category_cards.html", {"form": form, "icons": icons_of(facts), "found": found})


def _city_asked(request: HttpRequest, sent: QueryDict) -> CityFacts:
    """The city of the URL, unless the person chose to send a report from outside of it to the city where it lies."""
    asked = city_facts(sent.get("to", ""))
    if asked is None:
        return city_in(request)
    enter_city(asked.id)
    request.city = asked  # type: ignore[attr-defined]
    return asked


def _blank(request: HttpRequest, city: CityFacts) -> HttpResponse:
    """What an address brings along (`?category=sampah&area=...`) is chosen already."""
    given = {name: request.GET[name] for name in ("category", "area", "lon", "lat") if name in request.GET}
    answer = _shown(request, _kind(request)(city, initial={"uuid": uuid7(), **given}), 200)
    name_device(request, answer, device_of(request))
    return answer


def _posted(request: HttpRequest, city: CityFacts) -> HttpResponse:
    wait = wait_of(request, "report", REPORTS, device=device_of(request))
    form = _form(request, city, with_files=not wait)
    valid = form.is_valid()
    if wait:
        return _again(request, form, _("Too many reports came from here. Please wait %s, then send again."), wait)
    if is_forged(request):
        form.errors.clear()
        form.add_error(None, _("The form had been open for too long. Everything is still here: please send it again."))
        return _shown(request, form, 403)
    return _stored(request, form) if valid else _shown(request, form, 422)


def _again(request: HttpRequest, form: ReportForm, words: str, wait: int) -> HttpResponse:
    form.errors.clear()
    form.add_error(None, words % span(wait))
    answer = _shown(request, form, 429)
    answer.headers["Retry-After"] = str(wait)
    return answer


def _form(request: HttpRequest, city: CityFacts, *, with_files: bool) -> ReportForm:
    """The filled form. Photos are cleaned and stored first, so that they survive whatever else is wrong."""
    data = request.POST.copy()
    owner = _uuid(data.get("uuid", ""))
    data["uuid"] = str(owner)
    files = request.FILES.getlist("photos") if with_files else []
    kept = keep_photos(city.id, owner, data.get("kept", ""), files, data.getlist("drop"))
    data["kept"] = note_of(city.id, owner, kept.photos)
    if kept.position and not data.get("photo_lon"):
        data["photo_lon"], data["photo_lat"] = map(str, kept.position)
    if data.get("to") and city.area(data.get("area", "")) is None:
        data["area"] = ""
    return _kind(request)(city, data, kept=kept, keep_outside="keep" in data)


def _is_aid(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == "report-aid"


def _kind(request: HttpRequest) -> type[ReportForm]:
    return AidForm if _is_aid(request) else ReportForm


def _uuid(text: str) -> UUID:
    """The sender's own; a broken one costs nobody a report, only the protection of a repeat."""
    try:
        return UUID(text)
    except ValueError:
        return uuid7()


def _stored(request: HttpRequest, form: ReportForm) -> HttpResponse:
    city, clean, place = form.city, form.cleaned_data, form.place
    category = city.category(clean["category"])
    assert category is not None
    assert place is not None
    given = Submission(
        uuid=clean["uuid"],
        category_id=category.id,
        words=clean["words"],
        lon=place.lon,
        lat=place.lat,
        place=place.kind,
        area_id=place.area_id,
        landmark=clean["landmark"],
        private=clean["private"] == "1",
        staff_made=member_in(request) is not None,
        name=clean["name"],
        email=clean["email"],
        phone=clean["phone"],
        photos=form.photos_kept.photos,
        aid=form.aid() if isinstance(form, AidForm) else None,
    )
    done = submit(city=city, submission=given)
    how = "ulang" if done.repeated else ("foto" if place.from_photo else "1")
    answer = HttpResponseRedirect(f"{follow_url(city, done.code, done.token)}?baru={how}")
    answer.status_code = 303
    return answer


def _shown(request: HttpRequest, form: ReportForm, status: int) -> HttpResponse:
    city, kept = form.city, form.photos_kept
    photo = form.photo_position() if form.is_bound else None
    context: dict[str, Any] = {
        "form": form,
        "icons": icons_of(city),
        "kept_photos": _previews(city, kept),
        "room": MOST_PHOTOS - len(kept.photos),
        "bounds": view_box(city),
        "suggestion": f"{photo[0]},{photo[1]}" if photo else "",
        "outside": form.outside,
        "aid": isinstance(form, AidForm),
        "has_aid": aid_category(city) is not None,
        "meant": _meant(form),
    }
    return render(request, "reports/new.html", context, status=status)


def _meant(form: ReportForm) -> list[Any]:
    """What the words may mean, where no category was chosen; answered by a room above."""
    if not form.is_bound or form.data.get("category") or isinstance(form, AidForm):
        return []
    found: list[Any] = import_string(settings.GUESS_CATEGORY)(form.city, form.data.get("words", ""))
    return found


def _previews(city: CityFacts, kept: Kept) -> list[dict[str, str]]:
    return [{"uuid": str(p.uuid), "url": photo_url(city, p.uuid, "thumb", secret=True)} for p in kept.photos]
