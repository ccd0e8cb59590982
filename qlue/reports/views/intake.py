"""`POST /<city>/laporan.json`: reports from programs. No session, no cookie, as few statements as the limits allow."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts
from qlue.kit.http import problem
from qlue.reports.actions import Submission, Submitted, submit
from qlue.reports.actions.place import NoPlace, Place, place_of, position
from qlue.reports.actions.text import (
    LEAST_WORDS,
    MOST_EMAIL,
    MOST_LANDMARK,
    MOST_NAME,
    MOST_PHONE,
    MOST_WORDS,
    one_line,
    tidy,
)
from qlue.reports.cards import follow_url, report_url
from qlue.reports.limits import MOST_JSON, REPORTS
from qlue.reports.views.common import city_in, wait_of


class ContactIn(msgspec.Struct):
    name: str = ""
    email: str = ""
    phone: str = ""


class ReportIn(msgspec.Struct, kw_only=True):
    """`category` is a slug or an id, `area` a kelurahan's Kemendagri code; `keep` takes a place outside of the city."""

    uuid: UUID
    category: str | int
    words: str
    lon: float | None = None
    lat: float | None = None
    area: str | None = None
    landmark: str = ""
    private: bool = False
    contact: ContactIn | None = None
    keep: bool = False


class Fault(Exception):
    """One thing that is wrong with what was sent: the field's name and words for a person."""

    def __init__(self, field: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.field, self.message, self.more = field, message, more


class Refusal(Exception):
    """The answer is this problem."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


decode = msgspec.json.Decoder(ReportIn).decode


def take(request: HttpRequest) -> HttpResponse:
    """201 with the new report, 200 with the first one on a repeat, or a problem."""
    try:
        given = _read(request)
        wait = wait_of(request, "report", REPORTS)
        if wait:
            raise Refusal(_too_many(wait))
        done = submit(city=city_in(request), submission=_checked(city_in(request), given))
    except Refusal as refusal:
        return refusal.answer
    return _answer(request, city_in(request), done)


def _read(request: HttpRequest) -> ReportIn:
    if request.content_type != "application/json":
        raise Refusal(problem(415, "media-type", _("Send application/json.")))
    try:
        body = request.body if int(request.META.get("CONTENT_LENGTH") or 0) <= MOST_JSON else None
    except RequestDataTooBig:
        body = None
    if body is None:
        raise Refusal(problem(413, "too-large", _("One report may have at most 64 KB.")))
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        raise Refusal(_wrong_shape(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(problem(400, "malformed", _("This is no JSON."), detail=str(error))) from error


def _wrong_shape(told: str) -> HttpResponse:
    """msgspec says `Expected ... - at `$.lon``, or names the missing field in backticks."""
    place = told.rpartition("`$.")[2].rstrip("`") if "`$." in told else told.rpartition("field `")[2].rstrip("`")
    field = place if place.replace(".", "").isidentifier() else ""
    missing = "missing required field" in told
    fault = Fault(field, _("This is missing.") if missing else _("This has the wrong form."))
    return _unprocessable([fault], detail=told)


def _unprocessable(faults: list[Fault], **more: Any) -> HttpResponse:
    errors = [{"field": fault.field, "message": fault.message} | fault.more for fault in faults]
    return problem(422, "invalid", _("Some of it cannot be taken as it is."), errors=errors, **more)


def _too_many(wait: int) -> HttpResponse:
    answer = problem(429, "too-many", _("Too many reports came from here. Please wait."), retry_after=wait)
    answer.headers["Retry-After"] = str(wait)
    return answer


def _checked(city: CityFacts, given: ReportIn) -> Submission:
    """What was sent as a submission; raises `Refusal` with everything that is wrong, not only the first thing."""
    faults: list[Fault] = []
    texts = _texts(given, faults)
    category = _tried(faults, _category, city, given.category)
    place = _tried(faults, _place, city, given)
    if faults or category is None or place is None:
        raise Refusal(_unprocessable(faults))
    return Submission(
        uuid=given.uuid,
        category_id=category.id,
        lon=place.lon,
        lat=place.lat,
        place=place.kind,
        area_id=place.area_id,
        private=given.private,
        channel="api",
        **texts,
    )


def _tried(faults: list[Fault], check: Any, *args: Any) -> Any:
    try:
        return check(*args)
    except Fault as fault:
        faults.append(fault)
        return None


def _texts(given: ReportIn, faults: list[Fault]) -> dict[str, Any]:
    faults += _text_faults(given)
    texts = {"words": tidy(given.words), "landmark": one_line(given.landmark)}
    faults += _length_faults("words", texts["words"], LEAST_WORDS, MOST_WORDS)
    faults += _length_faults("landmark", texts["landmark"], 0, MOST_LANDMARK)
    return texts | (_contact(given.contact, faults) if given.contact else {})


def _text_faults(given: ReportIn) -> Iterator[Fault]:
    for name in ("words", "landmark"):
        if "\0" in getattr(given, name):
            yield Fault(name, _("This holds a character (NUL) that no text has."))


def _contact(given: ContactIn, faults: list[Fault]) -> dict[str, str]:
    limits = {"name": MOST_NAME, "email": MOST_EMAIL, "phone": MOST_PHONE}
    texts = {name: one_line(getattr(given, name)) for name in limits}
    for name, most in limits.items():
        faults += _length_faults(f"contact.{name}", texts[name], 0, most)
    try:
        if texts["email"]:
            validate_email(texts["email"])
    except ValidationError:
        faults.append(Fault("contact.email", _("This is no e-mail address, such as nama@contoh.id.")))
    return texts


def _length_faults(field: str, text: str, least: int, most: int) -> Iterator[Fault]:
    if len(text) < least:
        yield Fault(field, _("At least %(n)d characters, please.") % {"n": least})
    if len(text) > most:
        yield Fault(field, _("At most %(n)d characters, please.") % {"n": most})


def _category(city: CityFacts, given: str | int) -> CategoryFacts:
    found = city.categories.get(given) if isinstance(given, int) else city.category(given)
    if found is None or not found.active:
        raise Fault("category", _("%(city)s has no such category.") % {"city": city.name})
    return found


def _place(city: CityFacts, given: ReportIn) -> Place:
    area = _area(city, given.area)
    try:
        pin = position(given.lon, given.lat)
    except ValueError:
        raise Fault("lon", _("lon and lat must be degrees: lon -180 to 180, lat -90 to 90.")) from None
    try:
        return place_of(city, pin=pin, area=area, keep=given.keep)
    except NoPlace as trouble:
        raise _place_fault(city, trouble) from None


def _place_fault(city: CityFacts, trouble: NoPlace) -> Fault:
    if trouble.reason == "missing":
        return Fault("lon", _("Give lon and lat, or the code of a kelurahan as area."))
    other = {"city": trouble.other.slug} if trouble.other else {}
    return Fault("lon", _("This place lies outside of %(city)s.") % {"city": city.name}, **other)


def _area(city: CityFacts, code: str | None) -> AreaFacts | None:
    if not code:
        return None
    found = city.area(code)
    if found is None or not found.active or found.level != "kelurahan":
        raise Fault("area", _("%(city)s has no kelurahan with this code.") % {"city": city.name})
    return found


def _answer(request: HttpRequest, city: CityFacts, done: Submitted) -> HttpResponse:
    here = request.build_absolute_uri("/").rstrip("/")
    url = here + report_url(city, done.code)
    body = {
        "code": done.code,
        "status": done.status,
        "url": url,
        "follow_url": here + follow_url(city, done.code, done.token),
        "due_at": done.due_at,
    }
    status = 200 if done.repeated else 201
    answer = HttpResponse(msgspec.json.encode(body), content_type="application/json", status=status)
    answer.headers["Location"], answer.headers["Cache-Control"] = url, "no-store"
    return answer
