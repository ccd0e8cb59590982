"""Readings over HTTP, for devices and gateways without MQTT: one device, many readings, answered after the commit."""

import hmac
import time

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import Router, Schema

from qlue.kit.db import fetch_all
from qlue.kit.http import problem
from qlue.kit.rate import Limit, spend
from qlue.things.intake.known import FIND, Known, hashed, known
from qlue.things.intake.store import Batch, store

router = Router(tags=["sensors"])

LIMIT = 1 << 20  # bytes of one request
WRONG_TOKENS = Limit(30, 60)
REQUESTS = Limit(600, 60)  # of one device, each of up to 5,000 readings
JSON_READINGS = {
    "type": "object",
    "description": "`at` (RFC 3339, or seconds or milliseconds since 1970) and one number for each field",
    "properties": {"at": {}},
    "additionalProperties": {"type": "number"},
    "example": {"at": "2026-11-22T08:00:00Z", "level_cm": 151.2, "rain_mm": 0.4},
}
SENML = {"type": "array", "items": {"type": "object"}, "description": "RFC 8428; the last part of a name is the field"}
SENDING = {
    "security": [{"deviceToken": []}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": [JSON_READINGS, {"type": "array", "items": JSON_READINGS}]}},
            "application/senml+json": {"schema": SENML},
        },
    },
}


class ReadingsTaken(Schema):
    """How many readings were new, how many were there already, and for each reason how many were refused."""

    stored: int
    repeated: int
    refused: dict[str, int]


@router.post(
    "/{city}/devices/{device}/readings",
    response={200: ReadingsTaken, 422: ReadingsTaken},
    operation_id="sendReadings",
    openapi_extra=SENDING,
)
@csrf_exempt
def send(request: HttpRequest, city: str, device: str) -> HttpResponse:
    """Hands in readings of one device; its token comes as `Authorization: Bearer …`. Sending them again does no harm.

    422 when not one reading could be taken; what was refused is counted where the city's operators see it.
    """
    found = _device(request, city, device)
    if found is None:
        wait = spend(f"things:{getattr(request, 'address', '')}", WRONG_TOKENS)
        title = _("There is no such device, or this is not its token.")
        return _later(wait, "wrong-token", title) if wait else problem(401, "wrong-token", title)
    if wait := spend(f"things:device:{found.id}", REQUESTS):
        return _flooded(found, wait)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LIMIT:
        return problem(413, "too-large", _("At most one megabyte at a time."))
    batch = Batch()
    batch.add(found, request.body, time.time(), LIMIT)
    with transaction.atomic(), connection.cursor() as cursor:
        stored = store(cursor, batch)
    refused = {reason: n for (_city, _device, reason), (n, _sample) in batch.refused.items()}
    answer = {"stored": stored.fresh, "repeated": stored.repeated, "refused": refused}
    return JsonResponse(answer, status=200 if batch.rows or not refused else 422)


def _later(wait: int, kind: str, title: str) -> HttpResponse:
    answer = problem(429, kind, title)
    answer["Retry-After"] = str(wait)
    return answer


def _flooded(found: Known, wait: int) -> HttpResponse:
    """Counted where operators see it; what is in the request is not looked at."""
    batch = Batch()
    batch.refuse(found.city_id, found.id, "too-often")
    with transaction.atomic(), connection.cursor() as cursor:
        store(cursor, batch)
    return _later(wait, "too-often", _("Put several readings into one request; this device sends too many."))


def _device(request: HttpRequest, city: str, key: str) -> Known | None:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    found = fetch_all(FIND, [city, key])
    if kind.lower() != "bearer" or not found:
        return None
    device, token_hash = known(found[0])
    return device if hmac.compare_digest(hashed(token.strip().encode()), token_hash) else None
