"""The officer's page on the way: what is mine, one big button for what comes next; works without a network."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required
from qlue.reports.actions import Refused
from qlue.reports.cards import card, photo_url
from qlue.reports.reading import report_row
from qlue.reports.states import MOVES
from qlue.web.outbox import is_from_outbox, pressed_at
from qlue.work.actions import move_order, submit_order
from qlue.work.challenge import STOCK, issue
from qlue.work.forms import FORMS, MoveForm, ResolveForm
from qlue.work.models import Order
from qlue.work.order_forms import ORDER_FORMS
from qlue.work.states import ORDER_COLOURS, ORDER_ICONS, ORDER_MOVES, ORDER_WORDS
from qlue.work.tasks import tasks_of
from qlue.work.views.common import posts_only

Row = dict[str, Any]
CASE_VERBS = ("accept", "start", "resume", "resolve", "hold")
ORDER_VERBS = ("accept", "set_out", "arrive", "begin", "resume", "submit", "hold", "decline")
ICONS = {
    "accept": "clipboard-check", "start": "tool", "resume": "player-play", "resolve": "camera", "hold": "player-pause",
}  # fmt: skip
BESIDES = ("hold", "decline")  # what is possible, but not the way forward


@never_cache
@require_safe
@member_required("work_in_field")
def field(request: HttpRequest, city_slug: str) -> HttpResponse:
    """My tasks by deadline; each carries all forms that it may need until it is done, for when there is no network."""
    here, member = city_and_member(request)
    return _page(request, here, member)


def _page(request: HttpRequest, city: CityFacts, member: Membership, bad: Row | None = None) -> HttpResponse:
    tasks = [_task(city, member, row, bad) for row in tasks_of(city, member)]
    return render(request, "work/field.html", {"tasks": tasks}, status=422 if bad else 200)


def _task(city: CityFacts, member: Membership, row: Row, bad: Row | None) -> Row:
    shown = card(city, row)
    name = f"{row['code']}-{row['number']}" if row["order"] else row["code"]
    state = row["state"] or row["status"]
    if row["order"]:
        shown |= {"colour": ORDER_COLOURS[state], "status_word": ORDER_WORDS[state], "sign": ORDER_ICONS[state]}
    steps = _order_steps(city, row) if row["order"] else _case_steps(city, row)
    for step in steps:
        step["form"] = bad["form"] if bad and (bad["name"], bad["verb"]) == (name, step["verb"]) else step["form"]
        step["form"].auto_id = f"{name}-{step['verb']}-%s"
        step["open"], step["hidden"] = step["form"].is_bound, state not in step["sources"]
        if isinstance(step["form"], ResolveForm):
            step["challenge"] = issue(city.id, member.user_id, row["id"], STOCK)
    place = f"{row['lat']:.6f},{row['lon']:.6f}"
    return shown | {
        "name": name,
        "state": state,
        "main": [step for step in steps if step["verb"] not in BESIDES],
        "besides": [step for step in steps if step["verb"] in BESIDES],
        "geo": f"geo:{place}?q={place}({row['code']})",
        "photo_url": photo_url(city, row["photo"], "medium") if row["photo"] else "",
    }


def _case_steps(city: CityFacts, row: Row) -> list[Row]:
    steps = []
    for verb in CASE_VERBS:
        url = reverse("case-move", kwargs={"city_slug": city.slug, "code": row["code"], "verb": verb})
        step = _step(verb, FORMS[verb](city, row, verb), url, MOVES[verb].word, ICONS[verb])
        steps.append(step | {"sources": MOVES[verb].sources, "target": MOVES[verb].target})
    return steps


def _order_steps(city: CityFacts, row: Row) -> list[Row]:
    steps = []
    for verb in ORDER_VERBS:
        what = ORDER_MOVES[verb]
        url = reverse("field-order", kwargs={"city_slug": city.slug, "order": row["order"], "verb": verb})
        step = _step(verb, ORDER_FORMS[verb](city, row, verb), url, what.word, what.icon)
        steps.append(step | {"sources": what.sources, "target": what.target})
    return steps


def _step(verb: str, form: MoveForm, url: str, word: object, icon: str) -> Row:
    return {"verb": verb, "form": form, "url": url, "word": word, "icon": icon, "asks": len(form.fields) > 1}


@never_cache
@posts_only
@member_required("work_in_field")
def field_order(request: HttpRequest, city_slug: str, order: int, verb: str) -> HttpResponse:
    """One verb on an order of mine."""
    here, member = city_and_member(request)
    found = Order.objects.filter(city_id=here.id, id=order).first()
    row = report_row(here, found.report_id) if found else None
    if found is None or row is None or verb not in ORDER_VERBS:
        raise Http404(verb)
    form = ORDER_FORMS[verb](here, row, verb, request.POST, request.FILES)
    if form.is_valid():
        try:
            _move(request, here, member, found, form)
            return JsonResponse({}) if is_from_outbox(request) else redirect("field", city_slug=here.slug)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
    if is_from_outbox(request):
        why = " ".join(str(fault) for faults in form.errors.values() for fault in faults)
        return JsonResponse({"why": why or _("That did not work.")}, status=422)
    return _page(request, here, member, {"name": f"{row['code']}-{found.number}", "verb": verb, "form": form})


def _move(request: HttpRequest, city: CityFacts, member: Membership, order: Order, form: MoveForm) -> None:
    if isinstance(form, ResolveForm):
        evidence = form.evidence(pressed_at(request))
        submit_order(city=city, order_id=order.id, by=member, evidence=evidence, **form.given())
    else:
        move_order(city=city, order_id=order.id, verb=form.verb, by=member, **form.given())
