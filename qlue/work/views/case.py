"""One case: everything an officer needs to act on it, and the acts themselves."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_code, report_id
from qlue.people.models import Membership
from qlue.people.reading import city_and_member, looks_at
from qlue.people.rights import may, member_required, no_right
from qlue.reports.actions import Mover, Refused, made
from qlue.reports.cards import card, photo_url
from qlue.reports.reading import report_row
from qlue.reports.states import MOVES, verbs_from
from qlue.reports.story import happening_line
from qlue.web.outbox import is_from_outbox, pressed_at
from qlue.work.actions import look, move_case, resolve
from qlue.work.challenge import issue
from qlue.work.forms import FORMS, MoveForm, ResolveForm
from qlue.work.reading import Row, case_of
from qlue.work.views.beside import around
from qlue.work.views.common import is_fragment, place_context, posts_only

ORDER = (
    "accept", "start", "resume", "resolve", "confirm", "assign", "hold", "reroute", "recategorise", "merge",
    "hand_over", "reject", "send_back", "dispute",
)  # fmt: skip
FORWARD = ("accept", "start", "resume", "resolve", "confirm")  # the first that is possible is the main button
ICONS = {
    "accept": "clipboard-check", "start": "tool", "resume": "player-play", "resolve": "circle-check",
    "confirm": "checks", "assign": "user-check", "hold": "player-pause", "reroute": "arrows-exchange",
    "merge": "git-merge", "hand_over": "arrow-forward-up", "reject": "circle-x", "dispute": "refresh-alert",
    "send_back": "arrow-back-up", "recategorise": "tag",
}  # fmt: skip
LOOKS = {"reporter": "see_reporter", "photo": "see_private"}  # what is opened -> the right that it takes
TOO_LATE = gettext_lazy("Meanwhile somebody has moved this case on; nothing was done. Open it to see how it stands.")


@never_cache
@require_safe
@member_required("see_queue")
def case(request: HttpRequest, city_slug: str, code: str) -> HttpResponse:
    """The page of one case; asked by a script it only says whether something has happened since."""
    here, member = city_and_member(request)
    row = _row(here, code)
    if not may(member, "see_queue", row["agency"]):
        return no_right(request)
    if is_fragment(request):
        return _news(request, row)
    if code != row["code"]:
        return redirect("case", city_slug=here.slug, code=row["code"])
    return _page(request, row)


@never_cache
@posts_only
@member_required("see_queue")
def case_move(request: HttpRequest, city_slug: str, code: str, verb: str) -> HttpResponse:
    """One verb. What is wrong comes back with the page and everything that was typed."""
    here, member = city_and_member(request)
    if verb not in FORMS:
        raise Http404(verb)
    row = _row(here, code)
    form = FORMS[verb](here, row, verb, request.POST, request.FILES)
    if made(here, row["id"], Mover(member), form.sent):
        return _after(request, row, form)
    if not may(member, verb, row["agency"]):
        return no_right(request)
    if row["status"] not in MOVES[verb].sources:
        return _too_late(request, row, form)
    return _try(request, row, form)


def _try(request: HttpRequest, row: Row, form: MoveForm) -> HttpResponse:
    here, _member = city_and_member(request)
    if not form.is_valid():
        return _sent_back(request, row, form)
    try:
        _do(request, row, form)
    except Refused as refused:
        field = {"photo": "photos"}.get(refused.field, refused.field)
        if field not in form.fields:
            return _too_late(request, _row(here, row["code"]), form)
        form.add_error(field, str(refused.message))
        return _sent_back(request, row, form)
    return _after(request, row, form)


def _do(request: HttpRequest, row: Row, form: MoveForm) -> None:
    here, member = city_and_member(request)
    if isinstance(form, ResolveForm):
        evidence = form.evidence(pressed_at(request))
        resolve(city=here, report_id=row["id"], by=member, evidence=evidence, **form.given())
    else:
        move_case(here, row["id"], form.verb, member, **form.given())


def _sent_back(request: HttpRequest, row: Row, form: MoveForm) -> HttpResponse:
    """422 with what is wrong; a phone that sends by itself gets the words alone."""
    if is_from_outbox(request):
        why = " ".join(str(fault) for faults in form.errors.values() for fault in faults)
        return JsonResponse({"why": why}, status=422)
    return _page(request, row, form, status=422)


def _after(request: HttpRequest, row: Row, form: MoveForm) -> HttpResponse:
    """Back to where it was done: the officer's tasks, the queue, or the case where it still is this agency's."""
    here, member = city_and_member(request)
    if is_from_outbox(request):
        return JsonResponse({"status": _row(here, row["code"])["status"]})
    messages.success(request, str(form.done))
    now = _row(here, row["code"])
    if request.POST.get("back") == "field":
        return redirect("field", city_slug=here.slug)
    if request.POST.get("back") != "queue" and may(member, "see_queue", now["agency"]):
        return redirect("case", city_slug=here.slug, code=now["code"])
    return redirect("queue", city_slug=here.slug)


def _too_late(request: HttpRequest, row: Row, form: MoveForm) -> HttpResponse:
    """409: somebody was faster. Nothing was done; what was typed is shown so that it can be copied."""
    _here, member = city_and_member(request)
    if not may(member, "see_queue", row["agency"]):
        return no_right(request)
    if is_from_outbox(request):
        return JsonResponse({"why": str(TOO_LATE)}, status=409)
    late = {"word": MOVES[form.verb].word, "verb": form.verb, "typed": form.typed()}
    return _page(request, row, late=late, status=409)


@never_cache
@posts_only
@member_required("see_queue")
def case_look(request: HttpRequest, city_slug: str, code: str, what: str) -> HttpResponse:
    """Opens what is hidden, for those who may, and writes down that they did."""
    here, member = city_and_member(request)
    row = _row(here, code)
    if what not in LOOKS:
        raise Http404(what)
    if not may(member, LOOKS[what], row["agency"]) or not may(member, "see_queue", row["agency"]):
        return no_right(request)
    return _page(request, row, opened={what: look(here, member, row["id"], what) or True})


def _row(city: CityFacts, code: str) -> Row:
    number = report_id(code)
    row = report_row(city, number) if number is not None else None
    if row is None:
        raise Http404(code)
    return row


def _news(request: HttpRequest, row: Row) -> HttpResponse:
    seen = request.GET.get("seen", "")
    return render(request, "work/_news.html", {"row": row, "changed": seen != _version(row), "seen": seen})


def _version(row: Row) -> str:
    return f"{row['updated_at'].timestamp():.6f}"


def _page(
    request: HttpRequest,
    row: Row,
    bad: MoveForm | None = None,
    *,
    status: int = 200,
    opened: dict[str, Any] | None = None,
    late: dict[str, Any] | None = None,
) -> HttpResponse:
    here, member = city_and_member(request)
    beside = case_of(here, row)
    context = beside | {
        "case": card(here, row),
        "row": row,
        "verbs": _verbs(here, member, row, bad),
        "bad": bad,
        "late": late,
        "seen": _version(row),
        "changed": False,
        "place": place_context(row),
        "merged_code": row["merged_into"] and report_code(here.code_prefix, row["merged_into"]),
        "story": [_line(here, one, beside["names"], row) for one in beside["story"]][::-1],
        **_hidden(here, member, row, beside, opened or {}),
        **around(request, row, beside["story"]),
    }
    return render(request, "work/case.html", context, status=status)


def _verbs(city: CityFacts, member: Membership, row: Row, bad: MoveForm | None) -> list[dict[str, Any]]:
    """What this member may do with the case now, as forms; the one that failed stands open."""
    possible = [verb for verb in verbs_from(row["status"]) if may(member, verb, row["agency"])]
    main = next((verb for verb in FORWARD if verb in possible), "")
    found = []
    for verb in sorted(possible, key=ORDER.index):
        form = bad if bad is not None and bad.verb == verb else FORMS[verb](city, row, verb)
        url = reverse("case-move", kwargs={"city_slug": city.slug, "code": row["code"], "verb": verb})
        found.append(
            {
                "verb": verb,
                "form": form,
                "url": url,
                "word": _verb_word(verb, row),
                "icon": ICONS[verb],
                "main": verb == main,
                "open": form is bad,
                "asks": len(form.fields) > 1,
                "ends": verb in ("reject", "hand_over"),
                "kept": _kept(city, form),
                "challenge": issue(city.id, member.user_id, row["id"]) if verb == "resolve" else None,
            }
        )
    return found


def _verb_word(verb: str, row: Row) -> str:
    if verb == "reroute" and row["agency"] is None:
        return _("Pass on to an agency")
    return str(MOVES[verb].word)


def _kept(city: CityFacts, form: MoveForm) -> list[dict[str, str]]:
    """The photos that an earlier try brought."""
    stored = form.photos_kept.photos if isinstance(form, ResolveForm) else []
    return [{"uuid": str(one.uuid), "url": photo_url(city, one.uuid, "thumb", secret=True)} for one in stored]


def _line(city: CityFacts, one: Row, names: dict[int, str], row: Row) -> dict[str, Any]:
    """The public sentence of a happening, with what only staff see: who it was and to whom it was given."""
    line = happening_line(city, one, secret=row["private"])
    actor, person = names.get(one["actor"] or 0, ""), names.get(one["data"].get("person") or 0, "")
    line["who"] = f"{line['who']} ({actor})" if actor else line["who"]
    line["words"] = f"{line['words']}: {person}" if person else line["words"]
    return line


def _hidden(city: CityFacts, member: Membership, row: Row, beside: Row, opened: dict[str, Any]) -> dict[str, Any]:
    """Who reported, and the original photos of private reports: only after somebody asked to see them."""
    may_reporter = may(member, "see_reporter", row["agency"])
    may_photos = may(member, "see_private", row["agency"])
    shown = not row["private"] or "photo" in opened
    photos = beside["photos"] if shown else []
    return {
        "photos": [_picture(city, photo["uuid"], secret=row["private"]) for photo in photos],
        "hidden_photos": 0 if shown else len(beside["photos"]),
        "may_photos": may_photos,
        "may_reporter": may_reporter,
        "asked_reporter": "reporter" in opened,
        "contact": opened.get("reporter") if beside["has_contact"] else None,
        "looks": looks_at(city.id, row["id"]) if may_reporter or may_photos else [],
        "report_page": reverse("report", args=[city.slug, row["code"]]),
    }


def _picture(city: CityFacts, photo: Any, *, secret: bool) -> dict[str, str]:
    return {size: photo_url(city, photo, size, secret=secret) for size in ("medium", "large")}
