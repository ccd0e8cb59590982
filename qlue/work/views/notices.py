"""What is new for a member, and the bell that counts it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityRequest
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required
from qlue.work.actions import mark_notices_seen
from qlue.work.presentation.notices import notice_card
from qlue.work.queries.notices import count_unseen_notices, member_notices


@never_cache
@require_safe
@member_required("see_queue")
def inbox(request: CityRequest, city_slug: str) -> HttpResponse:
    """The newest notices; looking at them is what makes them seen."""
    city, member = city_and_member(request)
    notices = member_notices(city, member)
    # Rendered before they are marked: on this page, once, the new ones still stand out.
    page = render(request, "work/notices.html", {"notices": [notice_card(city, notice) for notice in notices]})
    if notices and notices[0].is_new:
        mark_notices_seen(member, notices[0].notice_id)
    return page


@never_cache
@require_safe
@member_required("see_queue")
def bell_fragment(request: CityRequest, city_slug: str) -> HttpResponse:
    """The bell alone, for pages that are open."""
    _city, member = city_and_member(request)
    return render(request, "work/_bell.html", {"unseen": count_unseen_notices(member)})
