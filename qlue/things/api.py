"""Readings over HTTP, for devices and gateways without MQTT: one device, many readings, answered after the commit."""

import time

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import Router, Schema

from qlue.kit.http import problem
from qlue.kit.rate import Limit, spend
from qlue.things.intake.identity import DeviceIdentity
from qlue.things.intake.store import ReadingBatch, store_batch
from qlue.things.queries.devices import find_credentials
from qlue.things.states import RefusalReason

router = Router(tags=["sensors"])

BODY_LIMIT = 1 << 20  # bytes of one request
WRONG_TOKENS = Limit(30, 60)  # of one address
REQUESTS = Limit(600, 60)  # of one device, each of up to 5,000 objects (`payload.MOST_OBJECTS`)
JSON_READINGS = {
    "type": "object",
    "description": "`at` (RFC 3339, or seconds or milliseconds since 1970) and one number for each field",
    "properties": {"at": {}},
    "additionalProperties": {"type": "number"},
    "example": {"at": "2026-11-22T08:00:00Z", "level_cm": 151.2, "rain_mm": 0.4},
}
SENML_READINGS = {
    "type": "array",
    "items": {"type": "object"},
    "description": "RFC 8428; the last part of a name is the field",
}
OPENAPI = {
    "security": [{"deviceToken": []}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": [JSON_READINGS, {"type": "array", "items": JSON_READINGS}]}},
            "application/senml+json": {"schema": SENML_READINGS},
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
    url_name="send",
    openapi_extra=OPENAPI,
)
@csrf_exempt
def send_readings(request: HttpRequest, city: str, device: str) -> HttpResponse:
    """Hands in readings of one device; its token comes as `Authorization: Bearer …`. Sending them again does no harm.

    422 when not one reading could be taken; what was refused is counted where the city's operators see it.
    """
    identity = _authenticate_device(request, city, device)
    if identity is None:
        wait = spend(f"things:{getattr(request, 'address', '')}", WRONG_TOKENS)
        title = _("There is no such device, or this is not its token.")
        return _too_many_requests(wait, "wrong-token", title) if wait else problem(401, "wrong-token", title)
    if wait := spend(f"things:device:{identity.id}", REQUESTS):
        return _count_flood(identity, wait)
    # The middleware has refused bodies without an honest length already.
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
        return problem(413, "too-large", _("At most one megabyte at a time."))
    batch = ReadingBatch()
    batch.add(identity, request.body, time.time(), BODY_LIMIT)
    with transaction.atomic(), connection.cursor() as cursor:
        counts = store_batch(cursor, batch)
    refusals = {reason: n for (_city, _device, reason), (n, _sample) in batch.refusals.items()}
    answer = {"stored": counts.fresh, "repeated": counts.repeated, "refused": refusals}
    return JsonResponse(answer, status=200 if batch.rows or not refusals else 422)


def _too_many_requests(wait: int, kind: str, title: str) -> HttpResponse:
    response = problem(429, kind, title)
    response["Retry-After"] = str(wait)
    return response


def _count_flood(device: DeviceIdentity, wait: int) -> HttpResponse:
    """Counted where operators see it; what is in the request is not read."""
    batch = ReadingBatch()
    batch.refuse(device.city_id, device.id, RefusalReason.TOO_OFTEN)
    with transaction.atomic(), connection.cursor() as cursor:
        store_batch(cursor, batch)
    title = _("Put several readings into one request; this device sends too many.")
    return _too_many_requests(wait, "too-often", title)


def _authenticate_device(request: HttpRequest, city: str, key: str) -> DeviceIdentity | None:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    credentials = find_credentials(city, key)
    if kind.lower() != "bearer" or credentials is None:
        return None
    return credentials.identity() if credentials.has_token(token.strip().encode()) else None
