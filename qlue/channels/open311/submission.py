"""A POST becomes a Submission: every field read, cleaned and within limits, or an error that says which is wrong."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from qlue.channels.models import ApiKey
from qlue.channels.open311.location import locate_report
from qlue.channels.open311.responses import Open311Error
from qlue.cities.facts import CategoryFacts, CityFacts
from qlue.kit.ids import uuid7
from qlue.kit.photo import MOST_BYTES, BadPhoto, CleanPhoto, clean_photo
from qlue.kit.text import one_line, tidy
from qlue.reports.actions import Submission, store_photos
from qlue.reports.actions.place import ReportPlace

T = TypeVar("T")
UUID_NAMESPACE = UUID("6f0c2c1e-6f3e-5f0e-9f0a-9d3b6c1b7a11")  # of the ids that programs send
MAX_LENGTHS = {
    "description": 4000,
    "address_string": 1000,
    "first_name": 60,
    "last_name": 60,
    "phone": 30,
    "email": 254,
}
MAX_PHOTOS = 5
YES, NO = frozenset({"yes", "true", "1", "ya"}), frozenset({"", "no", "false", "0", "tidak"})


def read_submission(city: CityFacts, request: HttpRequest, fields: QueryDict, key: ApiKey) -> Submission:
    """Reads everything before it complains, so that a caller learns all faults at once."""
    if any("\ufffd" in value for _name, values in fields.lists() for value in values):  # Django's sign for broken bytes
        raise Open311Error(400, _("The text is not UTF-8."))
    faults: list[str] = []
    category = _requested_category(city, fields)
    texts = {
        name: _value_or_default(faults, _text_field, fields, name, max_length, default="")
        for name, max_length in MAX_LENGTHS.items()
    }
    landmark = _value_or_default(faults, _attribute_text, fields, "landmark", default="")
    place = _value_or_default(
        faults, _requested_place, city, fields, texts["address_string"], default=ReportPlace(0, 0)
    )
    private = _value_or_default(faults, _private_flag, fields, default=False)
    uuid = _value_or_default(faults, _submission_uuid, city, key, fields, default=uuid7())
    _value_or_default(faults, _check_email, texts["email"], default=None)
    if faults:
        raise Open311Error(400, *faults)
    return Submission(
        uuid=uuid,
        category_id=category.id,
        words=texts["description"] or category.name,
        lon=place.lon,
        lat=place.lat,
        place=place.kind,
        area_id=place.area_id,
        landmark=landmark or shorten(texts["address_string"], 200),
        private=private,
        channel="open311",
        name=f"{texts['first_name']} {texts['last_name']}".strip()[:100],
        email=texts["email"],
        phone=texts["phone"],
        # Last, after everything else was found good: stored files of a refused report would lie around.
        photos=store_photos(city.id, uuid, _uploaded_photos(request)),
    )


def shorten(text: str, max_length: int) -> str:
    """Cut at the end: an address names the most specific first."""
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"


def _value_or_default(faults: list[str], read: Callable[..., T], *arguments: Any, default: T) -> T:
    """What `read` returns; where it raises, the descriptions are collected and `default` stands in."""
    try:
        return read(*arguments)
    except Open311Error as error:
        faults.extend(error.descriptions)
        return default


def _requested_category(city: CityFacts, fields: QueryDict) -> CategoryFacts:
    code = fields.get("service_code", "").strip()
    if not code:
        raise Open311Error(400, _("service_code was not provided."))
    category = city.category(code)
    if category is None or not category.active:
        raise Open311Error(404, _("service_code was not found: %(codes)s") % {"codes": code[:80]})
    return category


def _text_field(fields: QueryDict, name: str, max_length: int) -> str:
    """Tidied; too long a text is refused, not cut, so that no program loses words without noticing."""
    text = (tidy if name == "description" else one_line)(fields.get(name, ""))
    if len(text) > max_length:
        raise Open311Error(
            400, _("%(name)s is too long: at most %(most)s characters.") % {"name": name, "most": max_length}
        )
    return text


def _attribute_text(fields: QueryDict, code: str) -> str:
    return _text_field(fields, f"attribute[{code}]", 200)


def _requested_place(city: CityFacts, fields: QueryDict, address: str) -> ReportPlace:
    lat, long, address_id = (fields.get(name, "").strip() for name in ("lat", "long", "address_id"))
    return locate_report(city, lat, long, address_id, address)


def _private_flag(fields: QueryDict) -> bool:
    answer = _attribute_text(fields, "private").lower()
    if answer not in YES | NO:
        raise Open311Error(400, _("attribute[private] must be yes or no."))
    return answer in YES


def _submission_uuid(city: CityFacts, key: ApiKey, fields: QueryDict) -> UUID:
    """Made of the program's own id, so that a repeat is the same report; a new one where none came.

    The key goes into it: two programs that count from one do not meet.
    """
    sender_id = _attribute_text(fields, "uuid") or _text_field(fields, "client_uuid", 200)
    return uuid5(UUID_NAMESPACE, f"{city.id}:{key.pk}:{sender_id}") if sender_id else uuid7()


def _check_email(text: str) -> None:
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise Open311Error(400, _("email is not an e-mail address.")) from None


def _uploaded_photos(request: HttpRequest) -> list[CleanPhoto]:
    # Clients in the manner of PHP put brackets behind the name of a field that comes several times.
    files = [*request.FILES.getlist("media"), *request.FILES.getlist("media[]")]
    if len(files) > MAX_PHOTOS:
        raise Open311Error(400, _("At most %(most)s photos.") % {"most": MAX_PHOTOS})
    return [_clean_photo(file) for file in files]


def _clean_photo(file: "UploadedFile[Any]") -> CleanPhoto:
    try:
        if (file.size or 0) > MOST_BYTES:
            raise BadPhoto("size")
        return clean_photo(file.read())
    except BadPhoto as error:
        if error.reason in ("size", "pixels"):
            raise Open311Error(413, _("A photo is too large: at most 15 MB and 40 megapixels.")) from error
        raise Open311Error(415, _("A photo could not be read: send JPEG, PNG or WebP.")) from error
