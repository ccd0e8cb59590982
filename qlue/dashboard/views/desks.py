"""The numbers in the menu of people at work."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityRequest
from qlue.dashboard.queries.desks import MAX_COUNT, desk_counts
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required

URGENT_DESKS = ("calls", "alarms")


@never_cache
@require_safe
@member_required("see_queue")
def desk_numbers(request: CityRequest, city_slug: str) -> HttpResponse:
    """Each number as an out-of-band piece for its place in the menu; the menu's button says what cannot wait."""
    counts = {row.desk: row.n for row in desk_counts(*city_and_member(request))}
    # On a phone the menu is closed, and its button is all that can be seen of it.
    counts["all"] = sum(counts.get(desk, 0) for desk in URGENT_DESKS)
    texts = [(desk, _count_text(n)) for desk, n in counts.items()]
    return render(request, "dashboard/desk_counts.html", {"counts": texts})


def _count_text(n: int) -> str:
    """Empty for nothing, so that the menu shows no zeros."""
    return f"{MAX_COUNT - 1}+" if n >= MAX_COUNT else str(n or "")
