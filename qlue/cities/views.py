"""The boundaries of a city, as a map needs them."""

import gzip
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.cities.facts.queries import kelurahan_polygons
from qlue.cities.geometry.outlines import feature_collection
from qlue.kit.http import problem

MAX_AGE = 3600  # seconds; boundaries change when a pack is loaded, a few times a year
LEVELS = ("kecamatan", "kelurahan")


@dataclass(frozen=True)
class BoundariesBody:
    """An answer ready to send, plain and gzipped, with its ETag."""

    plain: bytes
    gzipped: bytes
    etag: str


@require_safe
def boundaries(request: CityRequest, city_slug: str) -> HttpResponse:
    """GeoJSON of the city's kecamatan and kelurahan; `?level=` keeps one of the two."""
    level = request.GET.get("level", "")
    if level and level not in LEVELS:
        return problem(422, "unknown-level", _("level must be kecamatan or kelurahan."))
    body = _boundaries_body(request.city, level)
    response = HttpResponseNotModified() if _has_etag(request, body.etag) else _geojson_response(request, body)
    response["ETag"] = body.etag
    response["Cache-Control"] = f"public, max-age={MAX_AGE}"
    # A shared cache must not give the gzipped body to a client that cannot read it.
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _has_etag(request: HttpRequest, etag: str) -> bool:
    """True when the caller has this body already; proxies that compress make its ETag weak (`W/`)."""
    etags = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
    return etag in etags or "*" in etags


def _geojson_response(request: HttpRequest, body: BoundariesBody) -> HttpResponse:
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(body.plain, content_type="application/geo+json")
    response = HttpResponse(body.gzipped, content_type="application/geo+json")
    response["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=256)
def _boundaries_body(city: CityFacts, level: str) -> BoundariesBody:
    """Built once per process and pack: facts compare by identity, and those of a newer pack are another object."""
    plain = feature_collection(city, *kelurahan_polygons(city.id), level=level)
    # mtime: the bytes must be the same in every process, for they share an ETag.
    return BoundariesBody(plain, gzip.compress(plain, 6, mtime=0), f'"{blake2b(plain, digest_size=12).hexdigest()}"')
