"""`/<city>/kerja/perintah/`: the work orders of an agency, one order, and its verbs."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_id
from qlue.people.models import Membership
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required, no_right
from qlue.reports.actions import Mover, Refused, made
from qlue.reports.cards import card, photo_url
from qlue.reports.reading import happening_rows, photo_rows, report_row
from qlue.reports.story import happening_line
from qlue.web.outbox import pressed_at
from qlue.work.actions import handed_in, make_order, may_order, move_order, submit_order
from qlue.work.challenge import issue
from qlue.work.flags import FLAGS
from qlue.work.forms import MoveForm, ResolveForm
from qlue.work.models import Order
from qlue.work.order_forms import ORDER_FORMS, NewOrderForm
from qlue.work.order_rows import PAGE, PILES, Pile, Row, order_row, order_rows, pile_counts
from qlue.work.proof_rows import open_flags
from qlue.work.reading import names_of
from qlue.work.states import ORDER_COLOURS, ORDER_ICONS, ORDER_MOVES, ORDER_WORDS, order_verbs
from qlue.work.views.common import is_fragment, place_context, posts_only

FORWARD = ("accept", "begin", "submit", "approve", "resume", "offer", "close")  # the first possible is the main button
ORDER_OF_VERBS = [*FORWARD, "set_out", "arrive", "hold", "return", "decline", "cancel"]


@never_cache
@require_safe
@member_required("see_queue")
def orders(request: HttpRequest, city_slug: str) -> HttpResponse:
    """One pile of orders; as a fragment only what changes."""
    here, member = city_and_member(request)
    pile = PILES.get(request.GET.get("tumpukan", ""), next(iter(PILES.values())))
    page = _page_number(request.GET.get("hal", ""))
    found = order_rows(here, member, pile, page)
    context = {
        "pile": pile,
        "piles": _tabs(here, member, pile),
        "orders": [shown(here, row) for row in found[:PAGE]],
        "first_url": _address(here, pile) if page else "",
        "next_url": _address(here, pile, page + 1) if len(found) > PAGE else "",
        "refresh_url": _address(here, pile, page),
        "leads": may(member, "lead_crews"),
    }
    if is_fragment(request):
        return render(request, "work/_orders_pile.html", context)
    return render(request, "work/orders.html", context)


def _page_number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _address(city: CityFacts, pile: Pile, page: int = 0) -> str:
    return f"{reverse('orders', args=[city.slug])}?tumpukan={pile.slug}" + (f"&hal={page}" if page else "")


def _tabs(city: CityFacts, member: Membership, current: Pile) -> list[dict[str, Any]]:
    counts = pile_counts(city, member)
    return [
        {
            "url": _address(city, one),
            "word": one.word,
            "icon": one.icon,
            "n": counts[one.slug],
            "current": one == current,
        }
        for one in PILES.values()
    ]


def shown(city: CityFacts, row: Row) -> dict[str, Any]:
    """An order as cards and pages show it: the report's card, and the order's own state, people and deadline."""
    worker = city.agencies.get(row["worker"])
    state = row["state"]
    return card(city, row) | {
        "order_url": reverse("order", args=[city.slug, row["id"]]),
        "number": row["number"],
        "state": state,
        "order_colour": ORDER_COLOURS[state],
        "order_word": ORDER_WORDS[state],
        "order_icon": ORDER_ICONS[state],
        "worker": worker.short_name if worker else "",
        "joint": row["worker"] != row["agency"],
        "who": row["crew"] or row["person"] or "",
        "task": row["task"],
        "reason": row["reason"] if state in ("declined", "on_hold", "returned", "cancelled") else "",
        "order_due": row["order_due"],
        "order_hold": row["order_hold"],
        "ended_at": row["submitted_at"] if state in ("submitted", "approved", "closed") else row["ended_at"],
    }


@never_cache
@require_safe
@member_required("see_queue")
def order(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """The page of one order."""
    here, member = city_and_member(request)
    row = _row(here, number)
    return _page(request, row) if sees(member, row) else no_right(request)


def sees(member: Membership, row: Row) -> bool:
    """Those who lead, and those who do it: an order is all that a helping agency sees of a report."""
    return may(member, "see_queue", row["agency"]) or may(member, "see_queue", row["worker"])


def _row(city: CityFacts, number: int) -> Row:
    row = order_row(city, number)
    if row is None:
        raise Http404
    return row


def _page(request: HttpRequest, row: Row, bad: MoveForm | None = None, status: int = 200) -> HttpResponse:
    here, member = city_and_member(request)
    model = Order.objects.get(city_id=here.id, id=row["id"])
    photos, story = photo_rows(here, row["report"]), _story(here, row)
    proofs = {str(name) for name in handed_in(here, model)}
    context = {
        "row": row,
        "order": shown(here, row),
        "case": card(here, row),
        "verbs": _verbs(here, member, row, model, bad),
        "place": place_context(row),
        "photos": [_picture(here, one, row) for one in photos if one["kind"] == "before" and not row["private"]],
        "hidden_photos": sum(one["kind"] == "before" for one in photos) if row["private"] else 0,
        "proofs": [_picture(here, one, row) for one in photos if str(one["uuid"]) in proofs],
        "story": story,
        "flags": [FLAGS[flag] for flag in open_flags(here, model) if flag in FLAGS],
        "sees_case": may(member, "see_queue", row["agency"]),
    }
    return render(request, "work/order.html", context, status=status)


def _picture(city: CityFacts, photo: Row, row: Row) -> dict[str, str]:
    return {size: photo_url(city, photo["uuid"], size, secret=row["private"]) for size in ("medium", "large")}


def _story(city: CityFacts, row: Row) -> list[dict[str, Any]]:
    """What happened to this order, the latest first, with the names of those who did it."""
    own = [one for one in happening_rows(city, row["report"]) if one["data"].get("order") == row["id"]]
    names = names_of(one["actor"] for one in own)
    lines = [happening_line(city, one | {"data": one["data"] | {"photos": []}}) for one in own]
    for line, one in zip(lines, own, strict=True):
        line["who"] = names.get(one["actor"], line["who"])
    return lines[::-1]


def _verbs(city: CityFacts, member: Membership, row: Row, model: Order, bad: MoveForm | None) -> list[dict[str, Any]]:
    """What this member may do with the order now, as forms; the one that failed stands open."""
    possible = [
        verb for verb in order_verbs(row["state"]) if may_order(member, model, row["agency"], ORDER_MOVES[verb].who)
    ]
    main = next((verb for verb in FORWARD if verb in possible), "")
    found = []
    for verb in sorted(possible, key=ORDER_OF_VERBS.index):
        form = bad if bad is not None and bad.verb == verb else ORDER_FORMS[verb](city, row, verb)
        found.append(
            {
                "verb": verb,
                "form": form,
                "url": reverse("order-move", args=[city.slug, row["id"], verb]),
                "word": ORDER_MOVES[verb].word,
                "icon": ORDER_MOVES[verb].icon,
                "main": verb == main,
                "open": form is bad,
                "asks": len(form.fields) > 1,
                "ends": verb in ("decline", "cancel"),
                "kept": _kept(city, form),
                "challenge": issue(city.id, member.user_id, row["report"]) if verb == "submit" else None,
            }
        )
    return found


def _kept(city: CityFacts, form: MoveForm) -> list[dict[str, str]]:
    stored = form.photos_kept.photos if isinstance(form, ResolveForm) and form.is_bound else []
    return [{"uuid": str(one.uuid), "url": photo_url(city, one.uuid, "thumb", secret=True)} for one in stored]


@never_cache
@posts_only
@member_required("see_queue")
def order_move(request: HttpRequest, city_slug: str, number: int, verb: str) -> HttpResponse:
    """One verb. What is wrong comes back with the page and everything that was typed."""
    here, member = city_and_member(request)
    if verb not in ORDER_FORMS:
        raise Http404(verb)
    row = _row(here, number)
    form = ORDER_FORMS[verb](here, row, verb, request.POST, request.FILES)
    if made(here, row["report"], Mover(member), form.sent):
        return redirect("order", here.slug, number)
    model = Order.objects.get(city_id=here.id, id=number)
    if not may_order(member, model, row["agency"], ORDER_MOVES[verb].who):
        return no_right(request)
    if row["state"] not in ORDER_MOVES[verb].sources:
        return _late(request, row)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    return _moved(request, row, form)


def _moved(request: HttpRequest, row: Row, form: MoveForm) -> HttpResponse:
    here, _member = city_and_member(request)
    try:
        moved = _do(request, row, form)
    except Refused as refused:
        field = {"photo": "photos"}.get(refused.field, refused.field)
        form.add_error(field if field in form.fields else None, str(refused.message))
        return _page(request, _row(here, row["id"]), form, status=422)
    messages.success(request, _("The work order is now: %(state)s.") % {"state": ORDER_WORDS[moved.state]})
    return redirect("order", here.slug, row["id"])


def _do(request: HttpRequest, row: Row, form: MoveForm) -> Order:
    here, member = city_and_member(request)
    if isinstance(form, ResolveForm):
        evidence = form.evidence(pressed_at(request))
        return submit_order(city=here, order_id=row["id"], by=member, evidence=evidence, **form.given())
    return move_order(city=here, order_id=row["id"], verb=form.verb, by=member, **form.given())


def _late(request: HttpRequest, row: Row) -> HttpResponse:
    messages.warning(request, _("Somebody was faster; nothing was done. This is how it stands now."))
    return _page(request, row, status=409)


@never_cache
@member_required("lead_crews")
def order_new(request: HttpRequest, city_slug: str, code: str) -> HttpResponse:
    """A new order for a report."""
    here, member = city_and_member(request)
    number = report_id(code)
    row = report_row(here, number) if number is not None else None
    if row is None:
        raise Http404(code)
    if not may(member, "lead_crews", row["agency"]):
        return no_right(request)
    form = NewOrderForm(here, row, request.POST if request.method == "POST" else None, request.GET.get("siapa", ""))
    if request.method == "POST" and form.is_valid():
        try:
            new = make_order(city=here, report_id=row["id"], by=member, **form.given())
        except Refused as refused:
            form.add_error(_field_of(form, refused), str(refused.message))
        else:
            messages.success(request, _("The work order has been given."))
            return redirect("order", here.slug, new.id)
    status = 422 if form.errors else 200
    return render(request, "work/order_new.html", {"form": form, "case": card(here, row), "row": row}, status=status)


def _field_of(form: MoveForm, refused: Refused) -> str | None:
    field = {"crew": "who", "person": "who", "words": "task"}.get(refused.field, refused.field)
    return field if field in form.fields else None
