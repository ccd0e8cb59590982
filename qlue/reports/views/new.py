"""`/<city>/lapor/`: the report form. Whatever goes wrong, it comes back filled, photos too."""

from collections.abc import Sequence
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

from qlue.cities.facts import CityFacts, CityRequest, city_facts
from qlue.kit.db import enter_city
from qlue.kit.ids import uuid7
from qlue.people.queries import MemberRequest
from qlue.reports.actions import Submission, submit
from qlue.reports.actions.draft_photos import MOST_PHOTOS, DraftPhotos, draft_note, keep_draft_photos
from qlue.reports.actions.limits import REPORT_LIMITS
from qlue.reports.forms.aid import AidForm, aid_category
from qlue.reports.forms.report import ReportForm, category_icons
from qlue.reports.presentation.cards import follow_url, photo_url, view_box
from qlue.reports.views.common import (
    device_of,
    is_forged,
    name_device,
    refused,
    request_member,
    seconds_until_allowed,
)
from qlue.web.formats import span

FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


@csrf_exempt  # checked inside: a form from an old tab comes back filled instead of being lost
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request: MemberRequest, city_slug: str) -> HttpResponse:
    """The empty form, and what was sent with it."""
    if _is_aid(request) and aid_category(request.city) is None:
        raise Http404("this city has no such form")
    if request.method != "POST":
        return _blank_form(request, request.city)
    if request.content_type not in FORM_TYPES:
        advice = _("Send the form of this page, or JSON to the address that ends in laporan.json.")
        return refused(request, 415, "media-type", _("This kind of content cannot be read here."), advice)
    # Reading POST is what parses the body, and fails on one that is too large.
    try:
        data = request.POST
    except TOO_MUCH:
        advice = _("Go back: what you typed is still there. Send fewer or smaller photos, or fewer words.")
        return refused(request, 413, "too-large", _("That was too much at once."), advice)
    return _posted(request, _target_city(request, data))


@require_safe
def category_search(request: CityRequest, city_slug: str) -> HttpResponse:
    """The category cards that fit what was typed, the chosen one among them; without `cari`, the search box."""
    facts = request.city
    if "cari" not in request.GET:
        return render(request, "reports/category_search.html")
    chosen_slug = request.GET.get("category", "")
    form = ReportForm(facts, initial={"category": chosen_slug})
    match_count = form.narrow(request.GET["cari"][:100], chosen_slug)
    return render(
        request, "reports/category_cards.html", {"form": form, "icons": category_icons(facts), "found": match_count}
    )


def _target_city(request: CityRequest, data: QueryDict) -> CityFacts:
    """The city of the URL, unless the person chose to send a report from outside of it to the city where it lies."""
    asked_city = city_facts(data.get("to", ""))
    if asked_city is None:
        return request.city
    # Row security follows the report: what the rest of this request writes belongs to that city.
    enter_city(asked_city.id)
    request.city = asked_city
    return asked_city


def _blank_form(request: HttpRequest, city: CityFacts) -> HttpResponse:
    """What an address brings along (`?category=sampah&area=...`) is chosen already."""
    initial = {name: request.GET[name] for name in ("category", "area", "lon", "lat") if name in request.GET}
    answer = _form_page(request, _kind(request)(city, initial={"uuid": uuid7(), **initial}), 200)
    name_device(request, answer, device_of(request))
    return answer


def _posted(request: MemberRequest, city: CityFacts) -> HttpResponse:
    wait = seconds_until_allowed(request, "report", REPORT_LIMITS, device=device_of(request))
    # Without files for those who have to wait: decoding photos is the dearest thing that a stranger can make us do.
    form = _bound_form(request, city, with_files=not wait)
    valid = form.is_valid()
    if wait:
        return _form_again(request, form, _("Too many reports came from here. Please wait %s, then send again."), wait)
    # After the photos are stored, so that they come back too; nothing is submitted before.
    if is_forged(request):
        form.errors.clear()
        form.add_error(None, _("The form had been open for too long. Everything is still here: please send it again."))
        return _form_page(request, form, 403)
    return _submit_form(request, form) if valid else _form_page(request, form, 422)


