"""`/<city>/meja-112/`: the emergency number's console. One screen, by keyboard."""

from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages as notes
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.channels.actions.calls import dispose, free_caller, open_call, report_call, same_as
from qlue.channels.forms import CallForm
from qlue.channels.reading import calls as reading
from qlue.channels.reading.calls import Row
from qlue.channels.views.alerts import console_alerts
from qlue.cities.facts import CityFacts
from qlue.kit.ids import uuid7
from qlue.people.models import Membership
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required
from qlue.reports.actions import Submission
from qlue.reports.actions.text import MOST_WORDS, one_line
from qlue.reports.cards import view_box

SPACE = UUID("7c4f4a1e-3b62-5d1f-8a52-1f2b7d0a9c31")
# disposition -> (key, icon, colour, word); "real" is the form itself
DISPOSITIONS: dict[str, tuple[str, str, str, Any]] = {
    "real": ("1", "circle-check", "green", gettext_lazy("Real")),
    "prank": ("2", "ban", "red", gettext_lazy("Prank")),
    "silent": ("3", "volume-off", "grey", gettext_lazy("Silent")),
    "wrong_number": ("4", "phone-x", "grey", gettext_lazy("Wrong number")),
    "information": ("5", "info-circle", "blue", gettext_lazy("Information")),
    "duplicate": ("6", "git-merge", "yellow", gettext_lazy("Reported already")),
}


@never_cache
@require_safe
@member_required("answer_calls")
def calls(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Who is on the line; the oldest open call is opened at once when there is nothing else to do."""
    here, _member = city_and_member(request)
    chosen = _chosen(here, request)
    if "HX-Request" in request.headers:
        return render(request, "channels/_ringing.html", _waiting(here, chosen))
    return _console(request, here, chosen)


def _chosen(city: CityFacts, request: HttpRequest) -> Row | None:
    text = request.GET.get("panggilan", "")
    if text.isascii() and text.isdecimal() and len(text) < 18:
        return reading.call(city, int(text))
    return None


def _waiting(city: CityFacts, chosen: Row | None) -> dict[str, Any]:
    return {"ringing": reading.to_dispose(city), "chosen": chosen}


def _console(
    request: HttpRequest, city: CityFacts, chosen: Row | None, form: CallForm | None = None, status: int = 200
) -> HttpResponse:
    number = chosen["number"] if chosen else ""
    counted = reading.today(city)
    context = _waiting(city, chosen) | {
        "form": form or CallForm(city, initial={"phone": number}),
        "history": [_worded(one) for one in reading.history(city, number, chosen["id"])] if chosen else [],
        "caller": reading.caller(city, number),
        "newest": [_worded(one) for one in reading.newest(city)],
        "blocked": reading.blocked(city),
        "dispositions": [{"name": name, "key": how[0], "icon": how[1], "word": how[3]} for name, how in _others()],
        "day": [{"word": how[3], "n": counted.get(name, 0)} for name, how in DISPOSITIONS.items()],
        "categories": city.open_categories,
        "kelurahan": [(one.name, city.areas[one.parent_id].name if one.parent_id else "") for one in city.kelurahan],
        "bounds": view_box(city),
        "waiting": console_alerts(city),
        "uuid": uuid7(),
    }
    return render(request, "channels/calls.html", context, status=status)


def _others() -> list[tuple[str, tuple[str, str, str, Any]]]:
    return [(name, how) for name, how in DISPOSITIONS.items() if name != "real"]


def _worded(one: Row) -> Row:
    _key, sign, colour, word = DISPOSITIONS.get(
        one["disposition"], ("", "clock", "yellow", gettext_lazy("Not said yet"))
    )
    return one | {"sign": sign, "colour": colour, "word": word}


@never_cache
@require_POST
@member_required("answer_calls")
def call_begin(request: HttpRequest, city_slug: str) -> HttpResponse:
    """A call of which the exchange told nothing."""
    here, member = city_and_member(request)
    number = "".join(letter for letter in request.POST.get("number", "") if letter in "+0123456789")[:32]
    made = open_call(here, member, number, request.POST.get("uuid", "")[:60] or str(uuid7()))
    return redirect(_address(here, made.pk))


def _address(city: CityFacts, number: int | None = None) -> str:
    address = reverse("calls", kwargs={"city_slug": city.slug})
    return f"{address}?panggilan={number}" if number else address


@never_cache
@require_POST
@member_required("answer_calls")
def call_report(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """The call was real."""
    here, member = city_and_member(request)
    found = _found(here, number)
    form = CallForm(here, request.POST)
    if not form.is_valid():
        return _console(request, here, found, form, status=422)
    said = form.cleaned_data
    done = report_call(here, member, number, _submission(here, found, said), emergency=said["emergency"])
    notes.success(request, _("Report %(code)s is on its way. Tell the caller this code.") % {"code": done.code})
    return redirect(_address(here))


def _found(city: CityFacts, number: int) -> Row:
    found = reading.call(city, number)
    if found is None:
        raise Http404(number)
    return found


def _submission(city: CityFacts, found: Row, given: dict[str, Any]) -> Submission:
    """In danger the words say so first: that is what every list shows."""
    lead = _("EMERGENCY") + ": " if given["emergency"] else ""
    place = given["place"]
    return Submission(
        uuid=uuid5(SPACE, f"{city.id}:{found['id']}"),
        category_id=given["what"].id,
        words=f"{lead}{given['words']}"[:MOST_WORDS],
        lon=place.lon,
        lat=place.lat,
        place=place.kind,
        area_id=place.area_id,
        landmark=given["landmark"],
        name=one_line(given["name"]),
        phone=one_line(given["phone"]) or found["number"][:30],
    )


@never_cache
@require_POST
@member_required("answer_calls")
def call_dispose(request: HttpRequest, city_slug: str, number: int, disposition: str) -> HttpResponse:
    """One key: it was no report."""
    here, member = city_and_member(request)
    if disposition not in DISPOSITIONS or disposition == "real":
        raise Http404(disposition)
    found = _found(here, number)
    try:
        _dispose(here, member, found, disposition, request)
    except ValidationError as wrong:
        notes.warning(request, " ".join(wrong.messages))
        return redirect(_address(here, number))
    notes.success(request, _("Noted: %(word)s.") % {"word": DISPOSITIONS[disposition][3]})
    return redirect(_address(here))


def _dispose(city: CityFacts, by: Membership, found: Row, disposition: str, request: HttpRequest) -> None:
    code = request.POST.get("code", "").strip()
    if disposition == "duplicate" and code:
        same_as(city, by, found["id"], code)
    else:
        dispose(city, by, found["id"], disposition, note=one_line(request.POST.get("note", "")))


@never_cache
@require_POST
@member_required("answer_calls")
def call_free(request: HttpRequest, city_slug: str) -> HttpResponse:
    """A blocked number may call again."""
    here, member = city_and_member(request)
    why = one_line(request.POST.get("why", ""))
    if not why:
        notes.warning(request, _("Say in a few words why."))
    elif free_caller(here, member, request.POST.get("number", ""), why):
        notes.success(request, _("The number may call again."))
    return redirect(_address(here))
