"""`POST /<city>/laporan.json`: reports from programs. No session, no cookie, as few statements as the limits allow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import msgspec
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts, CityRequest
from qlue.kit.http import problem
from qlue.kit.text import (
    LEAST_WORDS,
    MOST_EMAIL,
    MOST_LANDMARK,
    MOST_NAME,
    MOST_PHONE,
    MOST_WORDS,
    one_line,
    tidy,
)
from qlue.reports.actions import Submission, Submitted, submit
from qlue.reports.actions.limits import MOST_JSON, REPORT_LIMITS
from qlue.reports.actions.place import NoPlace, ReportPlace, parse_position, place_of
from qlue.reports.presentation.cards import follow_url, report_url
from qlue.reports.views.common import seconds_until_allowed

Checked = TypeVar("Checked")
Args = ParamSpec("Args")


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


class BodyFault(Exception):
    """One thing that is wrong with what was sent: the field's name and words for a person."""

    def __init__(self, field: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.field, self.message, self.more = field, message, more


class Refusal(Exception):
    """The answer is this problem."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


decode = msgspec.json.Decoder(ReportIn).decode  # made once: building a decoder takes longer than using it


def take_report(request: CityRequest) -> HttpResponse:
    """201 with the new report, 200 with the first one on a repeat, or a problem."""
    try:
        # Counted only once it is a report: a program with broken JSON must not use up what its address may send.
        body = _read_body(request)
        wait = seconds_until_allowed(request, "report", REPORT_LIMITS)
        if wait:
            raise Refusal(_too_many(wait))
        answer = submit(city=request.city, submission=_submission_of(request.city, body))
    except Refusal as refusal:
        return refusal.answer
    return _submitted_response(request, request.city, answer)


def _read_body(request: HttpRequest) -> ReportIn:
    if request.content_type != "application/json":
        raise Refusal(problem(415, "media-type", _("Send application/json.")))
    try:
        # By the header first, so that a body of gigabytes is not read at all.
        body = request.body if int(request.META.get("CONTENT_LENGTH") or 0) <= MOST_JSON else None
    except RequestDataTooBig:
        body = None
    if body is None:
        raise Refusal(problem(413, "too-large", _("One report may have at most 64 KB.")))
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        raise Refusal(_wrong_shape(str(error))) from error
    # Deep nesting ends in RecursionError, half a UTF-8 character in UnicodeDecodeError: both are no JSON of ours.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(problem(400, "malformed", _("This is no JSON."), detail=str(error))) from error


def _wrong_shape(message: str) -> HttpResponse:
    """msgspec says `Expected ... - at `$.lon``, or names the missing field in backticks."""
    before = "`$." if "`$." in message else "field `"
    place = message.rpartition(before)[2].rstrip("`")
    field = place if place.replace(".", "").isidentifier() else ""
    is_missing_field = "missing required field" in message
    fault = BodyFault(field, _("This is missing.") if is_missing_field else _("This has the wrong form."))
    return _unprocessable([fault], detail=message)


def _unprocessable(faults: list[BodyFault], **more: Any) -> HttpResponse:
    errors = [{"field": fault.field, "message": fault.message} | fault.more for fault in faults]
    return problem(422, "invalid", _("Some of it cannot be taken as it is."), errors=errors, **more)


def _too_many(wait: int) -> HttpResponse:
    answer = problem(429, "too-many", _("Too many reports came from here. Please wait."), retry_after=wait)
    answer.headers["Retry-After"] = str(wait)
    return answer


def _submission_of(city: CityFacts, body: ReportIn) -> Submission:
    """What was sent as a submission; raises `Refusal` with everything that is wrong, not only the first thing."""
    faults: list[BodyFault] = []
    texts = _body_texts(body, faults)
    category = _field_or_fault(faults, _body_category, city, body.category)
    place = _field_or_fault(faults, _body_place, city, body)
    if faults or category is None or place is None:
        raise Refusal(_unprocessable(faults))
    return Submission(
        uuid=body.uuid,
        category_id=category.id,
        words=texts.words,
        lon=place.lon,
        lat=place.lat,
        place=place.kind,
        area_id=place.area_id,
        landmark=texts.landmark,
        private=body.private,
        channel="api",
        name=texts.name,
        email=texts.email,
        phone=texts.phone,
    )


def _field_or_fault(
    faults: list[BodyFault], check: Callable[Args, Checked], *args: Args.args, **kwargs: Args.kwargs
) -> Checked | None:
    """What `check` returns; None where it raised a fault, which joins the others."""
    try:
        return check(*args, **kwargs)
    except BodyFault as fault:
        faults.append(fault)
        return None


@dataclass(frozen=True)
class BodyTexts:
    """Everything that somebody wrote, tidied."""

    words: str
    landmark: str
    name: str
    email: str
    phone: str


def _body_texts(body: ReportIn, faults: list[BodyFault]) -> BodyTexts:
    """The texts; whatever is wrong with them joins `faults`."""
    faults += _text_faults(body)
    words, landmark = tidy(body.words), one_line(body.landmark)
    faults += _length_faults("words", words, LEAST_WORDS, MOST_WORDS)
    faults += _length_faults("landmark", landmark, 0, MOST_LANDMARK)
    return BodyTexts(words, landmark, **_body_contact(body.contact or ContactIn(), faults))


def _text_faults(body: ReportIn) -> Iterator[BodyFault]:
    # A fault, though `tidy` would drop it: a program that sends NUL has taken the wrong bytes.
    for name in ("words", "landmark"):
        if "\0" in getattr(body, name):
            yield BodyFault(name, _("This holds a character (NUL) that no text has."))


def _body_contact(contact: ContactIn, faults: list[BodyFault]) -> dict[str, str]:
    limits = {"name": MOST_NAME, "email": MOST_EMAIL, "phone": MOST_PHONE}
    texts = {name: one_line(getattr(contact, name)) for name in limits}
    for name, most in limits.items():
        faults += _length_faults(f"contact.{name}", texts[name], 0, most)
    try:
        if texts["email"]:
            validate_email(texts["email"])
    except ValidationError:
        faults.append(BodyFault("contact.email", _("This is no e-mail address, such as nama@contoh.id.")))
    return texts


def _length_faults(field: str, text: str, least: int, most: int) -> Iterator[BodyFault]:
    if len(text) < least:
        yield BodyFault(field, _("At least %(n)d characters, please.") % {"n": least})
    if len(text) > most:
        yield BodyFault(field, _("At most %(n)d characters, please.") % {"n": most})


def _body_category(city: CityFacts, category: str | int) -> CategoryFacts:
    category_facts = city.categories.get(category) if isinstance(category, int) else city.category(category)
    if category_facts is None or not category_facts.active:
        raise BodyFault("category", _("%(city)s has no such category.") % {"city": city.name})
    return category_facts


def _body_place(city: CityFacts, body: ReportIn) -> ReportPlace:
    area = _body_area(city, body.area)
    try:
        pin = parse_position(body.lon, body.lat)
    except ValueError:
        raise BodyFault("lon", _("lon and lat must be degrees: lon -180 to 180, lat -90 to 90.")) from None
    try:
        return place_of(city, pin=pin, area=area, keep=body.keep)
    except NoPlace as trouble:
        raise _place_fault(city, trouble) from None


def _place_fault(city: CityFacts, trouble: NoPlace) -> BodyFault:
    if trouble.reason == "missing":
        return BodyFault("lon", _("Give lon and lat, or the code of a kelurahan as area."))
    # With the city that the place lies in, so that a program can send the report there.
    other_city = {"city": trouble.other.slug} if trouble.other else {}
    return BodyFault("lon", _("This place lies outside of %(city)s.") % {"city": city.name}, **other_city)


def _body_area(city: CityFacts, code: str | None) -> AreaFacts | None:
    if not code:
        return None
    area = city.area(code)
    if area is None or not area.active or area.level != "kelurahan":
        raise BodyFault("area", _("%(city)s has no kelurahan with this code.") % {"city": city.name})
    return area


def _submitted_response(request: HttpRequest, city: CityFacts, result: Submitted) -> HttpResponse:
    # Programs keep the answer and pass it on, so its addresses must be whole ones.
    base_url = request.build_absolute_uri("/").rstrip("/")
    url = base_url + report_url(city, result.code)
    body = {
        "code": result.code,
        "status": result.status,
        "url": url,
        "follow_url": base_url + follow_url(city, result.code, result.token),
        "due_at": result.due_at,
    }
    status = 200 if result.repeated else 201
    answer = HttpResponse(msgspec.json.encode(body), content_type="application/json", status=status)
    # It holds the secret follow link, which no proxy may keep.
    answer.headers["Location"], answer.headers["Cache-Control"] = url, "no-store"
    return answer