def _form_again(request: HttpRequest, form: ReportForm, words: str, wait: int) -> HttpResponse:
    form.errors.clear()
    form.add_error(None, words % span(wait))
    answer = _form_page(request, form, 429)
    answer.headers["Retry-After"] = str(wait)
    return answer


def _bound_form(request: HttpRequest, city: CityFacts, *, with_files: bool) -> ReportForm:
    """The filled form. Photos are cleaned and stored first, so that they survive whatever else is wrong."""
    data = request.POST.copy()
    owner = _form_uuid(data.get("uuid", ""))
    data["uuid"] = str(owner)
    files = request.FILES.getlist("photos") if with_files else []
    draft_photos = keep_draft_photos(city.id, owner, data.get("kept", ""), files, data.getlist("drop"))
    data["kept"] = draft_note(city.id, owner, draft_photos.photos)
    # The position is known only while the file is in hand; the form carries it on, as the files have lost it.
    if draft_photos.position and not data.get("photo_lon"):
        data["photo_lon"], data["photo_lat"] = map(str, draft_photos.position)
    # A kelurahan of the city that the form was opened in means nothing in the other one.
    if data.get("to") and city.area(data.get("area", "")) is None:
        data["area"] = ""
    return _kind(request)(city, data, draft_photos=draft_photos, keep_outside="keep" in data)


def _is_aid(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == "report-aid"


def _kind(request: HttpRequest) -> type[ReportForm]:
    return AidForm if _is_aid(request) else ReportForm


def _form_uuid(text: str) -> UUID:
    """The sender's own; a broken one costs nobody a report, only the protection of a repeat."""
    try:
        return UUID(text)
    except ValueError:
        return uuid7()


def _submit_form(request: MemberRequest, form: ReportForm) -> HttpResponse:
    city, clean, place = form.city, form.cleaned_data, form.place
    category = city.category(clean["category"])
    assert category is not None
    assert place is not None
    submission = Submission(
        uuid=clean["uuid"],
        category_id=category.id,
        words=clean["words"],
        lon=place.lon,
        lat=place.lat,
        place=place.kind,
        area_id=place.area_id,
        landmark=clean["landmark"],
        private=clean["private"] == "1",
        # Left out of every KPI: officials once reported and solved their own cases for points.
        staff_made=request_member(request) is not None,
        name=clean["name"],
        email=clean["email"],
        phone=clean["phone"],
        photos=form.photos_kept.photos,
        aid=form.aid() if isinstance(form, AidForm) else None,
    )
    result = submit(city=city, submission=submission)
    how = "ulang" if result.repeated else ("foto" if place.from_photo else "1")
    answer = HttpResponseRedirect(f"{follow_url(city, result.code, result.token)}?baru={how}")
    answer.status_code = 303
    return answer


def _form_page(request: HttpRequest, form: ReportForm, status: int) -> HttpResponse:
    city, draft_photos = form.city, form.photos_kept
    photo = form.photo_position() if form.is_bound else None
    context: dict[str, Any] = {
        "form": form,
        "icons": category_icons(city),
        "kept_photos": _photo_previews(city, draft_photos),
        "room": MOST_PHOTOS - len(draft_photos.photos),
        "bounds": view_box(city),
        "suggestion": f"{photo[0]},{photo[1]}" if photo else "",
        "outside": form.outside,
        "aid": isinstance(form, AidForm),
        "has_aid": aid_category(city) is not None,
        "meant": _guessed_categories(form),
    }
    return render(request, "reports/new.html", context, status=status)


def _guessed_categories(form: ReportForm) -> Sequence[object]:
    """Categories that the words may mean, where none was chosen: suggestions of a room above, for the template."""
    if not form.is_bound or form.data.get("category") or isinstance(form, AidForm):
        return []
    # By name from the settings: an import would be an arrow upwards.
    guesses: Sequence[object] = import_string(settings.GUESS_CATEGORY)(form.city, form.data.get("words", ""))
    return guesses


def _photo_previews(city: CityFacts, draft_photos: DraftPhotos) -> list[dict[str, str]]:
    return [{"uuid": str(p.uuid), "url": photo_url(city, p.uuid, "thumb", secret=True)} for p in draft_photos.photos]
