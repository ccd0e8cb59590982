"""A POST becomes a Submission: every field read, cleaned and within limits, or a Fault that says which is wrong."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from qlue.channels.models import ApiKey
from qlue.channels.open311.answers import Fault
from qlue.channels.open311.place import locate
from qlue.cities.facts import CategoryFacts, CityFacts
from qlue.kit.ids import uuid7
from qlue.kit.photo import MOST_BYTES, BadPhoto, CleanPhoto, clean
from qlue.reports.actions import Submission, store_photos
from qlue.reports.actions.place import Place
from qlue.reports.actions.text import one_line, tidy

SPACE = UUID("6f0c2c1e-6f3e-5f0e-9f0a-9d3b6c1b7a11")  # of the ids that programs send
LIMITS = {"description": 4000, "address_string": 1000, "first_name": 60, "last_name": 60, "phone": 30, "email": 254}
MOST_PHOTOS = 5
YES, NO = frozenset({"yes", "true", "1", "ya"}), frozenset({"", "no", "false", "0", "tidak"})


def submission(city: CityFacts, request: HttpRequest, sent: QueryDict, key: ApiKey) -> Submission:
    """Reads everything before it complains, so that a caller learns all faults at once."""
    if any("\ufffd" in value for _name, values in sent.lists() for value in values):  # Django's sign for broken bytes
        raise Fault(400, _("The text is not UTF-8."))
    faults: list[str] = []
    category = _service(city, sent)
    fields = {name: _kept(faults, _text, sent, name, most, default="") for name, most in LIMITS.items()}
    landmark = _kept(faults, _attribute_text, sent, "landmark", default="")
    place = _kept(faults, _place, city, sent, fields["address_string"], default=Place(0, 0))
    private = _kept(faults, _private, sent, default=False)
    uuid = _kept(faults, _uuid, city, key, sent, default=None)
    _kept(faults, _email, fields["email"], default=None)
    if faults:
        raise Fault(400, *faults)
    return Submission(
        uuid=uuid,
        category_id=category.id,
        words=fields["description"] or category.name,
        lon=place.lon,
        lat=place.lat,
        place=place.kind,
        area_id=place.area_id,
        landmark=landmark or shortened(fields["address_string"], 200),
        private=private,
        channel="open311",
        name=f"{fields['first_name']} {fields['last_name']}".strip()[:100],
        email=fields["email"],
        phone=fields["phone"],
        photos=store_photos(city.id, uuid, _photos(request)),
    )


def shortened(text: str, most: int) -> str:
    """An address names the most specific first, so its end can go."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _kept(faults: list[str], read: Callable[..., Any], *given: Any, default: Any) -> Any:
    """What `read` finds; a Fault is noted and `default` stands in for it."""
    try:
        return read(*given)
    except Fault as fault:
        faults.extend(fault.descriptions)
        return default


def _service(city: CityFacts, sent: QueryDict) -> CategoryFacts:
    code = sent.get("service_code", "").strip()
    if not code:
        raise Fault(400, _("service_code was not provided."))
    found = city.category(code)
    if found is None or not found.active:
        raise Fault(404, _("service_code was not found: %(codes)s") % {"codes": code[:80]})
    return found


def _text(sent: QueryDict, name: str, most: int) -> str:
    """Tidied, and refused rather than cut where it is too long."""
    text = (tidy if name == "description" else one_line)(sent.get(name, ""))
    if len(text) > most:
        raise Fault(400, _("%(name)s is too long: at most %(most)s characters.") % {"name": name, "most": most})
    return text


def _attribute_text(sent: QueryDict, code: str) -> str:
    return _text(sent, f"attribute[{code}]", 200)


def _place(city: CityFacts, sent: QueryDict, address: str) -> Place:
    lat, long, address_id = (sent.get(name, "").strip() for name in ("lat", "long", "address_id"))
    return locate(city, lat, long, address_id, address)


def _private(sent: QueryDict) -> bool:
    word = _attribute_text(sent, "private").lower()
    if word not in YES | NO:
        raise Fault(400, _("attribute[private] must be yes or no."))
    return word in YES


def _uuid(city: CityFacts, key: ApiKey, sent: QueryDict) -> UUID:
    """The sender's own id, made one that no other program's id can meet; a new one where none came."""
    given = _attribute_text(sent, "uuid") or _text(sent, "client_uuid", 200)
    return uuid5(SPACE, f"{city.id}:{key.pk}:{given}") if given else uuid7()


def _email(text: str) -> None:
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise Fault(400, _("email is not an e-mail address.")) from None


def _photos(request: HttpRequest) -> list[CleanPhoto]:
    files = [*request.FILES.getlist("media"), *request.FILES.getlist("media[]")]
    if len(files) > MOST_PHOTOS:
        raise Fault(400, _("At most %(most)s photos.") % {"most": MOST_PHOTOS})
    return [_photo(file) for file in files]


def _photo(file: "UploadedFile[Any]") -> CleanPhoto:
    try:
        if (file.size or 0) > MOST_BYTES:
            raise BadPhoto("size")
        return clean(file.read())
    except BadPhoto as bad:
        if bad.reason in ("size", "pixels"):
            raise Fault(413, _("A photo is too large: at most 15 MB and 40 megapixels.")) from bad
        raise Fault(415, _("A photo could not be read: send JPEG, PNG or WebP.")) from bad
