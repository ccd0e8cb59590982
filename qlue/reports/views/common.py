"""What the views of this room share: who is calling, how often, and answers that refuse."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render

from qlue.cities.facts import CityRequest
from qlue.kit.http import problem, wants_json
from qlue.kit.ids import uuid7
from qlue.people.models import Membership
from qlue.people.queries import MemberRequest, member_of
from qlue.reports.actions.limits import Limits, seconds_to_wait

DEVICE = "qlue_device"
YEAR = 365 * 86_400  # seconds


def request_member(request: MemberRequest) -> Membership | None:
    """The signed-in member; without a session there is no query."""
    return member_of(request) if request.member else None


def seconds_until_allowed(request: CityRequest, action: str, limits: Limits, **callers: str) -> int:
    """Seconds that this caller has to wait, 0 when it may go on."""
    return seconds_to_wait(action, limits, address=request.address, **callers)


class _Check(CsrfViewMiddleware):
    """Django's own check, with its verdict as the answer instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


def is_forged(request: HttpRequest) -> bool:
    """True when the CSRF token is missing, old or another's: for views that keep what was typed even then."""
    # `HttpResponse` stands for a view that is not exempt; the one that calls this is.
    check = _Check(lambda _request: HttpResponse())
    return bool(check.process_view(request, HttpResponse, (), {}))


def refused(request: HttpRequest, status: int, kind: str, title: str, advice: str) -> HttpResponse:
    """A refusal as a page, or as a problem for callers that ask for JSON."""
    if wants_json(request):
        return problem(status, kind, f"{title} {advice}")
    context: dict[str, Any] = {"heading": title, "advice": advice}
    return render(request, "reports/refused.html", context, status=status)


def device_of(request: HttpRequest) -> str:
    """A random name for this browser, for limits and voices; it is never stored with a report. '' for a new one."""
    # Signed, or one browser could speak with as many voices as it can think of names.
    return str(request.get_signed_cookie(DEVICE, "", salt=DEVICE) or "")


def name_device(request: HttpRequest, answer: HttpResponse, device_name: str) -> str:
    """Gives a browser without a name one; returns the name."""
    name = device_name or uuid7().hex
    if not device_name:
        answer.set_signed_cookie(
            DEVICE, name, salt=DEVICE, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return name
