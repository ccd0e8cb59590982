"""The boundaries of a city, as a map needs them."""

import gzip
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.cities.facts.reading import polygons_of
from qlue.cities.outlines import feature_collection
from qlue.kit.http import problem

MAX_AGE = 3600
LEVELS = ("kecamatan", "kelurahan")


@dataclass(frozen=True)
class Body:
    """An answer ready to send, plain and gzipped, with its ETag."""

    plain: bytes
    gzipped: bytes
    etag: str


@require_safe
def boundaries(request: HttpRequest, city_slug: str) -> HttpResponse:
    """GeoJSON of the city's kecamatan and kelurahan; `?level=` keeps one of the two."""
    level = request.GET.get("level", "")
    if level and level not in LEVELS:
        return problem(422, "unknown-level", _("level must be kecamatan or kelurahan."))
    facts: CityFacts = request.city  # type: ignore[attr-defined]
    body = _body(facts, level)
    answer = HttpResponseNotModified() if _has(request, body.etag) else _sent(request, body)
    answer["ETag"] = body.etag
    answer["Cache-Control"] = f"public, max-age={MAX_AGE}"
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def _has(request: HttpRequest, etag: str) -> bool:
    """True when the caller already holds this body; proxies may have made the ETag weak."""
    held = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
    return etag in held or "*" in held


def _sent(request: HttpRequest, body: Body) -> HttpResponse:
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(body.plain, content_type="application/geo+json")
    answer = HttpResponse(body.gzipped, content_type="application/geo+json")
    answer["Content-Encoding"] = "gzip"
    return answer


@lru_cache(maxsize=256)
def _body(city: CityFacts, level: str) -> Body:
    """Made once per process and pack; facts of a newer pack are another key."""
    plain = feature_collection(city, *polygons_of(city.id), level=level)
    return Body(plain, gzip.compress(plain, 6, mtime=0), f'"{blake2b(plain, digest_size=12).hexdigest()}"')
