"""One camera: how it is, what it counted, its live picture."""

import csv
import time
from collections.abc import Iterator
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, in_city
from qlue.kit.http import Held
from qlue.kit.tables import harmless_line
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required
from qlue.vision import reading
from qlue.vision.actions import set_active
from qlue.vision.actions.reporting import vehicle_word
from qlue.vision.cards import camera_card, event_card
from qlue.vision.sources.still import NoPicture
from qlue.vision.views.common import camera_or_404, jpeg_answer, picture_of_camera, posts_only

COLOURS = {"car": "blue", "motorcycle": "green", "bus": "yellow", "truck": "red", "person": "grey", "bicycle": "yellow"}
LIVE_S, LOOK_S, ASKED_S = 300.0, 0.15, 8.0
MOST_WATCHERS = 4  # each holds one thread of the web
BOUNDARY = "qlueframe"
ASK = "UPDATE vision_lease SET asked_until = now() + make_interval(secs => %s) WHERE city_id = %s AND camera_id = %s"
SERIES_HOURS = 24
_watching = BoundedSemaphore(MOST_WATCHERS)


@never_cache
@require_safe
@member_required("see_cameras")
def camera(request: HttpRequest, city_slug: str, camera: int) -> HttpResponse:
    """State, live picture, counts, the last events."""
    here, member = city_and_member(request)
    kept = camera_or_404(here, camera)
    [row] = reading.cameras(here, camera)
    card = camera_card(here, row, reading.flows(here).get(camera))
    today = now().astimezone(here.tz).date()
    midnight = now().astimezone(here.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    yes, no = reading.judged(here, camera)
    context = {
        "card": card,
        "marks": kept.marks,
        "days": _days(here, camera, today),
        "minutes": _minutes(here, camera),
        "lines": [(*line[:2], vehicle_word(line[2]), line[3]) for line in reading.lines(here, camera, midnight)],
        "events": [event_card(here, one) for one in reading.events(here, camera=camera, most=6)],
        "judged": {"yes": yes, "no": no, "n": yes + no},
        "may_manage": may(member, "manage_cameras"),
        "point": f"{kept.lon:.6f},{kept.lat:.6f}",
        "bounds": f"{kept.lon - 0.006:.6f},{kept.lat - 0.004:.6f},{kept.lon + 0.006:.6f},{kept.lat + 0.004:.6f}",
    }
    return render(request, "vision/camera.html", context)


def _days(city: CityFacts, camera: int, today: Any) -> dict[str, Any]:
    days, counts = reading.days(city, camera, today)
    lines = [
        {"name": vehicle_word(kind), "colour": COLOURS.get(kind, "blue"), "values": values}
        for kind, values in sorted(counts.items(), key=lambda item: -sum(item[1]))
    ]
    return {"days": days, "lines": lines}


def _minutes(city: CityFacts, camera: int) -> dict[str, Any]:
    found = reading.minutes(city, camera)
    looked = sum(row[1] for row in found)
    return {
        "vehicles": [row[2] for row in found],
        "people": [row[3] for row in found],
        "coverage": round(100 * looked / (60 * len(found))),
        "any": looked > 0,
    }


@require_safe
@member_required("see_cameras")
def series(request: HttpRequest, city_slug: str, camera: int) -> HttpResponse:
    """A day's minutes as CSV: how long was looked, how many were in view, what crossed which line."""
    here, _member = city_and_member(request)
    kept = camera_or_404(here, camera)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="kamera-{kept.id}.csv"'
    writer = csv.writer(answer)
    writer.writerow(("minute", "seen_s", "vehicles_in_view", "people_in_view", "line", "direction", "kind", "n"))
    for start, seen, vehicles, people, line, *rest in reading.series(
        here, camera, now() - timedelta(hours=SERIES_HOURS)
    ):
        row = (start.isoformat(), f"{seen:.1f}", _short(vehicles), _short(people), harmless_line(line), *rest)
        writer.writerow(row)
    return answer


def _short(number: float | None) -> str:
    return "" if number is None else f"{number:.2f}"


@never_cache
@require_safe
@member_required("see_cameras")
def snapshot(request: HttpRequest, city_slug: str, camera: int) -> HttpResponse:
    """A picture as the camera sends it now, to draw on and to test with: only for those who manage cameras."""
    here, member = city_and_member(request)
    kept = camera_or_404(here, camera)
    if not may(member, "manage_cameras"):
        return HttpResponse(status=403)
    try:
        return jpeg_answer(picture_of_camera(kept))
    except NoPicture as missing:
        return HttpResponse(missing.reason, status=502, content_type="text/plain")


@never_cache
@require_safe
@member_required("see_cameras")
def live(request: HttpRequest, city_slug: str, camera: int) -> HttpResponseBase:
    """Motion JPEG with boxes, people and plates blurred; ends after five minutes, so that nobody holds it for good."""
    here, _member = city_and_member(request)
    camera_or_404(here, camera)
    if not _watching.acquire(blocking=False):
        return HttpResponse("too many are watching", status=503, headers={"Retry-After": "30"})
    parts = Held(_parts(here.id, camera), _watching.release)
    answer = StreamingHttpResponse(parts, content_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}")
    answer.headers["Content-Encoding"] = "identity"  # JPEGs do not shrink, and gzip would hold them back
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer


def _parts(city_id: int, camera: int) -> Iterator[bytes]:
    """One part per picture. Between two looks the connection goes back to the pool."""
    try:
        number, end, ask = 0, time.monotonic() + LIVE_S, 0.0
        while time.monotonic() < end:
            with in_city(city_id):
                if time.monotonic() >= ask:
                    ask = time.monotonic() + ASKED_S / 2
                    execute(ASK, [ASKED_S, city_id, camera])
                found = reading.still(city_id, camera, number)
            connection.close()
            if found:
                number = found[0]
                yield _part(found[2])
            time.sleep(LOOK_S)
    finally:
        connection.close()


def _part(jpeg: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + b"\r\n"


@posts_only
@member_required("manage_cameras")
def switch(request: HttpRequest, city_slug: str, camera: int) -> HttpResponseBase:
    """On or off."""
    here, member = city_and_member(request)
    set_active(here, member, camera_or_404(here, camera), request.POST.get("active") == "1")
    return redirect("camera", city_slug=here.slug, camera=camera)
