"""The numbers in the menu of people at work."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.dashboard.desks import MOST, waiting
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required


@never_cache
@require_safe
@member_required("see_queue")
def counts(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Each number as an out-of-band piece for its place in the menu; the menu's button says what cannot wait."""
    here, member = city_and_member(request)
    found = waiting(here, member)
    found["all"] = found.get("calls", 0) + found.get("alarms", 0)
    shown = [(name, "99+" if n >= MOST else str(n) if n else "") for name, n in found.items()]
    return render(request, "dashboard/desk_counts.html", {"counts": shown})
