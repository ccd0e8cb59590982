"""The page of one camera: its state, its counts, its live picture."""

import csv
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from threading import BoundedSemaphore

from django.db import connection
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.clock import now
from qlue.kit.db import execute, in_city
from qlue.kit.http import SlotIterator
from qlue.kit.tables import escape_csv_cell
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required
from qlue.vision import queries
from qlue.vision.actions import set_active
from qlue.vision.actions.reports import vehicle_label
from qlue.vision.models import Camera
from qlue.vision.presentation.cards import camera_card, camera_event_card
from qlue.vision.sources.still import NoPicture
from qlue.vision.views.common import camera_or_404, camera_still, jpeg_response, post_or_cameras

COLOURS = {"car": "blue", "motorcycle": "green", "bus": "yellow", "truck": "red", "person": "grey", "bicycle": "yellow"}
LIVE_S = 300.0  # then a live picture ends, so that nobody holds a thread for good
PICTURE_INTERVAL_S = 0.15
REQUEST_S = 8.0  # for so long a node stores live pictures after each request
MAX_VIEWERS = 4  # each holds one of the web's threads
BOUNDARY = "qlueframe"
REQUEST_LIVE = (
    "UPDATE vision_lease SET asked_until = now() + make_interval(secs => %s) WHERE city_id = %s AND camera_id = %s"
)
SERIES_HOURS = 24
_viewer_slots = BoundedSemaphore(MAX_VIEWERS)


@never_cache
@require_safe
@member_required("see_cameras")
def camera_page(request: CityRequest, city_slug: str, camera_id: int) -> HttpResponse:
    """State, live picture, counts, the last events."""
    city, member = city_and_member(request)
    camera = camera_or_404(city, camera_id)
    [record] = queries.list_cameras(city, camera_id)
    card = camera_card(city, record, queries.traffic_flows(city).get(camera_id))
    today = now().astimezone(city.tz).date()
    midnight = now().astimezone(city.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    yes, no = queries.verdict_counts(city, camera_id)
    events = queries.list_camera_events(city, camera_id=camera_id, limit=6)
    context = {
        "card": card,
        "marks": camera.marks,
        "days": _day_chart(city, camera_id, today),
        "minutes": _hour_chart(city, camera_id),
        "lines": _line_table(city, camera_id, midnight),
        "events": [camera_event_card(city, event) for event in events],
        "judged": {"yes": yes, "no": no, "n": yes + no},
        "may_manage": may(member, "manage_cameras"),
        "point": f"{camera.lon:.6f},{camera.lat:.6f}",
        "bounds": _surroundings(camera),
    }
    return render(request, "vision/camera.html", context)


def _line_table(city: CityFacts, camera_id: int, since: datetime) -> list[tuple[str, str, str, int]]:
    counts = queries.line_counts(city, camera_id, since)
    return [(line, direction, vehicle_label(kind), count) for line, direction, kind, count in counts]


def _surroundings(camera: Camera) -> str:
    """West, south, east and north of a map that shows the next few streets."""
    west, south, east, north = camera.lon - 0.006, camera.lat - 0.004, camera.lon + 0.006, camera.lat + 0.004
    return f"{west:.6f},{south:.6f},{east:.6f},{north:.6f}"


def _day_chart(city: CityFacts, camera_id: int, today: date) -> dict[str, object]:
    days, counts = queries.daily_crossings(city, camera_id, today)
    lines = [
        {"name": vehicle_label(kind), "colour": COLOURS.get(kind, "blue"), "values": values}
        for kind, values in sorted(counts.items(), key=lambda kind_counts: -sum(kind_counts[1]))
    ]
    return {"days": days, "lines": lines}


def _hour_chart(city: CityFacts, camera_id: int) -> dict[str, object]:
    minutes = queries.list_minutes(city, camera_id)
    seconds_seen = sum(minute.seen_s for minute in minutes)
    return {
        "vehicles": [minute.vehicles for minute in minutes],
        "people": [minute.people for minute in minutes],
        "coverage": round(100 * seconds_seen / (60 * len(minutes))),
        "any": seconds_seen > 0,
    }


@require_safe
@member_required("see_cameras")
def minutes_csv(request: CityRequest, city_slug: str, camera_id: int) -> HttpResponse:
    """The last 24 hours as CSV: seconds seen, vehicles and people in view, crossings by line."""
    city, _member = city_and_member(request)
    camera = camera_or_404(city, camera_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="kamera-{camera.id}.csv"'
    writer = csv.writer(response)
    writer.writerow(("minute", "seen_s", "vehicles_in_view", "people_in_view", "line", "direction", "kind", "n"))
    since = now() - timedelta(hours=SERIES_HOURS)
    for row in queries.minute_series(city, camera_id, since):
        numbers = f"{row.seen_s:.1f}", _two_decimals(row.vehicles), _two_decimals(row.people)
        # People name lines: a spreadsheet must not take one that begins with = for a formula.
        writer.writerow((row.start.isoformat(), *numbers, escape_csv_cell(row.line), row.direction, row.kind, row.n))
    return response


def _two_decimals(number: float | None) -> str:
    return "" if number is None else f"{number:.2f}"


@never_cache
@require_safe
@member_required("see_cameras")
def camera_snapshot(request: CityRequest, city_slug: str, camera_id: int) -> HttpResponse:
    """A frame as the camera sends it now, not blurred, to draw on: only for those who manage cameras."""
    city, member = city_and_member(request)
    camera = camera_or_404(city, camera_id)
    if not may(member, "manage_cameras"):
        return HttpResponse(status=403)
    try:
        return jpeg_response(camera_still(camera))
    except NoPicture as error:
        return HttpResponse(error.reason, status=502, content_type="text/plain")


@never_cache
@require_safe
@member_required("see_cameras")
def live_stream(request: CityRequest, city_slug: str, camera_id: int) -> HttpResponseBase:
    """Motion JPEG with boxes, faces and plates blurred; ends after `LIVE_S`."""
    city, _member = city_and_member(request)
    camera_or_404(city, camera_id)
    if not _viewer_slots.acquire(blocking=False):
        return HttpResponse("too many are watching", status=503, headers={"Retry-After": "30"})
    parts = SlotIterator(_jpeg_parts(city.id, camera_id), _viewer_slots.release)
    response = StreamingHttpResponse(parts, content_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}")
    response.headers["Content-Encoding"] = "identity"  # JPEGs do not shrink, and gzip would hold them back
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


def _jpeg_parts(city_id: int, camera_id: int) -> Iterator[bytes]:
    """A part for each new picture. Between two queries the connection goes back to the pool."""
    try:
        number, end, next_request_at = 0, time.monotonic() + LIVE_S, 0.0
        while time.monotonic() < end:
            with in_city(city_id):
                if time.monotonic() >= next_request_at:
                    next_request_at = time.monotonic() + REQUEST_S / 2
                    execute(REQUEST_LIVE, [REQUEST_S, city_id, camera_id])
                still = queries.newest_still(city_id, camera_id, number)
            connection.close()
            if still:
                number = still[0]
                yield _multipart_part(still[2])
            time.sleep(PICTURE_INTERVAL_S)
    finally:
        connection.close()


def _multipart_part(jpeg: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + b"\r\n"


@post_or_cameras
@member_required("manage_cameras")
def switch_camera(request: CityRequest, city_slug: str, camera_id: int) -> HttpResponseBase:
    """Switches the camera on or off."""
    city, member = city_and_member(request)
    set_active(city, member, camera_or_404(city, camera_id), request.POST.get("active") == "1")
    return redirect("camera", city_slug=city.slug, camera_id=camera_id)
